"""The demo: its numbers add up, nothing lies in the future, and it goes into an empty Foresail alone."""

import dataclasses
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
from django.apps import apps
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password
from django.db import transaction
from django.test import Client

from foresail.core.errors import Refusal
from foresail.crm import queries as crm
from foresail.demo import services
from foresail.demo.history import make_history
from foresail.demo.logins import demo_logins
from foresail.demo.services import filling
from foresail.demo.services.doubling import ACCOUNTS, CONTACTS
from foresail.demo.writer import CHANNELS
from foresail.people.models import User
from foresail.timeline import queries as timeline

AT = datetime(2026, 11, 18, 7, 30, tzinfo=UTC)
DEALS = 120


@pytest.fixture(scope="module")
def kept(django_db_setup: None, django_db_blocker: Any) -> Iterator[services.Filled]:  # noqa: ARG001
    """One company for all tests, which only look at it: it takes longer to fill than to look."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        # What is tested here does not depend on how hard Argon2 works.
        patch.setattr(Argon2PasswordHasher, "time_cost", 1)
        patch.setattr(Argon2PasswordHasher, "memory_cost", 64)
        yield services.fill(deals=DEALS, seed=7, at=AT)
        transaction.set_rollback(True)


@pytest.fixture
def filled(kept: services.Filled, db: None) -> services.Filled:  # noqa: ARG001  (what a test does is undone)
    return kept


def test_the_timeline_gives_back_the_simulated_log_as_known_now(filled: services.Filled) -> None:
    expected = make_history(deals=DEALS, seed=7, at=AT).log()
    frames = timeline.deal_log(pipelines=list(filled.pipelines))
    # What the website's visitors care about is no part of the simulation.
    kept = frames.events.filter(~pl.col("kind").str.starts_with("interest_"))
    found = dataclasses.replace(frames, events=kept).log()
    facts = crm.facts_of([int(key) for key in found.deals.ids])
    order = np.argsort([facts[int(key)].number for key in found.deals.ids])
    assert [facts[int(found.deals.ids[place])].number for place in order] == list(expected.deals.ids)
    for name in ("opened", "closed", "outcome", "amount"):
        np.testing.assert_array_equal(getattr(found.deals, name)[order], getattr(expected.deals, name))
    users = {f"u{user.pk}": user.name for user in User.objects.all()}
    assert [users[found.deals.owners[code]] for code in found.deals.owner[order]] == [
        expected.deals.owners[code] for code in expected.deals.owner
    ]
    for name in expected.deals.attributes.columns:
        mine = found.deals.attributes[name].gather(order)
        assert mine.to_list() == expected.deals.attributes[name].to_list()

    def told(log: object, names: dict[str, str]) -> Counter[object]:
        events = log.events  # type: ignore[attr-defined]
        number = {place: facts[int(key)].number if names else key for place, key in enumerate(log.deals.ids)}  # type: ignore[attr-defined]
        return Counter(
            zip(
                [number[place] for place in events.deal.tolist()],
                events.at.tolist(),
                events.known.tolist(),
                [events.kinds[code] for code in events.kind],
                [
                    names.get(actor, actor) if (actor := _name(events.actors, code)) else None
                    for code in events.actor
                ],
                [_name(events.stages, code) for code in events.stage],
                strict=True,
            )
        )

    assert told(found, users) == told(expected, {})


def _name(names: tuple[str, ...], code: int) -> str | None:
    return None if code < 0 else names[code]


def test_numbers_add_up_and_nothing_lies_in_the_future(filled: services.Filled) -> None:
    history = make_history(deals=DEALS, seed=7, at=AT)
    deals, entries = apps.get_model("crm", "Deal").objects, apps.get_model("timeline", "Entry").objects
    talks = apps.get_model("conversations", "Communication").objects
    assert filled.deals == deals.count() == len(history.deals)
    assert filled.open_deals == deals.filter(status="open").count() > 0
    sent = entries.filter(kind="content_sent").count()
    assert sent > 0
    assert filled.entries == entries.count() == len(history.events) + len(history.deals) + sent
    assert filled.communications == talks.count() == entries.exclude(ref=None).count()
    assert not entries.filter(known_at__gt=AT).exists()
    assert not entries.filter(kind="deal_opened", at__gt=AT).exists()
    assert not deals.filter(closed_at__gt=AT).exists()
    assert apps.get_model("crm", "Account").objects.count() == filled.accounts
    assert User.objects.count() == filled.people


def test_deals_are_about_products_for_what_they_are_worth(filled: services.Filled) -> None:
    del filled
    products = apps.get_model("crm", "Product").objects.all()
    lines = list(apps.get_model("crm", "DealProduct").objects.select_related("deal", "product"))
    assert len(products) == 9
    assert {product.code for product in products if product.price > 0 and product.unit} == {
        line.product.code for line in lines
    }
    worth = apps.get_model("crm", "Deal").objects.filter(amount__gt=0)
    assert {line.deal_id for line in lines} == set(worth.values_list("pk", flat=True))
    for line in lines:
        assert line.deal.amount is not None
        assert abs(line.quantity * line.price - line.deal.amount) <= line.quantity / 200
        assert line.product.line_id == line.deal.line_id


def test_what_was_entered_twice_is_found(filled: services.Filled) -> None:
    services.find_doubles(accounts=filled.accounts, at=AT)
    pairs = apps.get_model("crm", "DuplicatePair").objects
    for kind, least in (("account", ACCOUNTS), ("contact", ACCOUNTS + CONTACTS)):
        assert pairs.filter(record_type=kind, chance__gt=0.9).count() >= least


def test_every_talk_has_a_text_made_for_it(filled: services.Filled) -> None:
    talks = list(apps.get_model("conversations", "Communication").objects.select_related("contact", "deal"))
    assert len(talks) == filled.communications > 1000
    for talk in talks:
        said = f"{talk.title} {talk.text}"
        assert len(talk.text) > 15, said
        assert not {"{", "}", "|", "~"} & set(said), said
        assert talk.contact is not None
        assert talk.contact.account_id == talk.account_id == talk.deal.account_id
        assert talk.contact.left_at is None or talk.at < talk.contact.left_at
    for deal in {talk.deal_id for talk in talks}:
        texts = [talk.text for talk in sorted(talks, key=lambda one: one.at) if talk.deal_id == deal]
        assert all(first != second for first, second in pairwise(texts))


def test_the_same_seed_gives_the_same_texts(filled: services.Filled) -> None:
    del filled
    kept = set(apps.get_model("conversations", "Communication").objects.values_list("at", "text"))
    history = make_history(deals=DEALS, seed=7, at=AT)
    again = filling.Filling(history, seed=7, at=AT, tell=lambda _step, _share: None)
    again.find_customers()
    found = []
    for place, events in history.of_deals():
        story = again.story(place)
        first = next(((kind, at) for kind, at, *_ in events if kind in CHANNELS), None)
        if first is not None and story.stage == "qualified" and events[1][1] == first[1]:
            said = story.say(kind=first[0], at=first[1])
            found.append((first[1], said.text))
    assert len(found) > 20
    assert set(found) <= kept


def test_there_are_seven_to_sign_in_as_and_they_see_what_is_theirs(filled: services.Filled) -> None:
    logins = demo_logins()
    assert [login[3] for login in logins] == [
        "销售代表",
        "销售经理",
        "业务线负责人",
        "销售运营",
        "法务",
        "总经理（只读）",
        "系统管理员",
    ]
    seen = []
    for email, password, name, _, _ in logins:
        user = User.objects.get(email=email)
        assert user.name == name
        assert check_password(password, user.password)
        seen.append(crm.visible_deals(user=user).count())
    rep, manager, head, operations, legal, chief, admin = seen
    assert 0 < rep < manager <= head <= legal < chief == operations == filled.deals
    assert admin == 0
    answer = Client(headers={"host": "localhost"}).get("/api/entry").json()
    assert [login["email"] for login in answer["demo_logins"]] == [login[0] for login in logins]


def test_there_is_something_to_do_today(filled: services.Filled) -> None:
    del filled
    tasks = apps.get_model("crm", "Task").objects.select_related("deal")
    assert tasks.exists()
    for task in tasks:
        assert task.deal
        assert task.deal.status == "open"
        assert task.assignee_id == task.deal.owner_id
        assert task.done_at is None
        assert task.created_at <= AT


def test_it_is_refused_where_there_are_deals(filled: services.Filled) -> None:
    before = User.objects.count()
    with pytest.raises(Refusal, match="goes only into an empty Foresail") as refused:
        services.fill(deals=DEALS, seed=8, at=AT)
    assert refused.value.code == "not_empty"
    assert (User.objects.count(), len(crm.deal_keys(filled.pipelines))) == (before, filled.deals)
