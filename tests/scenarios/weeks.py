"""Eight weeks of a network of forty municipalities, as they are lived through REST: what is done when, and what must come of it.

Seats 0–13 lie in zone 1, which has a spokesperson, 14–26 in zone 2, 27–39 in zone 3. Seats 35–39 never answer an invitation. Everything is
on the clocks of Rome; the clocks change in the last week.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from meetings import clock, worker
from meetings.network.models import User
from tests.api.client import Api
from tests.factories import Side
from tests.scenarios.ledger import Ledger

ROME = ZoneInfo("Europe/Rome")
BEGIN = datetime(2026, 9, 1, 9, tzinfo=ROME)
END = datetime(2026, 10, 30, 23, 59, tzinfo=ROME)
FIRST = date(2026, 9, 10)
WEEKS = 8
TICKS = (time(8, 5), time(10, 5), time(16, 5), time(23))
WINDOW = 5
"""Days in which corrections can be asked for: until the Wednesday before the minutes are approved."""
MOVED = 4
"""The week whose meeting is held a day later."""
SERIES = {
    "title": "Coordination",
    "weekday": 3,
    "local_start": time(10),
    "duration_minutes": 90,
    "starts_on": FIRST,
    "ends_on": date(2026, 11, 6),
    "holiday_policy": "skip",
    "intake_opens_hours": 162,
    "intake_closes_hours": 48,
    "reminder_hours": [96, 24],
}


def told(answer: Any, status: int) -> Any:
    assert answer.status_code == status, (answer.status_code, answer.content[:600])
    return answer.json() if answer.content else None


class Weeks:
    """`run()` lives them. `off`: when the worker does not run."""

    def __init__(self, side: Side, api: Callable[[User | None], Api], off: tuple[datetime, datetime] | None = None) -> None:
        self.side, self.ledger, self._off = side, Ledger(), off
        self._api, self._clients = api, dict[Any, Api]()
        self._plan: list[tuple[datetime, Callable[[], Any]]] = []
        self.meetings: list[dict[str, Any]] = []
        self.items: dict[str, str] = {}
        """The id of each item by its title and the number of its meeting: "Bridges 1@1"."""
        self.minutes: dict[int, str] = {}
        self.actions: dict[str, str] = {}
        self.answered: dict[int, set[int]] = {n: set() for n in range(1, WEEKS + 2)}
        self.corrections: dict[str, str] = {}

    # Who

    def who(self, user: User) -> Api:
        if user.pk not in self._clients:
            self._clients[user.pk] = self._api(user)
        return self._clients[user.pk]

    @property
    def office(self) -> Api:
        return self.who(self.side.coordinator)

    @property
    def chair(self) -> Api:
        return self.who(self.side.chair)

    def seat(self, n: int) -> Api:
        return self.who(self.side.representatives[n])

    def mayors(self, seats: Iterable[int]) -> list[User]:
        return [self.side.representatives[n] for n in seats]

    @property
    def everybody(self) -> list[User]:
        return [*self.side.representatives, *self.side.people.values()]

    def all_but(self, *people: User) -> list[User]:
        return [user for user in self.everybody if user not in people]

    # When

    def at(self, day: date, hour: int, minute: int = 0) -> Callable[[Callable[[], Any]], None]:
        """Puts an act into the plan."""
        instant = datetime.combine(day, time(hour, minute), ROME)
        return lambda act: self._plan.append((instant, act))

    def run(self) -> None:
        with clock.at(BEGIN):
            self.begin()
        for week in range(1, WEEKS + 1):
            self.plan(week)
        self.plan_actions()
        ticks = [datetime.combine(BEGIN.date() + timedelta(days=n), at, ROME) for n in range((END - BEGIN).days + 1) for at in TICKS]
        if self._off:
            ticks = [tick for tick in ticks if not self._off[0] <= tick < self._off[1]] + [self._off[1]]
        self._plan += [(tick, self.tick) for tick in ticks]
        for instant, act in sorted(self._plan, key=lambda row: row[0]):
            with clock.at(instant):
                act()

    def tick(self) -> None:
        assert worker.tick()

    def begin(self) -> None:
        """The series' nine meetings, and what the worker will do about each: the same every week."""
        self.meetings = told(self.office.get("networks/home/meetings/", limit=100), 200)["results"]
        assert [row["local_start"][:10] for row in self.meetings] == [str(FIRST + timedelta(weeks=n)) for n in range(WEEKS + 1)]
        proposers = [*self.side.representatives, self.side.spokesperson]
        for n, row in enumerate(self.meetings, start=1):
            self.ledger.log(n, "meeting.scheduled", "meeting.intake_opened")
            self.ledger.mail("intake_open", proposers, row["starts_at"][:10])

    def id(self, week: int) -> str:
        return str(self.meetings[week - 1]["id"])

    def day(self, week: int) -> date:
        """The day on which the meeting was announced to be held."""
        return FIRST + timedelta(weeks=week - 1)

    def held(self, week: int) -> date:
        return self.day(week) + timedelta(days=week == MOVED)

    # What

    def plan(self, week: int) -> None:
        """Thursday is the day of the meeting, if nothing is moved."""
        day, held = self.day(week), self.held(week)
        self.at(day - timedelta(days=6), 9)(lambda: self.propose_the_usual(week))
        self.at(day - timedelta(days=5), 10)(lambda: self.answer(week, range(20), regrets={19}))
        self.at(day - timedelta(days=4), 10, 4)(lambda: self.expect_reminders(week))
        self.at(day - timedelta(days=3), 15)(lambda: self.answer(week, range(20, 30)))
        self.at(held - timedelta(days=2), 10, 1)(lambda: self.ledger.log(week, "meeting.intake_closed"))
        self.at(held - timedelta(days=2), 14)(lambda: self.triage_the_usual(week))
        self.at(held - timedelta(days=2), 15)(lambda: self.publish(week))
        self.at(held - timedelta(days=1), 10, 4)(lambda: self.expect_reminders(week))
        self.at(held - timedelta(days=1), 12)(lambda: self.answer(week, range(30, 35)))
        self.at(held, 10)(lambda: self.hold(week))
        self.at(held + timedelta(days=1), 12)(lambda: self.circulate(week))
        getattr(self, f"week_{week}", lambda: None)()

    def expect_reminders(self, week: int) -> None:
        """Whoever is silent at this hour is asked, by the worker's next round."""
        silent = sorted(set(range(40)) - self.answered[week])
        self.ledger.mail("reminder", self.mayors(silent), self.start(week))
        self.ledger.log(week, "meeting.reminded")

    def start(self, week: int) -> str:
        return str(told(self.office.get(f"meetings/{self.id(week)}/"), 200)["starts_at"][:10])

    def answer(self, week: int, seats: Iterable[int], regrets: Iterable[int] = ()) -> None:
        for n in seats:
            body = {"answer": "regrets", "reason": "a private reason"} if n in regrets else {"answer": "attending"}
            told(self.seat(n).put(f"meetings/{self.id(week)}/responses/{self.side.seats[n].pk}/", body), 200)
            self.answered[week].add(n)
            self.ledger.log(week, "response.given")

    # The agenda

    def draft(self, week: int, title: str, seat: int, **values: Any) -> str:
        body = {"title": title, "kind": "discussion", "duration_minutes": 20, **values}
        item = told(self.seat(seat).post(f"meetings/{self.id(week)}/agenda-items/", body, key=f"draft {title}"), 201)
        self.items[f"{title}@{week}"] = item["id"]
        return str(item["id"])

    def submit(self, week: int, title: str, seat: int, **values: Any) -> dict[str, Any]:
        item = told(self.seat(seat).post(f"agenda-items/{self.items[f'{title}@{week}']}/submit/", values), 200)
        self.ledger.mail("receipt", self.mayors([seat]), title)
        self.ledger.log(week, "agenda_item.proposed")
        return dict(item)

    def propose(self, week: int, title: str, seat: int, **values: Any) -> None:
        self.draft(week, title, seat, **values)
        assert self.submit(week, title, seat)["late"] is False

    def propose_the_usual(self, week: int) -> None:
        self.propose(week, f"Bridges {week}", week, kind="decision")
        self.propose(week, f"Buses {week}", 10 + week)

    def accept(self, week: int, title: str, *proposers: int, addendum: bool = False) -> None:
        told(self.office.post(f"agenda-items/{self.items[f'{title}@{week}']}/accept/", {}), 200)
        self.ledger.mail("proposal_answered", self.mayors(proposers), (title, "accepted"))
        self.ledger.log(week, "agenda_item.accepted", "running_order.changed")
        if addendum:
            self.ledger.mail("addendum", self.everybody, self.start(week))

    def triage_the_usual(self, week: int) -> None:
        self.accept(week, f"Bridges {week}", week)
        self.accept(week, f"Buses {week}", 10 + week)

    def publish(self, week: int) -> None:
        told(self.office.post(f"meetings/{self.id(week)}/publish-agenda/", {}), 200)
        self.ledger.mail("agenda_published", self.everybody, self.start(week))
        self.ledger.log(week, "meeting.agenda_published", "running_order.changed")
        self.ledger.log(week, "agenda_item.published", times=len(self.order(week)))

    def order(self, week: int) -> list[dict[str, Any]]:
        """What stands on the agenda, in its order."""
        rows = told(self.office.get(f"meetings/{self.id(week)}/agenda-items/", limit=100), 200)["results"]
        placed = [row for row in rows if row["position"] and row["state"] in ("accepted", "discussed", "not_reached", "postponed")]
        return sorted(placed, key=lambda row: row["position"])

    # The session

    def present(self, week: int) -> list[int]:
        """Attendance varies: in even weeks fewer come, and the population of those is no majority."""
        return [*range(19), *range(20, 30)] if week % 2 else list(range(20))

    def hold(self, week: int) -> None:
        """From the approval of the last minutes to the close. What is not reached is carried over, in even weeks the last item."""
        meeting, order = self.id(week), self.order(week)
        told(self.chair.post(f"meetings/{meeting}/open/", {}), 200)
        for n in self.present(week):
            told(self.seat(n).post(f"meetings/{meeting}/presence/", {"municipality": str(self.side.seats[n].pk)}), 200)
        self.ledger.log(week, "meeting.opened")
        self.ledger.log(week, "attendance.joined", "attendance.left", times=len(self.present(week)))
        reached = order if week % 2 else order[:-1]
        for row in reached:
            told(self.chair.post(f"meetings/{meeting}/current-item/", {"agenda_item": row["id"]}), 200)
            self.ledger.log(week, "meeting.moved_on", "agenda_item.discussed")
            if row["approves_minutes_of"]:
                assert row["position"] == 1 and week > 1
                self.approve(week - 1)
            if row["title"] == f"Bridges {week}":
                self.decide(week, row["id"])
        self.close(week, order, reached)

    def decide(self, week: int, item: str) -> None:
        told(self.office.post(f"agenda-items/{item}/notes/", {"text": f"The bridges of week {week} were heard."}), 201)
        body: dict[str, Any] = {"text": f"The bridges of week {week} are mended."}
        if week % 2:
            body["poll"] = self.vote(week, item)
        decision = told(self.office.post(f"agenda-items/{item}/decisions/", body), 201)
        assert decision["number"] == week
        self.ledger.log(week, "note.written", "decision.recorded")
        for title, owner, due in ACTIONS.get(week, ()):
            self.give(week, item, title, owner, due)

    def vote(self, week: int, item: str) -> str:
        """A named vote on the roll of those present; in the seventh week the large ones are against."""
        poll = told(self.chair.post(f"agenda-items/{item}/polls/", {"question": "Shall they be mended?"}), 201)["id"]
        told(self.chair.post(f"polls/{poll}/open/", {}), 200)
        yes = [n for n in self.present(week) if week != 7 or n < 25]
        for n in self.present(week):
            body = {"municipality": str(self.side.seats[n].pk), "choice": "yes" if n in yes else "no"}
            told(self.seat(n).put(f"polls/{poll}/vote/", body), 200)
        closed = told(self.chair.post(f"polls/{poll}/close/", {}), 200)
        population = sum(self.side.seats[n].population for n in yes)
        carried = 3 * len(yes) >= 40 and 2 * population > sum(seat.population for seat in self.side.seats)
        assert closed["outcome"] == ("carried" if carried else "not_carried"), closed["outcome"]
        assert carried is (week != 7)
        self.ledger.log(week, "poll.drafted", "poll.opened", "poll.closed")
        self.ledger.log(week, "vote.cast", times=len(self.present(week)))
        return str(poll)

    def give(self, week: int, item: str, title: str, owner: int | None, due: date) -> None:
        seat = None if owner is None else str(self.side.seats[owner].pk)
        body = {"meeting": self.id(week), "title": title, "due_on": str(due), "owner": seat, "agenda_item": item}
        self.actions[title] = told(self.office.post("networks/home/action-items/", body, key=title), 201)["id"]
        self.ledger.log(week, "action_item.created")
        if owner is not None:
            self.ledger.mail("action_assigned", self.mayors([owner]), title)

    def close(self, week: int, order: list[dict[str, Any]], reached: list[dict[str, Any]]) -> None:
        there = self.order(week + 1)
        told(self.chair.post(f"meetings/{self.id(week)}/close/", {}), 200)
        self.ledger.log(week, "meeting.closed", "minutes.drafted")
        self.ledger.log(week, "agenda_item.not_reached", times=len(order) - len(reached))
        self.ledger.log(week + 1, "agenda_item.accepted")  # the approval of these minutes
        self.ledger.log(week + 1, "agenda_item.ordered", times=len(there))
        self.ledger.log(week + 1, "agenda_item.carried_over", times=len(order) - len(reached))
        self.ledger.log(week + 1, "running_order.changed", times=1 + len(order) - len(reached))
        now_there = self.order(week + 1)
        assert now_there[0]["approves_minutes_of"] == self.id(week)
        carried = [row["title"] for row in now_there if row["origin"] in {one["id"] for one in order}]
        assert carried == [row["title"] for row in order[len(reached) :]]
        for row in now_there:
            self.items[f"{row['title']}@{week + 1}"] = row["id"]

    # The minutes

    def circulate(self, week: int) -> None:
        record = told(self.office.get(f"meetings/{self.id(week)}/minutes/"), 200)
        body = {"introduction": f"By video, week {week}.", "recorded_by": "The office"}
        told(self.office.patch(f"meetings/{self.id(week)}/minutes/", body, version=record["version"]), 200)
        told(self.office.post(f"minutes/{record['id']}/circulate/", {}), 200)
        self.minutes[week] = record["id"]
        self.ledger.log(week, "minutes.changed", "minutes.circulated", "note.published")
        self.ledger.mail("minutes_to_correct", [*self.mayors(self.present(week)), self.side.chair], self.start(week))
        if self.held(week) + timedelta(days=1 + WINDOW) < self.held(week + 1) and week < WEEKS:
            self.ledger.log(week, "minutes.correction_closed")
            self.ledger.mail("corrections_closed", [self.side.coordinator], self.start(week))

    def approve(self, week: int) -> None:
        approved = told(self.chair.post(f"minutes/{self.minutes[week]}/approve/", {}), 200)
        assert approved["state"] == "approved" and approved["file_digest"]
        self.ledger.log(week, "minutes.approved")
        self.ledger.mail("minutes_approved", self.all_but(self.side.chair, self.side.auditor), self.start(week))

    # What is not the same every week

    def week_1(self) -> None:
        """The library is put off for the first time; it is never early enough."""
        day = self.day(1)
        self.at(day - timedelta(days=6), 9, 30)(lambda: self.propose(1, "Library", 31))
        self.at(day - timedelta(days=2), 14, 30)(lambda: self.defer("Library", 1, 31))

    def defer(self, title: str, week: int, seat: int) -> None:
        """To the next meeting, where it is a proposal again."""
        body = {"meeting": self.id(week + 1), "answer": "First the bridges."}
        row = told(self.office.post(f"agenda-items/{self.items[f'{title}@{week}']}/defer/", body), 200)
        assert row["state"] == "deferred" and row["deferred_to"] == self.id(week + 1)
        self.ledger.mail("proposal_answered", self.mayors([seat]), (title, "deferred"))
        self.ledger.log(week, "agenda_item.deferred")
        self.ledger.log(week + 1, "agenda_item.proposed")
        there = told(self.office.get(f"meetings/{self.id(week + 1)}/agenda-items/", limit=100), 200)["results"]
        self.items[f"{title}@{week + 1}"] = next(item["id"] for item in there if item["title"] == title)

    def week_2(self) -> None:
        """The library again; a landslide comes after the agenda; a proposal is withdrawn."""
        day = self.day(2)
        self.at(day - timedelta(days=6), 9, 30)(lambda: self.propose(2, "Fountains", 33))
        self.at(day - timedelta(days=5), 9)(self.withdraw_the_fountains)
        self.at(day - timedelta(days=2), 14, 30)(lambda: self.defer("Library", 2, 31))
        self.at(day - timedelta(days=2), 17)(self.hand_in_the_landslide)
        self.at(day - timedelta(days=1), 11)(lambda: self.accept(2, "Landslide", 5, addendum=True))
        self.at(day - timedelta(days=5), 12)(self.ask_for_corrections)
        self.at(day - timedelta(days=3), 12)(self.answer_the_corrections)

    def ask_for_corrections(self) -> None:
        """Of the first minutes: two who were there ask, one who was not may not."""
        minutes = self.minutes[1]
        for seat, text in ((3, "It was the old bridge"), (4, "I was applauded")):
            row = told(self.seat(seat).post(f"minutes/{minutes}/corrections/", {"text": text}, key=text), 201)
            self.corrections[text] = row["id"]
        assert self.seat(39).post(f"minutes/{minutes}/corrections/", {"text": "I was there"}).status_code in (403, 422)
        self.ledger.log(1, "correction.asked", times=2)

    def answer_the_corrections(self) -> None:
        """One is accepted, and the note says so from then on; one is rejected with a reason. Until then nothing is approved."""
        told(self.chair.post(f"minutes/{self.minutes[1]}/approve/", {}), 409)
        item = next(row["id"] for row in self.order(1) if row["title"] == "Bridges 1")
        note = told(self.office.get(f"agenda-items/{item}/notes/"), 200)["results"][0]
        body = {"note": note["id"], "text": "The old bridge was heard."}
        told(self.office.post(f"corrections/{self.corrections['It was the old bridge']}/accept/", body), 200)
        assert told(self.office.get(f"agenda-items/{item}/notes/"), 200)["results"][0]["text"] == "The old bridge was heard."
        body = {"reason": "Minutes say what was said."}
        told(self.office.post(f"corrections/{self.corrections['I was applauded']}/reject/", body), 200)
        self.ledger.mail("correction_answered", self.mayors([3]), ("It was the old bridge", "accepted"))
        self.ledger.mail("correction_answered", self.mayors([4]), ("I was applauded", "rejected"))
        self.ledger.log(1, "note.written", "correction.accepted", "correction.rejected")

    def withdraw_the_fountains(self) -> None:
        told(self.seat(33).post(f"agenda-items/{self.items['Fountains@2']}/withdraw/", {}), 200)
        self.ledger.log(2, "agenda_item.withdrawn")

    def hand_in_the_landslide(self) -> None:
        item = self.draft(2, "Landslide", 5)
        assert told(self.seat(5).post(f"agenda-items/{item}/submit/", {}), 422)["errors"]["motive"]
        assert self.submit(2, "Landslide", 5, motive="It came down last night")["late"] is True

    def week_3(self) -> None:
        """Snow and ice become one; the moon is declined; what was vague goes back and comes again; the library is taken on."""
        day = self.day(3)
        for title, seat in (("Snow", 20), ("Ice", 21), ("Moon", 22), ("Vague", 23)):
            self.at(day - timedelta(days=6), 9, 30)(lambda title=title, seat=seat: self.propose(3, title, seat))  # type: ignore[misc]
        self.at(day - timedelta(days=5), 12)(self.return_what_is_vague)
        self.at(day - timedelta(days=3), 16)(self.say_it_plainly)
        self.at(day - timedelta(days=2), 14, 20)(self.merge_and_decline)
        self.at(day - timedelta(days=3), 11)(self.announce_to_all)

    def return_what_is_vague(self) -> None:
        told(self.office.post(f"agenda-items/{self.items['Vague@3']}/return/", {"reason": "What is to be decided?"}), 200)
        self.ledger.mail("proposal_answered", self.mayors([23]), ("Vague", "draft"))
        self.ledger.log(3, "agenda_item.returned")

    def say_it_plainly(self) -> None:
        item = self.items["Vague@3"]
        version = told(self.seat(23).get(f"agenda-items/{item}/"), 200)["version"]
        told(self.seat(23).patch(f"agenda-items/{item}/", {"text": "One depot for each zone."}, version=version), 200)
        self.ledger.log(3, "agenda_item.changed")
        assert self.submit(3, "Vague", 23)["late"] is False

    def merge_and_decline(self) -> None:
        told(self.office.post(f"agenda-items/{self.items['Ice@3']}/merge/", {"into": self.items["Snow@3"]}), 200)
        self.ledger.mail("proposal_answered", self.mayors([21]), ("Ice", "merged"))
        self.ledger.log(3, "agenda_item.merged", "agenda_item.changed")
        self.accept(3, "Snow", 20, 21)
        self.accept(3, "Vague", 23)
        told(self.office.post(f"agenda-items/{self.items['Moon@3']}/decline/", {"answer": "It is not in the region."}), 200)
        self.ledger.mail("proposal_answered", self.mayors([22]), ("Moon", "declined"))
        self.ledger.log(3, "agenda_item.declined")
        self.defer("Library", 3, 31)

    def announce_to_all(self) -> None:
        told(
            self.office.post("networks/home/announcements/", {"title": "Holiday in the office", "text": "Closed on Friday."}, key="a"), 201
        )
        self.ledger.mail("announcement", self.all_but(self.side.coordinator), "Holiday in the office")

    def week_4(self) -> None:
        """Moved from Thursday to Friday on its Monday: whoever has not answered is asked again 96 hours before the new time."""
        monday = self.day(4) - timedelta(days=3)
        self.at(monday, 9)(self.move_the_meeting)
        self.at(monday, 10, 4)(lambda: self.expect_reminders(4))
        self.at(monday, 11)(self.announce_to_zone)
        self.at(self.held(4) - timedelta(days=2), 14, 20)(lambda: self.take_on_the_library())

    def move_the_meeting(self) -> None:
        meeting = told(self.office.get(f"meetings/{self.id(4)}/"), 200)
        body = {"local_start": "2026-10-02T10:00", "reason": "The hall is taken."}
        told(self.office.post(f"meetings/{self.id(4)}/move/", body, version=meeting["version"]), 200)
        self.ledger.mail("meeting_moved", self.all_but(self.side.coordinator, self.side.auditor), (4,))
        self.ledger.log(4, "meeting.moved")

    def announce_to_zone(self) -> None:
        body = {"title": "Zone lunch", "text": "At noon.", "zone": str(self.side.zones[0].pk)}
        told(self.who(self.side.spokesperson).post("networks/home/announcements/", body, key="z"), 201)
        self.ledger.mail("announcement", self.mayors(range(14)), "Zone lunch")

    def take_on_the_library(self) -> None:
        """Put off for the third time, it is flagged; and this time it is taken on."""
        item = told(self.office.get(f"agenda-items/{self.items['Library@4']}/"), 200)
        assert (item["deferrals"], item["flagged"]) == (3, True)
        self.accept(4, "Library", 31)

    def week_6(self) -> None:
        """Called off on Monday, on again on Tuesday morning."""
        monday = self.day(6) - timedelta(days=3)
        self.at(monday, 16)(self.cancel_the_meeting)
        self.at(monday + timedelta(days=1), 9)(self.restore_the_meeting)

    def cancel_the_meeting(self) -> None:
        """What was on its agenda, the approval of the minutes, and the two proposals go on to the seventh; their proposers are told."""
        meeting = told(self.office.get(f"meetings/{self.id(6)}/"), 200)
        told(self.office.post(f"meetings/{self.id(6)}/cancel/", {"reason": "Flood."}, version=meeting["version"]), 200)
        self.ledger.mail("meeting_cancelled", self.all_but(self.side.coordinator, self.side.auditor), (6,))
        self.ledger.log(6, "meeting.cancelled", "agenda_item.postponed")
        self.ledger.log(6, "agenda_item.deferred", times=2)
        self.ledger.log(7, "agenda_item.carried_over", "running_order.changed")
        self.ledger.log(7, "agenda_item.proposed", times=2)
        for title, seat in (("Bridges 6", 6), ("Buses 6", 16)):
            self.ledger.mail("proposal_answered", self.mayors([seat]), (title, "deferred"))

    def restore_the_meeting(self) -> None:
        meeting = told(self.office.get(f"meetings/{self.id(6)}/"), 200)
        told(self.office.post(f"meetings/{self.id(6)}/restore/", {}, version=meeting["version"]), 200)
        self.ledger.mail("meeting_restored", self.all_but(self.side.coordinator, self.side.auditor), (6,))
        self.ledger.log(6, "meeting.restored")
        self.ledger.log(6, "agenda_item.reinstated", times=3)
        self.ledger.log(6, "running_order.changed")
        self.ledger.log(7, "agenda_item.withdrawn", times=3)
        self.ledger.log(7, "running_order.changed")

    def week_7(self) -> None:
        """The office asks the silent by hand on Tuesday; on Wednesday the worker asks whoever still is."""
        self.at(self.day(7) - timedelta(days=2), 12)(self.remind_by_hand)

    def remind_by_hand(self) -> None:
        asked = told(self.office.post(f"meetings/{self.id(7)}/remind/", {}), 200)
        assert asked == {"told": 10, "already_told_today": 0}
        assert told(self.office.post(f"meetings/{self.id(7)}/remind/", {}), 200) == {"told": 0, "already_told_today": 10}
        self.expect_reminders(7)

    def plan_actions(self) -> None:
        """What is asked of whom on which morning. On 16 September the railway's owner will be reminded at ten, and is asked a day later."""
        asked = [
            (date(2026, 9, 17), "action_due", [35], (("due", "Call the railway"),)),
            (date(2026, 9, 19), "action_overdue", [35], (("overdue", "Call the railway"),)),
            (date(2026, 9, 20), "action_due", [1], (("due", "List of bridges"),)),
            (date(2026, 9, 22), "action_due", [2], (("due", "Map the wells"),)),
            (date(2026, 9, 25), "action_overdue", [2], (("overdue", "Map the wells"),)),
            (date(2026, 9, 26), "action_overdue", [35], (("overdue", "Call the railway"),)),
            (date(2026, 10, 2), "action_overdue", [2], (("overdue", "Map the wells"),)),
            (date(2026, 10, 3), "action_overdue", [35], (("overdue", "Call the railway"),)),
            (date(2026, 10, 9), "action_overdue", [2], (("overdue", "Map the wells"),)),
            (date(2026, 10, 18), "action_due", [5], (("due", "Write the plan"),)),
            (date(2026, 10, 21), "action_overdue", [5], (("overdue", "Write the plan"),)),
        ]
        for _day, kind, seats, thing in asked:
            self.ledger.mail(kind, self.mayors(seats), thing)
        for _twice in (date(2026, 10, 2), date(2026, 10, 9)):
            self.ledger.mail("action_overdue", [self.side.spokesperson], (("zone", "Map the wells"),))
        self.ledger.mail("action_due", [self.side.coordinator], (("due", "Order the chairs"),))
        done = [
            (date(2026, 9, 21), 1, self.seat(1), "List of bridges", "finish", ""),
            (date(2026, 9, 28), 3, self.chair, "Ask the region", "drop", "The region has answered."),
            (date(2026, 10, 7), 1, self.chair, "Call the railway", "finish", ""),
            (date(2026, 10, 13), 2, self.seat(2), "Map the wells", "finish", ""),
            (date(2026, 10, 15), 5, self.office, "Order the chairs", "finish", ""),
            (date(2026, 10, 19), 5, self.seat(5), "Write the plan", "start", "Half of it is there."),
            (date(2026, 10, 22), 5, self.seat(5), "Write the plan", "finish", ""),
        ]
        for day, *act in done:
            self.at(day, 17)(lambda act=act: self.progress(*act))  # type: ignore[misc]

    def progress(self, week: int, who: Api, title: str, action: str, text: str = "") -> None:
        told(who.post(f"action-items/{self.actions[title]}/progress/", {"action": action, "text": text}), 200)
        self.ledger.log(week, "action_item.progressed")


ACTIONS: dict[int, tuple[tuple[str, int | None, date], ...]] = {
    1: (("List of bridges", 1, date(2026, 9, 22)), ("Call the railway", 35, date(2026, 9, 18))),
    2: (("Map the wells", 2, date(2026, 9, 24)),),
    3: (("Ask the region", 3, date(2026, 10, 1)),),
    5: (("Write the plan", 5, date(2026, 10, 20)), ("Order the chairs", None, date(2026, 10, 16))),
}
"""By week: what, whose, and by when."""
