"""Everything that is held about a person, for that person (GDPR art. 15 and 20), section by section as plain data.

Each section names its columns: what concerns others (a mail's text, an event's payload) and what is secret (a token's digest) stays out.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from meetings import clock
from meetings.action_items.models import ProgressUpdate
from meetings.agenda.models import AgendaItem, Attachment
from meetings.announcements.models import Announcement
from meetings.backup.contents import Table
from meetings.calendar_feed.models import CalendarFeed
from meetings.events.models import Event
from meetings.live.models import Attendance, Question, SpeakerRequest, Vote
from meetings.minutes.models import Correction, Minutes, Note, NoteDraft
from meetings.network.models import AccessToken, Invitation, Membership, User
from meetings.notifications.models import OutgoingEmail, Unsubscription
from meetings.privacy.identity import Identity
from meetings.privacy.models import ErasureRequest
from meetings.scheduling.models import Delegation, OutOfOffice, Response


@dataclass(frozen=True, slots=True)
class Section:
    """`by`: the references that make a row the person's; `columns`: what is given of it, by the name it is given under."""

    name: str
    label: Any
    model: Table
    by: tuple[str, ...]
    columns: Mapping[str, str]
    where: Callable[[Identity], Q] | None = field(default=None)

    def rows(self, user: User, identity: Identity) -> Iterator[dict[str, Any]]:
        """The person's rows, by primary key."""
        mine = Q(pk__in=())
        for reference in self.by:
            mine |= Q(**{reference: user.pk})
        if self.where:
            mine |= self.where(identity)
        rows = self.model._base_manager.filter(mine).order_by("pk").distinct()
        renamed = {f"given_{name}": F(path) for name, path in self.columns.items()}
        for row in rows.values(**renamed):
            yield {name: row[f"given_{name}"] for name in self.columns}


def _plain(names: str, **paths: str) -> dict[str, str]:
    return {**{name: name for name in names.split()}, **paths}


def _of_meeting(path: str = "meeting") -> dict[str, str]:
    return {"meeting": f"{path}__title", "meeting_starts_at": f"{path}__starts_at"}


def _speaker(identity: Identity) -> Q:
    return Q(person__in=identity.names, municipality__in=identity.seats)


