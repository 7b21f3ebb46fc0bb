"""The guide of a new network: what is done, what comes now, what comes next, until the first agenda is published."""

from typing import NamedTuple

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.forms.base import ButtonForm
from frontend.views.base import Here, page
from meetings.access import Permission, require
from meetings.agenda.beginnings import Beginnings, beginnings
from meetings.scheduling.models import Meeting
from meetings.scheduling.selectors import next_meeting

HIDDEN = "first_steps_hidden"
"""In the session: the networks whose guide this person has put away."""
FOLLOWED = "first_steps_followed"
"""In the session: the networks whose guide this person has begun to follow and not finished, so that pages offer the next step."""


class Step(NamedTuple):
    """One step: what it is, why in one sentence, where it is done. `url` is empty while something before it is missing."""

    name: str
    title: str
    why: str
    url: str
    button: str
    is_done: bool
    is_optional: bool = False
    sample: str = ""


class Guide(NamedTuple):
    """`now` is the first step that is not done and must be."""

    steps: list[Step]
    now: Step | None
    done: int
    needed: int

    @property
    def percent(self) -> int:
        return 100 * self.done // self.needed


def guide_for(here: Here, meeting: Meeting | None, *, always: bool = False) -> Guide | None:
    """For who configures the network, until it works or they put it away (`always`: all the same). One query at most."""
    if not here.may(Permission.CONFIGURE) or (not always and _is_hidden(here)):
        return None
    there = beginnings(here.network)
    return _guide(_steps(here, there, meeting)) if always or not there.is_over else None


def next_url(here: Here) -> str:
    """Where a page leads on to the next step, while the guide is followed; no query."""
    own = (here.url("dashboard"), here.url("first_steps"))
    followed = str(here.network.pk) in here.request.session.get(FOLLOWED, [])
    return here.url("first_steps_next") if followed and here.request.path not in own else ""


def _is_hidden(here: Here) -> bool:
    return str(here.network.pk) in here.request.session.get(HIDDEN, [])


def _guide(steps: list[Step]) -> Guide:
    needed = [step for step in steps if not step.is_optional]
    now = next((step for step in needed if not step.is_done), None)
    return Guide(steps, now, sum(step.is_done for step in needed), len(needed))


def _steps(here: Here, there: Beginnings, meeting: Meeting | None) -> list[Step]:
    return [*_people(here, there), *_rules(here, there), *_agenda(here, there, meeting)]


def _people(here: Here, there: Beginnings) -> list[Step]:
    return [
        Step(
            "municipalities",
            _("Import the municipalities"),
            _("A file says which municipalities there are, in which zone, and how many people live there; votes count both."),
            here.url("import_municipalities"),
            _("Choose a file"),
            there.municipalities,
            sample=here.url("import_municipalities_example"),
        ),
        Step(
            "people",
            _("Import the people who represent them"),
            _("A second file says who represents each municipality and at which address they are reached."),
            here.url("import_representatives") if there.municipalities else "",
            _("Choose a file"),
            there.people,
            sample=here.url("import_representatives_example"),
        ),
        Step(
            "chair",
            _("Name a chair"),
            _("The chair opens meetings, gives the floor and approves the minutes; it may be you."),
            f"{here.url('person_new')}?role=chair",
            _("Add a person"),
            there.chair,
        ),
        Step(
            "invitations",
            _("Invite them"),
            _("Each person gets one mail with a link by which they come in; nobody needs a password."),
            here.url("invite_all") if there.people else "",
            _("Invite all who were not yet"),
            there.invitations,
        ),
    ]


def _rules(here: Here, there: Beginnings) -> list[Step]:
    return [
        Step(
            "settings",
            _("Look at the settings"),
            _("Languages, time zone and what a vote needs stand at usual values; change them if yours are others."),
            here.url("settings"),
            _("Settings"),
            there.settings,
            is_optional=True,
        ),
        Step(
            "holidays",
            _("Say where the office is"),
            _("Public holidays are left out by themselves; the patron’s day of the office’s town then is too."),
            here.url("holidays"),
            _("Holidays"),
            there.holidays,
            is_optional=True,
        ),
        Step(
            "series",
            _("Say when you meet"),
            _("A series makes the meetings of the next eighteen months; next Thursday at 10:00 for 90 minutes stands there ready."),
            here.url("series_new"),
            _("Make a series"),
            there.series,
        ),
    ]


def _agenda(here: Here, there: Beginnings, meeting: Meeting | None) -> list[Step]:
    return [
        Step(
            "item",
            _("Put a first item on the agenda"),
            _("The office adds one itself, or accepts what a municipality proposes."),
            f"{here.url('propose', meeting.pk)}" if meeting else "",
            _("Add an item"),
            there.item,
        ),
        Step(
            "agenda",
            _("Publish the agenda"),
            _("Everybody is mailed what the meeting is about, and the first meeting can come."),
            f"{here.url('agenda', meeting.pk)}#publish-title" if meeting and there.item else "",
            _("Publish the agenda"),
            there.agenda,
        ),
    ]


@page
def index(here: Here) -> HttpResponse:
    """The guide by itself, also when it was put away or is done; its button puts it away on the dashboard, or brings it back."""
    require(here.actor, Permission.CONFIGURE, network_id=here.network.pk)
    hidden = _is_hidden(here)
    return here.form(
        ButtonForm(here.posted),
        "home/guide.html",
        {"guide": guide_for(here, next_meeting(here.network), always=True), "hidden": hidden},
        save=lambda: _turn(here, put_away=not hidden),
        done=_("The first steps are shown on the dashboard again.")
        if hidden
        else _("The first steps are put away. You find them in the settings."),
        to=here.url("first_steps") if hidden else here.url("dashboard"),
    )


@require_safe
@page
def go_on(here: Here) -> HttpResponse:
    """To the step that comes now, or to the dashboard when there is none."""
    require(here.actor, Permission.CONFIGURE, network_id=here.network.pk)
    guide = guide_for(here, next_meeting(here.network))
    _note(here, FOLLOWED, guide is not None and guide.now is not None)
    return HttpResponseRedirect(guide.now.url if guide and guide.now and guide.now.url else here.url("dashboard"))


def _turn(here: Here, *, put_away: bool) -> None:
    _note(here, HIDDEN, put_away)
    if put_away:
        _note(here, FOLLOWED, False)


def _note(here: Here, name: str, holds: bool) -> None:
    """Keeps in the session whether it holds of this network; what holds already is not written again."""
    session, network = here.request.session, str(here.network.pk)
    known = session.get(name, [])
    if holds != (network in known):
        session[name] = [*known, network] if holds else [pk for pk in known if pk != network]
