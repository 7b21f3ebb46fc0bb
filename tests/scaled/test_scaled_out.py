"""The scaled-out form as docs/operating.md describes it, from outside: through nginx, to gunicorn and two uvicorn processes."""

import asyncio
import re
import time

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.scaled.client import CSRF
from tests.scaled.load import under_load, watching
from tests.scaled.stack import Stack

pytestmark = [pytest.mark.scaled, pytest.mark.timeout(400)]
LOGIN = "/en/accounts/login/code/"


def mailed_code(stack: Stack, before: int) -> str:
    """The code in the mail that comes next."""
    deadline = time.monotonic() + 30
    while len(mails := stack.mails()) <= before:
        assert time.monotonic() < deadline, stack.logs()
        time.sleep(0.1)
    found = re.search(r"(?m)^([A-Z0-9]+-[A-Z0-9]+)\r?$", mails[-1])
    assert found, mails[-1]
    return found[1]


def test_somebody_signs_in_by_mail_and_takes_part(stack: Stack) -> None:
    async def sign_in() -> None:
        visitor, before = stack.somebody(), len(stack.mails())
        await visitor.http.post(LOGIN, data={"email": stack.seed.address_of_chair, "csrfmiddlewaretoken": CSRF})
        code = await asyncio.to_thread(mailed_code, stack, before)
        answer = await visitor.http.post(f"{LOGIN}confirm/", data={"code": code, "csrfmiddlewaretoken": CSRF})
        assert answer.status_code == 302
        assert all("; Secure" in cookie for cookie in answer.headers.get_list("Set-Cookie") if cookie.startswith("sessionid"))
        chair = stack.somebody(answer.cookies["sessionid"])
        page = await chair.http.get(f"/en/{stack.seed.network}/")
        assert page.status_code == 200
        assert page.headers["Strict-Transport-Security"]
        async with watching([chair], stack.seed.meeting):
            await chair.write(f"agenda-items/{stack.seed.items[0]}/decisions/", {"text": "Signed in by mail."})

    stack.run(sign_in)


def test_everybody_holds_the_exact_history_of_what_many_write(stack: Stack) -> None:
    async def hold_a_session() -> None:
        staff = [stack.staff(n) for n in range(6)]
        members = [stack.member(n) for n in range(12)]
        async with watching([*staff, *members], stack.seed.meeting):
            assert [stack.lines_to("uvicorn 1"), stack.lines_to("uvicorn 2")] == [9, 9]
            async with under_load(staff, stack.seed.items[0]) as work:
                await work.some(40)
        await work.stored_once()

    stack.run(hold_a_session)


def test_what_nginx_answers_by_itself(stack: Stack) -> None:
    async def ask() -> None:
        visitor = stack.somebody().http
        page = (await visitor.get(LOGIN)).text
        style = re.search(r'href="(/static/raccordo/raccordo\.[0-9a-f]{12}\.css)"', page)
        assert style
        answer = await visitor.get(style[1], headers={"Accept-Encoding": "gzip"})
        assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, "gzip")
        assert "max-age=315360000" in answer.headers["Cache-Control"]
        plain = await visitor.get(f"http://localhost:{stack.ports['http']}/en/")
        assert (plain.status_code, plain.headers["Location"]) == (301, "https://localhost/en/")
        with pytest.raises(httpx.TransportError):
            await visitor.get(f"http://127.0.0.1:{stack.ports['http']}/", headers={"Host": "elsewhere.example"})

    stack.run(ask)


def test_a_strangers_page_opens_no_socket(stack: Stack) -> None:
    async def try_it() -> None:
        member = stack.member()
        ticket = await member.ticket(stack.seed.meeting)
        url = f"{stack.address.replace('https', 'wss')}/ws/v1/meetings/{stack.seed.meeting}/?ticket={ticket}"
        with pytest.raises(InvalidStatus, match="403"):
            await connect(url, origin="https://elsewhere.example", ssl=stack.tls, proxy=None)  # type: ignore[arg-type]

    stack.run(try_it)


def test_no_log_holds_a_token(stack: Stack) -> None:
    async def ask() -> None:
        member = stack.member()
        for path in (
            "/reply/SECRET.token",
            "/unsubscribe/SECRET",
            "/calendar/rcf_SECRET.ics",
            "/go/invitation/SECRET",
            "/en/invitation/SECRET/",
        ):
            await member.http.get(path)
        async with watching([member], stack.seed.meeting):
            pass

    stack.run(ask)
    logs = "".join(file.read_text() for file in stack.folder.glob("*.log"))
    assert "/unsubscribe/***" in logs
    assert "SECRET" not in logs
    assert "ticket=" not in logs
