"""A tracked link is opened: it leads where it was made to lead, and that it was opened passes the gate like any signal."""

from __future__ import annotations

from datetime import datetime

from foresail.signals.services.intake import take
from foresail.signals.services.links import followed


def open_link(*, token: str, agent: str = "", at: datetime) -> str | None:
    """Follow a link as a person does: return where it leads, None for one that does not, and keep that it was opened.

    Where the gate lets nothing through it leads there all the same.
    """
    opened = followed(token=token, agent=agent, at=at)
    if opened is None:
        return None
    if opened.brought is not None:
        take([opened.brought], at=at)
    return opened.location
