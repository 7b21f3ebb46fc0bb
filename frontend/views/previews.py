"""Acts on the calendar in two steps: what would change and who would be told, then the act. It works without JavaScript: the second page
carries what was typed, and its button sends the same form again.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse

from frontend.forms.base import ActionForm
from frontend.views.base import Here, Save, To
from meetings.errors import Conflict, DomainError, Invalid, StaleVersion
from meetings.scheduling.previews import Preview

Look = Callable[[], Preview]


def two_steps(
    here: Here, form: ActionForm, words: Mapping[str, Any], *, look: Look, save: Save, done: str, to: To, asks: bool = True
) -> HttpResponse:
    """`words`: title, intro, submit and back (an address) of both pages. `asks`: whether there is anything to type first."""
    posted = here.posted
    if posted is not None and "confirmed" in posted:
        return here.form(form, "calendar/form.html", words, save=save, done=done, to=to)
    if asks and (posted is None or "again" in posted):
        return here.render("calendar/form.html", {**words, "form": form})
    if asks and not form.is_valid():
        form.renew()
        return here.render("calendar/form.html", {**words, "form": form}, 422)
    return _looked(here, form, words, look)


def _looked(here: Here, form: ActionForm, words: Mapping[str, Any], look: Look) -> HttpResponse:
    try:
        found = look()
    except (Invalid, Conflict, StaleVersion) as error:
        return _refused(here, form, words, error)
    return here.render("calendar/preview.html", {**words, "form": form, "preview": found})


def _refused(here: Here, form: ActionForm, words: Mapping[str, Any], error: DomainError) -> HttpResponse:
    form.refuse(error)
    form.renew()
    return here.render("calendar/form.html", {**words, "form": form}, error.status)
