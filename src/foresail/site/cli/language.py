"""The language of what the command says: `--lang`, else that of the terminal, else English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Literal

from foresail.site.cli.words import WORDS

Lang = Literal["zh", "en"]

LANGUAGES: Final[tuple[Lang, ...]] = ("zh", "en")

_current: ContextVar[Lang] = ContextVar("language", default="en")


def of_environment(environment: Mapping[str, str]) -> Lang:
    """Return zh if the locale in the variables is Chinese, else en. LC_ALL goes before LANG."""
    named = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next(filter(None, named), "").lower().startswith("zh") else "en"


def split(args: list[str]) -> tuple[str | None, list[str]]:
    """Take `--lang` out of the arguments, wherever it stands before `--`: its value, and the rest."""
    chosen, rest = None, []
    waiting = iter(args)
    for word in waiting:
        if word == "--":
            rest += [word, *waiting]
        elif word == "--lang":
            chosen = next(waiting, "")
        elif word.startswith("--lang="):
            chosen = word.removeprefix("--lang=")
        else:
            rest.append(word)
    return chosen, rest


def named(text: str) -> Lang | None:
    """Return the language called `text`, None if there is no such."""
    return next((lang for lang in LANGUAGES if lang == text), None)


@contextmanager
def speaking(language: Lang) -> Iterator[None]:
    """Say everything inside in `language`."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> Lang:
    """Return the language spoken now."""
    return _current.get()


def t(key: str, /, **values: object) -> str:
    """Return the text named `key` with `values` put in. Raises KeyError for an unknown name."""
    text = pick(*WORDS[key])
    return text.format(**values) if values else text


def pick(zh: str, en: str) -> str:
    """Return the one of two texts that is in the language spoken now."""
    return zh if current() == "zh" else en
