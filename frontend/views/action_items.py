"""The action tracker: the list with its filters, one item with its history, progress, changes."""

from datetime import date
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.forms.action_items import ActionItemEditForm, ActionItemForm, FilterForm, ProgressForm
from frontend.views.base import Here, page, page_of
from meetings.access import Permission
from meetings.action_items import selectors, services
from meetings.action_items.models import UNFINISHED, ActionItem
from meetings.agenda.models import AgendaItem
from meetings.errors import NotAllowed
from meetings.network.selectors import municipalities, today

DOCUMENTS = "/api/v1/networks/{slug}/action-items.{ending}"


@require_safe
@page
def index(here: Here) -> HttpResponse:
    """All action items of the network, filtered by what the address says."""
    form = FilterForm(here.request.GET, seats=municipalities(here.network))
    rows = page_of(here, chosen(here, form), 25)
    documents = {ending: DOCUMENTS.format(slug=here.network.slug, ending=ending) for ending in ("csv", "pdf")}
    filtered = any(form.chosen(name) for name in form.fields)
    return here.render(
        "action_items/index.html", {"form": form, "page_obj": rows, "today": today(here.network), "filtered": filtered, **documents}
    )


def chosen(here: Here, form: FilterForm) -> QuerySet[ActionItem]:
    """The rows that pass the filters."""
    state, own = form.chosen("state"), form.chosen("whose") == "mine"
    rows = selectors.action_items(
        here.actor,
        here.network,
        state="" if state in (None, "unfinished") else state,
        owner=form.chosen("owner"),
        overdue=bool(form.chosen("overdue")),
    ).prefetch_related(None)
    if state == "unfinished":
        rows = rows.filter(state__in=UNFINISHED)
    return rows.filter(owner__in=here.actor.open_seats) if own else rows


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
