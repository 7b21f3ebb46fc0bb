from importlib import import_module

from django.apps import AppConfig
from django.core.checks import register
from django.db.models.signals import post_migrate

from meetings.archive import index
from meetings.events import triggers


class MeetingsConfig(AppConfig):
    name = "meetings"

    def ready(self) -> None:
        import_module("meetings.letters")  # after the models, which it needs
        post_migrate.connect(triggers.after_migrate, sender=self)
        post_migrate.connect(index.after_migrate, sender=self)
        register(triggers.check_installed, "database")
        register(index.check_installed, "database")
