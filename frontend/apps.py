from django.apps import AppConfig
from django.core.checks import register

from frontend import checks


class FrontendConfig(AppConfig):
    name = "frontend"

    def ready(self) -> None:
        for check in checks.ALL:
            register(check)