_ITEM = {"agenda_item": "agenda_item__title"}
SECTIONS: tuple[Section, ...] = (
    Section(
        "memberships",
        _("roles in networks"),
        Membership,
        ("user",),
        _plain(
            "id role office order valid_from valid_until ended_at by_delegation",
            network="network__name",
            municipality="municipality__name",
            zone="zone__name",
        ),
    ),
    Section(
        "answers",
        _("answers to invitations, with reasons"),
        Response,
        ("answered_by",),
        _plain(
            "id answer reason substitute_name substitute_email substitute_office answered_at source",
            municipality="municipality__name",
            **_of_meeting(),
        ),
    ),
    Section(
        "out_of_office",
        _("absences"),
        OutOfOffice,
        ("user",),
        _plain("id valid_from valid_until note declared_at withdrawn_at", network="network__name"),
    ),
    Section(
        "delegations",
        _("delegations given and received"),
        Delegation,
        ("user", "named_by", "confirmed_by"),
        _plain(
            "id valid_from valid_until name email office state named_at confirmed_at finished_at",
            network="network__name",
            municipality="municipality__name",
        ),
        lambda identity: Q(email__in=identity.addresses),
    ),
    Section(
        "proposals",
        _("proposals and drafts written"),
        AgendaItem,
        ("created_by",),
        _plain("id title text kind state motive answer created_at submitted_at", municipality="proposer__name", **_of_meeting()),
    ),
    Section(
        "attachments", _("files uploaded"), Attachment, ("uploaded_by",), _plain("id name content_type size sha256 created_at", **_ITEM)
    ),
    Section(
        "attendances",
        _("presence at meetings"),
        Attendance,
        ("user",),
        _plain("id person office source joined_at left_at", municipality="municipality__name", **_of_meeting()),
    ),
    Section(
        "speaker_requests",
        _("requests to speak"),
        SpeakerRequest,
        (),
        _plain("id person kind state requested_at given_at ended_at", municipality="municipality__name", **_ITEM, **_of_meeting()),
        _speaker,
    ),
    Section(
        "votes",
        _("votes cast by name"),
        Vote,
        ("by",),
        _plain("id choice at", municipality="municipality__name", poll="poll__question", agenda_item="poll__agenda_item__title"),
    ),
    Section(
        "questions",
        _("questions asked and answered"),
        Question,
        ("answered_by",),
        _plain(
            "id person text state asked_at answer answered_way answered_at", municipality="municipality__name", **_ITEM, **_of_meeting()
        ),
        _speaker,
    ),
    Section("notes", _("notes written for minutes"), Note, ("author",), _plain("id text created_at", **_ITEM)),
    Section("note_drafts", _("notes typed and not saved"), NoteDraft, ("author",), _plain("id text saved_at", **_ITEM)),
    Section(
        "corrections",
        _("corrections of minutes, asked for and decided"),
        Correction,
        ("asked_by", "decided_by"),
        _plain("id text proposed state reason asked_at decided_at", municipality="municipality__name", **_of_meeting("minutes__meeting")),
    ),
    Section("minutes_approved", _("minutes approved"), Minutes, ("approved_by",), _plain("id state approved_at", **_of_meeting())),
    Section(
        "action_item_updates",
        _("progress reported on action items"),
        ProgressUpdate,
        ("by",),
        _plain("id at text state", action_item="action_item__title", number="action_item__number"),
    ),
    Section("announcements", _("announcements sent"), Announcement, ("sent_by",), _plain("id title text sent_at", network="network__name")),
    Section(
        "mails",
        _("mails sent: kind, time and state"),
        OutgoingEmail,
        ("user",),
        _plain("id kind address state created_at sent_at"),
        lambda identity: Q(address__in=identity.addresses),
    ),
    Section("refused_mails", _("kinds of mail refused"), Unsubscription, ("user",), _plain("kind at")),
    Section(
        "access_tokens",
        _("access tokens, without the secret"),
        AccessToken,
        ("user",),
        _plain("id label scope created_at expires_at revoked_at"),
    ),
    Section(
        "passkeys",
        _("passkeys, without the key"),
        Authenticator,
        ("user",),
        _plain("id created_at last_used_at", name="data__name"),
    ),
    Section(
        "identities",
        _("accounts at other servers that sign in"),
        SocialAccount,
        ("user",),
        _plain("id", issuer="provider", subject="uid", linked_at="date_joined", last_used_at="last_login"),
    ),
    Section(
        "calendar_feeds",
        _("calendar addresses, without the secret"),
        CalendarFeed,
        ("user",),
        _plain("id label hide_cancelled alarm_minutes created_at revoked_at", network="network__name"),
    ),
    Section(
        "invitations", _("invitations"), Invitation, ("membership__user", "invited_by"), _plain("id", network="membership__network__name")
    ),
    Section(
        "erasure_requests",
        _("requests to be erased"),
        ErasureRequest,
        ("user", "recorded_by", "settled_by"),
        _plain("id state asked_at settled_at answer", network="network__name"),
    ),
    Section(
        "events_caused",
        _("entries in the log: kind and time"),
        Event,
        ("actor_id",),
        _plain("type at sequence", network="stream__network__name"),
    ),
)

LEFT_OUT: Mapping[str, str] = {
    "meetings.IdempotencyKey.user": "repeats what was written, for a week, so that a second sending is answered like the first",
    "meetings.NewsMark.user": "until when the news was looked at, for the bell alone",
    "account.EmailAddress.user": "the address again, as the sign-in keeps it",
}
"""References to people that are in no section, and why."""


def data_of(user: User) -> dict[str, Any]:
    """The whole of it, as of now."""
    identity = Identity.of(user)
    names = ("id", "email", "name", "phone", "language", "is_active", "created_at", "last_login")
    return {
        "made_at": clock.now(),
        "profile": {name: getattr(user, name) for name in names},
        **{section.name: list(section.rows(user, identity)) for section in SECTIONS},
    }


def covered() -> set[str]:
    """The references to people that the sections go by."""
    found = set()
    for section in SECTIONS:
        found |= {f"{section.model._meta.label}.{reference}" for reference in section.by if "__" not in reference}
    return found
