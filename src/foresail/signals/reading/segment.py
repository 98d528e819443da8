"""Segment's HTTP tracking API (https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from foresail.signals.reading.incoming import (
    USER,
    Incoming,
    Wrong,
    check_consent,
    instant_in,
    kind_in,
    name_in,
    plain,
    skew_of,
)

CALLS: Final = frozenset({"identify", "track", "page", "screen", "group", "alias"})
_PAGE: Final = ("url", "title", "referrer")


def read_segment(said: Any, *, call: str, sent: Any, now: datetime) -> Incoming:
    """Return the signal of one message; `call` is its type where it does not say, `sent` when the batch was sent.

    Raises Wrong. Who has no anonymousId is known by the userId.
    """
    if not isinstance(said, Mapping):
        raise Wrong("shape", "每条消息须为对象。", "A message is an object.")
    call = said.get("type") or call
    if not isinstance(call, str) or call not in CALLS:
        raise Wrong(
            "type",
            "type 须为 identify、track、page、screen、group 或 alias。",
            "type is identify, track, page, screen, group or alias.",
        )
    visitor = name_in(said, "anonymousId", required=False) or name_in(said, "previousId", required=False)
    user = name_in(said, "userId", required=False)
    if not visitor and not user:
        raise Wrong("visitor", "须有 anonymousId 或 userId。", "There is an anonymousId or a userId.")
    kind = kind_in(name_in(said, "event")) if call == "track" else call
    check_consent(kind, said.get("properties"), timed=said.get("timestamp") is not None)
    context = said.get("context")
    page = context.get("page") if isinstance(context, Mapping) else None
    around = plain(context) | {name: value for name, value in plain(page).items() if name in _PAGE}
    own = plain(said.get("properties")) if call in {"track", "page", "screen"} else {}
    claims = {name: str(value) for name, value in plain(said.get("traits")).items()}
    if user:
        claims["user"] = user
    if call == "group":
        claims["group"] = name_in(said, "groupId")
    return Incoming(
        sender="segment",
        id=name_in(said, "messageId"),
        source=None,
        kind=kind,
        visitor=visitor or USER + user,
        at=instant_in(said.get("timestamp"), now=now, skew=skew_of(sent or said.get("sentAt"), now=now)),
        values=around | own,
        claims=claims if call in {"identify", "group", "alias"} else {},
        signature=name_in(context, "signature", required=False) if isinstance(context, Mapping) else "",
    )
