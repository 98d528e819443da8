"""Which column is which, by its header and by what stands in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from stdnum.cn import uscc

from foresail.core.sheets.cells import (
    Unread,
    amount_of,
    answer_of,
    day_of,
    folded,
    is_read,
    moment_of,
    order_in,
)
from foresail.crm.fields import Kind
from foresail.crm.services.importing.targets import Target

LOOKED_AT: Final = 200
_EMAIL: Final = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s.]+$")
_PHONE: Final = re.compile(
    r"^(?:\+?86[- ]?)?1[3-9]\d{9}$|^0\d{2,3}[- ]?\d{7,8}(?:[-转]\d{1,5})?$|^\+\d[\d -]{7,17}$"
)
_DOMAIN: Final = re.compile(r"^(?:https?://)?(?:www\.)?(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/.*)?$", re.IGNORECASE)


def guess(
    headers: Sequence[str], samples: Sequence[Sequence[str]], targets: Mapping[str, Target]
) -> dict[str, str]:
    """Return the number of a column, as a text → the key of what it is read as. Each target is taken once.

    `samples` are non-empty cells of each column. First what headers say exactly, then what they contain, then
    what stands in the cells alone.
    """
    scores: list[tuple[float, int, str]] = []
    for place, header in enumerate(headers):
        for key, target in targets.items():
            score = _named(header, target)
            fits = _fits(samples[place], target)
            if fits is not None and samples[place]:
                if fits < 0.3 and score < 0.85:
                    score *= 0.3
                elif target.key in {"email", "code", "phone", "domain"} and fits > 0.8:
                    score = max(score, 0.55)
            if score >= 0.5:
                scores.append((score, place, key))
    taken: dict[str, str] = {}
    for _, place, key in sorted(scores, key=lambda each: (-each[0], each[1])):
        if str(place) not in taken and key not in taken.values():
            taken[str(place)] = key
    return dict(sorted(taken.items(), key=lambda each: int(each[0])))


def orders(samples: Sequence[Sequence[str]]) -> dict[str, str]:
    """Return for columns with days such as 03/04/2026 which comes first, where it can be told."""
    found = {str(place): order_in(list(cells)) for place, cells in enumerate(samples)}
    return {place: order for place, order in found.items() if order}


def _named(header: str, target: Target) -> float:
    said = folded(header.replace("_", " "))
    if not said:
        return 0.0
    own = [folded(name) for name in (target.key, target.field.zh, target.field.en)]
    if said in own[1:]:
        return 1.0
    if said == own[0]:
        return 0.95
    known = [folded(name) for name in target.synonyms]
    if said in known:
        return 0.9 - 0.001 * known.index(said)
    inside = [name for name in (*own[1:], *known) if len(name) > 1 and name in said]
    if inside:
        return 0.5 + 0.3 * max(len(name) for name in inside) / len(said)
    return 0.0


def _fits(cells: Sequence[str], target: Target) -> float | None:
    """Return the share of cells that may be values of the target, None where any text may."""
    looked = list(cells[:LOOKED_AT])
    match target.field.kind:
        case Kind.DATE:
            return is_read(day_of, looked)
        case Kind.DATETIME:
            return is_read(moment_of, looked)
        case Kind.MONEY | Kind.NUMBER:
            return is_read(amount_of, looked)
        case Kind.BOOL:
            return is_read(answer_of, looked)
    check = {
        "email": _EMAIL.match,
        "phone": lambda cell: _PHONE.match(cell.replace("(", "").replace(")", "")),
        "code": _credit_code if target.field.longest == 18 else None,
        "domain": lambda cell: _DOMAIN.match(cell) and "@" not in cell,
    }.get(target.key)
    if check is None:
        return None
    return sum(bool(check(cell)) for cell in looked) / len(looked) if looked else 0.0


def _credit_code(cell: str) -> bool:
    return len(cell) == 18 and bool(uscc.is_valid(cell))


__all__ = ["Unread", "guess", "orders"]
