"""The board: action items by state, as cards with their buttons."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, DateField, F, IntegerField, Q, QuerySet, When, Window
from django.db.models.functions import RowNumber
from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from frontend.forms.action_items import MoveForm
from frontend.views.base import Here, page, see_other
from meetings.action_items import selectors, services
from meetings.action_items.models import UNFINISHED, ActionItem, ActionState
from meetings.errors import NotFound
from meetings.network.selectors import today

MOST = 30
"""Cards in a column; the table has the others."""
BUTTONS = {"start": gettext_lazy("Begin"), "finish": gettext_lazy("Done"), "reopen": gettext_lazy("Open again")}
DONE_WORDS = {
    "start": gettext_lazy("“%(title)s” is in progress."),
    "finish": gettext_lazy("“%(title)s” is done."),
    "reopen": gettext_lazy("“%(title)s” is open again."),
}


@dataclass(frozen=True, slots=True)
class Card:
    """`buttons`: (action, words), of what this reader may do with it now. `late`: days past the due date."""

    item: ActionItem
    buttons: list[tuple[str, Any]]
    late: int
    last_words: str


@dataclass(frozen=True, slots=True)
class Column:
    state: str
    label: str
    cards: list[Card]
    count: int
    overdue: int

    @property
    def hidden(self) -> int:
        """How many of them only the table shows."""
        return self.count - len(self.cards)


def board(here: Here, wanted: selectors.Wanted) -> dict[str, Any]:
    """The columns: what is unfinished by due date, what is finished the latest first. Three queries for any number."""
    rows, day = selectors.wanted_items(here.actor, here.network, wanted).prefetch_related(None), today(here.network)
    late = Q(state__in=UNFINISHED, due_on__lt=day)
    counted = rows.order_by().values("state").annotate(n=Count("pk"), late=Count("pk", filter=late))
    counts = {row["state"]: (row["n"], row["late"]) for row in counted}
    cards: dict[str, list[Card]] = defaultdict(list)
    for row in _first_of_each(rows):
        cards[row.state].append(_card(here, row))
    columns = [Column(state, str(ActionState(state).label), cards[state], *counts.get(state, (0, 0))) for state in ActionState.values]
    return {
        "columns": columns,
        "total": sum(count for count, _late in counts.values()),
        "overdue": sum(late for _count, late in counts.values()),
        "query": _kept(here.request.GET).urlencode(),
        "moved": _moved(here),
    }


def _first_of_each(rows: QuerySet[ActionItem]) -> QuerySet[ActionItem]:
    """What the columns show, in their order, with what was reported."""
    unfinished = Q(state__in=UNFINISHED)
    due = Case(When(unfinished, then=F("due_on")), default=None, output_field=DateField())
    number = Case(When(unfinished, then=F("number")), default=-F("number"), output_field=IntegerField())
    order = [due.asc(nulls_last=True), number.asc()]
    place = Window(RowNumber(), partition_by="state", order_by=order)
    return rows.annotate(place=place).filter(place__lte=MOST).order_by("place").prefetch_related("updates")


def _moved(here: Here) -> Card | None:
    """The card whose button was just pressed, so that it can be taken back."""
    try:
        return _card(here, selectors.action_item(here.actor, UUID(here.request.GET.get("moved", ""))))
    except (ValueError, NotFound):
        return None


def _card(here: Here, item: ActionItem) -> Card:
    day, updates = today(here.network), list(item.updates.all())
    able = selectors.abilities_of(here.actor, item)
    buttons = [
        (action, words)
        for action, words in BUTTONS.items()
        if action in able and (action, item.state) != ("start", ActionState.IN_PROGRESS)
    ]
    late = (day - item.due_on).days if item.due_on and item.overdue_on(day) else 0
    return Card(item, buttons, late, updates[-1].text if updates else "")


def _kept(query: QueryDict) -> QueryDict:
    """The board's filters, without what is said once."""
    kept = query.copy()
    for name in ("moved", "page"):
        kept.pop(name, None)
    return kept


@page
def move(here: Here, action_item_id: UUID) -> HttpResponse:
    """A card's button: reports that it is begun, done or open again, and goes back to the board as it was."""
    item = selectors.action_item(here.actor, action_item_id)
    if not here.is_post:
        return see_other(here.url("action", item.pk))
    form = MoveForm(here.posted)
    action = form.data.get("action", "")
    kept = _kept(QueryDict(form.data.get("query", "")[:1000]))
    kept["view"], kept["moved"] = "board", str(item.pk)
    board_url = f"{here.url('actions')}?{kept.urlencode()}"

    def refused(status: int) -> HttpResponse:
        words = [item.title, *(text for texts in form.errors.values() for text in texts)]
        shown = {"title": _("Not moved"), "words": words, "back": board_url, "submit": "", "form": form}
        return here.render("action_items/refused.html", shown, status)

    done = str(DONE_WORDS.get(action, "")) % {"title": item.title} if action in DONE_WORDS else ""
    return here.submit(
        form,
        save=lambda: services.progress(actor=here.actor, action_item=item, action=action),
        done=done,
        to=board_url,
        show=refused,
    )
