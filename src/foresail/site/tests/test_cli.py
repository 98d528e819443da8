"""The command line through its door: exit codes, sentences in both languages, and where things go."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from foresail import __version__
from foresail.site.cli import describe, door
from foresail.site.tests.keyboard import Run

COMMANDS = door.SUBCOMMANDS


def foresail(*words: str, environment: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    code = "from foresail.site.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1", **(environment or {})},
    )


# --- help and language -----------------------------------------------------------------------------


def test_help_lists_every_command_and_the_exit_codes(run: Run) -> None:
    for lang, code in (("en", "3 an unexpected fault"), ("zh", "3 程序自身的意外故障")):
        result = run("--lang", lang, "--help")
        assert result.exit_code == 0
        for name in COMMANDS:
            assert re.search(rf"\b{name}\b", result.stdout), name
        assert code in " ".join(result.stdout.split())


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_command_explains_itself(run: Run, name: str, lang: str) -> None:
    result = run(name, "--help", "--lang", lang)
    assert result.exit_code == 0, result.stderr
    assert not re.search(r"\b(help|opt|arg)\.[a-z]", result.stdout), "the key of a text stands for the text"
    assert ("选项" in result.stdout) == (lang == "zh")
    assert bool(re.search(r"[一-鿿]", result.stdout)) == (lang == "zh")


def test_the_locale_decides_unless_lang_does(run: Run) -> None:
    assert run("--help", lang="zh_CN.UTF-8").stdout == run("--help", "--lang", "zh").stdout
    assert run("--help", "--lang=en", lang="zh_CN.UTF-8").stdout == run("--help").stdout
    refused = run("--lang", "fr", "--help")
    assert (refused.exit_code, refused.stderr) == (2, "Error: --lang is zh or en, not 'fr'.\n")


def test_version(run: Run) -> None:
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, f"foresail {__version__}\n")


# --- wrong usage: 2 --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "english", "chinese"),
    [
        ("backtest", "--mapping is missing.", "缺少 --mapping。"),
        ("forecast --mapping", "The option --mapping needs a value.", "选项 --mapping 后面要写值。"),
        (
            "forcast",
            "There is no command forcast. Did you mean forecast?",
            "没有子命令 forcast。是不是 forecast？",
        ),
        ("doctor --oot x", "There is no option --oot. Did you mean --out?", "没有选项 --oot。是不是 --out？"),
        ("doctor x", "Too many arguments: x.", "多余的参数：x。"),
        ("describe", "Name a log, or a mapping with --mapping.", "请给出日志文件，或用 --mapping 给出映射。"),
        (
            "backtest --mapping m.toml --cutoff 2025-13-01",
            "--cutoff: '2025-13-01' is no date. Write one such as 2025-06-01.",
            "--cutoff 有误：“2025-13-01”不是日期；请写成 2025-06-01。",
        ),
        (
            "forecast --mapping m.toml --at yesterday",
            "--at: 'yesterday' is no date or time. Write one such as 2025-06-01 or 2025-06-01T09:30.",
            "--at 有误：“yesterday”不是日期或时刻；请写成 2025-06-01 或 2025-06-01T09:30。",
        ),
        (
            "backtest --mapping m.toml --every 2",
            "--every: '2' is no duration. Write one such as 2d, 14d or 2w (1 to 366 days).",
            "--every 有误：“2”不是时长；请写成 2d、14d 或 2w（1 到 366 天）。",
        ),
        (
            "backtest --mapping m.toml --every 4d --horizon 2w",
            "--every (4 days) must divide --horizon (14 days). Choose one of 1d, 2d, 7d, 14d.",
            "--every（4 天）必须能整除 --horizon（14 天）；可选：1d, 2d, 7d, 14d。",
        ),
        (
            "backtest --mapping m.toml --cutoff 2025-06-01 --until 2025-06-01",
            "--until (2025-06-01) must be later than --cutoff (2025-06-01).",
            "--until（2025-06-01）必须晚于 --cutoff（2025-06-01）。",
        ),
        (
            "forecast --mapping m.toml --out a.xlsx",
            "The ending of a.xlsx says no format. Use one of .csv / .parquet.",
            "“a.xlsx”的扩展名看不出格式；请用 .csv / .parquet。",
        ),
    ],
)
def test_wrong_usage_is_told_in_one_sentence(run: Run, words: str, english: str, chinese: str) -> None:
    for lang, sentence in (("en", f"Error: {english}\n"), ("zh", f"错误：{chinese}\n")):
        result = run(*words.split(), "--lang", lang)
        assert (result.exit_code, result.stdout, result.stderr) == (2, "", sentence)


def test_without_a_command_the_help_is_shown(run: Run) -> None:
    result = run()
    assert result.exit_code == 2
    assert "describe" in result.output


# --- the data or the question is at fault: 1 -------------------------------------------------------


def test_missing_files_are_told_in_one_sentence(run: Run, company: Path, tmp_path: Path) -> None:
    mapping = company / "mapping.toml"
    for words, english, chinese in [
        ((tmp_path / "no.csv", "--mapping", mapping), "There is no log", "找不到日志文件"),
        (("--mapping", tmp_path / "no.toml"), "There is no mapping", "找不到映射文件"),
        ((company, "--mapping", mapping), "is a folder, but a file is needed.", "是文件夹，需要的是文件。"),
        (("--mapping", company), "is a folder, but a file is needed.", "是文件夹，需要的是文件。"),
    ]:
        for name in ("describe", "forecast"):
            for lang, sentence in (("en", english), ("zh", chinese)):
                result = run(name, *words, "--lang", lang)
                assert (result.exit_code, result.stdout) == (1, "")
                assert sentence in result.stderr
                assert result.stderr.count("\n") == 1


def test_faults_in_the_data_keep_their_own_words(run: Run, company: Path, tmp_path: Path) -> None:
    text = (company / "mapping.toml").read_text(encoding="utf-8")
    (tmp_path / "mapping.toml").write_text(text.replace('"kind"', '"kimd"'), encoding="utf-8")
    for name in ("events.csv.gz", "deals.csv"):
        (tmp_path / name).symlink_to(company / name)
    result = run("describe", "--mapping", tmp_path / "mapping.toml")
    assert result.exit_code == 1
    assert "Did you mean 'kind'?" in result.stderr
    assert "Traceback" not in result.stderr
    chinese = run("describe", "--mapping", tmp_path / "mapping.toml", "--lang", "zh")
    assert chinese.stderr.startswith("错误：映射有误：")


def test_outputs_are_checked_before_anything_is_read(
    run: Run, company: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(**_: object) -> None:
        pytest.fail("the log was read")

    monkeypatch.setattr("foresail.site.cli.inputs.read_log", never)
    for words in [
        ("describe", "--json", tmp_path / "absent" / "a.json"),
        ("forecast", "--out", tmp_path / "absent" / "a.csv"),
        ("backtest", "--report", tmp_path / "absent" / "a.html"),
        ("train", "--model", company / "events.csv.gz"),
        ("train", "--model", company),
    ]:
        result = run(words[0], "--mapping", company / "mapping.toml", *words[1:])
        assert (result.exit_code, result.stdout) == (1, ""), result.stderr
        assert result.stderr.count("\n") == 1
    result = run("forecast", "--mapping", company / "mapping.toml", "--out", company / "deals.csv")
    assert result.exit_code == 2


# --- faults of our own: 3; interrupted: 130 --------------------------------------------------------


def test_a_fault_of_ours_is_told_apart(run: Run, company: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(describe, "describe", broken)
    result = run("describe", "--mapping", company / "mapping.toml")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "RuntimeError: a bug" in result.stderr
    assert result.stderr.endswith("foresail doctor may tell more.\n")


def test_an_interruption_leaves_no_half_written_file(
    run: Run, company: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("foresail.site.cli.outputs.json.dumps", interrupted)
    result = run("describe", "--mapping", company / "mapping.toml", "--json", tmp_path / "a.json")
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr == "Error: Interrupted; no half-written file is left.\n"
    assert list(tmp_path.iterdir()) == []


# --- a real process --------------------------------------------------------------------------------


def test_a_real_process_ends_with_the_code_and_speaks_the_locale(tmp_path: Path) -> None:
    process = foresail("describe", str(tmp_path / "没有.csv"), environment={"LC_ALL": "zh_CN.UTF-8"})
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, b"")
    assert err.decode().startswith("错误：找不到日志文件“")


def test_who_has_read_enough_may_go() -> None:
    process = foresail("--help")
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
