"""A BigBlueButton server on loopback: it checks each call's checksum as the real one does."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

SECRET = "639259d4-9dd8-4b25-bf01-95f9567eaf4b"


def is_signed(url: str) -> bool:
    """By the documentation: the checksum stands last, over the call's name, the query before it and the secret."""
    parts = urlsplit(url)
    query, _sep, checksum = parts.query.rpartition("&checksum=")
    call = parts.path.rpartition("/")[2]
    return checksum == hashlib.sha256(f"{call}{query}{SECRET}".encode()).hexdigest()


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@dataclass
class FakeBbb:
    url: str
    calls: list[str] = field(default_factory=list)
    rooms: set[str] = field(default_factory=set)
    answer: str = ""
    """What it says instead, once set."""
    redirect_to: str = ""

    def says(self, path: str) -> str:
        if not is_signed(path):
            return "<response><returncode>FAILED</returncode><messageKey>checksumError</messageKey></response>"
        known = query_of(path)["meetingID"] in self.rooms
        self.rooms.add(query_of(path)["meetingID"])
        key = "<messageKey>duplicateWarning</messageKey>" if known else ""
        return f"<response><returncode>SUCCESS</returncode>{key}</response>"


@contextmanager
def fake_bbb() -> Iterator[FakeBbb]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fake.calls.append(self.path)
            self.send_response(302 if fake.redirect_to else 200)
            if fake.redirect_to:
                self.send_header("Location", fake.redirect_to)
            self.end_headers()
            self.wfile.write((fake.answer or fake.says(self.path)).encode())

        def log_message(self, *_args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake = FakeBbb(f"http://127.0.0.1:{server.server_port}/bigbluebutton")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
