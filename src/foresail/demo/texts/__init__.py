"""What the demo's people write, and the words for it: files that somebody without Python can edit.

`book` has the texts of a language by channel and occasion, `words` the vocabulary behind their slots.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """One text with slots. `place` holds the marks that zh.txt explains."""

    title: str
    text: str
    answer: str
    place: str


@cache
def book(language: str) -> Mapping[str, tuple[Line, ...]]:
    """Return the texts of `language` ("zh" or "en"), by the heads of the file."""
    found: dict[str, list[Line]] = {}
    lines: list[Line] = []
    for row in files(__name__).joinpath(f"{language}.txt").read_text(encoding="utf-8").splitlines():
        if row.startswith("["):
            lines = found.setdefault(row.strip("[]"), [])
        elif row and not row.startswith("#"):
            title, text, answer, *_ = (*(part.strip() for part in row.split("|")), "", "")
            bare = title.lstrip("!>~")
            lines.append(Line(bare, text, answer, title.removesuffix(bare)))
    return {head: tuple(those) for head, those in found.items()}


@cache
def words() -> Mapping[str, Any]:
    """Return words.toml."""
    return tomllib.loads(files(__name__).joinpath("words.toml").read_text(encoding="utf-8"))
