"""What is deleted by itself, and when. Each rule finds its rows; a dry run counts them, a run deletes them and records how many."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from meetings import clock
from meetings.agenda.attachments import forget_file
from meetings.agenda.models import AgendaItem, Attachment, ItemState
from meetings.archive.index import compact
from meetings.events import idempotency
from meetings.events.services import record
from meetings.events.types import MembershipChanged, RetentionApplied
from meetings.minutes.seals import SEALED_STATES
from meetings.network.models import Membership, Network, User
from meetings.network.people import locked
from meetings.network.selectors import membership_as_object, system_actor, today
from meetings.notifications import delivery
from meetings.privacy.forgetting import forget_contacts
from meetings.privacy.identity import REMOVED
from meetings.privacy.models import PrivacyPolicy
from meetings.privacy.selectors import memberships_of, policy_of
from meetings.scheduling.models import DELEGATION_LIVE, Delegation, Meeting, MeetingState, OutOfOffice, Response

KEPT_DAYS = {"mails": delivery.KEPT.days, "answers": idempotency.KEPT.days, "sign_ins": settings.SESSION_COOKIE_AGE // 86_400}
"""What other parts of the worker delete, the same for every network."""
MOST_PEOPLE = 25
"""Whose contacts are removed in one run, since each of them is looked for everywhere; the others' the next day."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`rows`: what is due in this network under this policy; `oldest`: a field of theirs; `apply` deletes them."""

    name: str
    label: Any
    rows: Callable[[Network, PrivacyPolicy], QuerySet[Any]]
    oldest: str
    apply: Callable[[Network, QuerySet[Any]], int]


@dataclass(frozen=True, slots=True)
class Line:
    """What a rule found: how many, and since when the oldest has lain there."""

    name: str
    label: str
    count: int
    oldest: date | None


@dataclass(frozen=True, slots=True)
class Report:
    """One network's."""

    network: Network
    lines: tuple[Line, ...]
    dry_run: bool

    @property
    def total(self) -> int:
        return sum(line.count for line in self.lines)


def _reasons(network: Network, policy: PrivacyPolicy) -> QuerySet[Response]:
    """Of meetings whose minutes are approved; and of those whose minutes never were."""
    late = clock.now() - timedelta(days=policy.reasons_days)
    over = Q(meeting__minutes__state__in=SEALED_STATES) | Q(meeting__starts_at__lt=late)
    return Response.every.filter(over, meeting__network=network).exclude(reason="", substitute_email="")


def _empty_reasons(network: Network, rows: QuerySet[Response]) -> int:
    keys = list(rows.values_list("pk", flat=True))
    return Response.every.filter(pk__in=keys).update(reason="", substitute_email="")


def _absences(network: Network, policy: PrivacyPolicy) -> QuerySet[OutOfOffice]:
    """Over, and no meeting in their days waits for its minutes any more; or over for long."""
    day = today(network)
    waiting = Meeting.objects.filter(network=network, starts_at__date__range=(OuterRef("valid_from"), OuterRef("valid_until")))
    waiting = waiting.exclude(minutes__state__in=SEALED_STATES).exclude(state=MeetingState.CANCELLED)
    over = OutOfOffice.objects.filter(network=network, valid_until__lt=day).exclude(note="")
    return over.filter(~Exists(waiting) | Q(valid_until__lt=day - timedelta(days=policy.reasons_days)))


def _empty_notes(network: Network, rows: QuerySet[OutOfOffice]) -> int:
    keys = list(rows.values_list("pk", flat=True))
    return OutOfOffice.objects.filter(pk__in=keys).update(note="")


def _delegates(network: Network, policy: PrivacyPolicy) -> QuerySet[Delegation]:
    """Who was named for a few days need not be reachable for ever."""
    last = today(network) - timedelta(days=policy.reasons_days)
    over = Q(meeting__minutes__state__in=SEALED_STATES) | Q(valid_until__lt=last)
    return Delegation.objects.filter(over, network=network).exclude(email="")


def _forget_delegates(network: Network, rows: QuerySet[Delegation]) -> int:
    keys = list(rows.values_list("pk", flat=True))
    return Delegation.objects.filter(pk__in=keys).update(email="")


def _contacts(network: Network, policy: PrivacyPolicy) -> QuerySet[User]:
    """Everybody's who once belonged to this network, for whom no network's time is running any more and who is named for no day to come."""
    held = Membership.objects.filter(user=OuterRef("pk"))
    mine = User.objects.filter(Exists(held.filter(network=network)), ~Exists(held.filter(_still_kept())))
    named = Delegation.objects.filter(state__in=DELEGATION_LIVE, email__iexact=OuterRef("email"))
    return mine.exclude(Exists(named)).exclude(email__endswith=f"@{REMOVED}")


