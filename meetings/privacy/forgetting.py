"""Taking a person's contacts, or the person altogether, out of everything that is stored: ADR 17 says what goes and what stays.

Rows first, in the order of the tables, then the log's streams: the order in which every other write takes its locks.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.sessions.models import Session
from django.db.models import CharField, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from meetings.action_items.models import ActionItem
from meetings.archive.index import compact
from meetings.backup.contents import Table, way_to
from meetings.calendar_feed.models import CalendarFeed
from meetings.events.models import Event, IdempotencyKey
from meetings.events.services import redact
from meetings.live.models import Attendance, Question, SpeakerRequest
from meetings.minutes.models import Minutes, NoteDraft, SealedDocument
from meetings.network.models import AccessToken, Invitation, Membership, Network, User
from meetings.network.selectors import system_actor
from meetings.notifications.models import UNSETTLED, MailState, OutgoingEmail, Unsubscription
from meetings.privacy.identity import Identity, replaced, stands_in
from meetings.privacy.tables import is_json, tables, texts_of
from meetings.scheduling.models import Delegation, Meeting, OutOfOffice, Response

NOT_SWEPT: tuple[Table, ...] = (Event, IdempotencyKey, SealedDocument, User)
"""Tables with a treatment of their own; sealed documents are never changed."""

PERSON_FIELDS: tuple[tuple[Table, str], ...] = (
    (SpeakerRequest, "person"),
    (Question, "person"),
    (ActionItem, "person"),
    (Minutes, "chaired_by"),
    (Minutes, "recorded_by"),
    (Response, "substitute_name"),
)
"""Columns that name a person in words, without a reference to who it is."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is done to `rows(identity)` by `act(rows, identity, name)`; `label` says it in words."""

    name: str
    label: Any
    rows: Callable[[Identity], QuerySet[Any]]
    act: Callable[[QuerySet[Any], Identity, str], object]


def _delete(rows: QuerySet[Any], identity: Identity, name: str) -> None:
    rows.delete()


def own(model: Table) -> Callable[[Identity], QuerySet[Any]]:
    """The rows of a table that are the person's."""
    return lambda identity: model._default_manager.filter(user=identity.user_id)


def _sessions(identity: Identity) -> QuerySet[Session]:
    """Signed in, or about to be: a session waiting for a code holds the address."""
    keys = []
    for session in Session.objects.all().iterator():
        held = json.dumps(session.get_decoded(), default=str)
        if str(identity.user_id) in held or stands_in(held, identity.addresses):
            keys.append(session.pk)
    return Session.objects.filter(pk__in=keys)


def _answers_kept(identity: Identity) -> QuerySet[IdempotencyKey]:
    """The person's own, and anybody's that hold their contacts."""
    return IdempotencyKey.objects.filter(_any_of("answer", identity.contacts) | Q(user=identity.user_id))


def _own_mails(identity: Identity) -> QuerySet[OutgoingEmail]:
    mails = OutgoingEmail.objects.filter(Q(user=identity.user_id) | Q(address__in=identity.addresses))
    return mails.exclude(address=identity.address, context={}, name="")


def _empty_mails(rows: QuerySet[OutgoingEmail], identity: Identity, name: str) -> None:
    """What waits is not sent any more, and who is sending it just now has no say in the row; of what was sent, kind and time stay."""
    for mail in rows:
        if mail.state in (MailState.QUEUED, MailState.SENDING, *UNSETTLED):
            mail.state = MailState.DROPPED
        mail.key = replaced(mail.key, dict.fromkeys(identity.addresses, identity.address))[:200]
        mail.address, mail.name, mail.context, mail.error, mail.lease, mail.chase_day = identity.address, "", {}, "", "", None
        mail.save(update_fields=["state", "key", "address", "name", "context", "error", "lease", "chase_day"])


def _reasons(identity: Identity) -> QuerySet[Response]:
    return Response.every.filter(answered_by=identity.user_id).exclude(reason="")


def _substitutes(identity: Identity) -> QuerySet[Response]:
    """Answers that announced the person as a substitute: the address goes."""
    return Response.every.filter(_any_of("substitute_email", identity.addresses, "iexact"))


def _invitations(identity: Identity) -> QuerySet[Invitation]:
    return Invitation.objects.filter(Q(membership__user=identity.user_id) | _any_of("address", identity.addresses, "iexact"))


def _absences(identity: Identity) -> QuerySet[OutOfOffice]:
    return OutOfOffice.objects.filter(user=identity.user_id).exclude(note="")


def _any_of(column: str, sought: Iterable[str], lookup: str = "icontains") -> Q:
    found = Q(pk__in=())
    for one in sought:
        found |= Q(**{f"{column}__{lookup}": one})
    return found


