"""What is shown once: the answer to the form that made it, never an address that could be opened again."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils.cache import patch_cache_control

from frontend.forms.base import ActionForm
from frontend.views.base import Show, Visit


def shown_once(
    visit: Visit, form: ActionForm, *, make: Callable[[], tuple[Any, str]], reveal: Callable[[str], HttpResponse], to: str, show: Show
) -> HttpResponse:
    """Makes a secret and answers with the page that reveals it; the same form sent again goes on to `to` without it."""
    made: list[str] = []

    def save() -> None:
        made.append(make()[1])

    response = visit.submit(form, save=save, done="", to=to, show=show)
    if made and response.status_code == 303:
        response = reveal(made[0])
    patch_cache_control(response, no_store=True)
    return response
