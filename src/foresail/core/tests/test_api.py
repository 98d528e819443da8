"""Who asks from where, and where the socket is."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from foresail.core.api import address_of, is_local, live_address


@pytest.mark.parametrize(
    ("host", "secure", "address"),
    [
        ("127.0.0.1:8650", False, "ws://127.0.0.1:8651/live"),
        ("localhost", False, "ws://localhost:81/live"),
        ("[::1]:8650", False, "ws://[::1]:8651/live"),
        ("[::1]", False, "ws://[::1]:81/live"),
        ("testserver", False, "ws://testserver/live"),
        ("testserver", True, "wss://testserver/live"),
        ("testserver:8443", True, "wss://testserver:8443/live"),
    ],
)
def test_where_the_socket_listens(host: str, secure: bool, address: str) -> None:
    assert live_address(RequestFactory(HTTP_HOST=host).get("/", secure=secure)) == address


@pytest.mark.parametrize(
    ("peer", "forwarded", "address", "local"),
    [
        ("127.0.0.1", None, "127.0.0.1", True),
        ("::1", None, "::1", True),
        ("::ffff:127.0.0.1", None, "127.0.0.1", True),
        ("192.0.2.7", None, "192.0.2.7", False),
        ("127.0.0.1", "192.0.2.7", "192.0.2.7", False),
        ("127.0.0.1", "192.0.2.7, 198.51.100.1", "198.51.100.1", False),
        ("192.0.2.7", "127.0.0.1", "192.0.2.7", False),
        ("", None, "0.0.0.0", False),
    ],
)
def test_who_asks(peer: str, forwarded: str | None, address: str, local: bool) -> None:
    extra = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = RequestFactory(REMOTE_ADDR=peer, HTTP_HOST="localhost:8650").get("/", headers=extra)
    assert (address_of(request), is_local(request)) == (address, local)
