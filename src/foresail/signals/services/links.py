"""Tracked links: signed, made for one target, and what their opening tells."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from foresail.core.vault import signature_of
from foresail.governance.collecting import contact_subject
from foresail.signals.errors import TargetInvalid
from foresail.signals.models import IntakeKey, TrackedLink
from foresail.signals.reading import Incoming
from foresail.signals.services.brought import Brought
from foresail.signals.services.keys import KnownKey
from foresail.signals.services.refusals import withdrawn
from foresail.signals.sources import LINK, LINK_ID

if TYPE_CHECKING:
    from foresail.people.models import User

DAYS: Final = 180
LONGEST: Final = 2_000
OPENED: Final = "link_opened"
VISITOR: Final = "link:"
PARAMETER: Final = "fsl"
"""What our tracker reads a token from, on our own pages."""
OURS: Final = KnownKey(
    id=0, digest="", browser=False, sources=(LINK.key,), origins=frozenset(), per_minute=0, secret=""
)
"""The key under which openings come: nobody shows it."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{44}")
_MARK: Final = 22
_SCANNERS: Final = re.compile(
    r"bot\b|crawl|spider|preview|prefetch|scan|proxy|monitor|headless|existence discovery|mimecast|proofpoint|barracuda"
    r"|trendmicro|symantec|fireeye|sophos|fortinet|forcepoint|safelinks|facebookexternalhit|whatsapp/|curl/|wget/"
    r"|python|go-http-client|java/|okhttp|libwww|node-fetch|axios",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Opened:
    """Where a link leads, and the signal that it was opened: None where no person did."""

    location: str
    brought: Brought | None


def make_link(
    *, target: str, contact: int | None = None, asset: str = "", by: User | None, at: datetime
) -> TrackedLink:
    """Make a link to `target`, in the caller's transaction. The caller has asked whether it may, and tells of it.

    Raises TargetInvalid.
    """
    require_target(target)
    return TrackedLink.objects.create(
        name=secrets.token_urlsafe(16),
        target=target,
        contact_id=contact,
        asset=asset,
        made_by=by,
        made_at=at,
        expires_at=at + timedelta(days=DAYS),
    )


def require_target(target: str) -> None:
    """Raise TargetInvalid for what is no https address, or one that names who signs in."""
    try:
        parts = urlsplit(target)
        sound = (
            parts.scheme == "https" and bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
        )
    except ValueError:
        sound = False
    if not sound or len(target) > LONGEST or re.search(r"[\s\x00-\x1f\x7f\\]", target):
        raise TargetInvalid(most=LONGEST)


def revoke_links(*, links: Collection[int], at: datetime) -> None:
    """End links: they lead nowhere any more. In the caller's transaction, who tells of it. Twice is once."""
    TrackedLink.objects.filter(pk__in=links, revoked_at=None).update(revoked_at=at)


def token_of(link: TrackedLink) -> str:
    """Return what stands in the address of `link`: its name, signed."""
    return link.name + _signed(link.name)


def name_in(token: str) -> str | None:
    """Return the name of the link whose token this is, None for what we did not sign. Asks no database."""
    if not _TOKEN.fullmatch(token):
        return None
    name, mark = token[:_MARK], token[_MARK:]
    return name if hmac.compare_digest(_signed(name), mark) else None


def is_person(*, method: str, agent: str, purpose: str) -> bool:
    """Whether a request may be somebody's: no HEAD, nothing fetched ahead, no scanner of mails that says it is one."""
    ahead = "prefetch" in purpose.lower() or "preview" in purpose.lower()
    return method == "GET" and bool(agent) and not ahead and not _SCANNERS.search(agent)


def followed(*, token: str, agent: str = "", person: bool = True, at: datetime) -> Opened | None:
    """Return where a link leads, and the signal of it, for `take`; None for one that is none, is over, or was revoked.

    It leads to what it was made for and nowhere else. To a page of ours that carries our tracker it takes the token
    along, so that the browser can prove that it came by this link. At most two queries.
    """
    link = _link(token, at=at)
    if link is None:
        return None
    values = {"url": link.target, "asset": link.asset, "agent": agent[:LONGEST], LINK_ID.name: link.pk}
    signal = Incoming(
        sender="link",
        id=f"{link.pk}:{int(at.timestamp()) // 60}",  # opened twice within a minute is once
        source=LINK.key,
        kind=OPENED,
        visitor=f"{VISITOR}{link.pk}",
        at=at,
        values={name: value for name, value in values.items() if value},
    )
    subject = f"{VISITOR}{link.pk}" if link.contact_id is None else contact_subject(link.contact_id)
    brought = Brought(OURS, signal, subject) if person else None
    return Opened(_carrying(link.target, token), brought)


def proven(tokens: Collection[str], *, at: datetime) -> Mapping[str, int]:
    """Return the links whose tokens these are, by token: they prove that a browser came by that link.

    Not those of a contact who withdrew consent: nothing is tied to them any more. Two queries, none without a token.
    """
    names = {name: token for token in tokens if (name := name_in(token)) is not None}
    found = TrackedLink.objects.filter(name__in=names, expires_at__gt=at, revoked_at=None) if names else ()
    links = {link: names[link.name] for link in found if link.contact_id is not None}
    if not links:
        return {}
    gone = withdrawn({link.contact_id for link in links if link.contact_id is not None})
    return {token: link.pk for link, token in links.items() if link.contact_id not in gone}


def links_of(contacts: Collection[int], *, but: int | None = None) -> Sequence[int]:
    """Return the keys of all links for `contacts`, also those that are over; `but` not those that came with that merge."""
    found = TrackedLink.objects.filter(contact__in=contacts)
    if but is not None:
        found = found.exclude(moves__contains=[{"merge": but}])
    return list(found.values_list("pk", flat=True))


def contacts_of(links: Collection[int]) -> Mapping[int, int]:
    """Return for whom links are, those for nobody left out."""
    found = TrackedLink.objects.filter(pk__in=links, contact__isnull=False)
    return dict(found.values_list("pk", "contact"))


def repoint(*, merge: int, gone: Collection[int], kept: int) -> None:
    """Let links for the contacts `gone` be for `kept`."""
    for link in TrackedLink.objects.select_for_update().filter(contact__in=gone).order_by("pk"):
        link.moves = [*link.moves, {"merge": merge, "before": link.contact_id}]
        link.contact_id = kept
        link.save(update_fields=["contact", "moves"])


def point_back(*, merge: int, kept: int) -> None:
    """Take back what `repoint` did for a merge."""
    found = TrackedLink.objects.select_for_update().filter(contact=kept, moves__contains=[{"merge": merge}])
    for link in found.order_by("pk"):
        link.contact_id = next(each["before"] for each in link.moves if each["merge"] == merge)
        link.moves = [each for each in link.moves if each["merge"] != merge]
        link.save(update_fields=["contact", "moves"])


def _signed(name: str) -> str:
    return base64.urlsafe_b64encode(signature_of(name, use="tracked links"))[:_MARK].decode()


def _link(token: str, *, at: datetime) -> TrackedLink | None:
    name = name_in(token)
    if name is None:
        return None
    return TrackedLink.objects.filter(name=name, expires_at__gt=at, revoked_at=None).first()


def _carrying(target: str, token: str) -> str:
    """Return `target` with the token, where a browser's key holds for its pages."""
    parts = urlsplit(target)
    origin = f"{parts.scheme}://{parts.netloc.lower()}"
    keys = IntakeKey.objects.filter(kind=IntakeKey.Kind.BROWSER, revoked_at=None)
    if not keys.filter(origins__contains=[origin]).exists():
        return target
    query = "&".join(filter(None, (parts.query, f"{PARAMETER}={token}")))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, parts.fragment))
