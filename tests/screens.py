"""Every screen once: its name, its address worked out of a stage, and for which roles it is looked at.

What looks at all screens begins here: pictures (`make shots`), axe, bytes, hostile text. A page that is added is added here
(`tests/test_screens.py` fails for a page's route that no screen shows).
"""

from collections.abc import Callable
from typing import NamedTuple

from tests.stage import Stage

ANYBODY = "anonymous"
MEMBER = ("representative",)
OFFICE = ("coordinator",)
BOTH = ("representative", "coordinator")
SESSION = ("representative", "chair", "observer")


class Screen(NamedTuple):
    """`path(stage)` has no language in front: `/en` + path. `long` screens hold a list of all municipalities, all votes, or a page of the
    log with its hashes."""

    name: str
    path: Callable[[Stage], str]
    roles: tuple[str, ...]
    long: bool = False

    def address(self, stage: Stage, language: str = "it") -> str:
        """The path as it is asked for; what a mail links to has no language in it."""
        path = self.path(stage)
        return path if path.startswith(("/reply/", "/unsubscribe/")) else f"/{language}{path}"


def _in(pattern: str) -> Callable[[Stage], str]:
    """An address in the network: `{live.pk}` and the like are the stage's things."""
    return lambda stage: f"/{stage.network.slug}/" + pattern.format(**stage.things)


