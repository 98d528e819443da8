"""A signal as it was sent, and what is wrong with one that is none."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from foresail.governance.collecting import Purpose, spelled

LONGEST_TEXT: Final = 2_000
LONGEST_NAME: Final = 200
MOST_VALUES: Final = 40
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_KIND: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")

USER: Final = "user:"
"""What a visitor's name begins with where a sender named none but a user."""


class Wrong(Exception):
    """What is wrong with one signal: `code`, and a sentence in both languages."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code, self.zh, self.en = code, zh, en


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """`sender` and `id` make it the same signal. `visitor` is the name that the sender's tracker gave a browser.

    `claims` is who the visitor is said to be; whether that is proven, `signature` says. Who `refuses` said no just
    there: no consent of another day speaks for it.
    """

    sender: str
    id: str
    source: str | None
    kind: str
    visitor: str
    at: datetime
    values: Mapping[str, Any]
    claims: Mapping[str, str] = field(default_factory=dict)
    signature: str = ""
    refuses: bool = False


def fingerprint_of(signal: Incoming, *, key: int) -> bytes:
    """Return what makes a signal the same: a digest of who brought it, who sent it, and its id."""
    return hashlib.blake2b(f"{key}\x1f{signal.sender}\x1f{signal.id}".encode(), digest_size=16).digest()


def name_in(said: Mapping[str, Any], name: str, *, required: bool = True) -> str:
    """Return a short text. Raises Wrong where it is missing, or none."""
    value = said.get(name)
    if value is None and not required:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_NAME or _CONTROL.search(value):
        raise Wrong(
            "name",
            f"{name} 须为 1 至 {LONGEST_NAME} 个字符的文本。",
            f"{name} is a text of 1 to {LONGEST_NAME} characters.",
        )
    return value


def kind_in(text: str) -> str:
    """Return a kind in our spelling. Raises Wrong.

    >>> kind_in("Product Viewed")
    'product_viewed'
    """
    kind = spelled(text)[:40]
    if not _KIND.fullmatch(kind):
        raise Wrong(
            "kind",
            "类型须以字母开头，由字母、数字和下划线组成。",
            "A kind begins with a letter; letters, digits and _ follow.",
        )
    return kind


def check_consent(kind: str, said: Any, *, timed: bool) -> None:
    """Raise Wrong for a consent of which it cannot be told when it was given, or to what. A withdrawal is always one."""
    if kind != "consent_given":
        return
    if not timed:
        raise Wrong("time", "同意须带上发生的时间。", "A consent says when it was given.")
    purpose = said.get("purpose", Purpose.INTENT.value) if isinstance(said, Mapping) else Purpose.INTENT.value
    if not isinstance(purpose, str) or purpose not in set(Purpose):
        raise Wrong("purpose", "没有这个用途。", "There is no such purpose.")


def instant_in(value: Any, *, now: datetime, skew: timedelta = timedelta(0)) -> datetime:
    """Return when it happened, by our clock: `skew` is how far the sender's is ahead. Raises Wrong."""
    if value is None:
        return now
    at = _moment(value)
    if at is None:
        raise Wrong(
            "time", "时间须为带时区的 ISO 8601 格式。", "A time is written as ISO 8601, with its time zone."
        )
    if at < EARLIEST + skew:
        raise Wrong("time", "时间早于 2000 年。", "The time lies before the year 2000.")
    return at - skew if at < now + skew else now


def skew_of(sent: Any, *, now: datetime) -> timedelta:
    """Return how far the sender's clock is ahead, by when it says it sent; nothing where it does not say."""
    at = _moment(sent)
    skew = timedelta(0) if at is None else at - now
    return skew if abs(skew) <= timedelta(days=366) else timedelta(0)


def _moment(value: Any) -> datetime | None:
    """Return the instant that a text names with its time zone, None where it names none."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        return at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def plain(said: Any) -> dict[str, Any]:
    """Return the values that are texts, numbers or truth values, at most MOST_VALUES; texts are cut."""
    if not isinstance(said, Mapping):
        return {}
    found: dict[str, Any] = {}
    for name, value in said.items():
        if len(found) == MOST_VALUES or len(name) > 40:
            continue
        match value:
            case str():
                found[name] = _CONTROL.sub("", value[:LONGEST_TEXT])
            case bool():
                found[name] = value
            case int() if abs(value) < 2**53:
                found[name] = value
            case float() if abs(value) < 1e15:  # and so not NaN
                found[name] = value
            case _:
                pass
    return found
