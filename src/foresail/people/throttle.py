"""How long somebody has to wait after failing to sign in. Only arithmetic: attempts come in, waits go out."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=15)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=15)
ACCOUNT_FAILURES = 5
MOST_STRIKES = 100
NETWORK_FAILURES = 20
"""More than for an account: a whole office shares one address, and must not be locked out by one forgetful colleague."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """The last failure of an account or a network. `strike` counts failures in a row that were answered by a wait."""

    at: datetime
    strike: int

    @property
    def until(self) -> datetime:
        """The instant from which the next attempt is looked at."""
        if self.strike == 0:
            return self.at
        doubled = 1 << (min(self.strike, 10) - 1)
        return self.at + min(FIRST_WAIT * doubled, LONGEST_WAIT)


def next_strike(*, last: Failure | None, recent: int, at: datetime, allowed: int) -> int:
    """Return the strike of a failure at `at`, with `recent` failures within the window, this one included.

    Who has been made to wait goes on where they were, until a window passes without a failure.
    """
    if last is not None and last.strike and at < last.until + WINDOW:
        return min(last.strike + 1, MOST_STRIKES)
    return 1 if recent >= allowed else 0


def network(address: str) -> str:
    """Return what is counted for `address`: itself, or for IPv6 its /64, of which anybody has all addresses.

    >>> network("192.0.2.7"), network("2001:db8::1:2"), network("::ffff:192.0.2.7")
    ('192.0.2.7', '2001:db8::/64', '192.0.2.7')
    """
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is None:
            return str(ipaddress.ip_network((parsed.packed, 64), strict=False))
        parsed = parsed.ipv4_mapped
    return str(parsed)
