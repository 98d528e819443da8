"""Files of signals: read as people write them, through the gate, each row once, and harmless whatever they are."""

from __future__ import annotations

import csv
import io
import json
import os
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.test import Client

from foresail.core.home import Home
from foresail.core.sheets import FileUnreadable
from foresail.governance import services as governance
from foresail.governance.collecting import Purpose
from foresail.governance.models import AuditRow, ConsentEntry, GateCount
from foresail.people import services as people
from foresail.people.errors import NotAllowed
from foresail.people.models import User
from foresail.signals import services
from foresail.signals.errors import FileBusy, FileUnready, SourcesInvalid
from foresail.signals.models import FileBrought, Seen, Signal, Visitor
from foresail.signals.reading.table import guess
from foresail.signals.services import drop, files, intake
from foresail.signals.sources import FAIR, NOTES, SOCIAL

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("asked")]

NOW = datetime(2026, 3, 20, 9, tzinfo=UTC)
HEAD = "扫码时间,姓名,公司名称,电子邮箱,手机号,备注,是否同意,同意时间,文案版本"
LI = "2026-03-18 10:15,李雷,远航科技,Li@Example.com,138 0013 8000,想看报价,是,2026-03-18,1"
HAN = "2026/3/18 11:00,韩梅,海天电子,,+86 13900139000,,是,2026-03-18 10:59,第1版"
SILENT = "2026-03-18 11:30,王五,江南机械,wang@example.com,,,,,"


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.HOME = Home(tmp_path)
    monkeypatch.setattr(intake, "_months", set())  # what a test does on commit is undone all the same
    return tmp_path


@pytest.fixture
def asked(ops: User) -> None:
    governance.add_wording(purpose=Purpose.INTENT, zh="我们想……", en="We would like …", by=ops, at=NOW)


def text(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *rows]).encode()


def bring(
    content: bytes, *, source: str = "fair_scan", by: User | None = None, day: date | None = None
) -> FileBrought:
    return services.bring_now(source=source, pieces=[content], name="扫码.csv", day=day, by=by, at=NOW)


def left_out() -> dict[str, int]:
    return dict(GateCount.objects.values_list("reason", "count"))


# ---- reading


