"""A school's identity provider: OpenID Connect on this computer, with a link for each account instead of a password."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

Claims = Mapping[str, str]


class Provider(ThreadingHTTPServer):
    """Owns the signing key and the codes that were given out; each is good for one token.

    Args:
        accounts: What is told of each account, its name among that.
    """

    def __init__(self, *accounts: Claims) -> None:
        super().__init__(("localhost", 0), _Request)
        self.issuer = f"http://localhost:{self.server_port}"
        self.accounts = {account["sub"]: account for account in accounts}
        self.key = RSAKey.generate_key(2048, {"kid": "school"})
        self.codes: dict[str, Claims] = {}

    def metadata(self) -> dict[str, object]:
        """What the provider is, by OpenID Connect Discovery 1.0."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "end_session_endpoint": f"{self.issuer}/logout",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def links(self, asked: Claims) -> str:
        """One link an account, which leads back to the app with a code."""
        links = []
        for account in self.accounts.values():
            code = secrets.token_urlsafe(16)
            self.codes[code] = {**account, "aud": asked["client_id"], "nonce": asked["nonce"]}
            back = f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
            links.append(f'<p><a href="{escape(back)}">{escape(account["sub"])}</a></p>')
        return "".join(links)

    def tokens(self, code: str) -> dict[str, object]:
        """What a code is exchanged for."""
        now = int(time.time())
        claims = {**self.codes.pop(code), "iss": self.issuer, "iat": now, "exp": now + 600}
        id_token = jwt.encode({"alg": "RS256", "kid": "school"}, claims, self.key)
        return {"access_token": "unused", "token_type": "Bearer", "expires_in": 600, "id_token": id_token}


class _Request(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        if address.path == "/.well-known/openid-configuration":
            self._answer(json.dumps(self.server.metadata()))
        elif address.path == "/jwks":
            self._answer(json.dumps({"keys": [self.server.key.as_dict(private=False)]}))
        elif address.path == "/authorize":
            self._answer(self.server.links(asked), "text/html")
        elif address.path == "/logout":
            self.send_response(302)
            self.send_header("Location", asked["post_logout_redirect_uri"])
            self.end_headers()
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._answer(json.dumps(self.server.tokens(parse_qs(body)["code"][0])))

    def _answer(self, text: str, kind: str = "application/json") -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def running_provider(*accounts: Claims) -> Iterator[Provider]:
    """A provider that is up inside the block and gone after it."""
    with Provider(*accounts) as provider:
        thread = threading.Thread(target=provider.serve_forever)
        thread.start()
        try:
            yield provider
        finally:
            provider.shutdown()
            thread.join()