SCREENS: list[Screen] = [
    Screen("sign-in", lambda stage: "/accounts/login/code/", (ANYBODY,)),
    Screen("sign-in-again", lambda stage: "/accounts/login/again/", MEMBER),
    Screen("sign-out", lambda stage: "/accounts/logout/", MEMBER),
    Screen("offline", lambda stage: "/offline/", (ANYBODY,)),
    Screen("privacy", lambda stage: "/privacy/", (ANYBODY,)),
    Screen("privacy-of", lambda stage: f"/privacy/{stage.network.slug}/", MEMBER),
    Screen("accessibility", lambda stage: "/accessibility/", (ANYBODY,)),
    Screen("accessibility-of", lambda stage: f"/accessibility/{stage.network.slug}/", MEMBER),
    Screen("styleguide", lambda stage: "/styleguide/", (ANYBODY,)),
    Screen("reply", lambda stage: stage.reply, (ANYBODY,)),
    Screen("unsubscribe", lambda stage: stage.unsubscribe, (ANYBODY,)),
    Screen("profile", lambda stage: "/me/", BOTH),
    Screen("mail-choices", lambda stage: "/me/mail/", MEMBER),
    Screen("my-data", lambda stage: "/me/data/", MEMBER),
    Screen("my-erasure", lambda stage: "/me/data/erase/", MEMBER),
    Screen("own-address", lambda stage: "/me/address/", MEMBER),
    Screen("passkeys", lambda stage: "/me/passkeys/", MEMBER),
    Screen("passkey-add", lambda stage: "/me/passkeys/add/", MEMBER),
    Screen("passkey-rename", lambda stage: f"/me/passkeys/{stage.passkey.id}/", MEMBER),
    Screen("passkey-remove", lambda stage: f"/me/passkeys/{stage.passkey.id}/remove/", MEMBER),
    Screen("sign-out-elsewhere", lambda stage: "/me/sessions/end/", MEMBER),
    Screen("tokens", lambda stage: "/me/tokens/", MEMBER),
    Screen("dashboard", _in(""), ("representative", "coordinator", "chair", "spokesperson", "observer", "auditor")),
    Screen("first-steps", _in("first-steps/"), OFFICE),
    Screen("meetings", _in("meetings/"), BOTH),
    Screen("meetings-past", _in("meetings/?past=1"), MEMBER),
    Screen("meeting", _in("meetings/{coming.pk}/"), BOTH),
    Screen("meeting-held", _in("meetings/{approved.pk}/"), MEMBER),
    Screen("meeting-new", _in("meetings/new/"), OFFICE),
    Screen("meeting-edit", _in("meetings/{coming.pk}/edit/"), OFFICE),
    Screen("meeting-move", _in("meetings/{coming.pk}/move/"), OFFICE),
    Screen("meeting-cancel", _in("meetings/{coming.pk}/cancel/"), OFFICE),
    Screen("responses", _in("meetings/{coming.pk}/responses/"), OFFICE, long=True),
    Screen("responses-silent", _in("meetings/{coming.pk}/responses/?answer=silent"), OFFICE, long=True),
    Screen("respond", _in("meetings/{coming.pk}/responses/{seat.pk}/"), MEMBER),
    Screen("remind", _in("meetings/{coming.pk}/remind/"), OFFICE),
    Screen("agenda", _in("meetings/{coming.pk}/agenda/"), OFFICE),
    Screen("propose", _in("meetings/{coming.pk}/propose/"), MEMBER),
    Screen("item", _in("agenda-items/{discussed.pk}/"), MEMBER),
    Screen("item-own", _in("agenda-items/{accepted.pk}/"), BOTH),
    Screen("item-edit", _in("agenda-items/{draft.pk}/edit/"), MEMBER),
    Screen("item-withdraw", _in("agenda-items/{proposal.pk}/withdraw/"), MEMBER),
    Screen("item-return", _in("agenda-items/{proposal.pk}/return/"), OFFICE),
    Screen("item-defer", _in("agenda-items/{proposal.pk}/defer/"), OFFICE),
    Screen("item-merge", _in("agenda-items/{proposal.pk}/merge/"), OFFICE),
    Screen("backlog", _in("backlog/"), OFFICE),
    Screen("delegations", _in("delegations/"), BOTH),
    Screen("delegation", _in("delegations/{delegation.pk}/"), MEMBER),
    Screen("delegation-new", _in("delegations/new/"), MEMBER),
    Screen("absences", _in("absences/"), MEMBER),
    Screen("news", _in("news/"), BOTH),
    Screen("announcements", _in("announcements/"), BOTH),
    Screen("announcement", _in("announcements/{announcement.pk}/"), MEMBER),
    Screen("announcement-new", _in("announcements/new/"), OFFICE),
    Screen("archive", _in("archive/"), BOTH),
    Screen("archive-found", _in("archive/?q=comun"), BOTH, long=True),
    Screen("archive-nothing", _in("archive/?q=zzz&kind=note"), MEMBER, long=True),
    Screen("directory", _in("municipalities/"), BOTH),
    Screen("municipality", _in("municipalities/{seat.pk}/"), BOTH),
    Screen("municipality-order", _in("municipalities/{seat.pk}/order/"), OFFICE),
    Screen("merge", _in("municipalities/merge/"), OFFICE, long=True),
    Screen("import-municipalities", _in("municipalities/import/"), OFFICE),
    Screen("import-people", _in("people/import/"), OFFICE),
    Screen("people", _in("people/"), OFFICE),
    Screen("person", _in("people/{membership.pk}/"), OFFICE, long=True),
    Screen("person-new", _in("people/new/"), OFFICE, long=True),
    Screen("person-address", _in("people/{membership.pk}/address/"), OFFICE),
    Screen("person-end", _in("people/{membership.pk}/end/"), OFFICE),
    Screen("series-list", _in("series/"), OFFICE),
    Screen("series", _in("series/{series.pk}/"), OFFICE),
    Screen("series-new", _in("series/new/"), OFFICE),
    Screen("series-edit", _in("series/{series.pk}/edit/"), OFFICE),
    Screen("series-change-from", _in("series/{series.pk}/change-from/"), OFFICE),
    Screen("series-breaks", _in("series/{series.pk}/breaks/"), OFFICE),
    Screen("series-end", _in("series/{series.pk}/end/"), OFFICE),
    Screen("settings", _in("settings/"), OFFICE, long=True),
    Screen("holidays", _in("settings/holidays/"), OFFICE),
    Screen("erasure-decline", _in("settings/privacy/requests/{erasure.pk}/decline/"), OFFICE),
    Screen("erasure-record", _in("settings/privacy/record/"), OFFICE),
    Screen("privacy-office", _in("settings/privacy/"), OFFICE),
    Screen("erasure", _in("settings/privacy/requests/{erasure.pk}/"), OFFICE),
    Screen("mail", _in("mail/"), OFFICE),
    Screen("calendar-feeds", _in("calendar/"), MEMBER),
    Screen("room", _in("meetings/{live.pk}/room/"), SESSION),
    Screen("room-before", _in("meetings/{coming.pk}/room/"), MEMBER),
    Screen("room-floor", _in("meetings/{live.pk}/room/seats/{seat.pk}/floor/"), MEMBER),
    Screen("room-vote", _in("meetings/{live.pk}/room/polls/{poll.pk}/seats/{seat.pk}/"), MEMBER),
    Screen("room-votes", _in("meetings/{live.pk}/room/polls/{poll.pk}/votes/"), MEMBER, long=True),
    Screen("room-poll-edit", _in("meetings/{live.pk}/room/polls/{draft_poll.pk}/edit/"), ("chair",)),
    Screen("room-new-poll", _in("meetings/{live.pk}/room/items/{current.pk}/poll/"), ("chair",)),
    Screen("room-notes", _in("meetings/{live.pk}/room/items/{current.pk}/notes/"), ("chair",)),
    Screen("room-decision", _in("meetings/{live.pk}/room/items/{current.pk}/decision/"), ("chair",)),
    Screen("room-action-item", _in("meetings/{live.pk}/room/items/{current.pk}/action-item/"), ("chair",), long=True),
    Screen("room-list", _in("meetings/{live.pk}/room/list/"), ("chair",)),
    Screen("room-close", _in("meetings/{live.pk}/room/close/"), ("chair",)),
    Screen("screen", _in("meetings/{live.pk}/screen/"), ("observer",)),
    Screen("recording", _in("meetings/{held.pk}/recording/"), OFFICE),
    Screen("questions", _in("meetings/{live.pk}/questions/"), BOTH),
    Screen("question-answer", _in("questions/{question.pk}/answer/"), ("chair",)),
    Screen("question-ask", _in("meetings/{live.pk}/questions/new/"), MEMBER),
    Screen("attendance", _in("meetings/{live.pk}/attendance/"), OFFICE, long=True),
    Screen("attendance-seat", _in("meetings/{live.pk}/attendance/seats/{seat.pk}/"), OFFICE),
    Screen("attendance-import", _in("meetings/{held.pk}/attendance/import/"), OFFICE),
    Screen("minutes", _in("meetings/{minutes.meeting_id}/minutes/"), BOTH, long=True),
    Screen("minutes-approved", _in("meetings/{approved.pk}/minutes/"), MEMBER, long=True),
    Screen("minutes-edit", _in("meetings/{minutes.meeting_id}/minutes/edit/"), OFFICE),
    Screen("minutes-compare", _in("meetings/{minutes.meeting_id}/minutes/compare/"), OFFICE),
    Screen("corrections", _in("meetings/{minutes.meeting_id}/minutes/corrections/"), OFFICE),
    Screen("correction-accept", _in("corrections/{correction.pk}/accept/"), OFFICE),
    Screen("correction-ask", _in("meetings/{minutes.meeting_id}/minutes/corrections/new/"), MEMBER),
    Screen("note-edit", _in("notes/{note.pk}/edit/"), ("chair",)),
    Screen("decision-edit", _in("decisions/{decision.pk}/edit/"), ("chair",)),
    Screen("action-items", _in("action-items/"), BOTH),
    Screen("action-board", _in("action-items/?view=board"), BOTH),
    Screen("participation", _in("participation/"), ("representative", "coordinator", "auditor"), long=True),
    Screen("participation-of", _in("participation/{seat.pk}/"), MEMBER),
    Screen("audit", _in("audit/"), ("coordinator", "auditor"), long=True),
    Screen("audit-verify", _in("audit/verify/"), ("auditor",)),
    Screen("action-item", _in("action-items/{action.pk}/"), BOTH),
    Screen("action-item-edit", _in("action-items/{action.pk}/edit/"), OFFICE, long=True),
    Screen("not-found", _in("nothing/"), (ANYBODY, "representative")),
]
