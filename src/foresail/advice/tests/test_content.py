"""The library is kept by sales operations; what fits a deal is said with reasons; what was sent is counted as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.test import Client

from foresail.advice import queries, services
from foresail.advice.errors import (
    AssetInvalid,
    AssetReserved,
    AssetRetired,
    ContactGone,
    NothingSent,
    NotUndone,
    SuggestionEnded,
)
from foresail.advice.models import Asset, AssetSent, Suggestion, Trigger
from foresail.advice.tests.conftest import AT, DAY, Company
from foresail.core.changes import Change
from foresail.core.errors import NotFound
from foresail.core.events import listen
from foresail.crm import services as crm
from foresail.crm.errors import NotAllowed
from foresail.people import services as people
from foresail.people.models import User
from foresail.science.metrics import Z80, wilson
from foresail.signals.models import TrackedLink
from foresail.signals.services import open_link, token_of
from foresail.timeline.queries import deal_log, of_deal

pytestmark = pytest.mark.django_db
Put = Callable[..., Asset]


def titles(company: Company, **more: Any) -> list[str]:
    found = queries.best_for(deal=company.deal, user=company.li, at=AT, **more)
    return [each.asset.title for each in found]


def test_only_sales_operations_keeps_the_library_and_everybody_reads_it(company: Company, put: Put) -> None:
    asset = put(stages=["quote"], topics=["  节拍 ", "节拍"])
    assert asset.topics == ["节拍"]
    for who in (company.li, company.boss, company.admin):
        with pytest.raises(AssetReserved):
            services.change_asset(asset=asset, values={"active": False}, by=who, at=AT)
    assert [each.pk for each in queries.assets(stage="quote")] == [asset.pk]
    assert queries.assets(stage="evaluation") == []
    assert [each.pk for each in queries.assets(stage="quote", industry="锂电")] == [asset.pk], (
        "it is for all industries"
    )
    services.change_asset(asset=asset, values={"active": False}, by=company.ops, at=AT + DAY)
    assert queries.assets() == []
    assert queries.assets(active=False)[0].changed_at == AT + DAY


def test_what_is_wrong_is_said_of_each_value_and_nothing_is_kept(company: Company) -> None:
    values = {
        "title": " ", "language": "fr", "url": "http://example.com", "personas": ["boss"], "stages": ["nowhere"],
        "topics": ["x" * 61], "summary": "y" * 1_001,
    }  # fmt: skip
    with pytest.raises(AssetInvalid) as refused:
        services.create_asset(values=values, by=company.ops, at=AT)
    assert set(refused.value.fields) == set(values)
    assert not Asset.objects.exists()


def test_what_fits_best_comes_first_and_says_why(company: Company, put: Put) -> None:
    company.say("检测节拍能到多少？海川伺服报的是 0.3 秒。")
    company.say("我们的漏检率数据在附件里", direction="out")
    put("阶段", stages=["evaluation"])
    put(
        "全中",
        stages=["evaluation"],
        personas=["technical"],
        topics=["检测节拍", "漏检率"],
        industries=["锂电"],
    )
    put("对比", competitors=["海川伺服", "恒驰驱动"])
    put("别的阶段", stages=["quote"], personas=["technical"], industries=["锂电"])
    put("别的行业", stages=["evaluation"], industries=["光伏"])
    put("没人提的对手", stages=["evaluation"], competitors=["恒驰驱动"])
    put("English", stages=["evaluation"], language="en")
    put("停用", stages=["evaluation"], active=False)
    assert titles(company, limit=9) == ["全中", "对比", "阶段"]
    best = queries.best_for(deal=company.deal, user=company.li, at=AT)[0]
    assert [(each.kind, each.zh) for each in best.reasons] == [
        ("persona", "写给技术评估人"), ("topic", "客户近期谈到“检测节拍”"), ("industry", "同属锂电行业"),
        ("stage", "适合“技术评估”阶段"),
    ]  # fmt: skip
    assert best.score == 3 + 3 + 2 + 2
    assert best.contact == company.contact
    assert titles(company, contact=0, limit=9)[0] == "全中", (
        "for somebody else it is not written, but it fits still"
    )
    company.say("Could you send it in English? The cycle time matters.", at=AT - 2 * DAY)
    company.say("Please answer in English.", at=AT - 2 * DAY)
    assert titles(company, limit=9) == ["English"]
    company.end(company.deal, "lost", at=AT)
    assert titles(company) == []


def reasons(company: Company, title: str) -> list[tuple[str, str]]:
    found = queries.best_for(deal=company.deal, user=company.li, at=AT, limit=9)
    return [(why.kind, why.zh) for each in found if each.asset.title == title for why in each.reasons]


def test_what_the_account_reads_of_more_than_usual_counts_as_if_they_had_named_it(
    company: Company, put: Put
) -> None:
    company.say("请发一份资料。")
    put("阶段", stages=["evaluation"])
    put("对比海川", competitors=["海川伺服"], stages=["quote"])
    put("对比恒驰", competitors=["恒驰驱动"])
    put("报价说明", topics=["价格"], stages=["quote"])
    assert titles(company, limit=9) == ["阶段"]
    company.read("海川", en="Haichuan", ago=60)  # read of, and nothing rises
    company.read("恒驰驱动", ago=60)
    assert titles(company, limit=9) == ["阶段"]
    company.read("海川")
    company.read("费用", kind="price", value="价格")
    assert titles(company, limit=9) == ["对比海川", "报价说明", "阶段"]
    assert reasons(company, "对比海川") == [("competitor", "近期访问中对竞品“海川”的关注上升")]
    assert reasons(company, "报价说明") == [("topic", "近期访问中对“费用”的关注上升")]
    company.say("海川伺服报的是 0.3 秒。")
    assert reasons(company, "对比海川") == [
        ("competitor", "近期访问中对竞品“海川”的关注上升"),
        ("competitor", "客户提到竞品“海川伺服”"),
    ]


def test_who_sees_the_deal_alone_hears_nothing_of_what_its_account_reads(company: Company, put: Put) -> None:
    put("阶段", stages=["evaluation"])
    put("对比海川", competitors=["海川伺服"])
    company.read("海川伺服")
    crm.share_record(record=company.deal, user=company.zhao, by=company.li, at=AT)
    assert titles(company, limit=9) == ["对比海川", "阶段"]
    found = queries.best_for(deal=company.deal, user=company.zhao, at=AT, limit=9)
    assert [each.asset.title for each in found] == ["阶段"]


@pytest.fixture
def suggested(company: Company) -> Suggestion:
    """That the comparison with 海川伺服 be sent, of which they read most."""
    Trigger.objects.all().delete()
    company.read("恒驰驱动", count=3)
    company.read("海川伺服", count=6)
    services.install_shipped(at=AT)
    services.judge_all(at=AT)
    return Suggestion.objects.get(trigger__key="evaluation-stalled-competitor")


def test_what_is_suggested_to_be_sent_stands_first_and_is_done_by_sending_it(
    company: Company, put: Put, suggested: Suggestion
) -> None:
    company.say("恒驰驱动也来谈过，检测节拍更快。")
    put(
        "对比恒驰",
        competitors=["恒驰驱动"],
        topics=["检测节拍"],
        stages=["evaluation"],
        personas=["technical"],
    )
    asset = put("对比海川", competitors=["海川伺服"])
    found = queries.best_for(deal=company.deal, user=company.li, at=AT)
    assert [(each.asset.title, each.suggestion) for each in found] == [
        ("对比海川", suggested.pk), ("对比恒驰", suggested.pk),
    ]  # fmt: skip
    (shown,) = queries.of_deal(user=company.li, deal=company.deal.pk, at=AT)
    assert shown.action_zh.startswith("发送与海川伺服的对比材料")
    with pytest.raises(NothingSent):
        services.accept(suggestion=suggested.pk, by=company.li, at=AT)
    changes: list[Change] = []
    listen(Change, changes.append)

    def send(**more: Any) -> None:
        services.send_asset(asset=asset, contact=None, suggestion=suggested.pk, **more)

    other = company.open("另一个")
    with pytest.raises(NotFound):  # that was suggested in another deal
        send(deal=other, by=company.li, at=AT)
    assert not AssetSent.objects.exists()
    send(deal=company.deal, by=company.boss, at=AT)
    suggested.refresh_from_db()
    assert (suggested.how, suggested.decided_by, suggested.ended_at) == ("accepted", company.boss, AT)
    (accepted,) = (each for each in changes if each.verb == "accept_suggestion")
    assert (accepted.actor, accepted.values["asset"]) == (company.boss.pk, asset.pk)
    with pytest.raises(SuggestionEnded):
        send(deal=company.deal, by=company.li, at=AT)
    assert AssetSent.objects.count() == 1
    with pytest.raises(NotUndone):  # what is sent is sent
        services.undo(suggestion=suggested.pk, by=company.boss, at=AT)


def test_sending_may_be_put_off_with_a_task(company: Company, suggested: Suggestion) -> None:
    wanted = services.TaskWanted(title="发对比材料")
    services.accept(suggestion=suggested.pk, task=wanted, by=company.li, at=AT)
    services.undo(suggestion=suggested.pk, by=company.li, at=AT)
    suggested.refresh_from_db()
    assert (suggested.how, suggested.task) == ("", None)


def test_what_was_sent_is_not_advised_again_for_90_days(company: Company, put: Put) -> None:
    asset = put(stages=["evaluation"])
    services.send_asset(asset=asset, deal=company.deal, contact=None, by=company.li, at=AT)
    for days, expected in ((89, []), (91, ["选型手册"])):
        found = queries.best_for(deal=company.deal, user=company.li, at=AT + days * DAY)
        assert [each.asset.title for each in found] == expected


def test_sending_makes_a_link_an_entry_and_a_row_of_the_trail(company: Company, put: Put) -> None:
    asset = put()
    changes: list[Change] = []
    listen(Change, changes.append)
    made = services.send_asset(asset=asset, deal=company.deal, contact=company.contact, by=company.li, at=AT)
    link = TrackedLink.objects.get()
    assert (link.target, link.contact, made.token) == (asset.url, company.contact, token_of(link))
    assert AssetSent.objects.get().stage.key == "evaluation"
    entry = of_deal(user=company.li, deal=company.deal.pk).items[0]
    assert (entry.kind, entry.title, entry.zh) == ("content_sent", asset.title, "生成内容链接")
    ours = [each for each in changes if each.verb == "send_asset"]
    assert [each.values for each in ours] == [
        {"deal": company.deal.pk, "contact": company.contact.pk, "link": link.pk}
    ]
    assert "content_sent" not in deal_log(deals=[company.deal.pk]).events["kind"].to_list()


def test_who_may_not_change_the_deal_sends_nothing(company: Company, put: Put) -> None:
    asset = put()
    elsewhere = crm.add_account(
        name="远方", line=company.east.line, owner=company.li, team=company.east, by=None, at=AT
    )
    stranger = crm.add_contact(account=elsewhere, name="陌生人", by=None, at=AT)

    def send(by: User = company.li, contact: Any = None) -> None:
        services.send_asset(asset=asset, deal=company.deal, contact=contact, by=by, at=AT)

    crm.share_record(record=company.deal, user=company.zhao, by=company.li, at=AT)
    with pytest.raises(NotAllowed):
        send(company.zhao)
    with pytest.raises(NotFound):
        send(company.admin)
    with pytest.raises(NotFound):
        send(contact=stranger)
    crm.contact_left(contact=company.contact, reason="told", by=None, at=AT)
    with pytest.raises(ContactGone):
        send(contact=company.contact)
    services.change_asset(asset=asset, values={"active": False}, by=company.ops, at=AT)
    with pytest.raises(AssetRetired):
        send()
    assert not TrackedLink.objects.exists()
    assert not AssetSent.objects.exists()


def test_an_opening_shows_where_the_contact_agreed(company: Company, put: Put) -> None:
    asset = put()
    made = [
        services.send_asset(asset=asset, deal=company.deal, contact=contact, by=company.li, at=AT)
        for contact in (company.contact, None)
    ]
    company.agree()
    for each in made:
        assert open_link(token=each.token, at=AT + DAY) == asset.url
    rows = queries.sent_in(deal=company.deal, user=company.boss)
    assert [(row.contact, row.opening and row.opening.last_at, row.token) for row in rows] == [
        (None, None, None), (company.contact, AT + DAY, None),
    ]  # fmt: skip
    assert queries.sent_in(deal=company.deal, user=company.li)[0].token == made[1].token
    assert queries.tallies(user=company.li) == {asset.pk: queries.Tally(deals=1, opened=1)}
    assert queries.tallies(user=company.zhao) == {}


def test_results_are_a_plain_count_of_what_happened(company: Company, put: Put) -> None:
    asset, random = put(), Random(7)
    got, without = [], []
    for number in range(70):
        day = random.uniform(0, 200)
        entered = AT + day * DAY
        deal = company.open(
            name=f"商机{number}", owner=random.choice([company.li, company.zhao]), at=entered - DAY
        )
        company.move(deal, "evaluation", at=entered)
        left = entered + random.uniform(1, 60) * DAY
        if 60 < day < 120 and random.random() < 0.7:
            services.send_asset(
                asset=asset, deal=deal, contact=None, by=company.ops, at=entered + timedelta(hours=12)
            )
            got.append((deal.pk, entered + timedelta(hours=12)))
        else:
            without.append((deal.pk, entered, left))
        if random.random() < 0.4:
            company.move(deal, "quote", at=left)
            left += DAY
        company.end(deal, random.choice(["won", "lost", "lost"]), at=left)
    at = AT + 400 * DAY
    first, last = min(sent for _, sent in got), max(sent for _, sent in got)
    similar = [
        key for key, entered, left in without if entered <= last + 30 * DAY and left >= first - 30 * DAY
    ]
    assert 10 < len(similar) < len(without), "some stood there at another time"
    status = dict(type(company.deal).objects.values_list("pk", "status"))
    found = queries.results(asset=asset, user=company.ops, at=at)
    for side, keys in ((found.sent, [key for key, _ in got]), (found.without, [*similar, company.deal.pk])):
        ended = [status[key] for key in keys]
        assert (side.deals, side.won, side.lost, side.open) == (
            len(keys), ended.count("won"), ended.count("lost"), ended.count("open"),
        )  # fmt: skip
        assert side.rate == ended.count("won") / (len(ended) - ended.count("open"))
        assert (side.low, side.high) == wilson(side.won, side.won + side.lost, z=Z80)
    assert found.enough
    seen = queries.results(asset=asset, user=company.zhao, at=at)
    assert 0 < seen.sent.deals < found.sent.deals, "of what somebody may see alone"


def test_what_was_sent_goes_with_its_deal(company: Company, put: Put) -> None:
    services.send_asset(asset=put(), deal=company.deal, contact=None, by=company.li, at=AT)
    crm.delete_record(record=company.deal, by=None, at=AT)
    crm.purge_bin(at=AT + 91 * DAY)
    assert not AssetSent.objects.exists()
    assert TrackedLink.objects.get().revoked_at is not None


def test_over_http(company: Company, django_assert_max_num_queries: Callable[..., Any]) -> None:
    def client(user: User) -> Client:
        _, token = people.create_session(user=user, address="127.0.0.1", agent="test", at=datetime.now(UTC))
        made = Client()
        made.cookies["foresail_session"] = token
        return made

    ops, li, zhao = map(client, (company.ops, company.li, company.zhao))
    said = {
        "title": "选型手册",
        "language": "zh",
        "url": "https://www.example.com/a.pdf",
        "stages": ["evaluation"],
    }
    assert li.post("/api/assets", json.dumps(said), "application/json").status_code == 403
    made = ops.post("/api/assets", json.dumps(said), "application/json")
    assert made.status_code == 201, made.content
    key = made.json()["id"]
    wrong = ops.patch(f"/api/assets/{key}", json.dumps({"url": "ftp://x"}), "application/json")
    assert (wrong.status_code, list(wrong.json()["fields"])) == (422, ["url"])
    path = f"/api/deals/{company.deal.pk}/content"
    content = li.get(path).json()
    assert (content["may_send"], [each["asset"]["id"] for each in content["best"]], content["sent"]) == (
        True,
        [key],
        [],
    )
    sent = li.post(path, json.dumps({"asset": key, "contact": company.contact.pk}), "application/json")
    assert sent.status_code == 201, sent.content
    assert sent.json()["text"] == f"《选型手册》{sent.json()['address']}"
    assert "/l/" in sent.json()["address"]
    with django_assert_max_num_queries(14):
        after = li.get(path).json()
    assert (after["best"], after["sent"][0]["address"]) == ([], sent.json()["address"])
    assert zhao.get(path).status_code == 404
    assert zhao.post(path, json.dumps({"asset": key}), "application/json").status_code == 404
    library = zhao.get("/api/assets").json()
    assert (library["may_keep"], library["items"][0]["deals"]) == (False, 0)
    with django_assert_max_num_queries(8):
        assert li.get("/api/assets?stage=evaluation").json()["items"][0]["deals"] == 1
    results = li.get(f"/api/assets/{key}/results").json()
    assert (results["enough"], results["sent"]["open"], results["sent"]["rate"]) == (False, 1, None)
