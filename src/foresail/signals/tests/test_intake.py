"""What comes in is kept once, where the boundary and consent allow it, and goes when consent does."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from foresail.governance.collecting import Reason
from foresail.governance.models import ConsentEntry, GateCount
from foresail.signals import services
from foresail.signals.models import Seen, Signal, Visitor
from foresail.signals.services import KnownKey, take
from foresail.signals.tests.conftest import AT, SITE, consent, page

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


def left_out() -> dict[tuple[str, str], int]:
    return {(each.source, each.reason): each.count for each in GateCount.objects.all()}


def test_nothing_is_kept_before_anybody_allowed_it(browser: KnownKey) -> None:
    assert take([consent(browser), page(browser)], at=AT) == 0
    assert (Signal.objects.count(), Visitor.objects.count()) == (0, 0)
    assert left_out() == {("web", "no_boundary"): 1}


def test_nothing_is_kept_without_consent_or_from_before_it(
    browser: KnownKey, allow: Callable[..., None]
) -> None:
    allow()
    assert take([page(browser)], at=AT) == 0
    early = page(browser, name="2", at=AT + timedelta(minutes=5))
    given = consent(browser, at=AT + timedelta(minutes=10))
    after = page(browser, name="3", at=AT + timedelta(minutes=15))
    assert take([early, given, after, page(browser, "v2", "4", at=LATER)], at=LATER) == 1
    assert list(Signal.objects.values_list("at", flat=True)) == [AT + timedelta(minutes=15)]
    assert list(Visitor.objects.values_list("anonymous", flat=True)) == ["v1"]
    assert left_out() == {("web", "consent"): 3}


def test_what_is_kept_is_what_the_boundary_lets_through(
    browser: KnownKey, allow: Callable[..., None]
) -> None:
    allow(web={"fields": {"url": "mask", "title": "keep", "agent": "mask"}, "days": 10})
    values = {
        "url": f"{SITE}/price?mail=li@example.com",
        "title": "价格",
        "agent": "Mozilla (Windows NT)",
        "screen": "1x1",
        "own": 1,
    }
    take([consent(browser), page(browser, values=values)], at=AT)
    kept = Signal.objects.get()
    assert kept.values == {"url": f"{SITE}/price", "title": "价格", "agent": "Windows"}
    assert (kept.source, kept.kind, kept.purpose, kept.basis) == ("web", "page", "intent", "consent")
    assert kept.until == AT + timedelta(days=10)
    assert left_out() == {("web", "field_dropped"): 2, ("web", "field_masked"): 2}
    assert take([page(browser, name="old", at=AT)], at=AT + timedelta(days=11)) == 0
    assert left_out()["web", "too_old"] == 1


def test_the_same_is_kept_once_whoever_sends_it_again(
    browser: KnownKey, server: KnownKey, allow: Callable[..., None]
) -> None:
    allow()
    take([consent(browser)], at=AT)
    assert take([page(browser), page(browser), page(browser, name="2")], at=AT) == 2
    assert take([page(browser), page(browser, name="3")], at=LATER) == 1
    assert take([page(server, source="web")], at=LATER) == 1, "another key's ids are its own"
    assert (Signal.objects.count(), Seen.objects.count()) == (4, 4 + 1), "and what was said, once"
    visitor = Visitor.objects.get()
    assert (visitor.first_at, visitor.last_at) == (AT, AT)


def test_a_key_brings_only_its_own_sources(
    browser: KnownKey, server: KnownKey, allow: Callable[..., None]
) -> None:
    allow()
    take([consent(browser), consent(server)], at=AT)
    brought = [
        page(browser, source="fair_scan"),
        page(browser, name="2", source="nowhere"),
        page(server, name="3"),
    ]
    assert take(brought, at=AT) == 1
    assert left_out() == {("fair_scan", "source"): 1, ("?", "source"): 1}


def test_who_somebody_is_a_browser_may_not_claim(
    browser: KnownKey, server: KnownKey, allow: Callable[..., None]
) -> None:
    allow(form={"fields": {"email": "keep"}})
    take([consent(browser), consent(server)], at=AT)
    claims = {"user": "42", "email": "li@example.com"}
    forged = page(browser, kind="identify", source="form", claims=claims, signature="f" * 64)
    unsigned = page(browser, name="2", kind="identify", source="form", claims=claims)
    assert take([forged, unsigned], at=AT) == 0
    assert left_out() == {("form", "unproven"): 2}
    right = hmac.new(browser.secret.encode(), b"v1\n42", hashlib.sha256).hexdigest()
    other = page(browser, "v9", "3", kind="identify", source="form", claims=claims, signature=right)
    assert take([other], at=AT) == 0, "signed for another visitor"
    signed = page(browser, name="4", kind="identify", source="form", claims=claims, signature=right)
    told = page(server, name="5", kind="identify", source="form", claims=claims)
    assert take([signed, told], at=AT) == 2
    assert [each.values for each in Signal.objects.order_by("id")] == [
        {}, {"email": "li@example.com"},
    ], "what was signed is the user alone"  # fmt: skip
    garbled = page(browser, name="6", kind="identify", source="form", claims=claims, signature="é")
    assert take([garbled, page(browser, name="7")], at=AT) == 1, "nonsense stops nobody"


def test_withdrawn_consent_takes_everything_along_and_stops_the_rest(
    browser: KnownKey, allow: Callable[..., None]
) -> None:
    allow()
    take(
        [
            consent(browser),
            consent(browser, "v2", "c9"),
            page(browser),
            page(browser, name="2"),
            page(browser, "v2", "3"),
        ],
        at=AT,
    )
    stop = consent(browser, name="c2", given=False, at=LATER)
    assert take([page(browser, name="4", at=AT), stop, page(browser, name="5", at=LATER)], at=LATER) == 0
    assert list(Signal.objects.values_list("visitor", flat=True)) == [Visitor.objects.get(anonymous="v2").pk]
    assert (Visitor.objects.count(), Seen.objects.count()) == (1, 1 + 3)
    assert [(each.given, each.purpose) for each in ConsentEntry.objects.filter(subject="visitor:v1").order_by("pk")] == [
        (True, "intent"), (False, "intent"), (False, "service"),
    ]  # fmt: skip
    again = LATER + timedelta(days=1)
    take(
        [
            consent(browser, name="c3", at=again),
            page(browser, name="6", at=again),
            page(browser, name="7", at=AT),
        ],
        at=again,
    )
    assert list(Signal.objects.filter(at__gt=AT).values_list("at", flat=True)) == [again]


def test_what_rests_on_another_ground_stays(server: KnownKey, allow: Callable[..., None]) -> None:
    allow(product={"basis": "contract"})
    take([page(server), consent(server, given=False)], at=AT)
    assert Signal.objects.get().basis == "contract"


def test_what_is_over_goes(browser: KnownKey, allow: Callable[..., None]) -> None:
    allow(web={"days": 2})
    take(
        [consent(browser), page(browser), page(browser, "v1", "2", at=AT + timedelta(days=1))],
        at=AT + timedelta(days=1),
    )
    assert services.forget_old(at=AT + timedelta(days=2)) == 1
    assert (Signal.objects.count(), Seen.objects.count(), Visitor.objects.count()) == (1, 1 + 1, 1)
    assert services.forget_old(at=AT + timedelta(days=9)) == 1
    assert (Signal.objects.count(), Seen.objects.count(), Visitor.objects.count()) == (0, 1, 0)


def test_each_month_has_its_partition(browser: KnownKey, allow: Callable[..., None]) -> None:
    allow()
    take([consent(browser)], at=AT)
    for month in range(3):
        take([page(browser, name=str(month), at=AT)], at=AT + timedelta(days=31 * month))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'signals_signal'::regclass ORDER BY 1"
        )
        assert [name for (name,) in cursor.fetchall()] == [
            f"signals_signal_2026_0{month}" for month in (3, 4, 5)
        ]


def test_the_ledger_is_only_added_to(browser: KnownKey, allow: Callable[..., None]) -> None:
    allow()
    take([consent(browser)], at=AT)
    for change in ("UPDATE governance_consententry SET given = false", "DELETE FROM governance_consententry"):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change)


def test_reasons_have_their_names() -> None:
    assert {each.value for each in Reason} >= {"consent", "unproven", "source", "too_old"}
    assert max(len(each.value) for each in Reason) <= 15


def test_a_batch_asks_as_often_as_one(
    browser: KnownKey, allow: Callable[..., None], django_assert_max_num_queries: Any
) -> None:
    allow()
    take([consent(browser, f"v{n}", f"c{n}") for n in range(50)], at=AT)
    asked = []
    for count in (1, 300):
        with django_assert_max_num_queries(30) as seen:
            take([page(browser, f"v{n % 50}", f"{count}-{n}", at=AT) for n in range(count)], at=AT)
        asked.append(len(seen))
    assert asked[0] == asked[1]


def test_a_yes_that_is_sent_again_undoes_no_later_no(browser: KnownKey, allow: Callable[..., None]) -> None:
    allow()
    take([consent(browser)], at=AT)
    take([consent(browser, name="c2", given=False, at=LATER)], at=LATER)
    assert take([consent(browser), page(browser, at=LATER)], at=LATER + timedelta(hours=1)) == 0
    assert ConsentEntry.objects.filter(given=True).count() == 1


def test_a_no_that_overtakes_its_yes_is_not_forgotten(browser: KnownKey, allow: Callable[..., None]) -> None:
    allow()
    later = AT + timedelta(minutes=5)
    take([consent(browser, name="no", given=False, at=later)], at=later)
    take([consent(browser, name="yes")], at=later)  # was under way
    take([page(browser, at=later)], at=later)
    assert not Signal.objects.exists()


def test_what_a_browser_adds_to_a_proof_is_none(browser: KnownKey, allow: Callable[..., None]) -> None:
    allow(form={"fields": {"email": "keep", "company": "keep"}})
    take([consent(browser)], at=AT)
    mine, other = "li@example.com", "ceo@example.com"
    right = hmac.new(browser.secret.encode(), f"v1\n{mine}".encode(), hashlib.sha256).hexdigest()
    values, claims = {"email": other, "company": "华东精密"}, {"user": mine, "email": mine}
    take(
        [page(browser, kind="identify", source="form", signature=right, values=values, claims=claims)], at=AT
    )
    assert Signal.objects.get().values == {"email": mine}


def test_a_user_without_a_browser_has_a_name_that_says_nothing(
    browser: KnownKey, server: KnownKey, allow: Callable[..., None]
) -> None:
    allow()
    who = "user:li@example.com"
    take([consent(server, who), page(server, who)], at=AT)
    take([consent(browser, who, given=False)], at=LATER)
    assert Signal.objects.count() == 1, "a browser speaks for nobody whom a server names"
    kept = [
        *Visitor.objects.values_list("anonymous", flat=True),
        *ConsentEntry.objects.values_list("subject", flat=True),
    ]
    assert kept
    assert not any("li@example.com" in each for each in kept)