CONTACT_STEPS: tuple[Step, ...] = (
    Step("sessions", _("sign-ins ended"), _sessions, _delete),
    Step("tokens", _("access tokens deleted"), own(AccessToken), _delete),
    Step("feeds", _("calendar addresses deleted"), own(CalendarFeed), _delete),
    Step("refusals", _("refusals of mails deleted"), own(Unsubscription), _delete),
    Step("invitations", _("invitations deleted"), _invitations, _delete),
    Step("sign_in_addresses", _("addresses for signing in deleted"), own(EmailAddress), _delete),
    Step("passkeys", _("passkeys deleted"), own(Authenticator), _delete),
    Step("identities", _("accounts at other servers unlinked"), own(SocialAccount), _delete),
    Step("kept_answers", _("kept answers to forms deleted"), _answers_kept, _delete),
    Step("mails", _("mails emptied"), _own_mails, _empty_mails),
    Step(
        "substitutes",
        _("announcements as a substitute without the address"),
        _substitutes,
        lambda rows, identity, name: rows.update(substitute_email=""),
    ),
)
PERSON_STEPS: tuple[Step, ...] = (
    Step("reasons", _("reasons for regrets deleted"), _reasons, lambda rows, identity, name: rows.update(reason="")),
    Step("note_drafts", _("unsaved notes deleted"), lambda identity: NoteDraft.objects.filter(author=identity.user_id), _delete),
    Step("absences", _("notes on absences deleted"), _absences, lambda rows, identity, name: rows.update(note="")),
    *CONTACT_STEPS,
)


def sealed(path: str) -> Q:
    """Rows whose meeting's minutes were approved, if only in a former edition: what they say of people is a public act."""
    return Q(**{f"{path}__minutes__sealed__isnull": False})


def traces(identity: Identity, sought: Iterable[str]) -> Iterator[tuple[Table, Any, dict[str, Any]]]:
    """Each row that holds one of these words, with the columns it stands in and their values."""
    words = frozenset(sought)
    for model in tables():
        columns = texts_of(model)
        if model in NOT_SWEPT or not columns or not words:
            continue
        for row in _mentioning(model, columns, words):
            held = {column: getattr(row, column) for column in columns}
            found = {column: value for column, value in held.items() if stands_in(_as_text(value), words)}
            if found:
                yield model, row, found


def _mentioning(model: Table, columns: Iterable[str], words: Iterable[str]) -> Iterator[Any]:
    """A first choice by the database, which knows no word limits."""
    casts = {f"{column}_as_text": Cast(column, TextField()) for column in columns if is_json(model, column)}
    found = Q(pk__in=())
    for column in columns:
        for word in words:
            found |= Q(**{f"{column}_as_text__icontains" if f"{column}_as_text" in casts else f"{column}__icontains": word})
            if f"{column}_as_text" in casts:  # as SQLite keeps JSON
                found |= Q(**{f"{column}_as_text__icontains": json.dumps(word)[1:-1]})
    yield from model._base_manager.annotate(**casts).filter(found).iterator()


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _sweep(identity: Identity) -> int:
    """Whatever anybody wrote anywhere: the address is replaced by a dead one, the number by dots. Returns how many rows."""
    instead = {**dict.fromkeys(identity.phones, "…"), **dict.fromkeys(identity.addresses, identity.address)}
    return sum(_rewrite(model, row, found, instead) for model, row, found in list(traces(identity, identity.contacts)))


def _rewrite(model: Table, row: Any, found: Mapping[str, Any], instead: Mapping[str, str]) -> int:
    values = {column: _fitting(model, column, replaced(value, instead)) for column, value in found.items()}
    return model._base_manager.filter(pk=row.pk).update(**values, **_newer(model, row))


def _fitting(model: Table, column: str, value: Any) -> Any:
    field = model._meta.get_field(column)
    return value[: field.max_length] if isinstance(field, CharField) and isinstance(value, str) else value


def _newer(model: Table, row: Any) -> dict[str, int]:
    """Who has the row open for editing is told that it has changed, and does not write the name back."""
    return {"version": row.version + 1} if "version" in {field.name for field in model._meta.concrete_fields} else {}


def named_in(identity: Identity) -> Iterator[tuple[Table, str, Any]]:
    """The rows that name the person in words, outside of what is a public act by now."""
    names = unmistakable(identity)
    for model, column in PERSON_FIELDS:
        here = {f"{way_to(model, Network)}__in": identity.networks}
        if model in (SpeakerRequest, Question):
            here["municipality__in"] = identity.seats
        rows = model._base_manager.filter(_any_of(column, names), **here).exclude(sealed(way_to(model, Meeting)))
        yield from ((model, column, row) for row in rows if stands_in(getattr(row, column), names))


def unmistakable(identity: Identity) -> frozenset[str]:
    """The person's names that nobody else in their networks bears."""
    others = Membership.objects.filter(network__in=identity.networks).exclude(user=identity.user_id)
    borne = {name.casefold() for name in others.values_list("user__name", flat=True)}
    return frozenset(name for name in identity.names if name.casefold() not in borne)


