"""What accounts do on the website is in the forecast as it was known, within a second, and gone with its consent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import polars as pl
import pytest

from foresail.core.clock import ZONE
from foresail.crm import services as crm
from foresail.crm.models import Account, Deal
from foresail.forecast import jobs, services
from foresail.forecast.logs import PoolLog, log_with
from foresail.forecast.models import Outlook, Score, Touched
from foresail.forecast.serving import load
from foresail.forecast.tests.conftest import Company
from foresail.governance import services as governance
from foresail.governance.collecting import PRESETS
from foresail.people import services as people
from foresail.people.roles import Role
from foresail.signals import services as signals
from foresail.signals.models import Evidence, Topic
from foresail.signals.services import KnownKey
from foresail.signals.tests.conftest import SITE, consent, page
from foresail.timeline.queries import deal_log

pytestmark = pytest.mark.django_db
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
Visit = Callable[..., None]


@pytest.fixture
def keys(company: Company) -> tuple[KnownKey, KnownKey]:
    """Let the website and a server of ours bring what visitors do, and make prices a topic."""
    since = company.now - 30 * DAY
    admin = people.add_user(email="admin@example.com", name="Admin", team=None, by=None, at=since)
    people.grant_role(user=admin, role=Role.ADMIN, by=None, at=since)
    governance.add_guardian(person=admin, by=admin, at=since)
    made = governance.propose_boundary(rules=PRESETS[0].rules(), reason="all", by=company.ops, at=since)
    governance.decide_boundary(boundary=made, approved=True, note="", by=admin, at=since)
    rule = {"field": "url", "op": "contains", "value": "/price"}
    Topic.objects.create(
        key="price", kind="price", zh="价格", en="prices", rule=rule, status="active", changed_at=since
    )

    def key(kind: str, origins: Sequence[str] = ()) -> KnownKey:
        _, token = signals.create_intake_key(
            kind=kind, name=kind, sources=["web", "form"], origins=origins, by=company.ops, at=since
        )
        return signals.known_keys()[signals.digest_of(token)]

    return key("browser", origins=[SITE]), key("server")


@pytest.fixture
def visit(keys: tuple[KnownKey, KnownKey]) -> Visit:
    def visit(name: str, at: datetime, *, path: str = "/price", visitor: str = "v1") -> None:
        """Let a visitor read a page, and have it added up."""
        signals.take([page(keys[0], visitor, name, at=at, values={"url": SITE + path})], at=at)
        signals.add_up()

    return visit


@pytest.fixture
def agreed(keys: tuple[KnownKey, KnownKey]) -> Callable[..., None]:
    def agreed(at: datetime, *, told: datetime, visitor: str = "v1") -> None:
        """Let a visitor agree, and a server tell later that it is somebody of the account."""
        account = Account.objects.get()
        if not account.contacts.exists():
            crm.add_contact(account=account, by=None, at=at, name="li", email="li@customer.example")
        signals.take([consent(keys[0], visitor, f"c-{visitor}", at=at)], at=at)
        said = {"email": "li@customer.example"}
        identify = page(
            keys[1], visitor, f"t-{visitor}", kind="identify", source="form", at=told, values={}, claims=said
        )
        signals.take([identify], at=told)
        signals.add_up()

    return agreed


def traces(frame: pl.DataFrame, deal: int) -> list[tuple[str, datetime, datetime]]:
    mine = frame.filter(pl.col("deal") == str(deal), pl.col("kind").str.starts_with("interest_"))
    return sorted(mine.select("kind", "at", "known").rows())


def an_open_deal(company: Company) -> Deal:
    """Return one that was open ten days ago."""
    found: Deal | None = (
        Deal.objects.filter(status="open", opened_at__lt=company.now - 12 * DAY).order_by("pk").first()
    )
    assert found is not None
    return found


def test_a_day_of_interest_is_one_event_as_known_then(
    company: Company, visit: Visit, agreed: Callable[..., None]
) -> None:
    deal = an_open_deal(company)
    first = company.now - 10 * DAY
    agreed(first - MINUTE, told=first - MINUTE)
    visit("0", first, path="/about")
    for number, at in enumerate((first + MINUTE, first + DAY, first + DAY + MINUTE), start=1):
        visit(str(number), at)
    found = [
        ("interest_other", first, first),
        *(("interest_price", at, at) for at in (first + MINUTE, first + DAY)),
    ]
    assert traces(deal_log().events, deal.pk) == traces(deal_log(deals=[deal.pk]).events, deal.pk) == found
    # Known from when we knew, and only of deals that were open then.
    assert traces(deal_log(known_by=first + 2 * MINUTE).events, deal.pk) == found[:2]
    assert traces(deal_log(known_by=first - MINUTE).events, deal.pk) == []
    for other in Deal.objects.exclude(status="open").filter(closed_at__lt=first)[:3]:
        assert traces(deal_log().events, other.pk) == []


def test_who_it_was_told_late_is_known_late_and_corrected_later(
    company: Company, keys: tuple[KnownKey, KnownKey], visit: Visit, agreed: Callable[..., None]
) -> None:
    deal = an_open_deal(company)
    read, told, corrected = (company.now - days * DAY for days in (9, 6, 3))
    signals.take([consent(keys[0], at=read - MINUTE)], at=read - MINUTE)
    visit("1", read)
    assert traces(deal_log().events, deal.pk) == []
    agreed(read, told=told)
    assert traces(deal_log().events, deal.pk) == [("interest_price", read, told)]
    other = crm.add_account(
        line=company.pipeline.line, by=None, at=read, name="另一公司", domain="other.example"
    )
    crm.add_contact(account=other, by=None, at=read, name="wu", email="wu@other.example")
    said = {"email": "wu@other.example"}
    signals.take(
        [page(keys[1], name="t2", kind="identify", source="form", at=corrected, values={}, claims=said)],
        at=corrected,
    )
    signals.add_up()
    assert traces(deal_log().events, deal.pk) == []
    assert traces(deal_log(known_by=corrected - MINUTE).events, deal.pk) == [("interest_price", read, told)]


def test_a_touched_account_is_scored_as_science_would_once_a_day(
    company: Company, visit: Visit, agreed: Callable[..., None]
) -> None:
    agreed(company.now - DAY, told=company.now - DAY)
    services.score_all(pool=company.pool, at=company.now)
    n_open = Deal.objects.filter(status="open").count()
    at = company.now + MINUTE
    visit("1", at)
    assert set(Touched.objects.values_list("deal", flat=True)) == set(
        Deal.objects.filter(status="open").values_list("pk", flat=True)
    )
    assert services.score_touched(pool=company.pool, at=at) == n_open
    batch = load(company.model).predict(deal_log(known_by=at).log(), at=at)
    for deal, p in Outlook.objects.values_list("deal_id", "p_won_final"):
        assert p == pytest.approx(batch.filter(deal=str(deal))["p_won_final"][0], abs=1e-9)
    # What comes on the same day of the same kind is in no log, so it touches nothing.
    visit("2", at + MINUTE)
    visit("3", at + MINUTE, path="/price/list")
    assert not Touched.objects.exists()
    visit("4", at + MINUTE, path="/about")
    assert Touched.objects.count() == n_open


def test_consent_withdrawn_leaves_no_trace_in_logs_reasons_or_what_is_learned_next(
    company: Company, keys: tuple[KnownKey, KnownKey], visit: Visit, agreed: Callable[..., None]
) -> None:
    ended = Deal.objects.exclude(status="open").order_by("-closed_at")[0]
    agreed(company.now - 20 * DAY, told=company.now - 20 * DAY)
    visit("0", ended.closed_at - MINUTE)
    visit("1", company.now)
    services.score_all(pool=company.pool, at=company.now)
    assert "interest_price" in log_with(company.pool.pk, [], at=company.now)[0].near.events.kinds
    said = {"code": "kind:interest_price", "zh": "昨天出现“关注价格”", "en": "Interest in prices yesterday", "log_odds": 0.3, "points": 0.02, "entries": []}  # fmt: skip
    silent = {"code": "silent", "zh": "客户已 9 天没有动态", "en": "…", "log_odds": -0.1, "points": -0.01, "entries": []}  # fmt: skip
    score = Score.objects.filter(deal__status="open").order_by("pk")[0]
    Score.objects.filter(pk=score.pk).update(reasons={**score.reasons, "drivers": [said, silent]})
    gone = company.now + MINUTE
    signals.take([consent(keys[0], name="w", given=False, at=gone)], at=gone)
    assert not deal_log().events["kind"].str.starts_with("interest_").any()
    assert not any(kind.startswith("interest_") for kind in PoolLog.read(company.pool.pk).log.events.kinds)
    # A process that keeps the log drops it too, also of deals that ended.
    services.score_touched(pool=company.pool, at=gone)
    known = log_with(company.pool.pk, [], at=gone)[0]
    assert str(ended.pk) in known.full
    events = known.near.events
    code = events.kinds.index("interest_price") if "interest_price" in events.kinds else -2
    assert not (events.kind == code).any()
    score.refresh_from_db()
    told = score.reasons["drivers"]
    assert told[1] == silent
    assert (told[0]["code"], told[0]["log_odds"], told[0]["points"]) == ("erased:0", 0.3, 0.02)
    assert not any(
        "关注价格" in driver["zh"] for row in Score.objects.all() for driver in row.reasons["drivers"]
    )
    jobs.forget_traces(deals=[score.deal_id])


def test_a_model_says_by_how_much_traces_help_it(company: Company) -> None:
    """All deals are of one account: what it does foretells nothing, and the card claims nothing."""
    account = Account.objects.get().pk
    Score.objects.all().delete()
    company.model.delete()
    first = company.now - 200 * DAY
    rows = [
        Evidence(
            account=account, topic=0, kind="page", signal=number, visitor=10**6, at=at, on=at.astimezone(ZONE).date(),
            known_at=at, amount=1.0, topics=1,
        )
        for number, at in ((each, first + each * DAY) for each in range(0, 200, 9))
    ]  # fmt: skip
    Evidence.objects.bulk_create(rows)
    card = services.train(pool=company.pool, at=company.now, unseen_days=56).card
    kept = card["traces"]
    assert kept["deals"] >= kept["seen"] > 20
    for name in ("log_loss_with", "log_loss_without"):
        assert 0.3 < kept[name]["value"] < 1.1
    gain = kept["gain"]
    assert gain["value"] == pytest.approx(kept["log_loss_without"]["value"] - kept["log_loss_with"]["value"])
    assert gain["low"] <= gain["value"] <= gain["high"]
    assert kept["helps"] is (gain["low"] > 0)
