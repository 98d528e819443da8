import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foresail.governance.canonical import LARGEST, Json, canonical, instant, plain
from foresail.governance.errors import ValueNotKept

SHANGHAI = timezone(timedelta(hours=8))


class Stage(str, Enum):  # noqa: UP042  the older kind, whose str() is not its value
    WON = "won"


class Level(IntEnum):
    HIGH = 3


def test_keys_are_sorted_and_text_stays_text() -> None:
    assert (
        canonical({"b": [1, None, True], "a": '先见\n"é"'})
        == '{"a":"先见\\n\\"é\\"","b":[1,null,true]}'.encode()
    )


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (Decimal("1.50"), "1.50"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.00000001"), "-0.00000001"),
        (datetime(2026, 1, 31, 16, 0, tzinfo=SHANGHAI), "2026-01-31T08:00:00.000000Z"),
        (datetime(2026, 1, 31, 8, 0, 0, 5, tzinfo=UTC), "2026-01-31T08:00:00.000005Z"),
        (1.0, 1),
        (-0.0, 0),
        (0.1, 0.1),
        (True, True),
        ((1, "a"), [1, "a"]),
        (Stage.WON, "won"),
        (Level.HIGH, 3),
        (None, None),
    ],
)
def test_what_is_not_json_becomes_it_in_one_way(value: object, kept: Json) -> None:
    made = plain(value)
    assert made == kept
    assert type(made) is type(kept)


@pytest.mark.parametrize(
    ("value", "place", "kind"),
    [
        ({"a": [1, {"b": {1, 2}}]}, "values.a[1].b", "set"),
        (UUID(int=1), "values", "UUID"),
        (date(2026, 1, 31), "values", "date"),
        (b"x", "values", "bytes"),
        (datetime(2026, 1, 31), "values", "datetime without a time zone"),  # noqa: DTZ001
        (Decimal("NaN"), "values", "Decimal without an end"),
        (Decimal("1E+1000"), "values", "Decimal without an end"),
        (float("inf"), "values", "a float without an end"),
        (float("nan"), "values", "a float without an end"),
        (LARGEST, "values", "a number too large"),
        ("a\0b", "values", "text with a NUL character"),
        ("\ud800", "values", "text with half a character"),
        ({1: "a"}, "values", "a key of type int"),
    ],
)
def test_anything_else_is_refused_by_name(value: object, place: str, kind: str) -> None:
    with pytest.raises(ValueNotKept) as refused:
        plain(value)
    assert str(refused.value) == (
        f"The audit trail cannot keep {place} ({kind}). "
        "Give text, a number, a truth value, a list or an object."
    )


def test_what_contains_itself_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(ValueNotKept, match="more than 32 levels deep"):
        plain(endless)


def test_an_instant_needs_a_zone() -> None:
    with pytest.raises(ValueNotKept, match="datetime without a time zone"):
        instant(datetime(2026, 1, 31))  # noqa: DTZ001


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_reading_and_writing_again_gives_the_same_bytes(value: object) -> None:
    once = canonical(plain(value))
    assert canonical(plain(json.loads(once))) == once
    assert canonical(json.loads(once)) == once
