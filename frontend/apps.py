from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.core.checks import register

from frontend import checks
from meetings.network import sign_ins


class FrontendConfig(AppConfig):
    name = "frontend"

    def ready(self) -> None:
        user_logged_in.connect(sign_ins.noted)
        for check in checks.ALL:
            register(check)
