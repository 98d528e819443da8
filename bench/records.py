"""Board, filtered list, record and search of a company with 100,000 deals, asked by 20 people at once, and the bare SQL."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import perf_counter
from urllib.parse import urlencode

import psycopg
from playwright.sync_api import Browser

from bench.browsing import browser, page_as
from bench.figure import Figure
from bench.page import DEALS, filled
from bench.served import MANAGER, OPERATIONS, inside, kept, load, login, median, p95, seconds
from foresail.core.cluster import Cluster
from foresail.core.home import Home
from tests.journeys.installation import PATIENCE, Caller, Installation

CONTACTS, AT_ONCE = 200_000, 4_000
"""So many people the company knows, and so many of them are added in one transaction."""
USERS, ROUNDS, PAUSE = 20, 8, (0.5, 2.5)
"""How many ask at once, how often each asks for everything, and the seconds for which each then looks at it."""
TRIES, VISITS, LIMIT, LEAST = 40, 5, 50, 500_000
WHERE = {
    "all": [
        {"field": "status", "op": "in", "value": ["open"]},
        {"field": "amount", "op": "gte", "value": str(LEAST)},
    ]
}
COLUMNS = "account,stage,amount,owner,expected_close_on,win_chance,win_change"
LIST = {"where": json.dumps(WHERE), "sort": "-amount", "columns": COLUMNS, "limit": LIMIT}
OPEN = {"all": [{"field": "status", "op": "in", "value": ["open"]}]}
BOARD = {"by": "stage", "sums": "amount", "weigh": "win_chance", "where": json.dumps(OPEN)}
"""What the page of deals asks when it opens: those that are open."""
BARE = f"""
    SELECT d.*, a.name FROM crm_deal d JOIN crm_account a ON a.id = d.account_id
    WHERE d.deleted_at IS NULL AND d.status = 'open' AND d.amount >= {LEAST}
    ORDER BY d.amount DESC NULLS LAST, d.id DESC LIMIT {LIMIT + 1}
"""
CARDS = """() => document.querySelector('li [role="button"]') && !document.querySelector('[aria-busy="true"]')
    && performance.now()"""


def measure() -> Iterator[Figure]:
    installation = kept(f"deals-{DEALS}")
    filled(installation)
    with installation.serving():
        yield peopled(installation)
        caller = login(installation, OPERATIONS)
        with psycopg.connect(Cluster(Home(installation.home)).address(), autocommit=True) as bare:
            alone = seconds(partial(caller.get, _path(LIST)), times=TRIES)
            peer = seconds(lambda: bare.execute(BARE).fetchall(), times=TRIES)
            yield Figure(
                "records_list_p95", 1000 * p95(alone), "ms", 1000 * p95(peer),
                f"the bare SQL of the same list, one at a time; medians {1000 * median(alone):.0f} and"
                f" {1000 * median(peer):.0f} ms; {load()}", at_most=200, bounds_value=True,
            )  # fmt: skip
        yield from _crowd(installation)
        with browser() as chromium:
            opened = [_board(caller, chromium) for _ in range(VISITS)]
            yield Figure(
                "records_board_interactive", median(opened), "s", against=f"a cold visit; {load()}", at_most=1.5,
                bounds_value=True,
            )  # fmt: skip


def peopled(installation: Installation) -> Figure:
    """Give the served company as many contacts as the goal speaks of, unless an earlier run did; return how many it has.

    The demo's own come to fewer. They go through the product's own door, which is measured by `imports`.
    """
    stamp = installation.home.with_suffix(".json")
    told = json.loads(stamp.read_text())
    if "contacts" not in told:
        told["contacts"] = inside(installation, add_people, up_to=CONTACTS)
        with psycopg.connect(Cluster(Home(installation.home)).address(), autocommit=True) as bare:
            bare.execute("VACUUM (ANALYZE) crm_contact")  # as the server does by itself some minutes later
        stamp.write_text(json.dumps(told))
    return Figure("records_contacts", told["contacts"], "contacts")


def add_people(*, up_to: int) -> int:
    """Add contacts, the same number at each account, until there are `up_to`; return how many there are.

    Runs inside the installation.
    """
    from bench.imports import person
    from foresail.core import clock
    from foresail.crm import services
    from foresail.crm.models import Account, Contact

    there = Contact.objects.count()
    accounts = list(Account.objects.order_by("pk").values_list("pk", flat=True))
    rng = random.Random(4)
    people = []
    for number in range(max(up_to - there, 0)):
        (name, title), phone = person(rng), f"1{50 + number % 9}{number:08d}"
        account, email = accounts[number % len(accounts)], f"bench{number}@example.com"
        people.append(services.NewContact(account=account, name=name, title=title, email=email, phone=phone))
    for begin in range(0, len(people), AT_ONCE):
        services.add_contacts(people[begin : begin + AT_ONCE], by=None, at=clock.now())
    return there + len(people)


def _path(asked: dict[str, object]) -> str:
    return f"/api/records/deal?{urlencode(asked)}"


def _crowd(installation: Installation) -> Iterator[Figure]:
    """Let 20 people, managers and sales operations, click through it all side by side."""
    callers = [login(installation, (OPERATIONS, MANAGER)[number % 2]) for number in range(USERS)]
    deals = [one["id"] for one in callers[0].get("/api/deals?status=open&sort=-amount&limit=100")["items"]]
    names = ["智能", "苏州", "qm", "有限公司"]  # some, few, by initials, nearly all
    took: dict[str, list[float]] = {}

    board = f"/api/records/deal-groups?{urlencode(BOARD)}"

    def work(caller: Caller, chance: random.Random) -> None:
        time.sleep(chance.uniform(0, PAUSE[1]))
        for _ in range(ROUNDS):
            asks: dict[str, Callable[[], object]] = {
                "board": partial(caller.get, board),
                "list": partial(caller.get, _path(LIST)),
                "record": partial(caller.call, "GET", f"/api/deals/{chance.choice(deals)}"),
                "search": partial(caller.get, f"/api/search?{urlencode({'q': chance.choice(names)})}"),
            }
            for name, ask in asks.items():
                begun = perf_counter()
                ask()
                took.setdefault(name, []).append(perf_counter() - begun)
                time.sleep(chance.uniform(*PAUSE))

    with ThreadPoolExecutor(USERS) as pool:
        list(pool.map(work, callers, map(random.Random, range(USERS))))
        begun = perf_counter()
        list(pool.map(lambda caller: caller.get(board), callers))
        yield Figure(
            f"records_board_of_{USERS}_in_one_instant", 1000 * (perf_counter() - begun), "ms",
            against=f"until the last of {USERS} has the sums that all asked for at once; {load()}",
        )  # fmt: skip
    for name, times in took.items():
        yield Figure(
            f"records_{name}_of_{USERS}_p95", 1000 * p95(times), "ms",
            against=f"{len(times)} asked by {USERS} people with {PAUSE[0]} to {PAUSE[1]} s between; median"
            f" {1000 * median(times):.0f} ms; {load()}", at_most=200, bounds_value=True,
        )  # fmt: skip


def _board(caller: Caller, chromium: Browser) -> float:
    """Return the seconds until the board shows its cards."""
    with page_as(caller, chromium) as page:
        page.goto(f"{caller.address}/deals?layout=board", wait_until="commit")
        ready: float = page.wait_for_function(CARDS, timeout=PATIENCE * 1000).json_value()
        return ready / 1000
