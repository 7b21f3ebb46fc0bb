"""A sample context for every kind of mail there is: test_letters.py writes each of them, and fails for a kind that stands not here.

What people have typed is marked `Typed`: the tests put hostile text in its place. Ids, instants, dates and zones are plain.
"""

from collections.abc import Mapping, Sequence
from typing import Any


class Typed(str):
    """Text that a person has typed."""


ID = "6f1f7a52-1c4e-4f6c-9d0c-2b0a3f1f9e01"
INSTANT = "2026-11-26T09:00:00Z"
ZONE = "Europe/Rome"

MINUTES = {"meeting": ID, "title": Typed("Mayors"), "number": 7, "starts_at": INSTANT, "time_zone": ZONE, "until": INSTANT}

MEETING = {"meeting": ID, "title": Typed("Mayors"), "starts_at": INSTANT, "time_zone": ZONE, "closes_at": INSTANT}
TO_JOIN = {"join_url": "https://meet.example.org/weekly", "phone": Typed("+39 011 000"), "phone_pin": Typed("4711")}
HELD = {"starts_at": INSTANT, "time_zone": ZONE, "duration_minutes": 90, **TO_JOIN, "is_held": True}
LATER = {**HELD, "starts_at": "2026-11-27T14:30:00Z", "duration_minutes": 60}
CHANGE = {"meeting": ID, "number": 7, "title": Typed("Mayors"), "before": HELD, "after": LATER, "reason": Typed("No hall")}
LINE = {"position": 1, "title": Typed("School buses"), "by": Typed("Susa"), "kind": "decision", "minutes": 10, "begins": INSTANT}
PROPOSAL = {"item": ID, **MEETING, "title": Typed("School buses")}
ANSWERED = {**PROPOSAL, "answer": Typed("Not now.\nAsk again."), "addendum": None, "into": None, "into_title": ""}
DELEGATION = {
    "delegation": ID,
    "delegate": Typed("Elia Delegate"),
    "seat": Typed("Susa"),
    "from": "2026-11-26",
    "until": "2026-11-30",
}
TASK = {"id": ID, "number": 3, "title": Typed("Write to the operators"), "due_on": "2026-12-10", "owner": Typed("Susa")}
INVITATION = {
    "time_zone": ZONE,
    "meeting": None,
    "invited_by": Typed("Carla"),
    "office_name": Typed("Carla"),
    "office_email": "office@example.org",
    "office_phone": Typed("+39 011 000"),
    "token": "WBPnWv9gz44pGVzlOX5P9QQSY8saQoDYULLhbzxjVWc",
    "expires_at": INSTANT,
    "role": "representative",
    "office": "mayor",
    "order": 1,
    "place": Typed("Susa"),
}

SAMPLES: Mapping[str, Sequence[Mapping[str, Any]]] = {
    # notifications
    "sign_in_code": [{"code": "ABCD-EFGH", "minutes": 15}],
    "unknown_account": [{}],
    # privacy
    "erasure_received": [{}],
    "erasure_asked": [{"request": ID}],
    "erasure_declined": [{"answer": Typed("The law asks for it.\nSee Law 56/2014.")}],
    # minutes
    "minutes_to_correct": [
        {**MINUTES, "reason": "", "edition": 1},
        {**MINUTES, "reason": Typed("The mayor's name is wrong"), "edition": 2},
    ],
    "corrections_closed": [{**MINUTES, "open": 0}, {**MINUTES, "open": 1}, {**MINUTES, "open": 3}],
    "correction_answered": [
        {**MINUTES, "state": "accepted", "text": Typed("It was Tuesday"), "answer": ""},
        {**MINUTES, "state": "rejected", "text": Typed("It was Tuesday"), "answer": Typed("It was Monday.")},
    ],
    "minutes_approved": [{**MINUTES, "edition": 1}],
    # the session
    "question_answered": [{**MINUTES, "question": Typed("Who pays?"), "answer": Typed("The Region.\nAll of it.")}],
    # action items
    "action_assigned": [
        {"action": ID, **TASK, "text": Typed("By letter."), "person": Typed("Ada Neri"), "meeting": Typed("Mayors")},
        {"action": ID, **TASK, "text": "", "person": "", "due_on": None, "owner": "", "meeting": Typed("Mayors")},
    ],
    "action_due": [{"due": [TASK], "overdue": [], "zone": []}, {"due": [TASK, TASK], "overdue": [TASK], "zone": []}],
    "action_overdue": [{"due": [], "overdue": [TASK], "zone": []}, {"due": [], "overdue": [], "zone": [TASK, TASK]}],
    # agenda
    "receipt": [{**PROPOSAL, "late": late, "submitted_at": INSTANT} for late in (False, True)],
    "proposal_answered": [{**ANSWERED, "outcome": outcome} for outcome in ("accepted", "returned", "declined")],
    "agenda_published": [{**MEETING, "items": [LINE, LINE]}],
    "addendum": [{**MEETING, "items": [LINE], "addenda": [{**LINE, "struck": struck, "number": 1}]} for struck in (False, True)],
    # announcements
    "announcement": [
        {
            "announcement": ID,
            "title": Typed("Snow"),
            "text": Typed("Schools close.\nRoads first."),
            "zone_name": zone,
            "sent_by": Typed("Carla"),
        }
        for zone in ("", Typed("Zone 1"))
    ],
    # network
    "invitation": [INVITATION, {**INVITATION, "meeting": MEETING, "role": "spokesperson", "office": ""}],
    # meetings
    "intake_open": [MEETING],
    "reminder": [{**MEETING, "seats": [{"name": Typed("Susa"), "membership": ID}] * seats} for seats in (1, 2)],
    "meeting_scheduled": [{"changes": [{**CHANGE, "before": None}]}],
    "meeting_moved": [{"changes": [CHANGE]}],
    "meeting_cancelled": [{"changes": [{**CHANGE, "after": {**HELD, "is_held": False}}]}],
    "meeting_restored": [{"changes": [{**CHANGE, "before": {**HELD, "is_held": False}, "after": HELD}]}],
    "meetings_changed": [{"changes": [CHANGE, {**CHANGE, "after": {**HELD, "is_held": False}}]}],
    "join_link_changed": [{"changes": [{**CHANGE, "after": {**HELD, "join_url": "https://meet.example.org/other"}}]}],
    # seats
    "delegation_named": [
        {**DELEGATION, "by": Typed("Dina Deputy")},
        {**DELEGATION, **MEETING, **TO_JOIN, "by": ""},
    ],
    "delegation_confirmed": [DELEGATION, {**DELEGATION, **MEETING, **TO_JOIN}],
    "delegation_revoked": [DELEGATION, {**DELEGATION, **MEETING, **TO_JOIN}],
    "passkey_added": [{"passkey": Typed("my phone")}],
    "identity_linked": [{"issuer": "https://login.example.org"}],
    "own_address": [{"token": "eyJ1c2VyIjoi.1vMabc:Zx9"}],
}
