"""Lines of Markdown as their reader sees them."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def plain(line: str) -> str:
    """Return what a reader sees of a line of Markdown: of links their names, no marks.

    >>> plain("- [监测系统](/deals/12)：进入“报价”阶段")
    '监测系统：进入“报价”阶段'
    """
    found, rest = "", line.strip().lstrip("#-* ").strip()
    while True:
        before, bracket, after = rest.partition("[")
        name, closing, target = after.partition("](")
        _, end, following = target.partition(")")
        if not (bracket and closing and end):
            return found + rest
        found, rest = found + before + name, following


def fresh(lines: Sequence[str], *, known: Collection[str]) -> list[str]:
    """Return those of `lines` that say what none of `known` does."""
    seen = {plain(each) for each in known}
    return [line for line in lines if plain(line) not in seen]
