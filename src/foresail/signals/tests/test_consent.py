"""Over random histories: nothing is kept without a consent that held when it happened and holds still."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foresail.governance.models import ConsentEntry
from foresail.signals.models import Seen, Signal, Visitor
from foresail.signals.services import KnownKey, take
from foresail.signals.tests.conftest import AT, consent, page

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Step:
    """At minute `known` somebody hears of what `visitor` did at minute `at`, which is not later."""

    known: int
    at: int
    visitor: str
    what: str


steps = st.lists(
    st.builds(
        lambda known, before, visitor, what: Step(known, max(known - before, 0), visitor, what),
        st.integers(0, 12), st.sampled_from([0, 0, 0, 1, 5]), st.sampled_from(["v1", "v2"]),
        st.sampled_from(["page", "page", "page", "given", "withdrawn"]),
    ),
    max_size=14,
).map(lambda drawn: sorted(drawn, key=lambda step: step.known))  # fmt: skip


def expected(history: Sequence[Step]) -> dict[str, set[int]]:
    """Return which pages are there at the end, by visitor: told in plain words of the rule, step by step."""
    kept: dict[str, set[int]] = {"v1": set(), "v2": set()}
    said: dict[str, list[tuple[int, bool]]] = {"v1": [], "v2": []}

    def last(visitor: str, until: int) -> bool:
        known = [(at, given) for at, given in said[visitor] if at <= until]
        newest = max((at for at, _ in known), default=None)
        answers = [given for at, given in known if at == newest]
        return bool(answers) and all(answers)

    batches = sorted({step.known for step in history})
    for now in batches:
        batch = [(place, step) for place, step in enumerate(history) if step.known == now]
        for _, step in batch:
            if step.what != "page":
                said[step.visitor].append((step.at, step.what == "given"))
        for _, step in batch:
            if step.what == "withdrawn":
                kept[step.visitor] = set()
        for place, step in batch:
            told = [given for _, given in said[step.visitor]][-1:]
            if step.what == "page" and last(step.visitor, step.at) and last(step.visitor, 99) and all(told):
                kept[step.visitor].add(place)
    return kept


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=steps)
def test_what_is_kept_is_what_consent_allows(
    browser: KnownKey, allow: Callable[..., None], history: list[Step]
) -> None:
    with transaction.atomic():
        allow()
        for known in sorted({step.known for step in history}):
            batch = [
                page(browser, step.visitor, str(place), at=AT + timedelta(minutes=step.at))
                if step.what == "page"
                else consent(
                    browser,
                    step.visitor,
                    f"c{place}",
                    given=step.what == "given",
                    at=AT + timedelta(minutes=step.at),
                )
                for place, step in enumerate(history)
                if step.known == known
            ]
            take(batch, at=AT + timedelta(minutes=known))
        names = dict(Visitor.objects.values_list("pk", "anonymous"))
        there = {(names[visitor], at) for visitor, at in Signal.objects.values_list("visitor", "at")}
        wanted = {
            (visitor, AT + timedelta(minutes=history[place].at))
            for visitor, places in expected(history).items()
            for place in places
        }
        assert there == wanted
        assert set(names.values()) == {visitor for visitor, _ in wanted}, (
            "of whom nothing is left, nothing is known"
        )
        transaction.set_rollback(True)


def test_after_a_withdrawal_no_table_knows_the_visitor(browser: KnownKey, allow: Callable[..., None]) -> None:
    """But the ledger, which is the proof that what was kept might be kept."""
    allow()
    name = "visitor-of-whom-nothing-may-stay"
    take([consent(browser, name), page(browser, name)], at=AT)
    assert tables_with(name) == {"governance_consententry", "signals_visitor"}
    take([consent(browser, name, "c2", given=False, at=AT + timedelta(hours=1))], at=AT + timedelta(hours=1))
    assert tables_with(name) == {"governance_consententry"}
    assert Signal.objects.count() == 0
    assert Seen.objects.count() == 2, "of what was said, digests"
    assert ConsentEntry.objects.filter(subject=f"visitor:{name}").count() == 3


def tables_with(text: str) -> set[str]:
    """Return the tables of which a row holds `text` anywhere."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(
                f'SELECT EXISTS (SELECT FROM "{table}" AS row WHERE row::text LIKE %s)', [f"%{text}%"]
            )
            if cursor.fetchone() == (True,):
                found.add(table)
    return {table for table in found if not table.startswith("signals_signal_")}
