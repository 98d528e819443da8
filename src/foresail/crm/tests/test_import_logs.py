"""Logs of events become deals with their timeline: recognised, corrected, brought in once, and taken back."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from foresail.core import events
from foresail.core.home import Home
from foresail.core.sheets import FileUnreadable
from foresail.crm import services
from foresail.crm.errors import ImportUnready
from foresail.crm.events import DealMoved, LogTold, ManyTold
from foresail.crm.fields import DEAL
from foresail.crm.models import Account, Deal, Import
from foresail.crm.queries import importing as queries
from foresail.crm.services.importing import files, running, writing
from foresail.crm.tests.conftest import Company
from foresail.people.models import User

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
DATA = Path(__file__).parents[4].parent / "shared" / "data" / "bpic12"
HEAD = "case_id,activity,timestamp,resource,amount"


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Path) -> None:
    settings.HOME = Home(tmp_path)


@pytest.fixture
def told() -> list[LogTold | ManyTold]:
    found: list[LogTold | ManyTold] = []
    events.listen(LogTold, found.append)
    events.listen(ManyTold, found.append)
    return found


def log(cases: int = 12, *more: str, rest: bool = True) -> str:
    """A log in which every third deal is won, every third lost and the others go on."""
    rows = []
    for case in range(cases):
        begin = datetime(2025, 1, 1, 8, tzinfo=UTC) + timedelta(days=case)
        said = ["S_created", "call", "S_quote", "mail"]
        if rest and case % 3 < 2:
            said.append(("S_won", "S_lost")[case % 3])
        for place, what in enumerate(said):
            when = (begin + timedelta(days=3 * place)).isoformat()
            who = ("Li", "Unknown Ann")[place % 2]
            rows.append(f"C{case},{what},{when},{who},{1000 + case}")
    return "\n".join([HEAD, *rows, *more])


def bring(content: bytes | str, *, by: User, name: str = "sales.csv") -> Import:
    raw = content.encode() if isinstance(content, str) else content
    return services.begin_import(kind=DEAL, pieces=[raw], name=name, by=by, at=NOW)


def run(of: Import) -> Import:
    services.check_import(of=of, by=of.by)
    services.run_check(key=of.pk)  # of many rows, a worker does it
    services.start_import(of=of, by=of.by, at=NOW)
    services.run_import(key=of.pk, at=NOW)
    of.refresh_from_db()
    return of


def test_a_log_becomes_deals_and_what_happened_as_of_when_it_did(
    company: Company, told: list[LogTold | ManyTold]
) -> None:
    of = bring(log(), by=company.ops)
    assert of.log is not None
    assert {name: of.log[name] for name in ("case", "at", "kind", "actor", "amount")} == {
        "case": "case_id", "at": "timestamp", "kind": "activity", "actor": "resource", "amount": "amount",
    }  # fmt: skip
    assert (of.log["won"], of.log["lost"]) == (["S_won"], ["S_lost"])
    assert (of.rows, of.log["deals_won"], of.log["deals_lost"], of.log["deals_open"]) == (12, 4, 4, 4)
    run(of)
    assert (of.status, of.added, of.rejected) == ("done", 12, 0)
    won, lost, open_ = (Deal.objects.get(number=f"C{case}") for case in range(3))
    assert (won.status, lost.status, open_.status) == ("won", "lost", "open")
    assert (str(won.amount), won.opened_at, won.closed_at) == (
        "1000.00", datetime(2025, 1, 1, 8, tzinfo=UTC), datetime(2025, 1, 13, 8, tzinfo=UTC),
    )  # fmt: skip
    assert open_.closed_at is None
    assert {deal.account.name for deal in Deal.objects.filter(number__startswith="C")} == {"sales"}
    [many] = [each for each in told if isinstance(each, ManyTold)]
    assert not any(isinstance(each, DealMoved) for each in many.events)
    [log_told] = [each for each in told if isinstance(each, LogTold)]
    of_won = [each for each in log_told.events if each.deal == won.pk]
    assert [(each.kind, each.at, each.actor, each.actor_label) for each in of_won] == [
        ("S_created", datetime(2025, 1, 1, 8, tzinfo=UTC), company.li.pk, None),
        ("call", datetime(2025, 1, 4, 8, tzinfo=UTC), None, "Unknown Ann"),
        ("S_quote", datetime(2025, 1, 7, 8, tzinfo=UTC), company.li.pk, None),
        ("mail", datetime(2025, 1, 10, 8, tzinfo=UTC), None, "Unknown Ann"),
    ]
    assert all(each.known_at == each.at for each in log_told.events)


def test_what_was_guessed_can_be_corrected_and_nonsense_changes_nothing(company: Company) -> None:
    of = bring(log(), by=company.ops)
    way = dict(of.log or {})
    services.reread_log(
        of=of, way=way | {"won": ["S_quote"], "lost": ["S_lost"], "amount": None}, by=company.ops
    )
    of.refresh_from_db()
    assert of.log is not None
    assert (of.log["won"], of.log["deals_won"], of.log["deals_open"]) == (["S_quote"], 12, 0)
    before = (of.log, of.rows, files.frame_of(of.pk).rows())
    nonsense: tuple[dict[str, Any], ...] = (
        {"case": "nothing"},
        {"won": [], "lost": []},
        {"won": ["S_lost"]},
        {"tz": "Mars"},
    )
    for wrong in nonsense:
        with pytest.raises(ImportUnready):
            services.reread_log(of=of, way=way | {"lost": ["S_lost"]} | wrong, by=company.ops)
        of.refresh_from_db()
        assert (of.log, of.rows, files.frame_of(of.pk).rows()) == before
    services.reread_log(of=of, way=None, by=company.ops)
    assert (of.log, of.columns, of.rows) == (None, HEAD.split(","), 56)


def test_times_that_name_no_zone_are_ours_as_in_every_file(
    company: Company, told: list[LogTold | ManyTold]
) -> None:
    of = bring(log().replace("+00:00", ""), by=company.ops)
    assert of.log is not None
    assert of.log["tz"] == "Asia/Shanghai"
    run(of)
    assert Deal.objects.get(number="C0").opened_at == datetime(2025, 1, 1, tzinfo=UTC)
    [log_told] = [each for each in told if isinstance(each, LogTold)]
    assert min(each.at for each in log_told.events) == datetime(2025, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("content", ["<log><trace>", "<?xml version='1.0'?><log", "\ufeff<log><trace></log>"])
def test_a_broken_log_is_not_taken_for_a_table(company: Company, content: str) -> None:
    with pytest.raises(FileUnreadable, match="XES"):
        bring(content, by=company.ops, name="sales.xes")
    assert not Import.objects.exists()


def test_once_more_and_longer_it_adds_what_is_new_and_ends_nothing_twice(
    company: Company, told: list[LogTold | ManyTold]
) -> None:
    run(bring(log(6, rest=False), by=company.ops))
    run(bring(log(8), by=company.ops))
    assert Deal.objects.filter(number__startswith="C").count() == 8
    marks = [[(e.deal, e.mark) for e in each.events] for each in told if isinstance(each, LogTold)]
    assert set(marks[0]) <= set(marks[1])
    assert len(set(marks[1])) == len(marks[1]) == 8 * 4


def test_undone_nothing_of_the_deals_is_left(company: Company) -> None:
    before = set(Deal.with_deleted.values_list("pk", flat=True))
    accounts = set(Account.with_deleted.values_list("pk", flat=True))
    of = run(bring(log(), by=company.ops))
    services.undo_import(of=of, by=company.ops, at=NOW + timedelta(days=29))
    services.run_undo(key=of.pk, at=NOW)
    of.refresh_from_db()
    assert (of.status, of.stayed) == ("undone", [])
    assert set(Deal.with_deleted.values_list("pk", flat=True)) == before
    assert set(Account.with_deleted.values_list("pk", flat=True)) == accounts
    assert not files.folder(of.pk).exists()


def test_killed_between_batches_it_tells_each_event_once(
    company: Company, told: list[LogTold | ManyTold], monkeypatch: pytest.MonkeyPatch
) -> None:
    of = bring(log(), by=company.ops)
    services.check_import(of=of, by=company.ops)
    services.start_import(of=of, by=company.ops, at=NOW)
    monkeypatch.setattr(running, "BATCH", 5)
    written, calls = writing.write, []

    def killed(*arguments: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return written(*arguments, **named)

    monkeypatch.setattr(running, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        services.run_import(key=of.pk, at=NOW)
    services.run_import(key=of.pk, at=NOW)
    of.refresh_from_db()
    assert (of.status, of.added) == ("done", 12)
    marks = [(each.deal, each.mark) for one in told if isinstance(one, LogTold) for each in one.events]
    assert len(marks) == len(set(marks)) == 12 * 4


def test_rows_that_tell_nothing_are_named_with_their_line(company: Company) -> None:
    of = bring(log(60, "C3,call,yesterday,Li,1003", "C4,,2025-02-01T08:00:00+00:00,Li,1004"), by=company.ops)
    assert of.log is not None
    assert of.log["rejects"] == 2
    lines = "".join(queries.rejected_events(of, chinese=True)).splitlines()
    assert lines[1:] == ["282,timestamp,yesterday,时间无法识别", "283,activity,,没有说明发生了什么"]


def workbook(text: str) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(text.splitlines()):
            sheet.write_row(place, 0, row.split(","))
    return out.getvalue()


def parquet(text: str) -> bytes:
    out = io.BytesIO()
    pl.read_csv(io.StringIO(text)).with_columns(
        pl.col("timestamp").str.to_datetime(time_zone="UTC")
    ).write_parquet(out)
    return out.getvalue()


def xes(text: str) -> bytes:
    cases: dict[str, list[str]] = {}
    for row in text.splitlines()[1:]:
        case, what, when, who, amount = row.split(",")
        cases.setdefault(case, [f'<string key="concept:name" value="{case}"/><float key="amount" value="{amount}"/>']).append(
            f'<event><string key="concept:name" value="{what}"/><date key="time:timestamp" value="{when}"/>'
            f'<string key="org:resource" value="{who}"/></event>'
        )  # fmt: skip
    traces = "".join(f"<trace>{''.join(each)}</trace>" for each in cases.values())
    return f'<?xml version="1.0"?><log>{traces}</log>'.encode()


@pytest.mark.parametrize("form", [workbook, parquet, xes])
def test_a_log_comes_in_whatever_form(company: Company, form: Any) -> None:
    of = bring(form(log()), by=company.ops, name="log.bin")
    assert of.log is not None
    assert (of.rows, of.log["deals_won"], of.log["events"]) == (12, 4, 48)
    services.reread_log(of=of, way=of.log, by=company.ops)
    run(of)
    assert (of.added, Deal.objects.get(number="C0").status) == (12, "won")


def test_a_table_of_deals_stays_one_and_others_than_operations_bring_no_log(company: Company) -> None:
    table = "编号,客户,阶段,金额,立项日期\n" + "".join(
        f"D{n},客户{n % 3},{('Won', 'Lost', '已确认')[n % 3]},{n},2025-01-{n + 1:02d}\n" for n in range(20)
    )
    assert bring(table, by=company.ops).log is None
    assert bring(log(), by=company.li).log is None
    with pytest.raises(FileUnreadable):
        bring(parquet(log()), by=company.li)


def test_a_real_log_comes_in_whole(company: Company, told: list[LogTold | ManyTold]) -> None:
    path = DATA / "events.csv.gz"
    if not path.exists():
        pytest.skip("the public log bpic12 is not beside the repository, in ../shared/data")
    of = bring(path.read_bytes(), by=company.ops, name=path.name)
    assert of.log is not None
    assert {name: of.log[name] for name in ("case", "at", "kind", "actor", "amount")} == {
        "case": "case_id", "at": "timestamp", "kind": "activity", "actor": "resource", "amount": "amount_req",
    }  # fmt: skip
    assert of.rows == 9_842
    run(of)
    assert (of.status, of.added, of.rejected) == ("done", 9_842, 0)
    happened = sum(len(each.events) for each in told if isinstance(each, LogTold))
    assert happened == of.log["events"]
