"""`python -m api` writes `api/openapi.json` anew."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coordination.settings")
django.setup()

from api import schema  # noqa: E402 - the views want Django set up

schema.FILE.write_text(schema.generated(), encoding="utf-8")
