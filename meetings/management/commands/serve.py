import os
from argparse import ArgumentParser
from contextlib import closing
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from meetings.demo import services
from meetings.management import serving
from meetings.management.base import DomainCommand
from meetings.network.models import Network
from meetings.network.selectors import demo_people

EMPTY = """There is no network yet. Create one, in another terminal:
  .venv/bin/python manage.py create_network torino "Città metropolitana di Torino" --coordinator you@example.org
then sign in at {address}/ with that address. The code comes by mail{folder}."""


class Command(DomainCommand):
    help = "Sets up what is missing, serves Raccordo and runs the worker beside it, until Ctrl-C."
    requires_system_checks = ()  # `refuse_on_errors` does, once there is a database to check

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=os.environ.get("PORT") or 8000, help="(default: $PORT or 8000)")
        parser.add_argument(
            "--weeks", type=int, default=services.WEEKS, metavar="N", help="past weeks of a new demo (default: %(default)s)"
        )
        parser.add_argument("--no-worker", action="store_true", help="serve only: `run_worker` runs elsewhere")

    def run(self, **options: Any) -> None:
        host: str = options["host"]
        if settings.DEMO and not serving.is_loopback(host):
            raise CommandError("The demo lets anyone sign in as anyone, so it serves this machine only: leave out --host, or use DEMO=0.")
        with closing(serving.bind(host, options["port"])) as listener:
            port = listener.getsockname()[1]
            address = self._address(host, port)
            self._set_up(options["weeks"])
            self._introduce(address)
            worker = serving.Worker({**os.environ, "BASE_URL": settings.BASE_URL})
            if not options["no_worker"]:
                worker.start()
            try:
                serving.serve(listener)
            finally:
                if not options["no_worker"]:
                    worker.stop()

    def _address(self, host: str, port: int) -> str:
        """Where to point the browser. Unless BASE_URL is given, it is also what links in mails begin with."""
        if "BASE_URL" in os.environ or not serving.is_loopback(host):
            return str(settings.BASE_URL)
        settings.BASE_URL = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        return str(settings.BASE_URL)

    def _set_up(self, weeks: int) -> None:
        if serving.pending_migrations():
            self.say("Setting up the database …")
            call_command("migrate", interactive=False, verbosity=0)
        serving.refuse_on_errors()
        if serving.collect_static():
            self.say("Static files collected.")
        if settings.DEMO and not Network.objects.exists():
            self.say("Creating the demo network …")
            call_command("create_demo", weeks=weeks, stdout=self.stdout)

    def _introduce(self, address: str) -> None:
        self.say(f"\nRaccordo: {address}/  (Ctrl-C stops it)")
        if not Network.objects.exists():
            to_files = settings.EMAIL_BACKEND.endswith("filebased.EmailBackend")
            self.say("\n" + EMPTY.format(address=address, folder=f": a file in {settings.EMAIL_FILE_PATH}" if to_files else ""))
        elif settings.DEMO:
            self.say("\nThe demo’s people, whom the sign-in page offers:")
            for membership in demo_people():
                seat = f", {membership.municipality.name}" if membership.municipality else ""
                self.say(f"  {membership.user.email:<44} {membership.user.name} ({membership.get_role_display()}{seat})")
        self.stdout.flush()
