"""What contacts agreed to, over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router

from foresail.core import clock
from foresail.core.api import Problem, Schema
from foresail.crm import queries, services
from foresail.crm.fields import CONTACT
from foresail.crm.models import Contact
from foresail.crm.queries import ContactConsent
from foresail.crm.records_api import REFUSALS
from foresail.crm.services.consents import LONGEST_PROOF
from foresail.governance.collecting import PURPOSES, Purpose
from foresail.people.http import caller
from foresail.people.models import User
from foresail.people.rules import Action, may

router = Router(tags=["crm"])

ConsentPurpose = Literal["intent", "service"]
HowSaid = Literal["form", "paper", "email", "phone", "meeting"]


class WordingChoice(Schema):
    """What may be agreed to. `id` is what `ContactConsentIn` takes."""

    id: int
    version: int
    zh: str
    en: str


class ContactConsentOut(Schema):
    """Where a contact stands on a purpose. Beside `standing` all is of what they said last, null where that was nothing.

    `source` is "staff" where somebody noted it, `by` who that was, "merge" where it is that of a contact merged into
    this one. `how` is empty where it is not known.
    """

    purpose: ConsentPurpose
    zh: str
    en: str
    standing: Literal["given", "withdrawn", "none"]
    at: datetime | None
    wording: int | None
    source: str
    how: str
    proof: str
    noted_by: str | None
    wordings: list[WordingChoice]


class ContactConsents(Schema):
    may_note: bool
    consents: list[ContactConsentOut]


class ContactConsentIn(Schema):
    """`wording` is the key of what was agreed to; a withdrawal needs none. `on` is the day on which it was said, today if null.

    `proof` is kept for good: it says what shows it, and names nobody.
    """

    purpose: ConsentPurpose
    given: bool
    how: HowSaid
    proof: Annotated[str, Field(max_length=LONGEST_PROOF)]
    wording: int | None = None
    on: date | None = None


class ErasingQuery(Schema):
    purpose: ConsentPurpose


class ErasingOut(Schema):
    """What a withdrawal would erase: so many signals, and what is known of the interest of so many visitors."""

    signals: int
    visitors: int


@router.get("/contacts/{contact}/consents", response={200: ContactConsents, 404: Problem})
def contact_consents(request: HttpRequest, contact: int) -> ContactConsents:
    user = caller(request)
    return _told(queries.record(CONTACT, user=user, key=contact), user)


@router.get("/contacts/{contact}/consents/erasing", response={200: ErasingOut, 404: Problem})
def consent_erasing(request: HttpRequest, contact: int, asked: Query[ErasingQuery]) -> ErasingOut:
    """What would be erased if they withdrew now."""
    found = queries.record(CONTACT, user=caller(request), key=contact)
    counts = queries.would_erase(contact=found, purpose=Purpose(asked.purpose), at=clock.now())
    return ErasingOut(signals=counts.get("signals", 0), visitors=counts.get("visitors", 0))


@router.post("/contacts/{contact}/consents", response={200: ContactConsents, **REFUSALS})
def note_contact_consent(request: HttpRequest, contact: int, body: ContactConsentIn) -> ContactConsents:
    """Note that they agreed, or withdrew: that erases at once what rested on their consent."""
    user = caller(request)
    found = queries.record(CONTACT, user=user, key=contact)
    services.note_contact_consent(
        contact=found, purpose=Purpose(body.purpose), given=body.given, how=body.how, proof=body.proof,
        wording=body.wording, on=body.on, by=user, at=clock.now(),
    )  # fmt: skip
    return _told(found, user)


def _told(contact: Contact, user: User) -> ContactConsents:
    return ContactConsents(
        may_note=may(user=user, action=Action.CHANGE, record=contact).allowed,
        consents=[_out(each) for each in queries.contact_consents(contact=contact)],
    )


def _out(each: ContactConsent) -> ContactConsentOut:
    zh, en = PURPOSES[each.purpose]
    last = each.last
    return ContactConsentOut(
        purpose=each.purpose.value, zh=zh, en=en, standing=each.standing.value,
        at=last.at if last else None, wording=last.wording.version if last and last.wording else None,
        source=last.source if last else "", how=str(last.proof.get("how", "")) if last else "",
        proof=str(last.proof.get("note", "")) if last else "", noted_by=each.noted_by,
        wordings=[WordingChoice(id=one.pk, version=one.version, zh=one.zh, en=one.en) for one in each.wordings],
    )  # fmt: skip
