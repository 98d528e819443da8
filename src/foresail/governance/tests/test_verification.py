"""Whoever changes the trail behind its back is found out, and told where."""

import tracemalloc
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from foresail.governance.canonical import instant
from foresail.governance.chain import GENESIS, Fields, Head, row_hash
from foresail.governance.models import AuditRow, PersonKey
from foresail.governance.queries import head, verify
from foresail.governance.seal import new_key, seal
from foresail.governance.services import erase_person
from foresail.governance.tests.making import MORNING, tamper, tell, tell_of

pytestmark = pytest.mark.django_db


def first_break(**given: Any) -> tuple[int, str, int]:
    """Return where the chain breaks, how, and how many rows hold before."""
    verdict = verify(**given)
    assert verdict.broken is not None
    assert verdict.broken.because.endswith(".")
    return verdict.broken.sequence, verdict.broken.what, verdict.rows


def make(rows: int) -> None:
    for number in range(rows):
        tell_of(f"p{number % 3}") if number % 2 else tell(minute=number)


@pytest.mark.parametrize(
    "change",
    [
        "version = 2",
        "at = at + interval '1 microsecond'",
        "at = 'infinity'",
        "actor = 4",
        "actor = NULL",
        "verb = 'Renamed'",
        "subject = 'crm.Contact'",
        "key = '8'",
        """values = '{"role": "seller"}'""",
        "values = 'null'",
        "values = jsonb_build_object('role', 1e5000::numeric)",
        "values = '[]'",
        "person = 'p2'",
        "person = NULL",
        """personal = '["name"]'""",
        "personal = '7'",
        "commitment = sha256('x')",
        "commitment = NULL",
        r"sealed = '\x00'",
        "sealed = NULL",
        "sealed = (SELECT sealed FROM governance_auditrow WHERE sequence = 2)",
        "hash = sha256('x')",
    ],
)
def test_a_change_to_any_column_is_found(change: str) -> None:
    for number in range(5):
        tell_of("p1", key=str(number))
    tamper(f"UPDATE governance_auditrow SET {change} WHERE sequence = 4")
    assert first_break() == (4, "changed", 3)


def test_a_row_made_anew_with_a_fitting_hash_breaks_at_the_next() -> None:
    make(3)
    fields = Fields(
        at=instant(MORNING), actor=3, verb="renamed", subject="crm.Account", key="7",
        values={"stage": "lost"}, person=None, personal=[], commitment=None,
    )  # fmt: skip
    forged = row_hash(before=GENESIS.hash, sequence=1, fields=fields)
    tamper(
        """UPDATE governance_auditrow SET values = '{"stage": "lost"}', hash = %s WHERE sequence = 1""",
        [bytes.fromhex(forged)],
    )
    assert first_break() == (2, "changed", 1)


@pytest.mark.parametrize("sequence", [1, 3])
def test_a_row_that_was_removed_is_found(sequence: int) -> None:
    make(5)
    tamper("DELETE FROM governance_auditrow WHERE sequence = %s", [sequence])
    assert first_break() == (sequence, "missing", sequence - 1)


@pytest.mark.parametrize(("one", "two"), [(2, 3), (2, 5), (1, 6)])
def test_two_rows_that_were_swapped_are_found(one: int, two: int) -> None:
    make(6)
    for old, new in ((one, -1), (two, one), (-1, two)):
        tamper("UPDATE governance_auditrow SET sequence = %s WHERE sequence = %s", [new, old])
    assert first_break() == (one, "order", one - 1)


def test_a_row_before_the_first_is_found() -> None:
    make(2)
    tamper(
        "INSERT INTO governance_auditrow SELECT 0, version, at, actor, verb, subject, key, values, person,"
        " personal, commitment, sealed, hash FROM governance_auditrow WHERE sequence = 1"
    )
    assert first_break() == (0, "order", 0)


def test_a_tail_that_was_cut_off_is_found_by_who_kept_a_head() -> None:
    make(4)
    kept = head()
    make(2)
    assert verify(expected_head=kept).broken is None
    tamper("DELETE FROM governance_auditrow WHERE sequence > 3")
    assert verify().broken is None
    assert first_break(expected_head=kept) == (4, "missing", 3)


def test_a_chain_made_anew_is_found_by_who_kept_a_head() -> None:
    make(3)
    kept = head()
    tamper("DELETE FROM governance_auditrow WHERE sequence > 2")
    tell(values={"stage": "lost"})
    tell()
    assert verify().broken is None
    assert first_break(expected_head=kept) == (3, "changed", 2)


def test_a_key_that_was_changed_is_found() -> None:
    make(4)
    PersonKey.objects.filter(person="p1").update(key=new_key())
    assert first_break() == (2, "changed", 1)


@pytest.mark.parametrize("row_stays", [True, False])
def test_an_erasure_that_nobody_told_of_is_found(row_stays: bool) -> None:
    make(4)
    if row_stays:
        PersonKey.objects.filter(person="p1").update(key=None, erased_at=MORNING)
    else:
        PersonKey.objects.filter(person="p1").delete()
    assert first_break() == (2, "missing", 1)


def test_a_key_that_came_back_after_its_erasure_is_found() -> None:
    make(4)
    key = PersonKey.objects.get(person="p1").key
    erase_person(person="p1", by=9, at=MORNING)
    PersonKey.objects.filter(person="p1").update(key=key, erased_at=None)
    assert first_break() == (2, "changed", 1)


def test_batches_do_not_change_the_verdict() -> None:
    make(7)
    erase_person(person="p1", by=None, at=MORNING)
    assert {verify(batch=size).rows for size in (1, 2, 4, 8, 9)} == {8}
    assert verify(batch=3).head == head()


def make_at_once(rows: int) -> None:
    """Make a long chain without its services, which take a millisecond a row."""
    key, last = new_key(), GENESIS
    PersonKey.objects.create(person="p1", key=key)
    made = []
    for sequence in range(1, rows + 1):
        at = MORNING + timedelta(seconds=sequence)
        sealed = seal(key=key, values={"name": f"王{sequence}"}, sequence=sequence) if sequence % 2 else None
        fields = Fields(
            at=instant(at), actor=3, verb="renamed", subject="crm.Account", key=str(sequence),
            values={"stage": "won", "note": "x" * 200}, person="p1" if sealed else None,
            personal=["name"] if sealed else [], commitment=sealed and sealed.commitment,
        )  # fmt: skip
        last = Head(sequence, row_hash(before=last.hash, sequence=sequence, fields=fields))
        made.append(
            AuditRow(
                sequence=sequence,
                version=1,
                at=at,
                actor=3,
                verb=fields.verb,
                subject=fields.subject,
                key=fields.key,
                values=fields.values,
                person=fields.person,
                personal=fields.personal,
                commitment=fields.commitment,
                sealed=sealed and sealed.box,
                hash=bytes.fromhex(last.hash),
            )
        )
    AuditRow.objects.bulk_create(made, batch_size=2_000)


def test_20_000_rows_are_read_in_batches_and_in_the_memory_of_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_at_once(20_000)
    with django_assert_num_queries(2 * 2 + 1):  # two full batches of rows and keys; then none
        assert verify().rows == 20_000
    tracemalloc.start()
    try:
        assert verify(batch=1_000).broken is None
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 6_000_000  # bytes; the rows together take some thirty million
