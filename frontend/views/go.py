"""The stable addresses that mails, calendars, PDFs and QR codes carry: each goes on to the page in the reader's language."""

from collections.abc import Callable, Mapping
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.views.base import Visit, signed_in
from meetings.action_items import selectors as action_items
from meetings.action_items.models import ActionItem
from meetings.agenda import selectors as agenda
from meetings.agenda.models import AgendaItem
from meetings.announcements import selectors as announcements
from meetings.errors import NotFound
from meetings.minutes import selectors as minutes
from meetings.minutes.models import Minutes
from meetings.network.models import Network, User
from meetings.network.selectors import actor_for
from meetings.privacy.models import ErasureRequest
from meetings.privacy.selectors import erasure_request
from meetings.scheduling import seats
from meetings.scheduling.models import Meeting

Found = tuple[Network, str, UUID]
"""The network, the name of the page, and the id in its address."""


@require_safe
def to_home(request: HttpRequest) -> HttpResponse:
    """`/`: the first page in the person's language; a stranger's is the browser's, as far as the site speaks it."""
    return HttpResponseRedirect(reverse_in(language_of(request), "frontend:home"))


@require_safe
@signed_in
def to_own(visit: Visit, name: str) -> HttpResponse:
    """`/go/passkeys` and the like: a page of the reader's own."""
    return HttpResponseRedirect(reverse_in(language_of(visit.request), f"frontend:{name}"))


@require_safe
@signed_in
def to(visit: Visit, kind: str, target: UUID) -> HttpResponse:
    """`/go/<kind>/<id>`. Raises NotFound for what the reader may not know of."""
    find = KINDS.get(kind.removesuffix("s") if kind not in KINDS else kind)
    if find is None:
        raise _nothing()
    network, name, pk = find(visit.user, target)
    return HttpResponseRedirect(reverse_in(language_of(visit.request), f"frontend:{name}", network.slug, pk))


def language_of(request: HttpRequest) -> str:
    """The person's language, when pages exist in it; else the browser's."""
    chosen = request.user.language if isinstance(request.user, User) else translation.get_language_from_request(request)
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def reverse_in(language: str, name: str, *args: object) -> str:
    with translation.override(language):
        return reverse(name, args=args)


def _nothing() -> NotFound:
    return NotFound("not_found", _("There is nothing here."))


def _meeting(user: User, pk: UUID) -> Found:
    meeting = Meeting.objects.select_related("network").filter(pk=pk).first()
    if meeting is None:
        raise _nothing()
    actor_for(user, meeting.network)
    return meeting.network, "meeting", pk


def _questions(user: User, pk: UUID) -> Found:
    network, _page, pk = _meeting(user, pk)
    return network, "questions", pk


def _propose(user: User, pk: UUID) -> Found:
    network, _page, pk = _meeting(user, pk)
    return network, "propose", pk


def _item(user: User, pk: UUID) -> Found:
    item = AgendaItem.objects.select_related("meeting__network").filter(pk=pk).first()
    if item is None:
        raise _nothing()
    agenda.item(actor_for(user, item.meeting.network), pk)
    return item.meeting.network, "item", pk


def _minutes(user: User, pk: UUID) -> Found:
    """By the id of the minutes or of their meeting."""
    found = Minutes.objects.select_related("meeting__network").filter(pk=pk).first()
    meeting = found.meeting if found else Meeting.objects.select_related("network").filter(pk=pk).first()
    if meeting is None:
        raise _nothing()
    minutes.minutes_of(actor_for(user, meeting.network), meeting)
    return meeting.network, "minutes", meeting.pk


def _action(user: User, pk: UUID) -> Found:
    row = ActionItem.objects.select_related("network").filter(pk=pk).first()
    if row is None:
        raise _nothing()
    action_items.action_item(actor_for(user, row.network), pk)
    return row.network, "action", pk


def _announcement(user: User, pk: UUID) -> Found:
    network = announcements.network_of(pk)
    announcements.announcement(actor_for(user, network), pk)
    return network, "announcement", pk


def _delegation(user: User, pk: UUID) -> Found:
    row = seats.delegation(pk)
    seats.visible_delegation(actor_for(user, row.network), row)
    return row.network, "delegation", pk


def _erasure(user: User, pk: UUID) -> Found:
    row = ErasureRequest.objects.select_related("network").filter(pk=pk).first()
    if row is None:
        raise _nothing()
    erasure_request(actor_for(user, row.network), pk)
    return row.network, "erasure", pk


KINDS: Mapping[str, Callable[[User, UUID], Found]] = {
    "meeting": _meeting,
    "erasure": _erasure,
    "questions": _questions,
    "propose": _propose,
    "item": _item,
    "agenda-item": _item,
    "minutes": _minutes,
    "action": _action,
    "action-item": _action,
    "announcement": _announcement,
    "delegation": _delegation,
}
