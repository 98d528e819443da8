"""Who is told of what, how often, and when not: through the verbs of the rooms where it happens."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from foresail.core.changes import Change
from foresail.core.errors import NotFound
from foresail.core.events import emit, listen
from foresail.core.home import Home
from foresail.crm import services as crm
from foresail.crm.fields import DEAL, LEAD
from foresail.crm.models import Account, Deal, Pipeline
from foresail.forecast.events import OutlooksTurned
from foresail.notices import queries, services
from foresail.notices.errors import QuietInvalid, ZoneUnknown
from foresail.notices.models import KINDS, Mute, Notification
from foresail.notices.quiet import quiet_until
from foresail.people import services as people
from foresail.people.models import Team, User
from foresail.people.roles import Role

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)  # Monday, 17:00 in Shanghai
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(kw_only=True)
class Company:
    east: Team
    west: Team
    li: User
    wang: User
    zhao: User
    boss: User
    ops: User
    pipeline: Pipeline
    account: Account
    deal: Deal


@pytest.fixture
def company(settings: Any) -> Company:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    line = people.add_line(name="能源", by=None, at=AT)
    east, west = (people.add_team(name=name, line=line, by=None, at=AT) for name in ("华东", "西部"))

    def hire(name: str, role: Role, team: Team | None) -> User:
        user = people.add_user(email=f"{name}@example.com", name=name, team=team, by=None, at=AT)
        people.grant_role(user=user, role=role, by=None, at=AT)
        return user

    li, wang, zhao = hire("Li", Role.REP, east), hire("Wang", Role.REP, east), hire("Zhao", Role.REP, west)
    boss, ops = hire("Boss", Role.MANAGER, east), hire("Ops", Role.SALES_OPERATIONS, None)
    people.appoint_manager(team=east, manager=boss, by=None, at=AT)
    stages = (
        crm.StageSpec("qualified", "已确认", "qualified", 10),
        crm.StageSpec("quote", "报价", "quote", 14),
    )
    pipeline = crm.add_pipeline(name="大客户", line=line, stages=stages, by=None, at=AT)
    account = crm.add_account(name="晨光电力", line=line, owner=li, team=east, by=li, at=AT)
    deal = crm.open_deal(
        name="监测系统", account=account, pipeline=pipeline, owner=li, team=east, amount=Decimal(100), by=li, at=AT
    )  # fmt: skip
    assert not Notification.objects.exists()
    return Company(
        east=east, west=west, li=li, wang=wang, zhao=zhao, boss=boss, ops=ops,
        pipeline=pipeline, account=account, deal=deal,
    )  # fmt: skip


def told(user: User, **more: Any) -> list[tuple[str, str | None, int]]:
    """Return what somebody is shown: kind, the record's name or the task's, and how many things it is."""
    rows, _ = queries.notifications(user=user, **more)
    return [
        (
            each.notification.kind,
            each.task or (each.record[1] if each.record else None),
            each.notification.times + each.notification.more,
        )
        for each in rows
    ]


def prefer(user: User, *, at: datetime = AT, **more: Any) -> None:
    usual: dict[str, Any] = {
        "kinds": {},
        "quiet_from": None,
        "quiet_to": None,
        "quiet_days": "none",
        "zone": "Asia/Shanghai",
    }
    services.set_preference(by=user, at=at, **usual | more)


def test_a_task_is_told_to_who_has_it_and_never_to_who_gave_it(company: Company) -> None:
    crm.add_task(title="自己的事", assignee=company.li, deal=company.deal, by=company.li, at=AT)
    assert told(company.li) == []
    crm.add_task(title="补充报价", assignee=company.li, deal=company.deal, by=company.boss, at=AT + MINUTE)
    assert told(company.li) == [("task", "补充报价", 1)]
    assert told(company.boss) == []
    row = queries.notifications(user=company.li)[0][0]
    assert (row.actor, row.record) == ("Boss", (company.deal.pk, "监测系统"))


def test_the_same_within_an_hour_is_one_until_it_is_read(company: Company) -> None:
    def give(minutes: int) -> None:
        crm.add_task(
            title=f"事 {minutes}", assignee=company.li, deal=company.deal, by=company.boss,
            at=AT + timedelta(minutes=minutes),
        )  # fmt: skip

    give(0)
    give(59)
    assert told(company.li) == [("task", "事 59", 2)]
    assert queries.unread(user=company.li) == 1
    give(118)
    assert told(company.li) == [("task", "事 118", 3)]
    services.read_all(by=company.li, at=AT + 2 * HOUR)
    assert queries.unread(user=company.li) == 0
    give(125)
    give(190)
    assert told(company.li) == [("task", "事 190", 1), ("task", "事 125", 1), ("task", "事 118", 3)]


def test_who_gets_and_who_loses_a_record_is_told_and_sees_no_more_than_they_may(company: Company) -> None:
    crm.assign_deal(deal=company.deal, owner=company.zhao, team=company.west, by=company.ops, at=AT)
    assert told(company.zhao) == [("given", "监测系统", 1)]
    assert told(company.li) == [("taken", None, 1)]
    assert told(company.ops) == []
    shown, _ = queries.notifications(user=company.li)
    assert shown[0].actor == "Ops"
    assert shown[0].record is None


def test_a_share_is_told_to_one_or_to_a_team_and_names_nothing_once_it_ended(company: Company) -> None:
    share = crm.share_record(record=company.deal, user=company.zhao, by=company.li, at=AT)
    crm.share_record(record=company.deal, team=company.east, by=company.li, at=AT + MINUTE)
    assert told(company.zhao) == [("shared", "监测系统", 1)]
    assert (told(company.wang), told(company.li)) == ([("shared", "监测系统", 1)], [])
    crm.end_share(share=share, record=company.deal, by=company.li, at=AT + HOUR)
    assert told(company.zhao) == [("shared", None, 1)]


def test_what_one_verb_does_to_many_records_is_one_notification(company: Company) -> None:
    for number in range(4):
        account = crm.add_account(
            name=f"客户 {number}", line=company.pipeline.line, owner=company.li, team=company.east, by=company.li, at=AT
        )  # fmt: skip
        crm.add_task(title="拜访", assignee=company.li, account=account, by=company.li, at=AT)
    crm.hand_over(of=company.li, to=company.wang, by=company.boss, at=AT)
    assert sorted(told(company.wang)) == [
        ("given", "晨光电力", 5),
        ("given", "监测系统", 1),
        ("task", "拜访", 4),
    ]
    assert sorted(kind for kind, _, _ in told(company.li)) == ["taken", "taken"]


def test_who_gets_many_at_once_is_told_once(company: Company) -> None:
    for number in range(3):
        crm.open_deal(
            name=f"单{number}", account=company.account, pipeline=company.pipeline, owner=company.li,
            team=company.east, by=company.li, at=AT,
        )  # fmt: skip
    batch = crm.assign_many(
        kind=DEAL, found=Deal.objects.all(), owner=company.zhao, by=company.ops, at=AT + MINUTE
    )
    assert [(kind, count) for kind, _, count in told(company.zhao)] == [("given", 4)]
    crm.undo_batch(batch=batch.id, by=company.ops, at=AT + 2 * MINUTE)
    assert sorted(kind for kind, _, _ in told(company.zhao)) == ["given", "taken"]


def test_a_rolled_back_verb_tells_nobody(company: Company) -> None:
    with transaction.atomic():
        crm.add_task(title="补充报价", assignee=company.li, deal=company.deal, by=company.boss, at=AT)
        transaction.set_rollback(True)
    assert told(company.li) == []


def test_the_forecast_tells_the_owner_of_an_open_deal(company: Company) -> None:
    with transaction.atomic():
        emit(OutlooksTurned(verdicts={company.deal.pk: "lost"}, alerts=(company.deal.pk,), at=AT))
    assert sorted(told(company.li)) == [("alert", "监测系统", 1), ("verdict", "监测系统", 1)]
    company.deal.refresh_from_db()
    crm.close_deal(deal=company.deal, outcome="lost", version=company.deal.version, by=company.li, at=AT)
    with transaction.atomic():
        emit(OutlooksTurned(verdicts={company.deal.pk: "won"}, alerts=(), at=AT + HOUR))
    assert len(told(company.li)) == 2


def test_an_import_tells_who_began_it_and_who_gets_what(
    company: Company, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(settings, "HOME", Home(tmp_path))
    text = "姓名,公司,负责人\n张三,甲公司,Li\n李四,乙公司,Li\n王五,丙公司,Zhao\n"
    of = crm.begin_import(kind=LEAD, pieces=[text.encode()], name="线索.csv", by=company.ops, at=AT)
    crm.check_import(of=of, by=company.ops)
    crm.start_import(of=of, by=company.ops, at=AT)
    crm.run_import(key=of.pk, at=AT)
    of.refresh_from_db()
    assert (of.status, of.added) == ("done", 3)
    assert told(company.ops) == [("imported", "线索.csv", 1)]
    assert told(company.li) == [("given", "张三", 2)]
    assert told(company.zhao) == [("given", "王五", 1)]


def test_doubts_are_told_to_who_asked_for_them(company: Company) -> None:
    for name in ("华能新能源", "华能新能源"):
        crm.add_lead(
            line=company.pipeline.line, owner=company.li, team=company.east, name="张伟", company=name,
            email="zhang@example.com", phone="13800138000", by=company.li, at=AT,
        )  # fmt: skip
    prefer(company.li, kinds={"doubt": True})
    assert crm.find_duplicates(kind=LEAD, at=AT) == 1
    assert told(company.li) == [("doubt", "张伟", 2)]
    crm.find_duplicates(kind=LEAD, at=AT + 2 * HOUR)
    assert told(company.li) == [("doubt", "张伟", 2)]


def test_a_kind_or_a_record_can_be_left(company: Company) -> None:
    prefer(company.li, kinds={"task": False})
    crm.add_task(title="补充报价", assignee=company.li, deal=company.deal, by=company.boss, at=AT)
    assert told(company.li) == []
    prefer(company.li, kinds={"task": True})
    services.set_muted(record_type="deal", key=company.deal.pk, muted=True, by=company.li, at=AT)
    crm.add_task(title="补充报价", assignee=company.li, deal=company.deal, by=company.boss, at=AT)
    crm.add_task(title="拜访", assignee=company.li, account=company.account, by=company.boss, at=AT)
    assert told(company.li) == [("task", "拜访", 1)]
    assert queries.muted(user=company.li) == [("deal", company.deal.pk, "监测系统")]
    services.set_muted(record_type="deal", key=company.deal.pk, muted=False, by=company.li, at=AT)
    crm.add_task(title="补充报价", assignee=company.li, deal=company.deal, by=company.boss, at=AT)
    assert ("task", "补充报价", 1) in told(company.li)
    with pytest.raises(NotFound):
        services.set_muted(record_type="deal", key=company.deal.pk, muted=True, by=company.zhao, at=AT)
    assert not Mute.objects.exists()


def test_nothing_lights_up_in_quiet_hours_and_one_notification_tells_of_it_after(
    company: Company, notices: Callable[[], list[tuple[str, int]]]
) -> None:
    prefer(company.li, quiet_from=time(16), quiet_to=time(18))
    notices()
    crm.add_task(title="补充报价", assignee=company.li, deal=company.deal, by=company.boss, at=AT)
    crm.add_task(title="拜访", assignee=company.li, account=company.account, by=company.boss, at=AT)
    assert ("notifications", company.li.pk) not in notices()
    assert (queries.unread(user=company.li), told(company.li)) == (0, [])
    assert services.end_quiet(at=AT + 59 * MINUTE) == 0
    assert services.end_quiet(at=AT + HOUR) == 1
    assert ("notifications", company.li.pk) in notices()
    assert told(company.li) == [("summary", None, 2)]
    assert queries.unread(user=company.li) == 1
    (summary,), _ = queries.notifications(user=company.li)
    held = told(company.li, summary=summary.notification.pk)
    assert sorted(held) == [("task", "拜访", 1), ("task", "补充报价", 1)]
    assert services.end_quiet(at=AT + 2 * HOUR) == 0
    services.read_all(by=company.li, at=AT + 2 * HOUR)
    assert not Notification.objects.filter(read_at=None).exists()


def test_who_ends_the_quiet_is_told_at_once(company: Company) -> None:
    prefer(company.li, quiet_from=time(16), quiet_to=time(18))
    crm.add_task(title="补充报价", assignee=company.li, deal=company.deal, by=company.boss, at=AT)
    prefer(company.li, quiet_from=time(16), quiet_to=time(19), at=AT + MINUTE)
    assert told(company.li) == []
    prefer(company.li, at=AT + 2 * MINUTE)
    assert told(company.li) == [("summary", None, 1)]


@pytest.mark.parametrize(
    ("local", "until"),
    [
        ("2026-03-03T21:59", None),
        ("2026-03-03T22:00", "2026-03-04T08:00"),
        ("2026-03-04T07:59", "2026-03-04T08:00"),
        ("2026-03-04T08:00", None),
        ("2026-03-06T22:30", "2026-03-09T08:00"),  # Friday night, the weekend, and Sunday night
        ("2026-03-07T12:00", "2026-03-09T08:00"),
    ],
)
def test_quiet_goes_over_nights_and_weekends_where_the_person_is(local: str, until: str | None) -> None:
    for zone, hours in (("Asia/Shanghai", 8), ("America/Bogota", -5)):
        at = datetime.fromisoformat(f"{local}+00:00") - timedelta(hours=hours)
        found = quiet_until(at, begins=time(22), ends=time(8), days="weekend", zone=zone)
        assert (found and found.strftime("%Y-%m-%dT%H:%M")) == until


@pytest.mark.parametrize(
    ("local", "until"),
    [
        ("2026-02-13T22:30", "2026-02-14T08:00"),  # a Saturday that is worked
        ("2026-02-14T09:00", None),
        ("2026-02-14T23:00", "2026-02-24T08:00"),  # nine days of Spring Festival, and the nights around them
        ("2026-09-20T12:00", None),  # a Sunday that is worked
        ("2026-10-01T10:00", "2026-10-08T08:00"),
        ("2035-10-01T10:00", None),  # nobody set that year yet: a Monday
        ("2035-10-06T10:00", "2035-10-08T08:00"),
    ],
)
def test_quiet_goes_over_days_off_by_chinas_calendar(local: str, until: str | None) -> None:
    at = datetime.fromisoformat(f"{local}+08:00")
    found = quiet_until(at, begins=time(22), ends=time(8), days="calendar", zone="Asia/Shanghai")
    assert (found and found.strftime("%Y-%m-%dT%H:%M")) == until


def test_a_mention_is_told_unless_muted_left_or_quiet(company: Company) -> None:
    boss, li, deal = company.boss, company.li, company.deal

    def name(hour: int, *others: User) -> None:
        text = "".join(f"@[{each.pk}] " for each in (boss, *others))
        crm.add_note(record=deal, text=text, by=li, at=AT + hour * HOUR)

    name(0, li, company.zhao)
    assert told(boss) == [("mention", "监测系统", 1)]
    assert told(li) == told(company.zhao) == []
    prefer(boss, quiet_from=time(16), quiet_to=time(20))
    name(1)
    assert len(told(boss)) == 1
    services.end_quiet(at=AT + 4 * HOUR)
    assert told(boss)[0] == ("summary", None, 1)
    prefer(boss, kinds={"mention": False})
    name(5)
    prefer(boss)
    services.set_muted(record_type="deal", key=deal.pk, muted=True, by=boss, at=AT)
    name(6)
    assert len(told(boss)) == 2


def test_quiet_needs_both_ends_and_a_zone(company: Company) -> None:
    with pytest.raises(QuietInvalid):
        prefer(company.li, quiet_from=time(22))
    with pytest.raises(QuietInvalid):
        prefer(company.li, quiet_from=time(22), quiet_to=time(22))
    with pytest.raises(ZoneUnknown):
        prefer(company.li, zone="../etc/passwd")
    changes: list[Change] = []
    listen(Change, changes.append)
    prefer(company.li, quiet_from=time(22), quiet_to=time(8))
    assert [(each.verb, each.key) for each in changes] == [("set_notifications", str(company.li.pk))]
    assert changes[0].values == {
        **{kind: kind != "doubt" for kind in KINDS},
        "quiet_from": "22:00",
        "quiet_to": "08:00",
        "quiet_days": "none",
        "zone": "Asia/Shanghai",
    }


def test_who_left_is_told_nothing(company: Company) -> None:
    people.deactivate_user(user=company.li, by=None, at=AT)
    with transaction.atomic():
        emit(OutlooksTurned(verdicts={company.deal.pk: "lost"}, alerts=(), at=AT))
    assert not Notification.objects.exists()


def test_notifications_go_after_90_days_and_with_their_record(company: Company) -> None:
    crm.add_task(title="补充报价", assignee=company.li, deal=company.deal, by=company.boss, at=AT)
    services.forget_old(at=AT + timedelta(days=90))
    assert len(told(company.li)) == 1
    services.forget_old(at=AT + timedelta(days=90, seconds=1))
    assert told(company.li) == []
    lead = crm.add_lead(
        line=company.pipeline.line, owner=company.li, team=company.east, name="张伟", by=company.boss, at=AT
    )
    crm.delete_record(record=lead, by=company.boss, at=AT)
    assert told(company.li) == [("given", None, 1)]
    crm.purge_bin(at=AT + timedelta(days=91))
    assert told(company.li) == []


def test_a_merged_record_is_found_under_what_it_became(company: Company) -> None:
    one, other = (
        crm.add_lead(
            line=company.pipeline.line, owner=company.li, team=company.east, name=name, by=company.boss, at=AT
        )
        for name in ("张伟", "张 伟")
    )
    services.set_muted(record_type="lead", key=other.pk, muted=True, by=company.li, at=AT)
    crm.merge_records(keep=one, gone=[other], by=company.boss, at=AT)
    assert told(company.li) == [("given", "张伟", 2)]
    assert {mute.record for mute in Mute.objects.all()} == {one.pk, other.pk}


def test_the_list_goes_on_from_a_cursor_with_a_constant_number_of_queries(company: Company) -> None:
    for number in range(7):
        crm.add_task(
            title=f"事 {number}", assignee=company.li, deal=company.deal, by=company.boss, at=AT + 2 * number * HOUR
        )  # fmt: skip
    first, cursor = queries.notifications(user=company.li, limit=4)
    with CaptureQueriesContext(connection) as few:
        second, end = queries.notifications(user=company.li, after=cursor, limit=1)
    with CaptureQueriesContext(connection) as many:
        rest, end = queries.notifications(user=company.li, after=cursor, limit=4)
    assert [each.task for each in (*first, *rest)] == [f"事 {number}" for number in reversed(range(7))]
    assert second[0].task == "事 2"
    assert end is None
    assert len(few) == len(many) <= 10