def own_delegations(identity: Identity) -> QuerySet[Delegation]:
    """Whoever named them: a delegate is known by the address until it is confirmed."""
    mine = Q(user=identity.user_id) | _any_of("email", identity.addresses, "iexact")
    return Delegation.objects.filter(mine).exclude(sealed("meeting")).exclude(name__contains=identity.code)


def own_attendance(identity: Identity) -> QuerySet[Attendance]:
    """Presence before its minutes are approved, also what the office has struck."""
    return Attendance.every.filter(user=identity.user_id).exclude(sealed("meeting")).exclude(person__contains=identity.code)


def mails_naming(identity: Identity) -> list[OutgoingEmail]:
    """Mails to others that name the person."""
    names = unmistakable(identity)
    rows = _mentioning(OutgoingEmail, ("context",), names) if names else iter(())
    return [mail for mail in rows if stands_in(_as_text(mail.context), names)]


def _pseudonymise(identity: Identity, name: str) -> int:
    instead = dict.fromkeys(unmistakable(identity), name)
    changed = own_attendance(identity).update(person=name) + own_delegations(identity).update(name=name)
    for model, column, row in list(named_in(identity)):
        changed += _rewrite(model, row, {column: getattr(row, column)}, instead)
    for mail in mails_naming(identity):
        changed += _rewrite(OutgoingEmail, mail, {"context": mail.context}, instead)
    return changed


def events_to_redact(identity: Identity, *, with_name: bool) -> list[Event]:
    """Events that hold the contacts, wherever; with the name also those that hold it and tell of no public act."""
    events = Event.objects.select_related("stream").exclude(payload="").order_by("stream", "sequence")
    found = {event.pk: event for event in events.filter(_in_payload(identity.contacts)) if stands_in(event.payload, identity.contacts)}
    own = events.filter(type__startswith="membership.", payload__contains=str(identity.user_id))
    found |= {event.pk: event for event in own if _is_of(event, identity)}
    if with_name:
        names = unmistakable(identity)
        here = events.filter(_in_payload(names), stream__network__in=identity.networks)
        open_ones = here.exclude(sealed("stream__meeting")).exclude(type="event.redacted")
        found |= {event.pk: event for event in open_ones if stands_in(json.dumps(json.loads(event.payload), ensure_ascii=False), names)}
    return list(found.values())


def _in_payload(words: Iterable[str]) -> Q:
    return _any_of("payload", (json.dumps(word, ensure_ascii=False)[1:-1] for word in words))


def _is_of(event: Event, identity: Identity) -> bool:
    person = json.loads(event.payload).get("user")
    return isinstance(person, dict) and person.get("id") == str(identity.user_id) and person.get("email") != identity.address


def _redact(events: Iterable[Event], reason: str) -> int:
    done = 0
    for event in events:
        redact(actor=system_actor(event.stream.network_id), event=event, reason=reason)
        done += 1
    return done


def forget_contacts(user: User) -> dict[str, int]:
    """Address and phone out of every table and the log; the name stays. In the caller's transaction; returns what was done how often."""
    identity = Identity.of(user)
    events = events_to_redact(identity, with_name=False)
    done = _do(CONTACT_STEPS, identity, user.name)
    done["texts"] = _sweep(identity)
    _retire(user, identity, user.name)
    done["events"] = _redact(events, "contacts removed")
    compact()
    return done


def forget_person(user: User, name: str) -> dict[str, int]:
    """The same and the name as well, wherever it tells of no public act; `name` stands in its place."""
    identity = Identity.of(user)
    events = events_to_redact(identity, with_name=True)
    done = _do(PERSON_STEPS, identity, name)
    done["texts"] = _pseudonymise(identity, name) + _sweep(identity)
    _retire(user, identity, name)
    done["events"] = _redact(events, "erasure")
    compact()
    return done


def _do(steps: Iterable[Step], identity: Identity, name: str) -> dict[str, int]:
    done = {}
    for step in steps:
        rows = step.rows(identity)
        done[step.name] = rows.count()
        step.act(rows, identity, name)
    return done


def _retire(user: User, identity: Identity, name: str) -> None:
    user.email, user.phone, user.name, user.is_active = identity.address, "", name, False
    user.set_unusable_password()
    user.save(update_fields=["email", "phone", "name", "is_active", "password"])


def preview(identity: Identity) -> list[tuple[str, int]]:
    """What `forget_person` would do, in words, and to how many rows."""
    counts = [(str(step.label), step.rows(identity).count()) for step in PERSON_STEPS]
    written = (
        own_attendance(identity).count()
        + own_delegations(identity).count()
        + sum(1 for _row in named_in(identity))
        + len(mails_naming(identity))
    )
    written += sum(1 for _row in traces(identity, identity.contacts))
    return [
        *counts,
        (str(_("places where name, address or number are replaced")), written),
        (str(_("entries of the log emptied")), len(events_to_redact(identity, with_name=True))),
    ]
