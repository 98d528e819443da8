"""`among` and `among_few` find what `in` finds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foresail.core import clock
from foresail.core.models import Allowance, Effect

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("lookup", ["among", "among_few"])
@pytest.mark.parametrize("parts", [["a"], ["a", "c", "x"], ["q\\ ' \" {}", "NULL"], [], ["a"] * 3])
def test_texts(parts: list[str], lookup: str) -> None:
    Effect.objects.bulk_create(Effect(job=1, part=part) for part in ("a", "b", "c", "q\\ ' \" {}", "NULL"))
    wanted: Any = {f"part__{lookup}": parts}
    found = Effect.objects.filter(**wanted).values_list("part", flat=True)
    assert set(found) == {*parts} - {"x"}
    assert Effect.objects.exclude(**wanted).count() == 5 - found.count()


def test_thousands_of_numbers_are_one_value(django_assert_num_queries: Any) -> None:
    Effect.objects.bulk_create(Effect(job=job, part="") for job in range(3_000))
    with django_assert_num_queries(1), CaptureQueriesContext(connection) as asked:
        assert Effect.objects.filter(job__among=range(1_000, 9_000)).count() == 2_000
    assert asked[0]["sql"].count("ANY(") == 1


def test_instants() -> None:
    at = clock.now()
    Allowance.objects.bulk_create(
        Allowance(name=str(hour), spent_until=at + timedelta(hours=hour)) for hour in range(3)
    )
    wanted = [at, at + timedelta(hours=2), at + timedelta(hours=7)]
    found: Any = Allowance.objects.filter(spent_until__among=wanted).order_by("name")
    assert [each.name for each in found] == ["0", "2"]
