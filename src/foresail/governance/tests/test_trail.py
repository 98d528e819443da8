from datetime import timedelta
from enum import Enum
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from foresail.core.changes import Change, record
from foresail.governance.errors import PersonalValueMissing, PersonMissing, ValueNotKept
from foresail.governance.models import AuditRow, PersonKey
from foresail.governance.queries import Unreadable, of_actor, trail, verify
from foresail.governance.services import keep, keep_export
from foresail.governance.tests.making import MORNING, tamper, tell, tell_of

pytestmark = pytest.mark.django_db


def test_a_record_has_its_trail_newest_first_with_readable_values() -> None:
    tell(key="7", minute=1)
    tell(key="8", minute=2)
    tell_of("p1", key="7")
    newest, oldest = trail(subject="crm.Account", key="7")
    assert (newest.sequence, oldest.sequence) == (3, 1)
    assert newest.values == {"name": "王芳", "phone": "13800000000", "role": "buyer"}
    assert newest.person == "p1"
    assert oldest.values == {"stage": "won"}
    assert (oldest.actor, oldest.verb, oldest.at) == (3, "renamed", MORNING + timedelta(minutes=1))


def test_pages_follow_the_sequence() -> None:
    for _ in range(5):
        tell()
    page = trail(subject="crm.Account", key="7", limit=2)
    assert [entry.sequence for entry in page] == [5, 4]
    page = trail(subject="crm.Account", key="7", limit=2, before=page[-1].sequence)
    assert [entry.sequence for entry in page] == [3, 2]
    assert [entry.sequence for entry in trail(subject="crm.Account", key="7", before=2)] == [1]


def test_an_actor_has_a_trail_and_so_has_foresail_itself() -> None:
    tell(actor=3)
    tell(actor=None)
    tell(actor=4)
    assert [entry.sequence for entry in of_actor(actor=3)] == [1]
    assert [entry.sequence for entry in of_actor(actor=None)] == [2]
    assert of_actor(actor=5) == ()


def test_a_page_takes_two_queries_whatever_its_length(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(9):
        tell_of(f"p{number}")
    with django_assert_num_queries(2):
        assert len(trail(subject="crm.Account", key="7")) == 9


def test_an_export_says_who_what_how_many_and_by_which_filter() -> None:
    keep_export(actor=3, subject="crm.Contact", count=1200, where={"city": "杭州"}, at=MORNING)
    (entry,) = of_actor(actor=3)
    assert (entry.verb, entry.subject, entry.at) == ("exported", "crm.Contact", MORNING)
    assert entry.values == {"count": 1200, "where": {"city": "杭州"}}


def test_values_that_were_tampered_with_are_not_shown() -> None:
    tell_of("p1")
    tamper(r"UPDATE governance_auditrow SET sealed = '\x00'")
    assert trail(subject="crm.Account", key="7")[0].values == {
        "name": Unreadable.DAMAGED, "phone": Unreadable.DAMAGED, "role": "buyer",
    }  # fmt: skip


class Verb(str, Enum):  # noqa: UP042  the older kind, whose str() is not its value
    RENAMED = "renamed"


def test_a_word_from_an_enum_is_kept_as_its_text() -> None:
    with transaction.atomic():
        record(Change(actor=3, verb=Verb.RENAMED, subject="crm.Account", key="7", at=MORNING))
    assert of_actor(actor=3)[0].verb == "renamed"
    assert verify().broken is None


@pytest.mark.parametrize(
    ("wrong", "error", "code"),
    [
        ({"values": {"a": object()}}, ValueNotKept, "value_not_kept"),
        ({"values": [1]}, ValueNotKept, "value_not_kept"),
        ({"values": {"a\0": 1}}, ValueNotKept, "value_not_kept"),
        ({"key": "\0"}, ValueNotKept, "value_not_kept"),
        ({"key": 7}, ValueNotKept, "value_not_kept"),
        ({"person": 7}, ValueNotKept, "value_not_kept"),
        ({"actor": "3"}, ValueNotKept, "value_not_kept"),
        ({"actor": True}, ValueNotKept, "value_not_kept"),
        ({"at": MORNING.replace(tzinfo=None)}, ValueNotKept, "value_not_kept"),
        ({"personal": frozenset({"b"}), "person": "p1"}, PersonalValueMissing, "personal_value_missing"),
        ({"personal": frozenset({"a"})}, PersonMissing, "person_missing"),
    ],
)
def test_a_change_that_cannot_be_kept_is_refused_and_leaves_nothing(
    wrong: dict[str, Any], error: type[Exception], code: str
) -> None:
    right: dict[str, Any] = {
        "actor": 3,
        "verb": "renamed",
        "subject": "crm.Account",
        "key": "7",
        "at": MORNING,
        "values": {"a": 1},
    }
    with pytest.raises(error) as refused:
        keep(Change(**(right | wrong)))
    assert getattr(refused.value, "code", None) == code
    assert not AuditRow.objects.exists()
    assert not PersonKey.objects.exists()
