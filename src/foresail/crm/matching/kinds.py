"""Accounts, contacts and leads: what is compared of them, and under which keys a new one meets those that there are.

`m` is set by hand: how often one customer, entered twice by two people, is written the same. `u` is the least
for how often two customers share it; more, where the records themselves show more (`learn`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from foresail.crm.matching import normal
from foresail.crm.matching.spec import Comparison, Level, Spec, same

Row = dict[str, str | None]

ACCOUNT: Final = Spec(
    comparisons=(
        Comparison(
            column="name",
            levels=(
                same("name", m=0.40, u=2e-5),
                same("core", m=0.40, u=2e-5, code="form"),
                Level(
                    code="near",
                    sql='length("core_l") >= 4 AND length("core_r") >= 4 AND (levenshtein("core_l", "core_r") <= 1 '
                    'OR contains("core_l", "core_r") OR contains("core_r", "core_l"))',
                    m=0.12,
                    u=2e-4,
                ),
            ),
        ),
        Comparison(column="place", levels=(same("place", m=0.97, u=0.1),)),
        Comparison(column="code", levels=(same("code", m=0.97, u=1e-8),)),
        Comparison(column="phone", levels=(same("phone", m=0.6, u=1e-4),)),
        Comparison(column="domain", levels=(same("domain", m=0.8, u=1e-4),)),
    ),
    blocks=(("core",), ("code",), ("phone",), ("domain",), ("head",)),
    shared=(("phone", 20), ("domain", 20), ("head", 60)),
)
_PERSON: Final = (
    Comparison(
        column="name",
        levels=(
            same("name", m=0.80, u=1e-4),
            same("sound", m=0.10, u=1e-4, code="sound"),
            Level(code="near", sql='jaro_winkler_similarity("sound_l", "sound_r") >= 0.92', m=0.06, u=1e-3),
        ),
    ),
    Comparison(
        column="mobile",
        levels=(
            same("mobile", m=0.80, u=1e-5),
            Level(code="near", sql='levenshtein("mobile_l", "mobile_r") <= 1', m=0.05, u=1e-5),
        ),
    ),
    Comparison(column="line", levels=(same("line", m=0.6, u=2e-3),)),
    # That two addresses begin alike says nothing more than that the names are alike, which counted already.
    Comparison(column="email", levels=(same("email", m=0.70, u=1e-5),)),
    Comparison(column="company", levels=(same("company", m=0.85, u=1e-3),)),
)
PERSON: Final = Spec(
    comparisons=_PERSON,
    blocks=(("mobile",), ("email",), ("company", "sound"), ("line", "sound")),
    shared=(("mobile", 10), ("email", 10)),
)
SPECS: Final[Mapping[str, Spec]] = {"account": ACCOUNT, "contact": PERSON, "lead": PERSON}


def row_of(kind: str, values: Mapping[str, str]) -> Row:
    """Return what is compared of a record with these texts; `company` is the name of a person's company."""
    if kind == "account":
        found = normal.company(values.get("name", ""))
        phone = normal.phone(values.get("phone") or "")
        row = {
            "name": found.name,
            "core": found.core,
            "head": found.core[:4] if len(found.core) >= 4 else "",
            "place": found.place,
            "code": normal.code(values.get("code") or ""),
            "phone": phone.number if phone else "",
            "domain": normal.domain(values.get("domain") or ""),
        }
    else:
        phone, email = normal.phone(values.get("phone") or ""), normal.email(values.get("email") or "")
        name = values.get("name", "")
        company = values.get("company") or ""
        row = {
            "name": normal.person(name),
            "sound": normal.sound(name),
            "mobile": phone.number if phone and phone.mobile else "",
            "line": phone.number if phone and not phone.mobile else "",
            "email": email,
            "company": normal.company(company).core if company else "",
        }
    return {column: value or None for column, value in row.items()}


def keys_of(kind: str, row: Mapping[str, str | None]) -> list[str]:
    """Return the keys under which a record meets those that may be the same: one for each block that it fills."""
    found = []
    for block in SPECS[kind].blocks:
        values = [row.get(column) for column in block]
        if all(values):
            found.append(f"{'+'.join(block)}={'|'.join(map(str, values))}"[:300])
    return found
