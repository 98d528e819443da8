"""What the HTTP interface of every room has in common: the shape of a problem, of a reference, and who asks from where."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Final

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.request import split_domain_port
from pydantic import BaseModel, ConfigDict

from foresail.core.errors import Refusal

FORWARDED: Final = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")
"""Headers by which a proxy says that somebody else is asking."""


class Schema(BaseModel):
    """What is asked or answered. Pydantic's own: ninja's looks at every object in Python first, most of a long list's time."""

    model_config = ConfigDict(from_attributes=True)


class Problem(Schema):
    """Why something was not done, in both languages. `request` finds it in the logs; `fields` are at fault."""

    code: str
    zh: str
    en: str
    request: str = ""
    fields: dict[str, str] = {}  # pydantic gives each its own


class Reference(Schema):
    id: int
    name: str


def problem(
    request: HttpRequest,
    refusal: Refusal,
    *,
    status: int | None = None,
    fields: Mapping[str, str] | None = None,
) -> JsonResponse:
    """Answer `request` with what was refused, and its status."""
    told = Problem(
        code=refusal.code,
        zh=refusal.zh,
        en=refusal.en,
        request=request_id(request),
        fields=dict(fields or {}),
    )
    return JsonResponse(
        told.model_dump(), status=status or refusal.status, json_dumps_params={"ensure_ascii": False}
    )


def request_id(request: HttpRequest) -> str:
    """Return the name under which `request` stands in the logs."""
    return str(getattr(request, "id", ""))


def address_of(request: HttpRequest) -> str:
    """Return the IP address that asks.

    A proxy on this machine is believed about who asked it: the last address in X-Forwarded-For is its own
    addition. From elsewhere the header is anybody's claim.
    """
    peer = _ip(request.META.get("REMOTE_ADDR", "")) or ipaddress.ip_address("0.0.0.0")  # noqa: S104  # nobody
    claimed = _ip(request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip())
    return str(claimed if peer.is_loopback and claimed else peer)


def is_local(request: HttpRequest) -> bool:
    """Whether somebody on this machine asks, with no proxy between that may speak for others."""
    peer = _ip(request.META.get("REMOTE_ADDR", ""))
    return (
        peer is not None
        and peer.is_loopback
        and _host(request)[0] in settings.LOOPBACK_HOSTS
        and not any(name in request.headers for name in FORWARDED)
    )


def live_address(request: HttpRequest) -> str:
    """Return where the event socket listens: one port above ours, or behind a proxy at the same host."""
    if request.is_secure():
        return f"wss://{request.get_host()}/live"
    name, port = _host(request)
    if not port and name not in settings.LOOPBACK_HOSTS:
        return f"ws://{name}/live"
    return f"ws://{name}:{int(port or 80) + 1}/live"


def _host(request: HttpRequest) -> tuple[str, str]:
    """Return the host that was asked for and its port, which may be empty."""
    name, port = split_domain_port(request.get_host())
    return name, port


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return mapped or found
