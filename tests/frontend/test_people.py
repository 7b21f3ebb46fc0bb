"""The coordinator's pages of people, and the invitation as its reader sees it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from frontend.forms.people import LARGEST_ON_A_PAGE, packed
from meetings import clock
from meetings.access import Role
from meetings.events.models import Event
from meetings.network import invitations, selectors, services
from meetings.network.models import Invitation, Membership, Municipality, User
from meetings.notifications.models import MailState, OutgoingEmail
from tests import factories
from tests.factories import NOW, Side, World
from tests.frontend.pages import hidden, post, url
from tests.hostile import MARKUP, TYPED

Browser = Callable[[User | None], Client]
HEADER = "istat_code,name,office,order,email\n"


def text_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return str(response.content.decode())


def seat_of(side: Side, number: int = 0) -> Membership:
    return side.network.memberships.get(user=side.representatives[number])


def invite(side: Side, number: int = 0) -> str:
    """The address of the link in the mail."""
    invitations.invite(actor=side.actor("coordinator"), network=side.network, memberships=[seat_of(side, number)])
    row = OutgoingEmail.objects.filter(kind="invitation", user=side.representatives[number]).latest("created_at")
    return f"/go/invitation/{row.context['token']}"


def upload(text: str | bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("people.csv", text.encode() if isinstance(text, str) else text)


class TestThePage:
    def test_everybody_by_zone_with_what_came_of_the_invitation(self, side: Side, browser_of: Browser) -> None:
        invite(side)
        text = text_of(browser_of(side.coordinator), url(side.network, "people"))
        assert all(user.name in text for user in (*side.representatives, side.chair, side.spokesperson))
        assert "Invite all who were not yet" in text and "Send again to all" not in text
        only = text_of(browser_of(side.coordinator), url(side.network, "people") + "?state=sent")
        assert side.representatives[0].name in only and side.representatives[1].name not in only
        assert "Show all" not in text_of(browser_of(side.coordinator), url(side.network, "people") + "?state=sent%00")

    def test_inviting_all_and_again(self, side: Side, browser_of: Browser) -> None:
        client, people = browser_of(side.coordinator), url(side.network, "people")
        assert "14 people receive a mail" in text_of(client, people + "invite/")
        assert post(client, people + "invite/").status_code == 303
        text = text_of(client, people)
        assert "14 invitations are on their way." in text
        assert "0 of 14 mails have left." in text and "There is nobody to invite or to remind today." in text
        followed = text_of(client, people + "?sending=1")
        assert '<meta http-equiv="refresh"' in followed and '<meta http-equiv="refresh"' not in text
        OutgoingEmail.objects.filter(kind="invitation").update(state=MailState.SENT)
        followed = text_of(client, people + "?sending=1")
        assert "14 of 14 mails have left. All have left." in followed and '<meta http-equiv="refresh"' not in followed
        with clock.at(NOW + timedelta(days=1)):
            assert "14 people receive a mail again." in text_of(client, people + "resend/")
            assert post(client, people + "resend/").status_code == 303
            assert set(Invitation.objects.values_list("sent_count", flat=True)) == {2}
            assert "nobody to send one to" in text_of(client, post(client, people + "resend/")["Location"])

    def test_one_person(self, side: Side, browser_of: Browser) -> None:
        client, page = browser_of(side.coordinator), url(side.network, "people", seat_of(side).pk)
        assert "Send an invitation" in text_of(client, page)
        assert post(client, page + "invite/").status_code == 303
        assert post(client, page + "invite/").status_code == 409  # today already
        assert post(client, page + "revoke/").status_code == 303
        assert Invitation.objects.get().revoked_at is not None
        assert post(client, page + "invite/").status_code == 303

    def test_an_undeliverable_address_is_corrected(self, side: Side, browser_of: Browser) -> None:
        invite(side)
        OutgoingEmail.objects.update(state=MailState.UNDELIVERABLE)
        client, people = browser_of(side.coordinator), url(side.network, "people")
        assert "Correct the address of" in text_of(client, people)
        address = url(side.network, "people", seat_of(side).pk, "address")
        for wrong in ("nobody", "a@b.example\r\nBcc: c@d.example", side.chair.email):
            assert post(client, address, email=wrong).status_code in (409, 422)
        assert post(client, address, email="right@example.org").status_code == 303
        text = text_of(client, people)
        assert "Could not be delivered" not in text and "right@example.org" in text

    def test_adding_and_changing(self, side: Side, browser_of: Browser) -> None:
        client = browser_of(side.coordinator)
        form = url(side.network, "people", "new")
        assert 'value="chair" selected' in text_of(client, form + "?role=chair")
        base = {"name": "Nora Nuova", "email": "nora@example.org", "language": "it", "order": 2}
        assert post(client, form, **base, role="representative").status_code == 422  # no municipality
        assert post(client, form, **base, role="representative", municipality=str(side.seats[0].pk)).status_code == 303
        assert post(client, form, **base, role="spokesperson", zone=str(side.zones[0].pk)).status_code == 303
        row = Membership.objects.get(user__email="nora@example.org", role=Role.REPRESENTATIVE)
        assert (row.municipality, row.order) == (side.seats[0], 2)
        assert "(deputy)" in text_of(client, url(side.network, "municipalities"))
        page = url(side.network, "people", row.pk)
        version = hidden(text_of(client, page), "version")
        assert post(client, page, office="officer", order=3, version=version).status_code == 303
        assert post(client, page, office="mayor", order=1, version=version).status_code == 412

    def test_the_order_of_substitutes(self, side: Side, browser_of: Browser) -> None:
        user = factories.add_member(side.network, "Nora Nuova", Role.REPRESENTATIVE, municipality=side.seats[0], order=2)
        client, page = browser_of(side.coordinator), url(side.network, "municipalities", side.seats[0].pk)
        assert "Move Nora Nuova up" in text_of(client, page)
        assert "Move Nora Nuova up" not in text_of(browser_of(side.chair), page)
        rows = selectors.standing(selectors.municipality(side.seats[0].pk))
        ids = " ".join(str(row.pk) for row in rows)
        assert post(client, page + "order/", order=ids, moved=str(rows[1].pk)).status_code == 303
        assert [row.user for row in selectors.standing(selectors.municipality(side.seats[0].pk))] == [user, side.representative]
        for order in ("", "x", str(rows[0].pk), f"{ids} {rows[0].pk}"):
            assert post(client, page + "order/", order=order, moved=str(rows[1].pk)).status_code in (409, 422)

    @pytest.mark.one_database
    def test_as_many_queries_for_312_as_for_10(self, db: None, now: None, browser_of: Browser) -> None:
        counted = {}
        for slug, seats in (("small", 10), ("large", 312)):
            network, coordinator = factories.make_network(slug, seats=seats)
            for town in network.municipalities.all():
                factories.add_member(network, f"Rita {town.name}", Role.REPRESENTATIVE, municipality=town)
            client = browser_of(coordinator)
            invitations.invite_all(actor=selectors.actor_for(coordinator, network), network=network)
            client.get(url(network, "people"))
            with CaptureQueriesContext(connection) as asked, clock.at(NOW + timedelta(days=1)):
                text = text_of(client, url(network, "people"))
            assert text.count("<tr>") > seats
            counted[slug] = len(asked)
        assert counted["small"] == counted["large"] <= 12


class TestEnding:
    def test_in_words_and_back(self, side: Side, browser_of: Browser) -> None:
        substitute = factories.add_member(side.network, "Sofia Sostituta", Role.REPRESENTATIVE, municipality=side.seats[0], order=2)
        client, page = browser_of(side.coordinator), url(side.network, "people", seat_of(side).pk)
        text = text_of(client, page + "end/")
        assert "The next in order, Sofia Sostituta, becomes the titular" in text
        assert "calendar addresses, access tokens and open connections" in text
        assert "Warning: nobody else represents" in text_of(client, url(side.network, "people", seat_of(side, 1).pk, "end"))
        assert post(client, page + "end/", last_day="2026-11-30").status_code == 303
        assert seat_of(side).valid_until == date(2026, 11, 30)
        assert "Take back the end of" in text_of(client, url(side.network, "people"))
        with clock.at(NOW + timedelta(days=11)):
            assert selectors.titulars(side.network, date(2026, 12, 1))[side.seats[0].pk].user == substitute
            assert post(client, page + "restore/").status_code == 409
        assert post(client, page + "restore/").status_code == 303
        assert seat_of(side).valid_until is None

    def test_at_once_and_back_on_the_same_day(self, side: Side, browser_of: Browser) -> None:
        client, page = browser_of(side.coordinator), url(side.network, "people", seat_of(side).pk)
        theirs = browser_of(side.representative)
        assert post(client, page + "end/", last_day="").status_code == 303
        assert theirs.get(url(side.network)).status_code == 404
        with clock.at(NOW + timedelta(hours=10)):
            assert post(client, page + "restore/").status_code == 303
            assert theirs.get(url(side.network)).status_code == 200

    def test_what_was_limited_stays_limited(self, side: Side) -> None:
        office, until = side.actor("coordinator"), date(2026, 12, 24)
        row = services.change_membership(actor=office, membership=seat_of(side), values={"valid_until": until})
        ended = services.end_membership(actor=office, membership=row, last_day=date(2026, 11, 25))
        assert services.restore_membership(actor=office, membership=ended).valid_until == until

    def test_not_the_last_coordinator_nor_nonsense(self, side: Side, browser_of: Browser) -> None:
        client = browser_of(side.coordinator)
        own = side.network.memberships.get(user=side.coordinator)
        assert post(client, url(side.network, "people", own.pk, "end"), last_day="2026-12-01").status_code == 409
        for day in ("x", "0001-01-01", "9999-12-31", "2026-11-18"):
            assert post(client, url(side.network, "people", seat_of(side).pk, "end"), last_day=day).status_code == 422


class TestImport:
    def test_looked_at_first_then_done(self, side: Side, browser_of: Browser) -> None:
        client, form = browser_of(side.coordinator), url(side.network, "people", "import")
        data = HEADER + "001001,Nora Nuova,mayor,2,nora@example.org\n"
        before = Event.objects.count(), User.objects.count()
        shown = post(client, form, file=upload(data))
        text = shown.content.decode()
        assert shown.status_code == 200 and "Added: 1. Changed: 0. Unchanged: 0." in text and "Nora Nuova" in text
        assert (Event.objects.count(), User.objects.count()) == before
        done = post(client, form + "confirm/", content=hidden(text, "content"), invite="on")
        assert done.status_code == 303
        assert Membership.objects.filter(user__email="nora@example.org", municipality=side.seats[0]).exists()
        assert "Added: 1." in (page := text_of(client, done["Location"])) and "invitations are on their way" in page

    def test_broken_lines_with_their_reasons(self, side: Side, browser_of: Browser) -> None:
        client, form = browser_of(side.coordinator), url(side.network, "people", "import")
        lines = [
            "001001,Anna,mayor,2,anna.example.org",
            '001001,"Anna\r\nBcc: x@example.org",mayor,2,anna@example.org',
            '001001,Anna,mayor,2,"anna@example.org\nBcc: x@example.org"',
            "001001,Anna,mayor,2,anna\x0b@example.org",
            "001001,Anna,mayor,2,<anna@example.org>",
            "001001,Anna,mayor,2,anna@exam ple.org",
            "001999,Anna,mayor,2,anna@example.org",
            "001001,<b>Anna</b>,mayor,7,b@example.org",
        ]
        shown = post(client, form, file=upload(HEADER + "\n".join(lines)))
        text = shown.content.decode()
        assert shown.status_code == 422 and "Refused lines: 7. Nothing was changed." in text
        assert text.count("is not an e-mail address") == 3 and text.count("control character or a line break") == 3
        assert "No municipality has the code 001999." in text and "<b>Anna" not in text
        assert not User.objects.filter(name__contains="Anna").exists()

    @pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"\x00", b"a,b\n", b"x" * (LARGEST_ON_A_PAGE + 1), b'istat_code,name,email\n"'])
    def test_what_is_no_such_file(self, side: Side, browser_of: Browser, data: bytes) -> None:
        for what in ("people", "municipalities"):
            assert post(browser_of(side.coordinator), url(side.network, what, "import"), file=upload(data)).status_code == 422

    def test_a_confirmation_that_no_longer_fits(self, side: Side, browser_of: Browser) -> None:
        client, form = browser_of(side.coordinator), url(side.network, "people", "import", "confirm")
        assert post(client, form, content=packed(b"istat_code,name,email\n009999,A,a@example.org\n")).status_code == 409
        for content in ("", "%%%", packed(b"")):
            assert post(client, form, content=content).status_code in (409, 422)

    def test_municipalities(self, side: Side, browser_of: Browser) -> None:
        client, form = browser_of(side.coordinator), url(side.network, "municipalities", "import")
        data = f"istat_code,name,zone_number,zone_name,population\n001999,Newtown,1,{side.zones[0].name},30\n"
        text = post(client, form, file=upload(data)).content.decode()
        assert post(client, form + "confirm/", content=hidden(text, "content")).status_code == 303
        assert Municipality.objects.filter(istat_code="001999").exists()


class TestMerging:
    def test_shown_first_then_done_and_the_past_stays_readable(self, side: Side, browser_of: Browser) -> None:
        factories.draft(side, seat=1)
        client, form = browser_of(side.coordinator), url(side.network, "municipalities", "merge")
        sent = {
            "sources": [str(side.seats[1].pk), str(side.seats[2].pk)],
            "name": "Unionville",
            "istat_code": "001900",
            "zone": str(side.zones[0].pk),
            "on": "2027-01-01",
        }
        shown = post(client, form, **sent)
        text = shown.content.decode()
        assert shown.status_code == 200 and "10 until then, 9 after it" in text and "One open proposal" in text
        assert not Municipality.objects.filter(name="Unionville").exists()
        done = post(client, form, **sent, confirmed="1")
        assert done.status_code == 303
        with clock.at(NOW + timedelta(days=60)):
            assert "Unionville" in text_of(client, done["Location"])
            old = text_of(browser_of(side.observer), url(side.network, "municipalities", side.seats[1].pk))
            assert "Merged into" in old and "Unionville" in old and side.seats[1].name in old
            directory = text_of(browser_of(side.observer), url(side.network, "municipalities"))
            assert "Former municipalities" in directory and side.seats[1].name in directory

    @pytest.mark.parametrize(
        "wrong",
        [{"on": "2026-11-20"}, {"on": "x"}, {"sources": []}, {"name": ""}, {"istat_code": "1"}, {"zone": "x"}, {"successor": "x"}],
        ids=str,
    )
    def test_wrong_input_comes_back(self, side: Side, browser_of: Browser, wrong: dict[str, object]) -> None:
        sent: dict[str, object] = {
            "sources": [str(side.seats[1].pk), str(side.seats[2].pk)],
            "name": "Unionville",
            "istat_code": "001900",
            "zone": str(side.zones[0].pk),
            "on": "2027-01-01",
        }
        for confirmed in ({}, {"confirmed": "1"}):
            response = post(browser_of(side.coordinator), url(side.network, "municipalities", "merge"), **{**sent, **wrong, **confirmed})
            assert response.status_code == 422
        assert not Municipality.objects.filter(merged_into__isnull=False).exists()


class TestTheInvitation:
    def shown(self, client: Client, link: str) -> str:
        response = client.get(link)
        assert response.status_code == 302
        return str(response["Location"])

    def test_looking_changes_nothing_and_needs_no_sign_in(self, side: Side, browser_of: Browser) -> None:
        link, client = invite(side), browser_of(None)
        page = self.shown(client, link)
        state = [list(model.objects.order_by("pk").values()) for model in (Invitation, Event, OutgoingEmail, Membership)]
        for _time in range(10):
            assert client.get(page).status_code == client.head(page).status_code == 200
            assert client.head(link).status_code == 302
        text = text_of(client, page)
        for part in (side.network.name, f"{side.seats[0].name}: mayor", side.coordinator.name, side.meeting.title, "Sign in to accept"):
            assert part in text
        assert [list(model.objects.order_by("pk").values()) for model in (Invitation, Event, OutgoingEmail, Membership)] == state
        assert "sessionid" not in client.cookies

    def test_by_way_of_the_sign_in_with_the_address_filled_in(self, side: Side, browser_of: Browser) -> None:
        client = browser_of(None)
        page = self.shown(client, invite(side))
        answer = post(client, page)
        assert answer.status_code == 303
        assert f'value="{side.representative.email}"' in text_of(client, answer["Location"])
        assert page in text_of(client, answer["Location"])

    def test_accepted_once_by_its_reader(self, side: Side, browser_of: Browser) -> None:
        client, link = browser_of(side.representative), invite(side)
        page = self.shown(client, link)
        assert "Accept the invitation" in text_of(client, page)
        accepted = post(client, page)
        assert (accepted.status_code, accepted["Location"]) == (303, url(side.network))
        assert "accepted already" in text_of(client, page)
        assert post(client, page).status_code == 409

    def test_nothing_to_anybody_else(self, world: World, browser_of: Browser) -> None:
        link = invite(world.home)
        for user in (world.stranger, world.home.other_representative, world.home.coordinator):
            client = browser_of(user)
            page = self.shown(client, link)
            text = text_of(client, page)
            assert "This invitation is for another address" in text and "Accept the invitation" not in text
            assert post(client, page).status_code == 404
        assert Invitation.objects.get().accepted_at is None

    def test_in_words_when_it_is_over(self, side: Side, browser_of: Browser) -> None:
        client, link = browser_of(None), invite(side)
        page = self.shown(client, link)
        with clock.at(NOW + timedelta(days=31)):
            assert "has expired" in text_of(client, page)
        invitations.revoke(actor=side.actor("coordinator"), invitation=Invitation.objects.get())
        assert "was taken back" in text_of(client, page)
        assert post(browser_of(side.representative), page).status_code == 409
        assert client.get("/go/invitation/" + "x" * 43).status_code == 404


MERGER = {"sources": "", "successor": "", "name": "N", "istat_code": "001900", "zone": "", "on": "2027-01-01", "confirmed": "1"}
FORMS = {
    "people/new/": {"name": "N", "email": "n@example.org", "role": "observer", "municipality": "", "zone": "", "office": "", "order": 1},
    "people/{pk}/": {"office": "mayor", "order": 1, "valid_from": "2026-11-01", "version": 1},
    "people/{pk}/end/": {"last_day": "2026-12-01"},
    "people/{pk}/address/": {"email": "n@example.org"},
    "people/import/confirm/": {"content": packed(b"a")},
    "municipalities/{town}/order/": {"order": "x", "moved": "x"},
    "municipalities/merge/": MERGER,
}


@pytest.mark.parametrize("form", FORMS)
def test_every_field_survives_the_corpus(side: Side, browser_of: Browser, form: str) -> None:
    client, good = browser_of(side.coordinator), FORMS[form]
    address = url(side.network) + form.format(pk=seat_of(side, 3).pk, town=side.seats[3].pk)
    for name in (*good, "idempotency_key"):
        for value in TYPED:
            response = post(client, address, **{**good, name: value})
            assert response.status_code in (200, 303, 404, 409, 412, 422), (name, value[:40])
            assert MARKUP not in response.content.decode()
