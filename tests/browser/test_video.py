"""The video room in a browser: no other server hears of anybody before they ask for it."""

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.test import Client
from playwright.sync_api import expect, sync_playwright

from meetings.scheduling import services
from tests import factories
from tests.browser.serving import serving
from tests.conftest import BACKEND

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180), pytest.mark.one_database]


class Jitsi(BaseHTTPRequestHandler):
    """Says who it would let in."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<h1></h1><script>document.querySelector('h1').textContent = decodeURIComponent(location.hash)</script>")

    def log_message(self, *_args: object) -> None:
        return


@pytest.fixture
def jitsi(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Jitsi)
    server.asked = []  # type: ignore[attr-defined]
    monkeypatch.setenv("JITSI_URL", f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_jitsi_hears_of_nobody_before_the_click(transactional_db: None, jitsi: ThreadingHTTPServer, javascript: bool) -> None:
    side = factories.make_side("video", seats=8)
    services.change_series(actor=side.actor("coordinator"), series=side.series, values={"video_provider": "jitsi"})
    meeting = factories.in_session(side)
    client = Client()
    client.force_login(side.representative, backend=BACKEND)
    executable = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    with serving() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(java_script_enabled=javascript, locale="en-GB", viewport={"width": 390, "height": 844})
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}])
        asked: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        for path in ("room/", ""):
            page.goto(f"{address}/en/{side.network.slug}/meetings/{meeting.pk}/{path}")
            page.wait_for_load_state("load")
        assert [url for url in asked if not url.startswith((address, "data:"))] == []
        assert jitsi.asked == []  # type: ignore[attr-defined]
        with context.expect_page() as opened:
            page.get_by_role("link", name="Jitsi Meet").click()
        room = opened.value
        room.wait_for_load_state("load")
        frame = room.frame_locator("iframe.video-frame")
        if javascript:
            expect(frame.get_by_role("heading")).to_have_text(f'#userInfo.displayName="{side.seats[0].name}, {side.representative.name}"')
        assert jitsi.asked[0] == f"/raccordo-{meeting.pk.hex}"  # type: ignore[attr-defined]
        expect(room.get_by_role("link", name="+39 011 000 0000")).to_have_attribute("href", "tel:+390110000000")
        if screenshots := os.environ.get("SCREENSHOTS"):
            room.screenshot(path=f"{screenshots}/video-{javascript}.png", full_page=True)
            page.screenshot(path=f"{screenshots}/meeting-{javascript}.png")
            page.goto(f"{address}/en/{side.network.slug}/meetings/{meeting.pk}/room/")
            page.screenshot(path=f"{screenshots}/room-{javascript}.png")
        browser.close()
