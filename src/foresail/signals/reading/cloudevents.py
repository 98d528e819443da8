"""CloudEvents 1.0 in JSON, structured mode (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from foresail.signals.reading.incoming import (
    Incoming,
    Wrong,
    check_consent,
    instant_in,
    kind_in,
    name_in,
    plain,
    skew_of,
)


def read_cloudevent(said: Any, *, now: datetime) -> Incoming:
    """Return the signal of one event. Raises Wrong.

    `subject` is the visitor; `type` the kind, of which only what stands behind the last dot counts. Extensions:
    `channel` is the source among ours, `sentat` when it was sent, `signature` proves `data.identity`.
    """
    if not isinstance(said, Mapping):
        raise Wrong("shape", "每条事件须为对象。", "An event is an object.")
    if said.get("specversion") != "1.0":
        raise Wrong("specversion", "specversion 须为 1.0。", "specversion is 1.0.")
    data = said.get("data")
    kind = kind_in(name_in(said, "type").rpartition(".")[2])
    check_consent(kind, data, timed=said.get("time") is not None)
    identity = data.get("identity") if isinstance(data, Mapping) else None
    return Incoming(
        sender=name_in(said, "source"),
        id=name_in(said, "id"),
        source=name_in(said, "channel", required=False) or None,
        kind=kind,
        visitor=name_in(said, "subject"),
        at=instant_in(said.get("time"), now=now, skew=skew_of(said.get("sentat"), now=now)),
        values=plain(data),
        claims={name: str(value) for name, value in plain(identity).items()},
        signature=name_in(said, "signature", required=False),
    )
