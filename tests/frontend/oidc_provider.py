"""A small OpenID Connect provider on this machine: discovery, keys, tokens signed by a key of its own; `told` decides what it says."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import time
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "raccordo", "the secret of raccordo"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Provider:
    """What it says, and what it was asked."""

    issuer: str = ""
    key: Any = KEY
    claims: dict[str, Any] = field(default_factory=dict)
    """Put over the usual ones; None takes one away."""
    config: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    sign: Any = None
    """Instead of the signature by `key`."""
    token: Any = None
    """(status, body): instead of what the code is exchanged for."""
    asked: list[str] = field(default_factory=list)
    broken: bool = False
    redirects: str = ""
    _given: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def authorise(self, address: str) -> str:
        """What the browser does there: the person signs in, and is sent back with a code. Returns where to."""
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.issuer}/authorize"
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert asked["response_type"] == "code" and asked["client_id"] == CLIENT and asked["code_challenge_method"] == "S256"
        code = uuid4().hex
        self._given[code] = asked
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    def answer(self, path: str, body: str) -> tuple[int, Any]:
        self.asked.append(path)
        if self.broken:
            return 500, {"error": "broken"}
        match path:
            case "/.well-known/openid-configuration":
                endpoints = {
                    "authorization_endpoint": "authorize",
                    "token_endpoint": "token",
                    "jwks_uri": "keys",
                    "userinfo_endpoint": "me",
                }
                here = {name: f"{self.issuer}/{end}" for name, end in endpoints.items()}
                return 200, {"issuer": self.issuer, "token_endpoint_auth_methods_supported": ["client_secret_post"], **here, **self.config}
            case "/keys":
                return 200, {
                    "keys": [{**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key())), "kid": "1", "alg": "RS256"}]
                }
            case "/me":
                return 200, self.userinfo
            case "/token":
                return self.token or self._token({name: values[0] for name, values in parse_qs(body).items()})
        return 404, {}

    def _token(self, sent: Mapping[str, str]) -> tuple[int, Any]:
        asked = self._given.pop(sent["code"], None)
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        if asked is None or sent["client_secret"] != SECRET or sent["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        now = int(time())
        usual = {"iss": self.issuer, "aud": CLIENT, "sub": "mario-1", "iat": now, "exp": now + 300, "nonce": asked.get("nonce")}
        claims = {name: value for name, value in {**usual, **self.claims}.items() if value is not None}
        signed = self.sign(claims) if self.sign else jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "1"})
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": signed}


@contextmanager
def provider() -> Iterator[Provider]:
    """It listens on a free port of this machine until the block ends."""
    found = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if found.redirects and self.path == "/keys":
                self.send_response(302)
                self.send_header("Location", found.redirects)
                self.end_headers()
                return
            self._send(*found.answer(self.path, ""))

        def do_POST(self) -> None:
            self._send(*found.answer(self.path, self.rfile.read(int(self.headers["Content-Length"])).decode()))

        def _send(self, status: int, body: Any) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_arguments: Any) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
