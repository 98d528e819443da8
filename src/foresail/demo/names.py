"""Names of people and how they are written in Latin letters."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from random import Random

from foresail.demo.texts import words

DOMAIN = "qiming.demo"


@cache
def letters() -> dict[str, str]:
    """Return the pinyin of every character that names of people and companies are made of."""
    tables = (words()["people"][name] for name in ("given", "surnames"))
    marks = (words()["marks"][name] for name in ("first", "second"))
    return {pair[0]: pair[1:] for table in (*marks, *tables) for pair in table.split()}


def pinyin(text: str) -> str:
    """Return `text` in small letters, without spaces; what is not in the table stays as it is."""
    known = letters()
    return "".join(known.get(character, character) for character in text).lower()


def romanised(name: str) -> str:
    """Return a Chinese name as it stands in an English letter.

    >>> romanised("周浩然")
    'Zhou Haoran'
    """
    return f"{pinyin(name[0]).capitalize()} {pinyin(name[1:]).capitalize()}"


def emails(names: list[str]) -> list[str]:
    """Return an address for each of `names`; who is pronounced like one before gets a number.

    >>> emails(["许敏", "徐敏"])
    ['xumin@qiming.demo', 'xumin2@qiming.demo']
    """
    seen: dict[str, int] = {}
    made = []
    for name in names:
        local = pinyin(name)
        seen[local] = seen.get(local, 0) + 1
        while seen[local] > 1 and f"{local}{seen[local]}" in seen:
            seen[local] += 1
        local = local if seen[local] == 1 else f"{local}{seen[local]}"
        seen.setdefault(local, 1)
        made.append(f"{local}@{DOMAIN}")
    return made


def chinese_name(random: Random) -> str:
    people = words()["people"]
    given: list[str] = people["given_names"].split()
    return random.choice(_surnames()) + random.choice(given)


def fresh_names(random: Random, *, taken: set[str]) -> Iterator[str]:
    """Yield names that nobody in `taken` has, each once; `taken` grows."""
    while True:
        name = chinese_name(random)
        while name in taken:  # with every combination taken, two characters more
            name = chinese_name(random) + (random.choice(_surnames()) if len(taken) > 1200 else "")
        taken.add(name)
        yield name


@cache
def _surnames() -> tuple[str, ...]:
    return tuple(pair[0] for pair in words()["people"]["surnames"].split())
