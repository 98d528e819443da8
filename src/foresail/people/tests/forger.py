"""A provider that can lie: a real server on this machine whose answers a test may bend, claim by claim."""

from __future__ import annotations

import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm
from jwt.utils import base64url_encode

CLIENT = "foresail"
SECRET = "a secret & more"
EMAIL = "li@example.com"


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Forger:
    """`claims` are laid over honest ones, None takes one away. `asked` holds what came to the token endpoint."""

    issuer: str
    key: rsa.RSAPrivateKey = field(default_factory=new_key)
    signing_key: rsa.RSAPrivateKey | None = None
    algorithm: str = "RS256"
    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    raw_token: str | None = None
    nonces: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)
    key_fetches: int = 0
    at: float | None = None
    """When tokens are signed; None: now."""

    def described(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
        } | self.metadata

    def jwks(self) -> dict[str, Any]:
        public = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [public | {"kid": "1", "use": "sig", "alg": "RS256"}]}

    def signed(self, **claims: Any) -> str:
        now = int(self.at if self.at is not None else time.time())
        told = {
            "iss": self.issuer, "aud": CLIENT, "sub": "u-1", "iat": now, "exp": now + 300, "email": EMAIL,
            "email_verified": True, "name": "Li", **claims, **self.claims,
        }  # fmt: skip
        told = {name: value for name, value in told.items() if value is not None}
        if self.algorithm == "none":
            return jwt.encode(told, "", algorithm="none", headers={"kid": "1"})
        if self.algorithm == "HS256":  # with the public key as the secret, which some have taken
            public = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            parts = ({"alg": "HS256", "kid": "1"}, told)
            said = b".".join(base64url_encode(json.dumps(part).encode()) for part in parts)
            return (said + b"." + base64url_encode(hmac.digest(public, said, "sha256"))).decode()
        key = self.signing_key or self.key
        return jwt.encode(told, key, algorithm=self.algorithm, headers={"kid": "1"} | self.header)

    def came_back(self, departure: str) -> dict[str, str]:
        """Return the query with which the browser that was sent to `departure` comes back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(departure).query).items()}
        code = f"code-{len(self.nonces)}"
        self.nonces[code] = asked["nonce"]
        return {"code": code, "state": asked["state"]}


@contextmanager
def forging() -> Iterator[Forger]:
    """Serve a forger until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path == "/.well-known/openid-configuration":
                self._tell(200, forger.described())
            elif path == "/jwks":
                forger.key_fetches += 1
                self._tell(200, forger.jwks())
            elif path == "/auth":
                asked = parse_qs(urlsplit(self.path).query)
                back = f"{asked['redirect_uri'][0]}?{urlencode(forger.came_back(self.path))}"
                self.send_response(302)
                self.send_header("Location", back)
                self.end_headers()
            elif path == "/moved":
                self.send_response(302)
                self.send_header("Location", f"{forger.issuer}/jwks")
                self.end_headers()
            else:
                self._tell(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked = {name: values[0] for name, values in parse_qs(body).items()}
            forger.asked.append(asked)
            forger.authorizations.append(self.headers.get("Authorization"))
            nonce = forger.nonces.pop(asked.get("code", ""), None)
            if forger.error or nonce is None:
                self._tell(400, {"error": forger.error or "invalid_grant"})
                return
            token = forger.raw_token or forger.signed(nonce=nonce)
            self._tell(200, {"access_token": "a", "token_type": "Bearer", "id_token": token})

        def _tell(self, status: int, values: dict[str, Any]) -> None:
            content = json.dumps(values).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    forger = Forger(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield forger
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
