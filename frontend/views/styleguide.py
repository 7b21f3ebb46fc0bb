"""Every component of the pages in every state, with its markup's name: for whoever builds or checks them. No network's data."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.forms import styleguide as samples
from meetings.action_items.models import ActionState
from meetings.agenda.models import ItemState
from meetings.minutes.models import MinutesState
from meetings.scheduling.models import MeetingState

COLOURS = (
    ("page", "surface", "field", "muted", "tint"),
    ("text", "text-secondary", "text-muted"),
    ("line", "line-strong"),
    ("accent", "accent-strong", "success", "warning", "danger", "danger-strong"),
    ("band", "band-slim", "band-foot"),
)
KINDS = ("neutral", "info", "success", "warning", "danger", "live", "done")
PAGES = 9


class Sample:
    """What the tag `state` asks of a row."""

    def __init__(self, state: str, label: str) -> None:
        self.state, self._label = state, label

    def get_state_display(self) -> str:
        return self._label


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    sets = (MeetingState, ItemState, MinutesState, ActionState)
    context = {
        "colours": COLOURS,
        "kinds": KINDS,
        "alerts": [
            ("info", _("The agenda is being prepared.")),
            ("success", _("The settings are saved.")),
            ("warning", _("Proposals close tomorrow.")),
            ("danger", _("It could not be saved.")),
        ],
        "states": [[Sample(value, str(label)) for value, label in states.choices] for states in sets],
        "right": samples.right(),
        "wrong": samples.wrong(),
        "stale": samples.stale(),
        "page_obj": Paginator(range(PAGES), 1).get_page(request.GET.get("page", "4")),
    }
    return render(request, "styleguide/show.html", context)
