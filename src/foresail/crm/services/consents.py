"""What contacts agree to, noted by who may change them; a withdrawal erases in the same breath."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, Literal

from django.db import transaction

from foresail.core.clock import ZONE
from foresail.core.errors import NotFound
from foresail.core.outbox import tell
from foresail.crm import fields
from foresail.crm.errors import ProofMissing, SaidAhead, WordingMissing
from foresail.crm.merged import contacts_like_one, current_of
from foresail.crm.models import Contact
from foresail.crm.services.permission import require
from foresail.crm.services.telling import keep
from foresail.governance.collecting import Purpose, contact_subject
from foresail.governance.queries import all_wordings
from foresail.governance.services import ConsentGiven, hold_consents, note_consents, tell_withdrawals
from foresail.people.rules import Action

if TYPE_CHECKING:
    from foresail.people.models import User

LONGEST_PROOF: Final = 500
How = Literal["form", "paper", "email", "phone", "meeting"]


def note_contact_consent(
    *,
    contact: Contact,
    purpose: Purpose,
    given: bool,
    how: How,
    proof: str,
    wording: int | None = None,
    on: date | None = None,
    by: User | None,
    at: datetime,
) -> None:
    """Keep that a contact agreed to `wording`, or withdrew: `on` a day, at its end, else now; and erase what that takes.

    `proof` says what shows it. What was merged with the contact withdraws with them, and stays so if that is undone.
    Raises NotAllowed, ProofMissing, WordingMissing or SaidAhead.
    """
    proof = proof.strip()
    if not 0 < len(proof) <= LONGEST_PROOF:
        raise ProofMissing(most=LONGEST_PROOF)
    said_at = at if on is None else datetime.combine(on, time.min, ZONE) + timedelta(days=1)
    if on is not None and on > at.astimezone(ZONE).date():
        raise SaidAhead
    version = next((each for each in all_wordings() if each.pk == wording and each.purpose == purpose), None)
    if given and version is None:
        raise WordingMissing
    with transaction.atomic():
        hold_consents(alone=True)  # before it is asked who they are now: a merge holds it too
        key = current_of(fields.CONTACT, [contact.pk]).get(contact.pk)
        held = Contact.objects.filter(pk=key).first()
        if held is None:
            raise NotFound
        require(Action.CHANGE, held, by=by)
        noted = note_consents(
            [
                ConsentGiven(
                    subject=contact_subject(each), purpose=purpose, given=given, at=min(said_at, at), source="staff",
                    wording=version.pk if given and version else None, proof={"how": how, "note": proof},
                )
                for each in ([held.pk] if given else sorted(contacts_like_one([held.pk])))
            ],
            by=by,
            at=at,
        )  # fmt: skip
        tell("contact", held.pk)
        tell_withdrawals(noted, by=by, at=at)
        values = {
            "purpose": purpose.value,
            "given": given,
            "wording": version.version if given and version else None,
        }
        keep("note_consent", held, values, by=by, at=at)
