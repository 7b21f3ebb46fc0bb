"""Template tags of the page frame: icons, status badges, links to the same page in another language or on another list page."""

from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.http import HttpRequest
from django.template.context import Context
from django.templatetags.static import static
from django.urls import translate_url
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info

register = template.Library()


@register.simple_tag
def icon(name: str, label: str = "", css: str = "icon-sm") -> SafeString:
    """A symbol of icons.txt, "it-" left out: `{% icon "calendar" %}`. Without a label it is decoration, hidden from screen readers."""
    if label:
        return format_html(
            '<svg class="icon {}" role="img" aria-label="{}"><use href="{}#it-{}"></use></svg>',
            css,
            label,
            static("raccordo/icons.svg"),
            name,
        )
    return format_html('<svg class="icon {}" aria-hidden="true"><use href="{}#it-{}"></use></svg>', css, static("raccordo/icons.svg"), name)


@register.inclusion_tag("partials/badge.html")
def badge(label: object, kind: str = "neutral") -> dict[str, object]:
    """A status by word and shape: kind is neutral, info, success, warning, danger, live or done."""
    return {"label": label, "kind": kind}


@register.simple_tag(takes_context=True)
def language_links(context: Context) -> list[dict[str, Any]]:
    """This page in every language: dicts of code, name, url, current."""
    request: HttpRequest | None = context.get("request")
    path = request.get_full_path() if request else "/"
    return [
        {
            "code": code,
            "name": get_language_info(code)["name_local"].capitalize(),
            "url": translate_url(path, code),
            "current": code == get_language(),
        }
        for code, _name in settings.LANGUAGES
    ]


@register.simple_tag
def page_numbers(page: Page[Any]) -> list[int | str]:
    """The numbers around this page and at both ends, gaps as "…"."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: object) -> str:
    """This page's query string with some parameters changed; None takes one away: `{% query page=2 %}`."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        parameters.pop(name, None)
        if value is not None:
            parameters[name] = str(value)
    return f"?{parameters.urlencode()}"
