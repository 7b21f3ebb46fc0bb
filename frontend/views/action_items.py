"""The action tracker: the list with its filters, one item with its history, progress, changes."""

from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.forms.action_items import ActionItemEditForm, ActionItemForm, FilterForm, ProgressForm
from frontend.views.action_board import board
from frontend.views.base import Here, page, page_of
from meetings.access import Permission
from meetings.action_items import selectors, services
from meetings.action_items.models import ActionItem
from meetings.agenda.models import AgendaItem
from meetings.errors import NotAllowed
from meetings.network.selectors import municipalities, today, zones

DOCUMENTS = "/api/v1/networks/{slug}/action-items.{ending}"


@require_safe
@page
def index(here: Here) -> HttpResponse:
    """The action items of the network that the address asks for, as a table or, with `?view=board`, by state."""
    form = FilterForm(_asked(here), seats=municipalities(here.network), zones=zones(here.network))
    shown = {
        "form": form,
        "today": today(here.network),
        "filtered": any(form.chosen(name) for name in form.fields),
        "narrowed": any(form.chosen(name) for name in form.fields if name != "whose"),
        "files": [(ending, _file(here, form.wanted, ending)) for ending in ("csv", "xlsx", "pdf")],
        "board": here.request.GET.get("view") == "board",
    }
    if shown["board"]:
        return here.render("action_items/board.html", {**shown, **board(here, form.wanted)})
    rows = page_of(here, chosen(here, form.wanted), 25)
    return here.render("action_items/index.html", {**shown, "page_obj": rows})


def _asked(here: Here) -> QueryDict:
    """The filters that the address names; where it names none, who represents a municipality begins with their own."""
    asked = here.request.GET
    if here.actor.is_staff or not here.actor.open_seats or any(name in asked for name in FilterForm.base_fields):
        return asked
    own = asked.copy()
    own["whose"] = "mine"
    return own


def _file(here: Here, wanted: selectors.Wanted, ending: str) -> str:
    """The same action items as a file."""
    filters = {
        "state": wanted.state,
        "owner": wanted.owner.pk if wanted.owner else "",
        "zone": wanted.zone.pk if wanted.zone else "",
        "overdue": "true" if wanted.overdue else "",
        "mine": "true" if wanted.mine else "",
        "text": wanted.text,
    }
    query = urlencode({name: value for name, value in filters.items() if value})
    address = DOCUMENTS.format(slug=here.network.slug, ending=ending)
    return f"{address}?{query}" if query else address


def chosen(here: Here, wanted: selectors.Wanted) -> QuerySet[ActionItem]:
    """The rows that pass the filters, without their histories."""
    return selectors.wanted_items(here.actor, here.network, wanted).prefetch_related(None)


@page
def show(here: Here, action_item_id: UUID) -> HttpResponse:
    """One action item with its history and, for who may, the form that reports progress."""
    item = selectors.action_item(here.actor, action_item_id)
    actions = [action for action in selectors.abilities_of(here.actor, item) if action != "edit"]
    form = ProgressForm(here.posted, actions=actions, initial={"action": "start"})

    def again(status: int) -> HttpResponse:
        shown = {"item": item, "form": form if actions else None, "can_edit": "edit" in selectors.abilities_of(here.actor, item)}
        return here.render("action_items/show.html", {**shown, "updates": item.updates.all(), "today": today(here.network)}, status)

    if here.is_post and not actions:
        raise NotAllowed("not_allowed", _("You are not allowed to do this."))
    return here.submit(
        form,
        save=lambda: services.progress(actor=here.actor, action_item=item, **form.values()),
        done=_("Your report is saved."),
        to=here.url("action", item.pk),
        show=again,
    )


@page
def edit(here: Here, action_item_id: UUID) -> HttpResponse:
    """Changes what is to be done, whose it is and by when."""
    item = selectors.action_item(here.actor, action_item_id)
    if "edit" not in selectors.abilities_of(here.actor, item):
        raise NotAllowed("not_allowed", _("You are not allowed to do this."))
    initial = {name: getattr(item, name) for name in ("title", "text", "owner", "person", "due_on")}
    form = ActionItemEditForm(
        here.posted, initial=initial, version=item.version, owned=item.owner is not None, seats=municipalities(here.network)
    )
    back = here.url("action", item.pk)
    return here.form(
        form,
        "action_items/form.html",
        {"title": _("Change action item no. %(number)s") % {"number": item.number}, "back": back},
        save=lambda: services.edit(
            actor=here.actor,
            action_item=item,
            values=form.values(),
            owner=form.cleaned_data["owner"],
            expected_version=form.version,
        ),
        done=_("Saved."),
        to=back,
    )


def add(here: Here, item: AgendaItem, back: str) -> HttpResponse:
    """A new action item out of an agenda item; the room and the minutes lead here. Raises NotAllowed."""
    if not here.may(Permission.RECORD):
        raise NotAllowed("not_allowed", _("You are not allowed to do this."))
    form = ActionItemForm(here.posted, seats=municipalities(here.network, _day(item)))
    return here.form(
        form,
        "action_items/form.html",
        {"title": _("New action item"), "agenda_item": item, "back": back},
        save=lambda: services.create(
            actor=here.actor, meeting=item.meeting, values=form.values(), owner=form.cleaned_data["owner"], agenda_item=item
        ),
        done=_("The action item is recorded."),
        to=back,
    )


def _day(item: AgendaItem) -> date:
    return item.meeting.local.date()