def _still_kept() -> Q:
    """Memberships that have not ended, or not long enough ago for their network."""
    kept = Q(valid_until__isnull=True)
    for network in Network.objects.select_related("privacy_policy"):
        last = today(network) - timedelta(days=policy_of(network).contacts_days)
        kept |= Q(network=network, valid_until__gte=last)
    return kept


def _remove_contacts(network: Network, rows: QuerySet[User]) -> int:
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[:MOST_PEOPLE])
    for key in keys:
        with transaction.atomic():
            user = locked(User(pk=key))
            forget_contacts(user)
            tell_changed(user)
    return len(keys)


def tell_changed(user: User) -> None:
    """The person's memberships as they now read, in the log of each network: what it held of them is emptied."""
    for membership in memberships_of(user):
        record(system_actor(membership.network_id), MembershipChanged(membership_as_object(membership)))


def _drafts(network: Network, policy: PrivacyPolicy) -> QuerySet[AgendaItem]:
    """Never handed in, for a meeting that is long over."""
    over = (MeetingState.CLOSED, MeetingState.CANCELLED)
    before = clock.now() - timedelta(days=policy.drafts_days)
    items = AgendaItem.objects.filter(meeting__network=network, meeting__state__in=over, meeting__starts_at__lt=before)
    return items.filter(state=ItemState.DRAFT, submitted_at__isnull=True, carried_to__isnull=True, merged_from__isnull=True)


def _delete_drafts(network: Network, rows: QuerySet[AgendaItem]) -> int:
    keys = list(rows.values_list("pk", flat=True))
    with transaction.atomic():
        files = list(Attachment.objects.filter(agenda_item__in=keys).values_list("file", flat=True))
        Attachment.objects.filter(agenda_item__in=keys).delete()
        AgendaItem.objects.filter(pk__in=keys).delete()
        compact()
        for name in files:
            transaction.on_commit(partial(forget_file, name))
    return len(keys)


RULES: tuple[Rule, ...] = (
    Rule("reasons", _("reasons for regrets and addresses of substitutes"), _reasons, "meeting__starts_at", _empty_reasons),
    Rule("absences", _("notes on absences"), _absences, "valid_until", _empty_notes),
    Rule("delegates", _("addresses of delegates"), _delegates, "valid_until", _forget_delegates),
    Rule("contacts", _("addresses and phone numbers of people who have left"), _contacts, "memberships__valid_until", _remove_contacts),
    Rule("drafts", _("drafts that were never handed in"), _drafts, "meeting__starts_at", _delete_drafts),
)


def retention(network: Network, *, dry_run: bool) -> Report:
    """What is due in the network now: counted, or deleted and recorded in its log, which then says how many and never what."""
    policy, lines = policy_of(network), []
    for rule in RULES:
        rows = rule.rows(network, policy)
        found = rows.aggregate(count=Count("pk", distinct=True), oldest=Min(rule.oldest))
        count, oldest = found["count"], found["oldest"]
        done = count if dry_run or not count else rule.apply(network, rows)
        lines.append(Line(rule.name, str(rule.label), done, oldest.date() if isinstance(oldest, datetime) else oldest))
    report = Report(network, tuple(lines), dry_run)
    if report.total and not dry_run:
        counts = {line.name: line.count for line in report.lines}
        record(system_actor(network.pk), RetentionApplied({"id": network.pk, "counts": counts}))
    return report


def apply_retention() -> int:
    """The worker's step: each network once a day, by its own clock. Returns how many rows it dealt with."""
    networks = Network.objects.select_related("privacy_policy").order_by("pk")
    due = [network for network in networks if _is_due(policy_of(network), today(network))]
    return sum(retention(network, dry_run=False).total for network in due if _claimed(network))


def _is_due(policy: PrivacyPolicy, day: date) -> bool:
    return policy.last_run_on is None or policy.last_run_on < day


def _claimed(network: Network) -> bool:
    """Whether this worker, and no other, does the network's run of today."""
    day = today(network)
    with transaction.atomic():
        PrivacyPolicy.objects.get_or_create(network=network)
        due = PrivacyPolicy.objects.filter(Q(last_run_on__isnull=True) | Q(last_run_on__lt=day), network=network)
        return bool(due.update(last_run_on=day))
