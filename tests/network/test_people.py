"""People: one for an address, what they change themselves, the tokens of their programs."""

from datetime import timedelta
from typing import Any

import pytest

from meetings import clock
from meetings.access import Actor, Role
from meetings.errors import Conflict, Invalid, NotAllowed, NotFound
from meetings.events.models import Event
from meetings.network import people, selectors, services
from meetings.network.models import AccessToken, Network, User

pytestmark = pytest.mark.django_db


class TestGetOrCreateUser:
    def test_makes_one_person_of_every_spelling(self) -> None:
        first = people.get_or_create_user(email="Anna.Rossi@Example.org", name="Anna Rossi", language="en")
        assert people.get_or_create_user(email=" anna.rossi@EXAMPLE.org", name="Other", language="it").pk == first.pk
        first.refresh_from_db()
        assert (first.email, first.name, first.language) == ("anna.rossi@example.org", "Anna Rossi", "en")
        assert not first.has_usable_password()

    @pytest.mark.parametrize("lookalike", ["mıke@example.org", "mi\u212ae@example.org", "ｍike@example.org"])
    def test_a_lookalike_is_nobody(self, lookalike: str) -> None:
        people.get_or_create_user(email="mike@example.org")
        with pytest.raises(Invalid):
            people.get_or_create_user(email=lookalike)
        with pytest.raises(NotFound):
            selectors.person(lookalike)

    @pytest.mark.parametrize(
        ("field", "values"), [("language", {"language": "de"}), ("name", {"name": "x" * 151}), ("phone", {"phone": "1" * 41})]
    )
    def test_says_which_field_is_wrong(self, field: str, values: dict[str, Any]) -> None:
        with pytest.raises(Invalid) as refusal:
            people.get_or_create_user(email="a@example.org", **values)
        assert set(refusal.value.errors) == {field}


class TestProfile:
    def test_a_name_is_recorded_in_every_network(self, network: Network, other_network: Network, coordinator: User) -> None:
        mia = selectors.system_actor(other_network.pk)
        services.add_membership(actor=mia, network=other_network, user=coordinator, role=Role.OBSERVER)
        before = Event.objects.count()
        people.change_profile(user=coordinator, values={"name": "Ada  Bianchi\n", "language": "en"})
        coordinator.refresh_from_db()
        assert (coordinator.name, coordinator.language) == ("Ada Bianchi", "en")
        new = Event.objects.order_by("id")[before:]
        assert {(event.type, event.stream.network_id) for event in new} == {("membership.changed", n.pk) for n in (network, other_network)}

    def test_a_language_alone_is_nobody_elses_business(self, coordinator: User) -> None:
        before = Event.objects.count()
        people.change_profile(user=coordinator, values={"language": "fr"})
        assert Event.objects.count() == before

    @pytest.mark.parametrize(
        "values", [{"language": "xx"}, {"language": None}, {"name": ""}, {"email": "b@example.org"}, {"is_active": False}]
    )
    def test_only_what_is_theirs(self, coordinator: User, values: dict[str, Any]) -> None:
        with pytest.raises(Invalid) as refusal:
            people.change_profile(user=coordinator, values=values)
        assert set(refusal.value.errors) == set(values)

    def test_me(self, network: Network, coordinator: User) -> None:
        me = selectors.me_as_object(coordinator)
        assert (me["email"], [row["network"] for row in me["memberships"]]) == ("ada@example.org", ["torino"])


class TestChangePerson:
    def test_the_office_corrects_a_name(self, actor: Actor, network: Network) -> None:
        user = people.get_or_create_user(email="ezio@example.org", name="Ezio Rva")
        services.add_membership(actor=actor, network=network, user=user, role=Role.CHAIR)
        assert people.change_person(actor=actor, network=network, user=user, values={"name": "Ezio Riva"})
        assert User.objects.get(pk=user.pk).name == "Ezio Riva"

    def test_but_not_of_who_has_a_part_elsewhere(self, actor: Actor, network: Network, other_network: Network) -> None:
        mia = User.objects.get(email="mia@example.org")
        with pytest.raises(NotFound):
            people.change_person(actor=actor, network=network, user=mia, values={"name": "X"})
        services.add_membership(actor=actor, network=network, user=mia, role=Role.OBSERVER)
        assert not people.change_person(actor=actor, network=network, user=mia, values={"name": "X"})
        assert User.objects.get(pk=mia.pk).name == "mia"


class TestTokens:
    def test_a_token_is_shown_once_and_stored_as_a_digest(self, coordinator: User) -> None:
        token, text = people.create_token(user=coordinator, scope="write", days=30, label="Script")
        assert text.startswith("rct_")
        assert len(text) == len("rct_") + 43  # 256 bits in base64
        assert text not in str(list(AccessToken.objects.values()))
        assert not [payload for payload in Event.objects.values_list("payload", flat=True) if text in payload or token.digest in payload]
        found = selectors.access_token(text)
        assert found is not None
        assert (found.user, found.scope) == (coordinator, "write")

    def test_it_ends(self, coordinator: User) -> None:
        _token, text = people.create_token(user=coordinator, days=30)
        with clock.at(clock.now() + timedelta(days=30, seconds=1)):
            assert selectors.access_token(text) is None

    def test_it_is_revoked_by_its_owner_alone(self, coordinator: User, other_network: Network) -> None:
        token, text = people.create_token(user=coordinator)
        with pytest.raises(NotFound):
            people.revoke_token(user=User.objects.get(email="mia@example.org"), token=token)
        people.revoke_token(user=coordinator, token=token)
        assert selectors.access_token(text) is None
        count = Event.objects.count()
        people.revoke_token(user=coordinator, token=token)
        assert Event.objects.count() == count
        assert list(Event.objects.order_by("id").values_list("type", "audience"))[-1] == ("token.revoked", "audit")

    def test_it_ends_with_the_person(self, coordinator: User) -> None:
        _token, text = people.create_token(user=coordinator)
        User.objects.update(is_active=False)
        assert selectors.access_token(text) is None

    @pytest.mark.parametrize(
        ("field", "values"), [("days", {"days": 0}), ("days", {"days": 367}), ("scope", {"scope": "root"}), ("label", {"label": "x" * 81})]
    )
    def test_says_which_field_is_wrong(self, coordinator: User, field: str, values: dict[str, Any]) -> None:
        with pytest.raises(Invalid) as refusal:
            people.create_token(user=coordinator, **values)
        assert set(refusal.value.errors) == {field}

    def test_not_without_a_network(self) -> None:
        with pytest.raises(NotAllowed):
            people.create_token(user=people.get_or_create_user(email="alone@example.org"))
        assert not AccessToken.objects.exists()

    def test_not_without_end(self, coordinator: User) -> None:
        for _number in range(people.MOST_TOKENS):
            people.create_token(user=coordinator)
        with pytest.raises(Conflict):
            people.create_token(user=coordinator)
