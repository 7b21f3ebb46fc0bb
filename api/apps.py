from django.apps import AppConfig
from django.conf import settings


class ApiConfig(AppConfig):
    name = "api"

    def ready(self) -> None:
        """With Redis every process tells the others what it writes: WSGI workers, the worker and commands too."""
        if settings.REDIS_URL:
            from api.realtime.nudges import Publisher  # noqa: PLC0415 - models can be imported once the apps are ready
            from meetings.events import listeners  # noqa: PLC0415

            listeners.register(Publisher().notify)
