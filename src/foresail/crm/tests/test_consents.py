"""What a contact agreed to is noted by who may change them, with what shows it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foresail.core.changes import Change
from foresail.core.clock import ZONE
from foresail.core.errors import NotFound, Refusal
from foresail.crm import services
from foresail.crm.errors import NotAllowed, ProofMissing, SaidAhead, WordingMissing
from foresail.crm.models import Contact
from foresail.crm.queries import contact_consents, contacts_by_email
from foresail.crm.tests.conftest import AT, Company
from foresail.governance import services as governance
from foresail.governance.collecting import Purpose, Standing
from foresail.governance.models import ConsentEntry, ConsentWording

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=2)


@pytest.fixture
def contact(company: Company) -> Contact:
    return services.add_contact(account=company.account, name="王静", by=None, at=AT)


@pytest.fixture
def wording(company: Company) -> ConsentWording:
    return governance.add_wording(purpose=Purpose.INTENT, zh="可以吗？", en="May we?", by=company.ops, at=AT)


def note(contact: Contact, **more: Any) -> None:
    given: dict[str, Any] = {
        "purpose": Purpose.INTENT,
        "given": True,
        "how": "paper",
        "proof": " 第 17 号签字件 ",
        "at": LATER,
    }
    services.note_contact_consent(contact=contact, **given | more)


def standing(contact: Contact) -> list[Standing]:
    return [each.standing for each in contact_consents(contact=contact)]


def test_it_is_kept_with_wording_day_and_what_shows_it(
    company: Company, contact: Contact, wording: ConsentWording, changes: list[Change]
) -> None:
    assert standing(contact) == [Standing.NONE, Standing.NONE]
    note(contact, wording=wording.pk, on=date(2026, 3, 2), by=company.li)
    intent, service = contact_consents(contact=contact)
    assert intent.last
    assert (intent.standing, intent.noted_by, service.standing) == (Standing.GIVEN, "Li", Standing.NONE)
    assert intent.last.wording == wording
    assert intent.last.proof == {"how": "paper", "note": "第 17 号签字件"}
    at = intent.last.at.astimezone(ZONE)
    assert (at.date(), at.hour, intent.last.known_at) == (date(2026, 3, 3), 0, LATER), "when the day was over"
    assert intent.wordings == [wording]
    note(contact, given=False, by=company.li, at=LATER + timedelta(hours=1))
    assert standing(contact) == [Standing.WITHDRAWN, Standing.NONE]
    told = [each.values for each in changes if each.verb == "note_consent"]
    assert told == [
        {"purpose": "intent", "given": True, "wording": 1}, {"purpose": "intent", "given": False, "wording": None}
    ]  # fmt: skip
    assert "签字件" not in str(changes), "what people write freely is not in the trail"


def test_the_ledger_is_read_once(contact: Contact, company: Company, wording: ConsentWording) -> None:
    note(contact, wording=wording.pk, by=company.li)
    with CaptureQueriesContext(connection) as asked:
        contact_consents(contact=contact)
    assert len(asked) == 3
    assert sum("governance_consententry" in each["sql"].split("FROM", 1)[1] for each in asked) == 1


def test_what_lacks_something_is_refused_and_nothing_kept(
    company: Company, contact: Contact, wording: ConsentWording
) -> None:
    wrong: tuple[tuple[type[Refusal], dict[str, Any]], ...] = (
        (NotAllowed, {"by": company.zhao}),
        (ProofMissing, {"proof": " "}),
        (ProofMissing, {"proof": "x" * 501}),
        (WordingMissing, {"wording": None}),
        (WordingMissing, {"purpose": Purpose.SERVICE}),
        (SaidAhead, {"on": (LATER + timedelta(days=1)).date()}),
    )
    for refusal, said in wrong:
        with pytest.raises(refusal):
            note(contact, **{"wording": wording.pk, "by": company.li} | said)
    services.delete_record(record=contact, by=None, at=AT)
    with pytest.raises(NotFound):
        note(contact, wording=wording.pk, by=company.li)
    assert not ConsentEntry.objects.exists()


def test_what_is_said_of_a_contact_who_was_merged_is_said_of_who_they_are(
    company: Company, contact: Contact, wording: ConsentWording
) -> None:
    double = services.add_contact(account=company.account, name="王静静", by=None, at=AT)
    for each in (contact, double):
        note(each, wording=wording.pk, by=company.li)
    merge = services.merge_records(keep=double, gone=[contact], by=None, at=LATER)
    note(contact, given=False, by=company.li, at=LATER + timedelta(hours=1))
    assert standing(double)[0] is Standing.WITHDRAWN
    note(contact, wording=wording.pk, by=company.li, at=LATER + timedelta(hours=2))
    assert standing(double)[0] is Standing.GIVEN
    services.undo_merge(merge=merge, by=None, at=LATER + timedelta(hours=3))
    contact.refresh_from_db()
    assert standing(contact)[0] is Standing.WITHDRAWN, "who of the two withdrew, nobody knows"


def test_contacts_are_found_by_an_index_while_others_wait(
    company: Company, contact: Contact, wording: ConsentWording
) -> None:
    double = services.add_contact(account=company.account, name="王静静", email="Wang@x.test", by=None, at=AT)
    merge = services.merge_records(keep=contact, gone=[double], by=None, at=AT)
    note(contact, wording=wording.pk, by=company.li)
    with CaptureQueriesContext(connection) as asked:
        note(contact, given=False, by=company.li, at=LATER + timedelta(hours=1))
        services.undo_merge(merge=merge, by=None, at=LATER)
        assert [each.contact for each in contacts_by_email(["wang@x.test"])["wang@x.test"]] == [double.pk]
    reads = [each["sql"] for each in asked if each["sql"].startswith("SELECT")]
    plans = []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # a table of two is sooner read than looked up
        for read in reads:
            if '"merged_into" = ANY' in read or "LOWER" in read:
                cursor.execute(f"EXPLAIN {read}")
                plans.append("\n".join(line for (line,) in cursor.fetchall()))
    assert any("contact_merged" in plan for plan in plans)
    assert any("contact_by_email" in plan for plan in plans)
    assert not [plan for plan in plans if "Seq Scan on crm_contact" in plan]
