"""Reading the timeline of a deal in which 10,000 things happened, against the bare SQL of the same pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

import psycopg

from bench.figure import Figure
from bench.served import OPERATIONS, fresh, inside, load, login, median, p95, seconds
from foresail.core.cluster import Cluster
from foresail.core.home import Home

ENTRIES = 10_000
DAYS = 540
"""Over so many days they are spread, and so over as many months' partitions as the demo company's."""
TRIES = 100
LIMIT = 30
MIXED = (
    *(("mail", "in"), ("mail", "out"), ("call", "none"), ("chat", "in"), ("chat", "out")),
    *(("mail", "in"), ("mail", "out"), ("meeting", "none"), ("visit", "none"), ("mail", "out")),
)
RARE = "visit"
PAGE = "SELECT * FROM timeline_entry WHERE deal_id = %(deal)s {} ORDER BY at DESC, id DESC LIMIT %(limit)s"


def measure() -> Iterator[Figure]:
    with fresh() as installation:
        installation.run("demo", "--no-train")
        with installation.serving():
            deal = inside(installation, talk, entries=ENTRIES)
            caller = login(installation, OPERATIONS)
            path = f"/api/deals/{deal}/timeline"
            address = Cluster(Home(installation.home)).address()
            with psycopg.connect(address, autocommit=True) as bare:
                cursor = _middle(bare, deal)
                at, _, key = cursor.rpartition("_")
                pages: dict[str, tuple[dict[str, Any], str]] = {
                    "first": ({}, ""),
                    "middle": ({"before": cursor}, "AND (at, id) < (%(at)s::timestamptz, %(key)s)"),
                    "of_a_kind": ({"groups": RARE}, "AND kind = %(kind)s"),
                }
                named = {"deal": deal, "limit": LIMIT + 1, "at": at, "key": int(key), "kind": RARE}
                for name, (asked, where) in pages.items():
                    ours = partial(caller.get, f"{path}?{urlencode({'limit': LIMIT, **asked})}")
                    yield _page(name, ours=ours, peer=partial(_bare, bare, PAGE.format(where), named))


def talk(*, entries: int) -> int:
    """Let `entries` talks have happened in one open deal; return its key. Runs inside the installation."""
    from foresail.conversations.services import NewCommunication, add_communications
    from foresail.crm.models import Deal

    deal = Deal.objects.filter(status="open").order_by("opened_at", "pk")[0]
    now = datetime.now(UTC)
    talks = []
    for place in range(entries):
        channel, direction = MIXED[place % len(MIXED)]
        at = now - timedelta(days=DAYS) * (place + 1) / (entries + 1)
        talks.append(
            NewCommunication(
                deal=deal.pk, account=deal.account_id, channel=channel, direction=direction, title=f"第 {place} 次沟通",
                text="双方就技术方案、交货期和价格交换了意见。" * 8, at=at, known_at=at, source="bench",
                source_id=str(place), author=deal.owner_id,
            )
        )  # fmt: skip
    add_communications(talks, at=now)
    key: int = deal.pk
    return key


def _middle(bare: psycopg.Connection[Any], deal: int) -> str:
    """Return the cursor after half of the entries."""
    query = "SELECT at, id FROM timeline_entry WHERE deal_id = %s ORDER BY at DESC, id DESC OFFSET %s LIMIT 1"
    found = bare.execute(query, [deal, ENTRIES // 2]).fetchone()
    assert found is not None
    return f"{found[0].astimezone(UTC).replace(tzinfo=None).isoformat()}Z_{found[1]}"


def _bare(connection: psycopg.Connection[Any], query: str, named: dict[str, Any]) -> list[Any]:
    return connection.execute(query, named).fetchall()


def _page(name: str, *, ours: Callable[[], Any], peer: Callable[[], list[Any]]) -> Figure:
    """Measure a page, and see first that both give the same entries."""
    assert [item["id"] for item in ours()["items"]] == [row[0] for row in peer()[:LIMIT]], name
    took, bare = seconds(ours, times=TRIES), seconds(peer, times=TRIES)
    return Figure(
        f"timeline_{name}_p95", 1000 * p95(took), "ms", 1000 * p95(bare),
        f"the bare SQL of the same page; medians {1000 * median(took):.1f} and {1000 * median(bare):.1f} ms; {load()}",
        at_most=100, bounds_value=True,
    )  # fmt: skip
