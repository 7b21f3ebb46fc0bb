"""A person changes their own address by showing that the new one is theirs."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from meetings import clock
from meetings.errors import Conflict, Invalid, NotFound
from meetings.events.models import Event
from meetings.network import own_address
from meetings.network.models import User
from meetings.notifications.models import OutgoingEmail
from tests.factories import NOW, Side, World
from tests.frontend.pages import post


def ask(user: User, email: str = "New@Example.org") -> str:
    own_address.ask(user=user, email=email)
    return str(OutgoingEmail.objects.filter(kind=own_address.KIND, user=user).latest("created_at").context["token"])


def test_nothing_changes_before_the_link_is_confirmed(side: Side) -> None:
    token, before = ask(side.representative), side.representative.email
    assert OutgoingEmail.objects.get().address == "new@example.org"
    assert User.objects.get(pk=side.representative.pk).email == before
    own_address.confirm(user=side.representative, token=token)
    assert User.objects.get(pk=side.representative.pk).email == "new@example.org"
    assert Event.objects.latest("id").type == "membership.changed"
    with pytest.raises(NotFound):  # used up
        own_address.confirm(user=User.objects.get(pk=side.representative.pk), token=token)


def test_by_nobody_else_not_late_and_not_invented(world: World) -> None:
    token = ask(world.home.representative)
    for user in (world.home.other_representative, world.stranger, world.home.coordinator):
        with pytest.raises(NotFound):
            own_address.confirm(user=user, token=token)
    for wrong in ("", "x", token[:-1]):
        with pytest.raises(NotFound):
            own_address.confirm(user=world.home.representative, token=wrong)
    with clock.at(NOW + own_address.LIFE), pytest.raises(NotFound):
        own_address.confirm(user=world.home.representative, token=token)


def test_somebody_elses_is_told_to_nobody_before_they_confirm(side: Side) -> None:
    token = ask(side.representative, side.chair.email)
    with pytest.raises(Conflict):
        own_address.confirm(user=side.representative, token=token)


@pytest.mark.parametrize("email", ["", "x", "a@example.org\r\nBcc: b@example.org", "m\u0131ke@example.org"])
def test_no_address(side: Side, email: str) -> None:
    with pytest.raises(Invalid):
        own_address.ask(user=side.representative, email=email)


def test_not_without_end(side: Side) -> None:
    for number in range(own_address.MOST_A_DAY):
        ask(side.representative, f"{number}@example.org")
    with pytest.raises(Conflict):
        ask(side.representative)
    with clock.at(NOW + timedelta(days=1, minutes=1)):
        ask(side.representative)


def test_on_the_pages(side: Side, browser_of: Callable[[User | None], Client]) -> None:
    client = browser_of(side.representative)
    EmailAddress.objects.create(user=side.representative, email=side.representative.email, verified=True, primary=True)
    assert post(client, "/en/me/address/", email="no").status_code == 422
    assert post(client, "/en/me/address/", email="new@example.org").status_code == 303
    link = client.get(f"/go/address/{OutgoingEmail.objects.get().context['token']}")["Location"]
    assert b"new@example.org" in client.get(link).content
    assert User.objects.get(pk=side.representative.pk).email != "new@example.org"
    assert post(client, link).status_code == 303
    assert User.objects.get(pk=side.representative.pk).email == "new@example.org"
    assert not EmailAddress.objects.exists()
    assert client.get(link).status_code == 404
