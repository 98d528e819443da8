"""`make run`: everything in one go, and a second time."""

import json
import shutil
from pathlib import Path

import polars as pl

from foresail.site import quickstart
from foresail.site.tests.keyboard import typed

OUTPUTS = ["backtest.json", "forecast.csv", "model", "report.html"]


def test_without_a_log_a_company_is_simulated(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    words = ("--deals", 60, "--out", tmp_path)
    first, result = (typed(*words, command=quickstart.app) for _ in range(2))
    assert (first.exit_code, result.exit_code) == (0, 0), result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*OUTPUTS, "company", "mine.txt"])
    for name in OUTPUTS:
        assert str(tmp_path / name) in result.stdout.replace("\n", "")
    assert json.loads((tmp_path / "backtest.json").read_text(encoding="utf-8"))["data"]["deals"] == 60
    assert "a company was simulated: 60 deals" in result.stdout


def test_it_says_what_the_subcommands_say(company: Path, tmp_path: Path) -> None:
    words = ("--mapping", company / "mapping.toml")
    assert typed(*words, "--out", tmp_path, command=quickstart.app).exit_code == 0
    quick = json.loads((tmp_path / "backtest.json").read_text(encoding="utf-8"))
    alone = json.loads(typed("backtest", *words, "--json", "-").stdout)
    assert quick.pop("seconds").keys() == alone.pop("seconds").keys()
    assert quick == alone
    forecast = json.loads(typed("forecast", *words, "--json", "-").stdout)["deals"]
    table = pl.read_csv(tmp_path / "forecast.csv")
    assert table["p_won_final"].to_list() == [row["p_won_final"] for row in forecast]


def test_ones_own_log_needs_no_mapping_and_keeps_one_that_was_mended(company: Path, tmp_path: Path) -> None:
    log = tmp_path / "sales.csv.gz"
    shutil.copy(company / "events.csv.gz", log)
    words = ("--log", log, "--out", tmp_path / "out", "--lang", "zh")
    first = typed(*words, command=quickstart.app)
    assert first.exit_code == 0, first.stderr
    mapping = tmp_path / "out" / "sales.mapping.toml"
    assert "猜了一份" in first.stdout
    mended = mapping.read_text(encoding="utf-8") + "# mended\n"
    mapping.write_text(mended, encoding="utf-8")
    second = typed(*words, command=quickstart.app)
    assert second.exit_code == 0, second.stderr
    assert "用的是上次留下的" in second.stdout
    assert mapping.read_text(encoding="utf-8") == mended
    assert len(pl.read_csv(tmp_path / "out" / "forecast.csv"))


def test_a_log_is_never_written_over(company: Path, tmp_path: Path) -> None:
    log = tmp_path / "forecast.csv"
    shutil.copy(company / "deals.csv", log)
    before = log.read_bytes()
    result = typed("--log", log, "--out", tmp_path, command=quickstart.app)
    assert result.exit_code == 2
    assert log.read_bytes() == before
