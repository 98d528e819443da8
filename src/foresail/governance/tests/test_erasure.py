from datetime import timedelta

import pytest

from foresail.governance.errors import PersonErased
from foresail.governance.models import AuditRow, PersonKey
from foresail.governance.queries import Unreadable, head, trail, verify
from foresail.governance.services import erase_person
from foresail.governance.tests.making import MORNING, tell, tell_of

pytestmark = pytest.mark.django_db


def test_erasing_takes_the_key_and_leaves_the_chain_whole() -> None:
    tell_of("p1")
    tell_of("p2")
    sealed = AuditRow.objects.get(sequence=1).sealed
    assert erase_person(person="p1", by=9, at=MORNING) == MORNING

    gone = PersonKey.objects.get(person="p1")
    assert (gone.key, gone.erased_at) == (None, MORNING)
    other, erased = trail(subject="crm.Account", key="7")
    assert erased.values == {"name": Unreadable.ERASED, "phone": Unreadable.ERASED, "role": "buyer"}
    assert other.values["name"] == "王芳"
    assert AuditRow.objects.get(sequence=1).sealed == sealed
    verdict = verify()
    assert (verdict.rows, verdict.broken) == (3, None)


def test_erasing_is_itself_on_the_trail() -> None:
    tell_of("p1")
    erase_person(person="p1", by=9, at=MORNING)
    (entry,) = trail(subject="governance.PersonKey", key="p1")
    assert (entry.sequence, entry.actor, entry.verb, entry.at) == (2, 9, "erased", MORNING)
    assert entry.values == {}


def test_erasing_twice_changes_nothing() -> None:
    tell_of("p1")
    erase_person(person="p1", by=9, at=MORNING)
    before = head()
    assert erase_person(person="p1", by=8, at=MORNING + timedelta(days=1)) == MORNING
    assert head() == before


@pytest.mark.parametrize("known", [True, False])
def test_values_of_an_erased_person_are_refused_from_then_on(known: bool) -> None:
    if known:
        tell_of("p1")
    erase_person(person="p1", by=9, at=MORNING)
    before = head()
    with pytest.raises(PersonErased, match="person p1 were erased"):
        tell_of("p1")
    assert head() == before
    tell(person="p1", values={"role": "left"})
    assert verify().broken is None
