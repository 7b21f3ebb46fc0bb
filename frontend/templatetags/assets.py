"""Template tags of the page as it is loaded and kept: its first style sheet, and what a kept copy says of itself."""

from pathlib import Path

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from frontend.critical import PLACE
from meetings import clock

register = template.Library()


@register.simple_tag(takes_context=True)
def critical_css(context: Context) -> SafeString:
    """Room for the rules that the page needs (frontend.critical); the whole style sheet follows at its end."""
    request: HttpRequest | None = context.get("request")
    path: Path = settings.CRITICAL_CSS
    if request is None or not path.is_file():
        return SafeString("")
    return format_html('<style nonce="{}">{}', request.csp_nonce, SafeString(PLACE.decode()))  # type: ignore[attr-defined]


@register.inclusion_tag("partials/kept.html")
def kept_notice() -> dict[str, object]:
    """Hidden here; the service worker shows it in the copy that it keeps."""
    return {"now": clock.now()}
