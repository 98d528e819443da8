"""Keys under which sites and servers bring signals."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from django.db import transaction

from foresail.core.changes import Change, record
from foresail.core.outbox import tell
from foresail.governance.permission import may_propose
from foresail.people.errors import NotAllowed
from foresail.signals.errors import KeyNameMissing, OriginInvalid, RateInvalid, SourcesInvalid
from foresail.signals.models import IntakeKey
from foresail.signals.sources import ALL, FORM, LINK, WEB

if TYPE_CHECKING:
    from foresail.people.models import User

SERVER: Final = "fss_"
BROWSER: Final = "fsb_"
"""So that a key that lies somewhere in the open is known for what it is: the second may."""
LONGEST_NAME: Final = 100
MOST_ORIGINS: Final = 20
MOST_PER_MINUTE: Final = 1_000_000
OPEN_TO_BROWSERS: Final = frozenset({WEB.key, FORM.key, LINK.key})


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key as the intake needs it. `digest` is of the token that is shown."""

    id: int
    digest: str
    browser: bool
    sources: Sequence[str]
    origins: frozenset[str]
    per_minute: int
    secret: str

    def proves(self, *, visitor: str, user: str, signature: str) -> bool:
        """Whether who holds our secret says that `visitor` is `user`; a server says it by showing its key."""
        if not self.browser:
            return True
        said = f"{visitor}\n{user}".encode()
        right = hmac.new(self.secret.encode(), said, hashlib.sha256).hexdigest()
        return bool(user) and hmac.compare_digest(right.encode(), signature.encode())

    def pseudonym_of(self, user: str) -> str:
        """Return the visitor that stands for a user whose sender gives no visitor: not who it is, and another for each key."""
        return hmac.new(self.secret.encode(), user.encode(), hashlib.sha256).hexdigest()[:32]


def create_intake_key(
    *,
    kind: str,
    name: str,
    sources: Sequence[str],
    origins: Sequence[str] = (),
    per_minute: int = 6_000,
    by: User,
    at: datetime,
) -> tuple[IntakeKey, str]:
    """Make a key; return it and its token, which of a server's is kept nowhere.

    Raises NotAllowed, KeyNameMissing, SourcesInvalid, OriginInvalid or RateInvalid.
    """
    if not may_propose(by):
        raise NotAllowed
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise KeyNameMissing(most=LONGEST_NAME)
    browser = IntakeKey.Kind(kind) is IntakeKey.Kind.BROWSER
    offered = OPEN_TO_BROWSERS if browser else {source.key for source in ALL}
    if not sources or not set(sources) <= offered:
        raise SourcesInvalid
    if not 1 <= per_minute <= MOST_PER_MINUTE:
        raise RateInvalid(most=MOST_PER_MINUTE)
    origins = [_origin(each) for each in origins] if browser else []
    if browser and not 0 < len(origins) <= MOST_ORIGINS:
        raise OriginInvalid(origin="", most=MOST_ORIGINS)
    token = (BROWSER if browser else SERVER) + secrets.token_urlsafe(24)
    with transaction.atomic():
        key = IntakeKey.objects.create(
            kind=kind,
            name=name,
            digest=digest_of(token),
            shown=token if browser else token[: len(SERVER) + 6],
            secret=secrets.token_hex(32),
            sources=list(dict.fromkeys(sources)),
            origins=list(dict.fromkeys(origins)),
            per_minute=per_minute,
            created_by=by,
            created_at=at,
        )
        values = {"kind": kind, "sources": key.sources, "origins": key.origins, "per_minute": per_minute}
        _told("create_intake_key", key, values, by=by, at=at)
    return key, token


def revoke_intake_key(*, key: IntakeKey, by: User, at: datetime) -> None:
    """End a key. Raises NotAllowed. Twice is once."""
    if not may_propose(by):
        raise NotAllowed
    with transaction.atomic():
        if IntakeKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=at):
            _told("revoke_intake_key", key, {}, by=by, at=at)


def known_keys() -> Mapping[str, KnownKey]:
    """Return the keys that hold, by the digests of their tokens."""
    return {
        each.digest: KnownKey(
            id=each.pk,
            digest=each.digest,
            browser=each.kind == IntakeKey.Kind.BROWSER,
            sources=tuple(each.sources),
            origins=frozenset(each.origins),
            per_minute=each.per_minute,
            secret=each.secret,
        )
        for each in IntakeKey.objects.filter(revoked_at=None)
    }


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _origin(text: str) -> str:
    """Return a site as browsers name it in Origin. Raises OriginInvalid."""
    text = text.strip().rstrip("/").lower()
    try:
        parts = urlsplit(text)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        sound = sound and text == f"{parts.scheme}://{parts.netloc}" and not set("@*") & set(text)
    except ValueError:
        sound = False
    if not sound:
        raise OriginInvalid(origin=text, most=MOST_ORIGINS)
    return text


def _told(verb: str, key: IntakeKey, values: Mapping[str, object], *, by: User, at: datetime) -> None:
    tell("collecting", 0)
    record(Change(actor=by.pk, verb=verb, subject="signals.IntakeKey", key=str(key.pk), at=at, values=values))
