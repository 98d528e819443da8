"""What signals add up to: the same whatever the order, whatever happens to who is who, and every point of it told."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from foresail.core.clock import ZONE
from foresail.crm import services as crm
from foresail.crm.models import Account, Contact, Merge
from foresail.people import services as people
from foresail.people.models import User
from foresail.signals.interest_api import HeatMapOut
from foresail.signals.kinds import KINDS
from foresail.signals.models import Daily, Evidence, Interest, Signal, Tie, Topic
from foresail.signals.queries import (
    Explanation,
    HeatRow,
    explain_interest,
    heat,
    heat_by_day,
    heat_by_topic,
    interest,
    interest_in,
)
from foresail.signals.services import KnownKey, add_up, forget_old, judge_all, set_weight, sum_all, take
from foresail.signals.tests.conftest import AT, SITE, consent, page

pytestmark = pytest.mark.django_db

URLS = (f"{SITE}/price", f"{SITE}/compare/acme", f"{SITE}/price/compare", f"{SITE}/about")
END = AT + timedelta(days=40)


@dataclass
class Field:
    """Two accounts with two contacts each, topics for prices and for a competitor, and how to bring signals."""

    ops: User
    accounts: list[Account]
    contacts: list[Contact]
    topics: dict[str, int]


@pytest.fixture
def ground(ops: User, allow: Callable[..., None]) -> Field:
    allow(web={"fields": {"url": "mask", "title": "keep", "seconds": "keep", "file": "mask"}})
    line = people.add_line(name="能源", by=None, at=AT)
    accounts = [
        crm.add_account(line=line, by=None, at=AT, name=name, domain=domain)
        for name, domain in (("华东精密", "huadong.example"), ("北辰重工", "beichen.example"))
    ]
    contacts = [
        crm.add_contact(account=account, by=None, at=AT, name=name, email=f"{name}@{account.domain}")
        for account in accounts
        for name in ("li", "wang")
    ]
    topics = {
        key: Topic.objects.create(
            key=key, kind=kind, zh=key, en=key, rule={"field": "url", "op": "contains", "value": word},
            status="active", changed_at=AT,
        ).pk
        for key, kind, word in (("price", "price", "/price"), ("acme", "competitor", "compare"))
    }  # fmt: skip
    return Field(ops, accounts, contacts, topics)


def told(ground: Field, server: KnownKey, visitor: str, name: str, contact: int, at: datetime) -> None:
    """Let a server say who a visitor is."""
    email = ground.contacts[contact].email
    take(
        [
            page(server, visitor, name, kind="identify", source="form", at=at, values={}, claims={"email": email}),
        ],
        at=at,
    )  # fmt: skip


# ---- an independent account of what should stand: plain loops over what is kept


def expected(now: datetime) -> tuple[dict[tuple[int, int, str], float], dict[tuple[int, int, str], float]]:
    """Return evidence by account, topic and kind: of the topic, and shared among topics."""
    value: dict[tuple[int, int, str], float] = defaultdict(float)
    whole: dict[tuple[int, int, str], float] = defaultdict(float)
    rules = [(topic.pk, topic.rule["value"]) for topic in Topic.objects.filter(status="active")]
    repeats: dict[object, int] = defaultdict(int)
    for signal in Signal.objects.order_by("pk"):
        tie = Tie.objects.filter(visitor=signal.visitor, ended_at=None).first()
        if tie is None or signal.kind == "identify":
            continue
        account = Account.with_deleted.get(pk=tie.account)
        if tie.contact is not None:
            contact = Contact.with_deleted.get(pk=tie.contact)
            account = contact.account
            if contact.left_at is not None and signal.at >= contact.left_at:
                continue
        if account.merged_into is not None:
            account = Account.objects.get(pk=account.merged_into)
        about = [key for key, word in rules if word in signal.values["url"]] or [0]
        size = min(signal.values["seconds"], 600) / 120 if signal.kind == "dwell" else 1.0
        life = KINDS[signal.kind].half_life
        for topic in about:
            again = (signal.visitor, topic, signal.kind, signal.at.astimezone(ZONE).date())
            counts = size * tie.confidence * 0.7 ** repeats[again] if repeats[again] < 20 else 0.0
            repeats[again] += 1
            counts *= 0.5 ** ((now - signal.at) / timedelta(days=life))
            value[account.pk, topic, signal.kind] += counts
            whole[account.pk, topic, signal.kind] += counts / len(about)
    return value, whole


def check(ground: Field) -> None:
    """What the sums say is what stands; every strength is that of its parts."""
    value, whole = expected(END)
    kept = {
        (each.account, each.topic, each.kind): 0.5 ** ((END - each.at) / timedelta(days=KINDS[each.kind].half_life))
        for each in Interest.objects.all()
    }  # fmt: skip
    sums = {(each.account, each.topic, each.kind): each for each in Interest.objects.all()}
    assert set(sums) == {key for key, amount in value.items() if amount}
    for key, each in sums.items():
        assert math.isclose(each.value * kept[key], value[key], rel_tol=1e-9, abs_tol=1e-12)
        assert math.isclose(each.whole * kept[key], whole[key], rel_tol=1e-9, abs_tol=1e-12)
    standing = Evidence.objects.filter(ended_at=None)
    days: dict[object, float] = defaultdict(float)
    for row in standing:
        days[row.account, row.on, row.topic, row.kind] += row.amount
    assert {(row.account, row.on, row.topic, row.kind) for row in Daily.objects.all()} == set(days)
    for day in Daily.objects.all():
        assert math.isclose(day.amount, days[day.account, day.on, day.topic, day.kind], rel_tol=1e-9)
    found = interest_in(accounts=[account.pk for account in ground.accounts], at=END)
    then = interest_in(accounts=[account.pk for account in ground.accounts], at=END, as_known_then=True)
    for account, of in found.items():
        weighed = sum(KINDS[kind].weight * each for (key, _, kind), each in whole.items() if key == account)
        assert math.isclose(of.strength, 100 * (1 - math.exp(-weighed / 12)), rel_tol=1e-9, abs_tol=1e-9)
        assert math.isclose(of.strength, then[account].strength, rel_tol=1e-9, abs_tol=1e-9)
        if Account.objects.filter(pk=account).exists():  # not merged away
            why = explain_interest(user=ground.ops, account=account, at=END)
            assert math.isclose(
                sum(event.part for event in why.events) + why.others_part,
                of.strength,
                rel_tol=1e-9,
                abs_tol=1e-9,
            )


# ---- histories


@dataclass(frozen=True)
class Step:
    what: str
    visitor: int
    url: int
    kind: str
    late: int
    contact: int
    seconds: int


steps = st.lists(
    st.builds(
        Step,
        what=st.sampled_from(
            ["page"] * 10 + ["told"] * 2 + ["add"] * 4 + ["left", "merge", "undo", "withdraw", "old"]
        ),
        visitor=st.integers(0, 2), url=st.integers(0, 3), kind=st.sampled_from(["page", "page", "dwell", "download"]),
        late=st.sampled_from([0, 0, 1, 30, 3000]), contact=st.integers(0, 3), seconds=st.integers(1, 900),
    ),
    min_size=5, max_size=40,
)  # fmt: skip


# Shrinking a history takes longer than reading it.
@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=steps)
def test_added_up_as_it_comes_is_added_up_at_once(
    ground: Field, browser: KnownKey, server: KnownKey, history: list[Step]
) -> None:
    with transaction.atomic():
        _live_through(ground, browser, server, history)
        while add_up(most=3):
            pass
        check(ground)
        before = {(each.account, each.topic, each.kind): each.value for each in Interest.objects.all()}
        judge_all(at=END)
        after = {(each.account, each.topic, each.kind): each.value for each in Interest.objects.all()}
        assert before.keys() == after.keys()
        assert all(math.isclose(before[key], after[key], rel_tol=1e-9) for key in before)
        transaction.set_rollback(True)


def _live_through(ground: Field, browser: KnownKey, server: KnownKey, history: Iterable[Step]) -> None:
    merges: list[Merge] = []
    now = AT + timedelta(hours=1)
    take([consent(browser, f"v{each}", f"c{each}") for each in range(3)], at=AT)
    # What a server says rests on the consent that the visitor gave on the site.
    for place, step in enumerate(history):
        now += timedelta(hours=5)
        visitor = f"v{step.visitor}"
        match step.what:
            case "page":
                at = max(now - timedelta(minutes=step.late), AT + timedelta(minutes=1))
                values = {"url": URLS[step.url], "title": "x", "seconds": step.seconds}
                take([page(browser, visitor, f"s{place}", kind=step.kind, at=at, values=values)], at=now)
            case "told":
                told(ground, server, visitor, f"s{place}", step.contact, now)
            case "add":
                add_up(most=4)
            case "left" if ground.contacts[step.contact].left_at is None:
                contact = Contact.with_deleted.get(pk=ground.contacts[step.contact].pk)
                if contact.left_at is None and contact.merged_into is None:
                    crm.contact_left(contact=contact, by=None, at=now)
            case "merge" if not merges:
                keep, gone = (Account.objects.get(pk=account.pk) for account in ground.accounts)
                merges.append(crm.merge_records(keep=keep, gone=[gone], by=None, at=now))
            case "undo" if merges:
                crm.undo_merge(merge=merges.pop(), by=None, at=now)
            case "withdraw" if place > 5:
                take([consent(browser, visitor, f"w{place}", given=False, at=now)], at=now)
            case "old":
                forget_old(at=AT + timedelta(hours=step.late) if step.late < 3000 else now)


def test_who_they_are_told_late_brings_the_past_along_known_from_then(
    ground: Field, browser: KnownKey, server: KnownKey
) -> None:
    take([consent(browser)], at=AT)
    read, said = AT + timedelta(days=1), AT + timedelta(days=9)
    take([page(browser, at=read, values={"url": URLS[0]})], at=read)
    add_up()
    assert not Evidence.objects.exists()
    told(ground, server, "v1", "t1", 0, said)
    add_up()
    row = Evidence.objects.get()
    assert (row.account, row.contact, row.topic) == (
        ground.accounts[0].pk, ground.contacts[0].pk, ground.topics["price"],
    )  # fmt: skip
    assert (row.at, row.known_at) == (read, said)
    key = ground.accounts[0].pk
    assert interest_in(accounts=[key], at=said - timedelta(seconds=1), as_known_then=True) == {}
    assert interest_in(accounts=[key], at=said, as_known_then=True)[key].strength > 0


def test_a_browser_alone_proves_nothing(ground: Field, browser: KnownKey) -> None:
    take([consent(browser)], at=AT)
    mail = ground.contacts[0].email
    forged = [
        page(browser, name="1", values={"url": URLS[0]}),
        page(
            browser, name="2", kind="identify", source="form", values={}, claims={"email": mail, "user": mail}
        ),
        page(
            browser, name="3", kind="form_sent", source="form", values={"email": mail, "company": "华东精密"}
        ),
    ]
    take(forged, at=AT)
    add_up()
    assert not Tie.objects.exists()
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        ("li@huadong.example", "signed"),
        ("nobody@mail.huadong.example", "domain"),
        ("somebody@qq.com", None),
        ("somebody@elsewhere.example", None),
    ],
)
def test_an_address_names_a_contact_a_domain_an_account_and_a_free_mail_nobody(
    ground: Field, browser: KnownKey, server: KnownKey, email: str, reason: str | None
) -> None:
    crm.add_account(line=ground.accounts[0].line, by=None, at=AT, name="QQ", domain="qq.com")
    take([consent(browser)], at=AT)
    take([page(server, kind="identify", source="form", values={}, claims={"email": email})], at=AT)
    add_up()
    assert [tie.reason for tie in Tie.objects.all()] == ([reason] if reason else [])


def test_two_of_one_address_in_two_accounts_name_nobody(
    ground: Field, browser: KnownKey, server: KnownKey
) -> None:
    crm.add_contact(account=ground.accounts[1], by=None, at=AT, name="li 2", email=ground.contacts[0].email)
    take([consent(browser)], at=AT)
    told(ground, server, "v1", "t1", 0, AT)
    add_up()
    assert not Tie.objects.exists()


def test_consent_withdrawn_leaves_nothing_of_what_was_added_up(
    ground: Field, browser: KnownKey, server: KnownKey
) -> None:
    take([consent(browser)], at=AT)
    told(ground, server, "v1", "t1", 0, AT)
    take([page(browser, name=str(each), values={"url": URLS[0]}) for each in range(5)], at=AT)
    add_up()
    assert Interest.objects.exists()
    take([page(browser, name="late", values={"url": URLS[0]})], at=AT)  # not added up yet
    take([consent(browser, name="w", given=False, at=AT + timedelta(hours=1))], at=AT + timedelta(hours=1))
    for model in (Evidence, Interest, Daily, Tie):
        assert not model.objects.exists()
    assert add_up() == 0


def test_who_is_still_known_is_so_when_the_first_proof_is_over(
    ground: Field, browser: KnownKey, server: KnownKey
) -> None:
    take([consent(browser)], at=AT)
    told(ground, server, "v1", "t1", 0, AT)
    later = AT + timedelta(days=300)
    told(ground, server, "v1", "t2", 0, later)
    take([page(browser, at=later, values={"url": URLS[0]})], at=later)
    add_up()
    known = Evidence.objects.get()
    forget_old(at=AT + timedelta(days=370))  # what is told in a form is kept for 365
    assert Tie.objects.get().known_at == AT
    assert Evidence.objects.get().pk == known.pk


def test_of_very_many_accounts_the_map_shows_those_with_news(
    ground: Field, browser: KnownKey, server: KnownKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    take([consent(browser, f"v{each}", f"c{each}") for each in (1, 2)], at=AT)
    told(ground, server, "v1", "t1", 0, AT)
    told(ground, server, "v2", "t2", 2, AT)
    lately = AT + timedelta(days=20)
    take([page(browser, "v1", values={"url": URLS[0]})], at=AT)
    take([page(browser, "v2", name="2", at=lately, values={"url": URLS[0]})], at=lately)
    add_up()
    topics = list(ground.topics.values())

    def maps() -> list[dict[int, HeatRow]]:
        by_day = heat_by_day(user=ground.ops, at=lately)
        by_topic = heat_by_topic(user=ground.ops, at=lately, topics=topics)
        return [{row.account: row for row in found.rows} for found in (by_day, by_topic)]

    every = maps()
    assert all(set(each) == {account.pk for account in ground.accounts} for each in every)
    monkeypatch.setattr(heat, "MANY", 1)
    key = ground.accounts[1].pk
    assert maps() == [{key: each[key]} for each in every]


def test_what_faded_for_years_is_next_to_nothing(ground: Field, browser: KnownKey, server: KnownKey) -> None:
    set_weight(kind="page", weight=1.0, half_life=1.0, by=ground.ops, at=AT)
    account, price = ground.accounts[0].pk, ground.topics["price"]
    take([consent(browser)], at=AT)
    told(ground, server, "v1", "t1", 0, AT)
    take([page(browser, name="old", at=AT, values={"url": URLS[0]})], at=AT)
    add_up()
    years = AT + timedelta(days=1_200)
    assert interest_in(accounts=[account], at=years)[account].strength < 1e-9
    assert interest_in(accounts=[account], at=years, as_known_then=True)[account].strength < 1e-9
    assert explain_interest(user=ground.ops, account=account, at=years).strength < 1e-9
    take([page(browser, name="new", at=years, values={"url": URLS[0]})], at=years)
    add_up()
    (row,) = heat_by_topic(user=ground.ops, at=years, topics=[price]).rows
    alone = explain_interest(user=ground.ops, account=account, at=years, day=years.date())
    assert row.strength == pytest.approx(alone.strength)
    before = list(Interest.objects.values_list("at", "value", "whole"))
    sum_all()
    assert list(Interest.objects.values_list("at", "value", "whole")) == before


def test_of_very_many_signals_the_largest_are_told_and_the_rest_together(
    ground: Field, browser: KnownKey, server: KnownKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    take([consent(browser)], at=AT)
    told(ground, server, "v1", "t1", 0, AT)
    for day in range(8):
        at = AT + timedelta(days=day)
        take([page(browser, name=str(day), at=at, values={"url": URLS[day % 4]})], at=at)
    add_up()

    def why(**of: Any) -> Explanation:
        return explain_interest(user=ground.ops, account=ground.accounts[0].pk, at=END, **of)

    for of in ({}, {"topic": ground.topics["price"]}, {"day": AT.date()}):
        monkeypatch.setattr(interest, "MOST_EVENTS", 100)
        every = why(**of)
        assert (every.others, every.others_part) == (0, 0)
        parts = [event.part for event in every.events]
        assert parts == sorted(parts, reverse=True)
        monkeypatch.setattr(interest, "MOST_EVENTS", 3)
        some = why(**of)
        shown: list[Any] = [
            (event.signal, event.topics, pytest.approx(event.part, rel=1e-9)) for event in every.events[:3]
        ]
        assert [(event.signal, event.topics, event.part) for event in some.events] == shown
        assert some.strength == pytest.approx(every.strength, rel=1e-9)
        assert some.others == max(len(parts) - 3, 0)
        assert some.others_part == pytest.approx(sum(parts[3:]), rel=1e-9)
    assert all(event.topics == [ground.topics["price"]] for event in why(topic=ground.topics["price"]).events)


@pytest.mark.parametrize("by", ["day", "topic"])
def test_the_map_over_http_is_what_it_promises(
    ground: Field,
    browser: KnownKey,
    server: KnownKey,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    by: str,
) -> None:
    take([consent(browser)], at=AT)
    told(ground, server, "v1", "t1", 0, AT)
    take([page(browser, values={"url": URLS[0]})], at=AT)
    add_up()
    monkeypatch.setattr("foresail.core.clock.now", lambda: AT)
    _, token = people.create_session(user=ground.ops, address="192.0.2.1", agent="Tests", at=AT)
    client.cookies["foresail_session"] = token
    answer = client.get(f"/api/interest/map?by={by}")
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    assert client.get("/api/interest/map/refused").json() == []
    found = HeatMapOut.model_validate_json(answer.content, strict=True)
    assert json.loads(answer.content) == json.loads(found.model_dump_json())
    topics = list(ground.topics.values())
    wanted = (
        heat_by_day(user=ground.ops, at=AT)
        if by == "day"
        else heat_by_topic(user=ground.ops, at=AT, topics=topics)
    )
    assert (found.days or found.topics, found.total) == (wanted.columns, 1)
    (row,), (of,) = found.rows, wanted.rows
    assert (row.account.id, row.account.name, row.cells) == (of.account, "华东精密", of.cells)
    assert (row.strength, row.rise.model_dump()) == (of.strength, of.rise._asdict())
    assert sum(row.cells) > 0
    told_alone = interest_in(accounts=[of.account], at=AT)[of.account]
    assert (of.strength, *of.rise) == pytest.approx((told_alone.strength, *told_alone.rise), rel=1e-12)
    if by == "topic":
        strengths = {each.topic: each.strength for each in told_alone.topics}
        assert row.cells == [round(strengths.get(topic, 0.0)) for topic in topics]
