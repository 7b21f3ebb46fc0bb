"""The demo's one-click sign-ins, and the guard that keeps the demo on this machine."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from meetings.access import Role
from meetings.network import selectors, services
from meetings.network.models import Network, User
from meetings.network.people import get_or_create_user

URL, SIGN_IN = "/demo/sign-in/", "/en/accounts/login/code/"


@pytest.fixture
def demo(settings: Settings) -> None:
    settings.DEMO = True


@pytest.fixture
def network(db: None) -> Network:
    """Five towns with a titular and a substitute each, a chair, an observer, an auditor and a spokesperson."""
    network = services.create_network(slug="torino", name="Torino", coordinator_email="ada@example.org", coordinator_name="Ada Neri")
    system = selectors.system_actor(network.pk)
    zone = services.ensure_zone(actor=system, network=network, number=1, name="Zona 1")
    for number in range(1, 6):
        town = services.create_municipality(
            actor=system, network=network, istat_code=f"00100{number}", name=f"Town {number}", zone=zone, population=number * 1000
        )
        for order in (1, 2):
            user = get_or_create_user(email=f"r{number}.{order}@example.org", name=f"Rep {number}.{order}")
            services.add_membership(actor=system, network=network, user=user, role=Role.REPRESENTATIVE, municipality=town, order=order)
    for role in (Role.CHAIR, Role.OBSERVER, Role.AUDITOR):
        services.add_membership(actor=system, network=network, user=get_or_create_user(email=f"{role}@example.org"), role=role)
    speaker = get_or_create_user(email="speaker@example.org")
    services.add_membership(actor=system, network=network, user=speaker, role=Role.SPOKESPERSON, zone=zone)
    return network


def test_offers_somebody_of_every_role_and_the_largest_towns(network: Network, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(8):
        offered = selectors.demo_people()
    assert [row.user.email for row in offered] == [
        "ada@example.org",
        "chair@example.org",
        "r5.1@example.org",
        "r4.1@example.org",
        "r3.1@example.org",
        "speaker@example.org",
        "observer@example.org",
        "auditor@example.org",
    ]


def test_one_click_signs_in(demo: None, network: Network) -> None:
    browser = Client()
    page = browser.get(SIGN_IN).content.decode()
    for membership in selectors.demo_people():
        assert f'value="{membership.user_id}"' in page
        answer = browser.post(URL, {"user": str(membership.user_id)})
        assert (answer.status_code, answer["Location"]) == (302, "/")
        assert browser.session["_auth_user_id"] == str(membership.user_id)


def test_only_those_offered(demo: None, network: Network) -> None:
    services.create_network(slug="other", name="Other", coordinator_email="other@example.org")
    others = [str(User.objects.get(email=email).pk) for email in ("r1.1@example.org", "r5.2@example.org", "other@example.org")]
    browser = Client()
    for wrong in (*others, "", "x", "00000000-0000-0000-0000-000000000000"):
        assert browser.post(URL, {"user": wrong}).status_code == 404
    assert "_auth_user_id" not in browser.session


def test_nothing_of_it_without_the_demo(network: Network) -> None:
    browser, ada = Client(), User.objects.get(email="ada@example.org")
    assert browser.post(URL, {"user": str(ada.pk)}).status_code == 404
    assert str(ada.pk) not in browser.get(SIGN_IN).content.decode()


def test_a_link_or_a_foreign_page_signs_nobody_in(demo: None, network: Network) -> None:
    ada = User.objects.get(email="ada@example.org")
    assert Client().get(URL, {"user": str(ada.pk)}).status_code == 405
    assert Client(enforce_csrf_checks=True).post(URL, {"user": str(ada.pk)}).status_code == 403


def test_a_disabled_person_is_not_offered(demo: None, network: Network) -> None:
    ada = User.objects.get(email="ada@example.org")
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert Client().post(URL, {"user": str(ada.pk)}).status_code == 404


def test_an_empty_installation_offers_nobody(demo: None, db: None) -> None:
    assert selectors.demo_people() == []
    assert Client().get(SIGN_IN).status_code == 200


FOREIGN: list[dict[str, Any]] = [
    {"HTTP_FORWARDED": "for=10.0.0.1"},
    {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
    {"HTTP_X_FORWARDED_FOR": ""},
    {"HTTP_X_FORWARDED_HOST": "127.0.0.1"},
    {"HTTP_X_FORWARDED_PROTO": "http"},
    {"HTTP_X_FORWARDED_PORT": "80"},
    {"HTTP_X_FORWARDED_SERVER": "proxy"},
    {"HTTP_X_REAL_IP": "127.0.0.1"},
    {"HTTP_VIA": "1.1 proxy"},
    {"HTTP_CF_CONNECTING_IP": "127.0.0.1"},
    {"HTTP_HOST": "raccordo.example.org"},
    {"HTTP_HOST": "127.0.0.1.example.org"},
    {"HTTP_HOST": "localhost.example.org:8000"},
    {"HTTP_HOST": "192.168.1.20:8000"},
    {"HTTP_HOST": "[::2]:8000"},
    {"HTTP_HOST": "127.0.0.1@example.org"},
    {"HTTP_HOST": ""},
    {"REMOTE_ADDR": "192.168.1.20"},
    {"REMOTE_ADDR": "10.0.0.1"},
    {"REMOTE_ADDR": "::ffff:10.0.0.1"},
    {"REMOTE_ADDR": "127.0.0.2"},
    {"REMOTE_ADDR": ""},
]
LOCAL: list[dict[str, Any]] = [
    {},
    {"HTTP_HOST": "127.0.0.1:8000"},
    {"HTTP_HOST": "localhost:8000"},
    {"HTTP_HOST": "localhost"},
    {"HTTP_HOST": "[::1]:8000", "REMOTE_ADDR": "::1"},
    {"HTTP_HOST": "[::1]", "REMOTE_ADDR": "::1"},
]


@pytest.mark.parametrize("extra", FOREIGN)
@pytest.mark.parametrize("path", ["/", SIGN_IN, URL, "/api/v1/me/", "/static/x.css"])
def test_the_demo_answers_on_this_machine_alone(demo: None, extra: dict[str, Any], path: str) -> None:
    answer = Client().get(path, **extra)
    assert (answer.status_code, answer.content) == (403, b"The demo answers on this machine alone.\n")


@pytest.mark.parametrize("extra", LOCAL)
def test_the_demo_answers_on_this_machine(demo: None, db: None, extra: dict[str, Any]) -> None:
    assert Client().get(SIGN_IN, **extra).status_code == 200


@pytest.mark.parametrize("extra", [extra for extra in FOREIGN if extra.get("HTTP_HOST", "raccordo.example.org") == "raccordo.example.org"])
def test_without_the_demo_the_same_requests_are_served(settings: Settings, db: None, extra: dict[str, Any]) -> None:
    settings.ALLOWED_HOSTS = ["raccordo.example.org", "testserver"]
    assert Client().get(SIGN_IN, **extra).status_code == 200


@pytest.mark.parametrize(
    ("wanted", "led"), [("/it/torino/meetings/", "/it/torino/meetings/"), ("https://evil.example.org/", "/"), ("//x", "/")]
)
def test_one_click_leads_to_where_one_was_going_on_this_site(demo: None, network: Network, wanted: str, led: str) -> None:
    page = Client().get(SIGN_IN, {"next": wanted}).content.decode()
    assert f'name="next" value="{wanted}"' in page.partition('id="demo-sign-in"')[2]
    chosen = selectors.demo_people()[0].user_id
    assert Client().post(URL, {"user": str(chosen), "next": wanted})["Location"] == led
