"""Each subcommand does what its help says, on a small simulated company."""

import json
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from foresail.science.mapping import load_mapping
from foresail.science.reading import read_log
from foresail.science.simulator import simulate
from foresail.science.time import NEVER
from foresail.site.cli import doctor
from foresail.site.tests.keyboard import Run, typed

# --- simulate --------------------------------------------------------------------------------------


def test_simulate_writes_the_same_company_for_the_same_seed(run: Run, tmp_path: Path) -> None:
    for name in ("a", "b"):
        result = run("simulate", "--seed", 7, "--deals", 30, "--months", 4, "--out", tmp_path / name)
        assert result.exit_code == 0, result.stderr
    written = {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()}
    assert sorted(written) == ["deals.csv", "events.csv.gz", "mapping.toml"]
    assert {path.name: path.read_bytes() for path in (tmp_path / "b").iterdir()} == written
    simulate(seed=7, deals=30, months=4).write(tmp_path / "c")
    assert {path.name: path.read_bytes() for path in (tmp_path / "c").iterdir()} == written


def test_simulate_keeps_the_truth_apart(run: Run, tmp_path: Path) -> None:
    truth = tmp_path / "truth.json"
    result = run("simulate", "--deals", 30, "--months", 4, "--out", tmp_path / "company", "--truth", truth)
    assert result.exit_code == 0, result.stderr
    assert len(json.loads(truth.read_text(encoding="utf-8"))["hidden"]) == 30
    assert str(truth) in result.stdout


def test_simulate_writes_over_a_simulation_and_nothing_else(run: Run, tmp_path: Path) -> None:
    words = ("simulate", "--deals", 30, "--months", 4, "--out", tmp_path)
    (tmp_path / "mine.txt").touch()
    assert run(*words).exit_code == 0
    assert run(*words).exit_code == 0
    assert (tmp_path / "mine.txt").exists()
    (tmp_path / "mapping.toml").write_text("[deals]\n", encoding="utf-8")
    refused = run(*words, "--lang", "zh")
    assert refused.exit_code == 1
    assert "请换一个文件夹" in refused.stderr
    assert (tmp_path / "mapping.toml").read_text(encoding="utf-8") == "[deals]\n"


# --- describe --------------------------------------------------------------------------------------


def test_describe_tells_what_is_in_the_log(run: Run, company: Path) -> None:
    result = run("describe", "--mapping", company / "mapping.toml", "--json", "-")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    log = read_log(mapping=load_mapping(company / "mapping.toml")).log
    assert (found["deals"], found["events"]) == (70, len(log.events))
    assert found["guess"] is None
    assert "few_closed" in {one["code"] for one in found["findings"]}
    assert "70" in result.stderr, "with the JSON on stdout, people read on stderr"


