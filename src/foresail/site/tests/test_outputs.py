"""What is written is complete or not there, and is checked before the work begins."""

import json
import math
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from foresail.site.cli import outputs
from foresail.site.cli.door import CommandError, Misuse

TABLE = pl.DataFrame({"商机": ["甲", "乙"], "p": [0.25, 0.75]})


def test_a_file_appears_only_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    with outputs.atomic(target) as part:
        part.write_text("new", encoding="utf-8")
        assert part.parent == tmp_path
        assert not target.exists()
    assert target.read_text(encoding="utf-8") == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old", encoding="utf-8")

    def fail_halfway() -> None:
        with outputs.atomic(target) as part:
            part.write_text("half", encoding="utf-8")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert target.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    full = outputs.atomic(tmp_path / "a.txt")
    full.__enter__()
    with pytest.raises(CommandError, match=r"a\.txt cannot be written \(No space left on device\)"):
        full.__exit__(OSError, OSError(28, "No space left on device"), None)
    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old", encoding="utf-8")
    (tmp_path / "link.txt").symlink_to("real.txt")
    outputs.write_text(tmp_path / "link.txt", "new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text(encoding="utf-8") == "new"


def test_a_device_is_written_to_and_not_replaced() -> None:
    outputs.check_files(Path("/dev/null"))
    outputs.write_text(Path("/dev/null"), "nothing")
    assert not Path("/dev/null").is_file()


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("absent/a.csv", "There is no folder .*absent. Make it first."),
        ("file/a.csv", "There is no folder .*file. Make it first."),
        ("", "is a folder. Name a file to write."),
    ],
)
def test_an_output_that_cannot_be_is_found_at_once(tmp_path: Path, name: str, complaint: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match=complaint):
        outputs.check_files(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_refuses_is_found_at_once() -> None:
    refusing = Path("/proc/self")  # nobody may make files there, not even root
    if not refusing.is_dir():
        pytest.skip("this system has no folder that refuses everybody")
    with pytest.raises(CommandError, match="cannot be written"):
        outputs.check_files(refusing / "a.csv")


def test_nothing_is_written_over_an_input_or_twice(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.touch()
    with pytest.raises(Misuse, match="written over an input"):
        outputs.check_files(tmp_path / "." / "log.csv", inputs=[log])
    with pytest.raises(Misuse, match="another output"):
        outputs.check_files(tmp_path / "a.csv", tmp_path / "a.csv")
    outputs.check_files(tmp_path / "a.csv", None, outputs.STDOUT, outputs.STDOUT, inputs=[log, None])


def test_tables_go_by_their_ending(tmp_path: Path) -> None:
    for name in ("a.csv", "A.PARQUET"):
        outputs.check_table(tmp_path / name)
        outputs.write_table(tmp_path / name, TABLE)
    assert (tmp_path / "a.csv").read_bytes().startswith("\ufeff商机,p\n甲,0.25".encode())
    assert pl.read_parquet(tmp_path / "A.PARQUET").equals(TABLE)
    with pytest.raises(Misuse, match=r"\.csv / \.parquet"):
        outputs.check_table(tmp_path / "a.xlsx")


def test_json_is_json(tmp_path: Path) -> None:
    value = {"nan": math.nan, "list": (1, math.inf, None), "day": date(2025, 6, 1), "赢": True}
    outputs.write_json(tmp_path / "a.json", value | {"at": datetime(2025, 6, 1, 8, tzinfo=UTC)})
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {
        "nan": None, "list": [1, None, None], "day": "2025-06-01", "赢": True, "at": "2025-06-01T08:00:00+00:00",
    }  # fmt: skip
