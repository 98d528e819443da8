"""Asking a server that an administrator named: only where it may lie, without following it elsewhere, and not for long.

Whoever may name an address could otherwise let this machine ask what only it can reach. So: https, or plain http to
this machine itself where the address says so; never a link-local address (cloud metadata live there), and never
this machine behind another's name. The company's own network is allowed: its provider may stand there.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

TIMEOUT: Final = 5.0
"""Seconds for each step, and LONGEST for all."""
LONGEST: Final = 10.0
LARGEST: Final = 1024 * 1024
LONGEST_ADDRESS: Final = 500
_CHUNK: Final = 64 * 1024


class AddressRefused(ValueError):
    """Nothing may be asked there."""


class NoAnswer(Exception):
    """It does not answer, not in time, or with what is no JSON object."""


@dataclass(frozen=True)
class Told:
    status: int
    values: Mapping[str, Any]


def checked(address: str) -> SplitResult:
    """Return the parts of `address`. Raises AddressRefused where it is not one that may be asked.

    >>> checked("https://login.example.com/tenant").hostname
    'login.example.com'
    >>> checked("http://login.example.com")
    Traceback (most recent call last):
    ...
    foresail.people.outside.AddressRefused: http://login.example.com
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise AddressRefused(address) from error
    plain = address.isascii() and address.isprintable() and " " not in address
    if not plain or len(address) > LONGEST_ADDRESS or not parts.hostname or port == 0:
        raise AddressRefused(address)
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise AddressRefused(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and names_this_machine(parts.hostname)):
        raise AddressRefused(address)
    return parts


def names_this_machine(host: str) -> bool:
    """Whether `host` says openly that it is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def ask(
    address: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Told:
    """Ask `address` once for a JSON object. A redirect is an answer, not an order. Raises AddressRefused or NoAnswer."""
    parts = checked(address)
    until = time.monotonic() + LONGEST
    connection = _connection(parts)
    target = parts.path or "/"
    if parts.query:
        target += f"?{parts.query}"
    try:
        connection.request(
            method, target, body=body, headers={"Accept": "application/json", **(headers or {})}
        )
        answer = connection.getresponse()
        content = _read(answer, until)
        values = json.loads(content)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswer(parts.hostname) from error
    finally:
        connection.close()
    if not isinstance(values, dict):
        raise NoAnswer(parts.hostname)
    return Told(answer.status, values)


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    """Connect to an address that was looked at: a name may lead elsewhere the next time it is asked for."""
    assert parts.hostname is not None
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NoAnswer(parts.hostname) from error
    here = names_this_machine(parts.hostname)
    numbers = [str(each[4][0]) for each in found]
    if not all(_may_be_asked(number, here=here) for number in numbers):
        raise AddressRefused(parts.geturl())
    wire = _dial(numbers, port)
    try:
        if parts.scheme == "https":
            wire = ssl.create_default_context().wrap_socket(wire, server_hostname=parts.hostname)
    except OSError as error:
        wire.close()
        raise NoAnswer(parts.hostname) from error
    # The host's own name, and the port where it is not the usual one, go into the header Host.
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=TIMEOUT)
    connection.sock = wire
    return connection


def _dial(numbers: list[str], port: int) -> socket.socket:
    last: OSError | None = None
    for number in numbers[:3]:
        try:
            return socket.create_connection((number, port), timeout=TIMEOUT)
        except OSError as error:
            last = error
    raise NoAnswer from last


def _may_be_asked(number: str, *, here: bool) -> bool:
    """Whether the IP address `number` may be asked; `here` where the name said that it is this machine.

    >>> [_may_be_asked(n, here=False) for n in ("10.1.2.3", "169.254.169.254", "127.0.0.1", "::ffff:127.0.0.1")]
    [True, False, False, False]
    """
    parsed = ipaddress.ip_address(number.partition("%")[0])
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    if parsed.is_loopback:
        return here
    return not (parsed.is_link_local or parsed.is_multicast or parsed.is_unspecified or parsed.is_reserved)


def _read(answer: http.client.HTTPResponse, until: float) -> bytes:
    content = b""
    while part := answer.read1(_CHUNK):
        content += part
        if len(content) > LARGEST or time.monotonic() > until:
            raise TimeoutError
    return content