def test_describe_guesses_a_mapping_that_works(run: Run, company: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "guessed.toml"
    first = run(
        "describe", company / "events.csv.gz", "--write-mapping", mapping, "--json", tmp_path / "1.json"
    )
    assert first.exit_code == 0, first.stderr
    assert 'won = ["won"]' in first.stdout
    second = run("describe", "--mapping", mapping, "--json", tmp_path / "2.json")
    assert second.exit_code == 0, "the mapping finds its log from where it lies"
    one, two = (json.loads((tmp_path / name).read_text(encoding="utf-8")) for name in ("1.json", "2.json"))
    assert one.pop("guess")["mapping"]
    assert two.pop("guess") is None
    assert one == two


def test_a_log_on_the_command_line_goes_before_the_mappings(run: Run, tmp_path: Path) -> None:
    lines = [f"{n},2025-01-{n:02},2025-02-{n:02},{'Won' if n % 2 else 'Lost'}" for n in range(1, 21)]
    for name, kept in (("named.csv", lines), ("given.csv", lines[:12])):
        (tmp_path / name).write_text("\n".join(["id,from,to,end", *kept]), encoding="utf-8")
    mapping = tmp_path / "mapping.toml"
    text = '[deals]\nfile = "named.csv"\ndeal = "id"\nopened = "from"\nclosed = "to"\nresult = "end"\n'
    mapping.write_text(text + 'won = ["Won"]\nlost = ["Lost"]\n', encoding="utf-8")
    for words, deals in (((), 20), ((tmp_path / "given.csv",), 12)):
        result = run("describe", *words, "--mapping", mapping, "--json", "-")
        assert json.loads(result.stdout)["deals"] == deals
    (tmp_path / "named.csv").unlink()
    assert run("describe", tmp_path / "given.csv", "--mapping", mapping).exit_code == 0
    assert run("describe", "--mapping", mapping).exit_code == 1


def test_names_from_the_data_cannot_colour_the_terminal(run: Run, tmp_path: Path) -> None:
    rows = [
        f"{n},\x1b[31m[red]{n % 3},2025-01-01,2025-02-01,{'Won' if n % 2 else 'Lost'}" for n in range(1, 21)
    ]
    log = tmp_path / "a.csv"
    log.write_text("\n".join(["id,owner,opened,closed,result", *rows]), encoding="utf-8")
    result = run("describe", log)
    assert "‹U+001B›[31m[red]1 (7)" in result.stdout
    assert "\x1b" not in result.output


# --- train, forecast, explain ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def open_deals(company: Path) -> set[str]:
    log = read_log(mapping=load_mapping(company / "mapping.toml")).log
    return set(log.deals.ids[log.deals.closed == NEVER])


def test_forecast_covers_every_open_deal(
    run: Run, company: Path, open_deals: set[str], tmp_path: Path
) -> None:
    out = tmp_path / "f.csv"
    result = run("forecast", "--mapping", company / "mapping.toml", "--out", out, "--json", "-", "--top", 2)
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert {row["deal"] for row in found["deals"]} == open_deals
    risks = [row["risk"] for row in found["deals"]]
    assert risks == sorted(risks, reverse=True)
    assert found["tier"] == "hierarchical"
    table = pl.read_csv(out)
    assert table["deal"].to_list() == [row["deal"] for row in found["deals"]]
    assert table["p_won_final"].to_list() == [row["p_won_final"] for row in found["deals"]]
    assert f"{len(open_deals) - 2} more" in result.stderr


def test_a_kept_model_forecasts_as_one_trained_now(run: Run, company: Path, tmp_path: Path) -> None:
    mapping, model = company / "mapping.toml", tmp_path / "model"
    trained = run("train", "--mapping", mapping, "--model", model)
    assert trained.exit_code == 0, trained.stderr
    assert (model / "card.json").is_file()
    now = run("forecast", "--mapping", mapping, "--json", "-")
    kept = run("forecast", "--mapping", mapping, "--model", model, "--json", "-")
    assert json.loads(now.stdout) == json.loads(kept.stdout)
    assert run("train", "--mapping", mapping, "--model", model).exit_code == 0, "a model may be replaced"


def test_a_model_that_has_seen_the_future_is_told_of(run: Run, company: Path, tmp_path: Path) -> None:
    mapping, model = company / "mapping.toml", tmp_path / "model"
    run("train", "--mapping", mapping, "--model", model)
    late = run("forecast", "--mapping", mapping, "--model", model, "--at", "2024-07-01")
    assert late.exit_code == 0
    assert "these figures flatter" in late.stderr
    run("train", "--mapping", mapping, "--model", model, "--as-of", "2024-07-01")
    assert (
        "flatter" not in run("forecast", "--mapping", mapping, "--model", model, "--at", "2024-07-01").stderr
    )


def test_train_writes_over_models_only(run: Run, company: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    refused = run("train", "--mapping", company / "mapping.toml", "--model", tmp_path)
    assert refused.exit_code == 1
    assert "holds no model" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    absent = run("forecast", "--mapping", company / "mapping.toml", "--model", tmp_path / "no")
    assert absent.exit_code == 1
    assert "Traceback" not in absent.stderr


def test_explain_draws_what_pushes_and_adds_up(run: Run, company: Path, open_deals: set[str]) -> None:
    deal = min(open_deals)
    result = run(
        "explain", deal, "--mapping", company / "mapping.toml", "--json", "-", "--what-if", "event=call"
    )
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["deal"] == deal
    parts = (
        found["base"] + found["rest"] + found["calibration"] + sum(d["log_odds"] for d in found["drivers"])
    )
    chance = found["p_won_final"]
    assert chance / (1 - chance) == pytest.approx(2.718281828459045**parts)
    assert [one["change"] for one in found["what_if"]] == ["event=call"]
    assert found["what_if"][0]["before"] == chance
    assert "an association, not a promise" in result.stderr


def test_explain_takes_a_log_before_the_deal(
    run: Run, company: Path, open_deals: set[str], tmp_path: Path
) -> None:
    moved = tmp_path / "elsewhere.csv.gz"
    shutil.copy(company / "events.csv.gz", moved)
    words = ("--mapping", company / "mapping.toml", "--json", "-")
    one, two = run("explain", min(open_deals), *words), run("explain", moved, min(open_deals), *words)
    assert (one.exit_code, two.exit_code) == (0, 0)
    assert one.stdout == two.stdout
    assert run("explain", "a", "b", "c", *words).exit_code == 2


def test_explain_says_why_it_cannot(run: Run, company: Path, open_deals: set[str]) -> None:
    mapping, deal = company / "mapping.toml", min(open_deals)
    log = read_log(mapping=load_mapping(mapping)).log
    closed = next(i for i in log.deals.ids if i not in open_deals)
    for words, code, sentence in [
        (("QM00001",), 1, "There is no deal 'QM00001' in the log. Did you mean 'QM0001'?"),
        ((closed,), 1, "is not open on"),
        ((deal, "--what-if", "weather=fine"), 2, "'weather=fine' is not understood."),
        ((deal, "--what-if", "event=parade"), 1, "There is no event 'parade' in this log."),
    ]:
        result = run("explain", *words, "--mapping", mapping)
        assert (result.exit_code, result.stdout) == (code, "")
        assert sentence in result.stderr


# --- backtest --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def judged(company: Path, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """Run one backtest that writes everything; what it said, and where."""
    out = tmp_path_factory.mktemp("backtest")
    files = {
        name: out / f"{name}.{end}" for name, end in (("rows", "csv"), ("report", "html"), ("rejects", "csv"))
    }
    words = [word for name, path in files.items() for word in (f"--{name}", path)]
    result = typed("backtest", "--mapping", company / "mapping.toml", "--json", "-", *words)
    return SimpleNamespace(result=result, folder=out, **files)


def test_backtest_prints_the_json_and_nothing_else(judged: SimpleNamespace) -> None:
    assert judged.result.exit_code == 0, judged.result.stderr
    figures = json.loads(judged.result.stdout)
    assert set(figures) == {
        "data", "rows", "final", "state", "verdicts", "swing", "alerts", "skill", "baselines", "seconds",
    }  # fmt: skip
    assert figures["data"]["deals"] == 70
    assert figures["seconds"]["read"] > 0


def test_backtest_writes_rows_report_and_rejects(judged: SimpleNamespace) -> None:
    figures = json.loads(judged.result.stdout)
    rows = pl.read_csv(judged.rows)
    assert len(rows) == figures["rows"]["test"]
    assert rows.columns == [
        "deal", "landmark", "p_won_final", "p_won", "p_lost", "p_open",
        "swing_low", "swing_mid", "swing_high", "verdict", "risk",
    ]  # fmt: skip
    assert judged.report.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert pl.read_csv(judged.rejects).columns == ["line", "column", "value", "why", "file"]
    assert sorted(path.name for path in judged.folder.iterdir()) == ["rejects.csv", "report.html", "rows.csv"]


def test_backtest_tells_people_the_verdict_and_the_baselines(judged: SimpleNamespace) -> None:
    said = judged.result.stderr
    for part in ("How good is it?", "Better than stage rates?", "AUC", str(judged.report)):
        assert part in said
    assert re.search(r"0\.\d{3} to 0\.\d{3}", said), "the intervals"


# --- doctor ----------------------------------------------------------------------------------------


def test_doctor_examines_line_by_line(run: Run, tmp_path: Path) -> None:
    result = run("doctor", "--out", tmp_path / "out", "--json", tmp_path / "a.json")
    checks = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert [check["name"] for check in checks] == [
        "python", "packages", "openmp", "lightgbm", "memory", "cores", "folder", "disk", "database", "journal",
    ]  # fmt: skip
    assert {"ok"} == {check["level"] for check in checks if check["name"] in ("python", "openmp", "lightgbm")}
    assert result.exit_code == (1 if any(check["level"] == "fail" for check in checks) else 0)
    assert not (tmp_path / "out").exists(), "looking changes nothing"


def test_doctor_warns_before_an_upgrade_strands_the_data(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("FORESAIL_HOME", str(tmp_path))
    (tmp_path / "postgres" / "data-15").mkdir(parents=True)
    result = run("doctor", "--out", tmp_path / "out", "--lang", "zh")
    assert result.exit_code == 1
    assert "✗ 内置数据库: PostgreSQL 18" in result.stdout
    assert "PostgreSQL 15：先用原来的先见备份" in result.stdout
    assert [path.name for path in (tmp_path / "postgres").iterdir()] == ["data-15"]


def test_doctor_says_what_to_do_and_fails(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise OSError("libgomp.so.1: cannot open shared object file")

    monkeypatch.setattr(doctor, "_train_tiny_model", broken)
    (tmp_path / "file").touch()
    result = run("doctor", "--out", tmp_path / "file", "--lang", "zh")
    assert result.exit_code == 1
    assert "✗ LightGBM 训练小模型: OSError: libgomp.so.1" in result.stdout
    assert "→ LightGBM 不能用；请重新安装" in result.stdout
    assert "✗ 输出文件夹" in result.stdout
