"""The words of the command line: both languages, nothing missing, nothing left over."""

import re
from pathlib import Path
from string import Formatter

import pytest

from foresail.site.cli import language
from foresail.site.cli.words import WORDS

SITE = Path(__file__).parents[1]
SOURCES = {
    path: path.read_text(encoding="utf-8")
    for path in SITE.rglob("*.py")
    if "tests" not in path.parts and path.name != "words.py"
}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LC_ALL": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, "zh"),
    ],
)
def test_the_locale_decides(environment: dict[str, str], expected: str) -> None:
    assert language.of_environment(environment) == expected


@pytest.mark.parametrize(
    ("args", "chosen", "rest"),
    [
        (["describe", "a.csv"], None, ["describe", "a.csv"]),
        (["--lang", "zh", "describe"], "zh", ["describe"]),
        (["describe", "a.csv", "--lang", "en"], "en", ["describe", "a.csv"]),
        (["describe", "--lang=zh"], "zh", ["describe"]),
        (["describe", "--lang"], "", ["describe"]),
        (["explain", "--", "--lang", "zh"], None, ["explain", "--", "--lang", "zh"]),
    ],
)
def test_lang_may_stand_anywhere_before_the_dashes(
    args: list[str], chosen: str | None, rest: list[str]
) -> None:
    assert language.split(args) == (chosen, rest)


def test_both_languages_say_the_same_things() -> None:
    for key, texts in WORDS.items():
        assert all(texts), key
        zh, en = ({name for _, name, _, _ in Formatter().parse(text) if name} for text in texts)
        assert zh == en, key


def test_every_text_asked_for_is_there_and_every_text_is_asked_for() -> None:
    asked = {key for text in SOURCES.values() for key in re.findall(r'"([a-z_]+(?:\.[a-z_]+)*)"', text)}
    made = [
        pattern for text in SOURCES.values() for pattern in re.findall(r"""f["']([a-z_.{}\[\]]*)["']""", text)
    ]
    shapes = [
        re.compile(re.sub(r"\{[^}]*\}", r"[a-z_.0-9]+", p.replace(".", r"\."))) for p in made if "." in p
    ]
    unused = [key for key in WORDS if key not in asked and not any(s.fullmatch(key) for s in shapes)]
    assert unused == []
    called = {key for text in SOURCES.values() for key in re.findall(r'\bt\(\s*"([^"]+)"', text)}
    called |= {key for text in SOURCES.values() for key in re.findall(r'"((?:opt|arg|help)\.[a-z_]+)"', text)}
    assert called - WORDS.keys() == set()