def workbook(rows: list[list[str]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    return out.getvalue()


@pytest.mark.parametrize("form", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "xlsx"])
def test_a_scan_is_read_whatever_wrote_it(allow: Callable[..., None], form: str) -> None:
    allow()
    rows = [line.split(",") for line in (HEAD, LI)]
    of = bring(workbook(rows) if form == "xlsx" else text(LI).decode().encode(form))
    kept = Signal.objects.get()
    assert (kept.source, kept.kind, kept.key) == ("fair_scan", "fair_scan", 0)
    assert kept.at == datetime(2026, 3, 18, 2, 15, tzinfo=UTC)
    assert kept.values == {
        "name": "李雷", "company": "远航科技", "email": "Li@Example.com", "phone": "138 0013 8000", "note": "想看报价",
    }  # fmt: skip
    assert of.counts == {"kept": 1, "seen": 0, "consents": 1, "doubtful": 0, "left_out": {}, "wrong": {}}


def test_who_it_was_stands_nowhere_but_in_what_the_boundary_keeps(allow: Callable[..., None]) -> None:
    allow(fair_scan={"fields": {"email": "mask", "note": "keep"}})
    bring(text(LI, HAN))
    told = json.dumps(
        [
            *Signal.objects.values_list("values", flat=True),
            *Visitor.objects.values_list("anonymous", flat=True),
            *ConsentEntry.objects.values_list("subject", "proof"),
            *FileBrought.objects.values_list("columns", "settings", "counts", "check_result", "wrong"),
            *AuditRow.objects.values_list("values", flat=True),
        ],
        ensure_ascii=False, default=str,
    ).lower()  # fmt: skip
    assert not [
        each
        for each in ("李雷", "韩梅", "远航", "li@", "13800138000", "138 0013", "13900139000")
        if each in told
    ]
    assert [
        each["email"]
        for each in Signal.objects.order_by("id").values_list("values", flat=True)
        if "email" in each
    ] == ["Example.com"]
    assert left_out() == {"field_dropped": 3 + 3, "field_masked": 1}


def test_columns_are_guessed_by_what_they_are_called() -> None:
    assert guess(FAIR, HEAD.split(",")) == {
        "at": 0, "email": 3, "phone": 4, "name": 1, "company": 2, "note": 5, "consent": 6, "consent_at": 7, "wording": 8,
    }  # fmt: skip
    english = [
        "Scan Time",
        "Badge ID",
        "Full Name",
        "Company",
        "Work e-mail",
        "Mobile",
        "Opt-in",
        "Consent date",
        "#",
    ]
    assert guess(FAIR, english) == {
        "at": 0, "person": 1, "name": 2, "company": 3, "email": 4, "phone": 5, "consent": 6, "consent_at": 7,
    }  # fmt: skip
    assert guess(NOTES, ["拜访日期", "客户名称", "拜访对象", "拜访纪要", "序号"]) == {
        "at": 0, "name": 2, "company": 1, "note": 3,
    }  # fmt: skip
    assert guess(SOCIAL, ["User", "Date", "Type", "Post URL", "Comment", "ID"]) == {
        "at": 1, "person": 0, "url": 3, "note": 4,
    }  # fmt: skip


def test_what_is_no_signal_is_told_by_its_place_and_kept_nowhere(
    ops: User, allow: Callable[..., None], django_capture_on_commit_callbacks: Any
) -> None:
    allow()
    with django_capture_on_commit_callbacks(execute=True):
        of = bring(
            text(
                LI,
                "昨天,钱一,甲公司,qian@example.com,,,是,2026-03-18,1",
                "2026-03-18,孙二,,,,,是,2026-03-18,1",
                "2027-01-01,赵三,乙公司,zhao@example.com,,,是,2026-03-18,1",
                "1999-12-31,周四,丙公司,zhou@example.com,,,是,2026-03-18,1",
            ),
            by=ops,
        )
    assert of.wrong == [[1, "time"], [2, "who"], [3, "future"], [4, "time"]]
    assert (of.counts["kept"], of.counts["wrong"]) == (1, {"time": 2, "who": 1, "future": 1})
    assert not (files._folder(of.pk)).exists(), "the file goes when it is done"


def test_a_day_may_be_said_for_all_rows(allow: Callable[..., None]) -> None:
    allow(social={"basis": "legitimate_interest"})
    rows = text("u1,评论,https://x.example/p?u=1", "u2,,", head="账号,评论内容,链接")
    assert bring(rows, source="social", day=date(2026, 3, 19)).counts["kept"] == 2
    assert [(each.kind, each.values) for each in Signal.objects.order_by("id")] == [
        ("social", {"note": "评论", "url": "https://x.example/p"}), ("social", {}),
    ]  # fmt: skip
    assert set(Signal.objects.values_list("at", flat=True)) == {datetime(2026, 3, 18, 16, tzinfo=UTC)}
    assert bring(rows, source="social", day=date(2026, 3, 18)).counts["kept"] == 2, (
        "another day is another matter"
    )


def test_files_made_to_do_harm_do_none(ops: User, home: Path) -> None:
    for content, reason in (
        (b"", "empty"),
        (b"\x7fELF" + b"\0" * 99, "format"),
        (b"PK\x03\x04" + b"\0" * 99, "damaged"),
        (text(), "empty"),
    ):
        with pytest.raises(FileUnreadable) as refused:
            services.begin_file(source="fair_scan", pieces=[content], name="x", by=ops, at=NOW)
        assert refused.value.reason == reason
    with pytest.raises(SourcesInvalid):
        services.begin_file(source="web", pieces=[text(LI)], name="x", by=ops, at=NOW)
    of = services.begin_file(
        source="fair_scan", pieces=[text(LI)], name="../../etc/\x1b[1mpass\nwd", by=ops, at=NOW
    )
    assert of.name == "[1mpass wd"
    assert [each.name for each in home.iterdir()] == ["signal-files"]


def test_a_formula_is_a_text(allow: Callable[..., None]) -> None:
    allow()
    bring(text(LI.replace("想看报价", "'=HYPERLINK(1)").replace("李雷", "@SUM(1)")))
    assert Signal.objects.get().values["note"] == "=HYPERLINK(1)"


# ---- the gate


def test_consent_counts_only_with_its_date_and_a_wording_there_is(allow: Callable[..., None]) -> None:
    allow()
    of = bring(
        text(
            LI,
            SILENT,
            "2026-03-18 12:00,甲,甲公司,a@example.com,,,是,,1",
            "2026-03-18 12:00,乙,乙公司,b@example.com,,,是,2026-03-18,2",
            "2026-03-18 12:00,丙,丙公司,c@example.com,,,是,2026-03-18 12:01,1",
            "2026-03-18 12:00,丁,丁公司,d@example.com,,,否,2026-03-18,1",
        )
    )
    assert of.counts == {
        "kept": 1, "seen": 0, "consents": 2, "doubtful": 2, "left_out": {"consent": 5}, "wrong": {},
    }  # fmt: skip
    assert left_out() == {"consent": 5}
    entry = ConsentEntry.objects.order_by("at")[0]
    assert (entry.given, entry.purpose, entry.source) == (True, "intent", "fair_scan")
    assert entry.wording is not None
    assert (entry.wording.version, entry.at) == (1, datetime(2026, 3, 17, 16, tzinfo=UTC))
    assert set(entry.proof) == {"key", "id", "how"}


def test_no_said_at_the_fair_is_no_whatever_was_said_before(allow: Callable[..., None]) -> None:
    allow()
    bring(text(LI))
    later = LI.replace("-18 10:15", "-19 10:15")
    assert bring(text(later.replace(",是,", ",否,"))).counts["left_out"] == {"consent": 1}
    assert bring(text(later.replace(",是,2026-03-18,1", ",,,"))).counts["kept"] == 1, (
        "who is silent did agree before"
    )


def test_one_person_is_one_visitor_in_whatever_file(allow: Callable[..., None]) -> None:
    allow()
    bring(text(LI))
    note = text("2026-03-19,li@example.com,聊了价格", head="拜访日期,邮箱,拜访纪要")
    assert bring(note, source="visit_note").counts["kept"] == 1, "who agreed at the fair agreed"
    assert Visitor.objects.count() == 1
    governance.note_consents(
        [
            governance.ConsentGiven(
                subject=f"visitor:{Visitor.objects.get().anonymous}", purpose=Purpose.INTENT, given=False, at=NOW, source="web",
            )
        ],
        by=None, at=NOW,
    )  # fmt: skip
    assert Signal.objects.count() == 0
    assert bring(text(LI)).counts["left_out"] == {"consent": 1}, "an old yes undoes no later no"


def test_without_a_boundary_nothing_is_kept() -> None:
    assert bring(text(LI, SILENT)).counts["left_out"] == {"no_boundary": 2}
    assert Signal.objects.count() == 0


# ---- once


def test_the_same_file_and_one_that_overlaps_bring_nothing_twice(allow: Callable[..., None]) -> None:
    allow()
    assert bring(text(LI, HAN, LI)).counts["kept"] == 2
    swapped = [[row.split(",")[1], row.split(",")[0], *row.split(",")[2:]] for row in (HEAD, LI, HAN)]
    again = bring(workbook(swapped))
    assert (again.counts["kept"], again.counts["seen"]) == (0, 2), "whatever the order of its columns"
    more = bring(text(HAN, LI.replace("10:15", "16:40")))
    assert (more.counts["kept"], more.counts["seen"]) == (1, 1)


def test_an_id_of_the_row_is_what_makes_it_the_same(allow: Callable[..., None]) -> None:
    allow()
    head = f"{HEAD},记录编号"
    assert bring(text(f"{LI},S-1", head=head)).counts["kept"] == 1
    mended = bring(text(f"{LI.replace('想看报价', '要报价')},S-1", f"{LI},S-2", head=head))
    assert (mended.counts["kept"], mended.counts["seen"]) == (1, 1)


def many(count: int) -> bytes:
    rows = (
        f"2026-03-18 10:{n % 60:02d},客户{n},公司{n % 7},c{n}@example.com,,,是,2026-03-18,1"
        for n in range(count)
    )
    return text(*rows, "昨天,,,a@example.com,,,,,")


def test_killed_in_the_middle_it_is_taken_up_and_nothing_is_doubled(
    ops: User, allow: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    allow()
    monkeypatch.setattr(files, "BATCH", 10)
    monkeypatch.setattr(files, "AT_ONCE", 5)
    of = services.begin_file(source="fair_scan", pieces=[many(34)], name="大.csv", by=ops, at=NOW)
    services.start_file(of=of, by=ops, at=NOW)
    assert (of.state, of.position, Signal.objects.count()) == ("running", 0, 0), (
        "large ones in the background"
    )
    real, calls = intake.take_in, iter(range(99))

    def dies(brought: Any, *, at: datetime) -> Any:
        taken = real(brought, at=at)
        if next(calls) == 1:
            raise KeyboardInterrupt
        return taken

    monkeypatch.setattr(files, "take_in", dies)
    with pytest.raises(KeyboardInterrupt):
        services.run_file(key=of.pk, at=NOW)
    of.refresh_from_db()
    assert (of.position, Signal.objects.count(), Seen.objects.count()) == (10, 10, 20)
    services.run_file(key=of.pk, at=NOW)
    of.refresh_from_db()
    assert (of.state, of.position, Signal.objects.count(), of.counts["kept"]) == ("done", 35, 34, 34)
    assert (of.counts["seen"], of.wrong) == (0, [[34, "time"]])
    services.run_file(key=of.pk, at=NOW)
    assert Signal.objects.count() == 34
    with pytest.raises(FileBusy):
        services.start_file(of=of, by=ops, at=NOW)
    assert list(AuditRow.objects.filter(subject="signals.FileBrought").order_by("sequence").values_list("verb", "actor")) == [
        ("bring_file", ops.pk), ("file_brought", ops.pk),
    ]  # fmt: skip


# ---- before it is brought


def test_a_check_tells_what_would_be_left_out_and_keeps_nothing(
    ops: User, allow: Callable[..., None], django_capture_on_commit_callbacks: Any
) -> None:
    allow()
    bring(text(HAN))
    before = (Signal.objects.count(), Seen.objects.count(), ConsentEntry.objects.count(), left_out())
    of = services.begin_file(
        source="fair_scan",
        pieces=[text(LI, HAN, SILENT, "昨天,,,a@example.com,,,,,")],
        name="x.csv",
        by=ops,
        at=NOW,
    )
    assert of.check_result == {
        "rows": 4, "kept": 1, "seen": 1, "consents": 2, "doubtful": 0, "left_out": {"consent": 1}, "wrong": {"time": 1},
    }  # fmt: skip
    assert before == (Signal.objects.count(), Seen.objects.count(), ConsentEntry.objects.count(), left_out())
    services.configure_file(of=of, columns={"email": 3}, day=None, wording=None, by=ops, at=NOW)
    with pytest.raises(FileUnready, match="time"):
        services.start_file(of=of, by=ops, at=NOW)
    services.configure_file(of=of, columns={"name": 1}, day=date(2026, 3, 18), wording=None, by=ops, at=NOW)
    with pytest.raises(FileUnready, match="who"):
        services.start_file(of=of, by=ops, at=NOW)
    wrongs: list[dict[str, Any]] = [
        {"columns": {"email": 99}},
        {"columns": {"wish": 0}},
        {"columns": {}, "day": date(2026, 3, 21)},
    ]
    for wrong in wrongs:
        with pytest.raises(FileUnready):
            services.configure_file(of=of, by=ops, at=NOW, **{"day": None, "wording": None, **wrong})
    services.forget_files(at=NOW + timedelta(hours=23))
    assert FileBrought.objects.filter(pk=of.pk).exists()
    with django_capture_on_commit_callbacks(execute=True):
        services.forget_files(at=NOW + timedelta(hours=25))
    assert not FileBrought.objects.filter(pk=of.pk).exists()
    assert not files._folder(of.pk).exists()


# ---- who may, over HTTP


@pytest.fixture
def signed_in(settings: Any) -> Callable[[User], Client]:
    settings.SECURE_SSL_REDIRECT = False

    def sign_in(user: User) -> Client:
        client = Client(enforce_csrf_checks=False)
        _, token = people.create_session(user=user, address="127.0.0.1", agent="test", at=datetime.now(UTC))
        client.cookies["foresail_session"] = token
        return client

    return sign_in


def test_over_http_a_file_is_brought_by_who_may(
    ops: User,
    guardian: User,
    admin: User,
    allow: Callable[..., None],
    signed_in: Callable[[User], Client],
) -> None:
    allow()
    mine, theirs, other = signed_in(ops), signed_in(guardian), signed_in(admin)
    sent: dict[str, Any] = {
        "data": text(LI, SILENT, "昨天,,,a@example.com,,,,,"),
        "content_type": "application/octet-stream",
    }
    address = "/api/signal-files?source=fair_scan&name=扫码.csv"
    assert theirs.post(address, **sent).status_code == 403
    made = mine.post(address, **sent)
    assert made.status_code == 201
    of = made.json()
    assert of["check"]["kept"] == 1
    assert [row["cells"][1] for row in of["first"]] == ["李雷", "王五", ""]
    one = f"/api/signal-files/{of['id']}"
    assert other.get(one).json()["first"] == theirs.get(one).json()["first"] == [], (
        "only who brings it reads it"
    )
    body = {"columns": of["settings"]["columns"], "day": None, "wording": None}
    assert theirs.post(one, body, content_type="application/json").status_code == 403
    assert theirs.delete(one).status_code == 403
    assert Signal.objects.count() == 0
    done = mine.post(one, body, content_type="application/json").json()
    assert (done["state"], done["counts"]["kept"], done["counts"]["left_out"]) == ("done", 1, {"consent": 1})
    rows = list(csv.reader(io.StringIO(theirs.get(f"{one}/wrong").content.decode("utf-8-sig"))))
    assert rows[1][0] == "3"
    assert mine.delete(one).status_code == 409
    assert [each["state"] for each in theirs.get("/api/signal-files").json()["items"]] == ["done"]


def test_who_may_not_shape_what_is_collected_brings_nothing(guardian: User) -> None:
    with pytest.raises(NotAllowed):
        services.begin_file(source="fair_scan", pieces=[text(LI)], name="x", by=guardian, at=NOW)
    assert FileBrought.objects.count() == 0


# ---- the drop folder


def put(folder: Path, name: str, content: bytes, *, age: float = 60) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def names(folder: Path) -> list[str]:
    return sorted(each.name.split(" ", 1)[1] for each in folder.iterdir()) if folder.exists() else []


def test_what_lies_in_the_drop_folder_is_brought_and_moved_aside(
    allow: Callable[..., None], home: Path
) -> None:
    allow()
    folder = home / "drop" / "fair_scan"
    services.look_in_drop(at=NOW)
    assert folder.is_dir()
    put(folder, "good.csv", text(LI))
    put(folder, "bad.csv", b"\x7fELF")
    put(
        folder,
        "2026-03-18 展会.csv",
        text("wang@example.com,是,2026-03-18,1", head="邮箱,同意,同意时间,版本"),
    )
    # The clock of a file system is this machine's: to it, all of them were written just now.
    at = datetime.now(UTC)
    assert services.look_in_drop(at=at) == 0, "not before they stand still"
    assert services.look_in_drop(at=at + timedelta(seconds=40)) == 3
    assert Signal.objects.count() == 2
    assert names(home / "drop/done") == [
        "fair_scan 2026-03-18 展会.csv", "fair_scan 2026-03-18 展会.csv.report.json",
        "fair_scan good.csv", "fair_scan good.csv.report.json",
    ]  # fmt: skip
    assert names(home / "drop/failed") == ["fair_scan bad.csv", "fair_scan bad.csv.report.json"]
    report = next((home / "drop/failed").glob("*.json")).read_text()
    assert json.loads(report)["code"] == "file_unreadable"
    assert not list(folder.iterdir())
    assert FileBrought.objects.filter(by=None, state="done").count() == 2
    services.forget_dropped(at=at + timedelta(days=8))
    assert not [*(home / "drop/done").iterdir(), *(home / "drop/failed").iterdir()]


def test_what_is_no_file_in_the_drop_folder_is_left_alone(home: Path, allow: Callable[..., None]) -> None:
    allow()
    folder = home / "drop" / "fair_scan"
    secret = put(home, "secret.csv", text(LI))
    folder.mkdir(parents=True)
    (folder / "link.csv").symlink_to(secret)
    os.mkfifo(folder / "pipe.csv")
    put(folder / "inner", "deep.csv", text(LI))
    put(folder, "half.csv.part", text(LI))
    put(folder, ".hidden.csv", text(LI))
    (home / "drop" / "social").symlink_to(home / "elsewhere", target_is_directory=True)
    put(home / "elsewhere", "far.csv", text(LI))
    hostile = os.fsdecode(b"\xff\xfe'; rm -rf .csv")
    put(folder, hostile, text(HAN))
    put(folder, "长" * 80 + ".csv", text(HAN))
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert services.look_in_drop(at=later) == 2
    assert Signal.objects.count() == 1
    assert sorted(each.name for each in folder.iterdir()) == [
        ".hidden.csv",
        "half.csv.part",
        "inner",
        "link.csv",
        "pipe.csv",
    ]
    assert secret.exists()
    assert (home / "elsewhere/far.csv").exists()


def test_one_that_was_cut_off_goes_on_where_it_was(
    home: Path, allow: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    allow()
    monkeypatch.setattr(files, "BATCH", 10)
    put(home / "drop/fair_scan", "x.csv", many(34))
    real, calls = intake.take_in, iter(range(99))

    def dies(brought: Any, *, at: datetime) -> Any:
        if next(calls) == 2:  # the check is one
            raise KeyboardInterrupt
        return real(brought, at=at)

    monkeypatch.setattr(files, "take_in", dies)
    later = datetime.now(UTC) + timedelta(minutes=1)
    with pytest.raises(KeyboardInterrupt):
        drop.look_in_drop(at=later)
    assert drop.look_in_drop(at=later) == 1
    of = FileBrought.objects.get()
    assert (of.state, of.counts["kept"], of.counts["seen"], Signal.objects.count()) == ("done", 34, 0, 34)
