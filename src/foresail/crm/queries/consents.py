"""What a contact agreed to, for who may see the contact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from foresail.crm.merged import contacts_like_one
from foresail.crm.models import Contact
from foresail.governance.collecting import Purpose, Standing, contact_subject
from foresail.governance.erasing import Erasure, foresee
from foresail.governance.queries import all_wordings, standings_in, words_of
from foresail.people.queries import names_of

if TYPE_CHECKING:
    from foresail.governance.models import ConsentEntry, ConsentWording


@dataclass(frozen=True, kw_only=True)
class ContactConsent:
    """Where a contact stands on a purpose, what they said last, who noted it, and what may be agreed to, the newest first."""

    purpose: Purpose
    standing: Standing
    last: ConsentEntry | None
    noted_by: str | None
    wordings: Sequence[ConsentWording]


def contact_consents(*, contact: Contact) -> Sequence[ContactConsent]:
    """Return where `contact` stands on each purpose. The caller has asked who may see them. Three queries at most."""
    words = words_of(contact_subject(contact.pk))
    stands = standings_in(words)
    last: Mapping[str, ConsentEntry] = {each.purpose: each for each in reversed(words)}
    names = names_of({each.by for each in last.values() if each.by is not None})
    wordings = all_wordings()
    return [
        ContactConsent(
            purpose=purpose,
            standing=stands[purpose],
            last=(word := last.get(purpose)),
            noted_by=names.get(word.by) if word is not None and word.by is not None else None,
            wordings=[each for each in wordings if each.purpose == purpose],
        )
        for purpose in Purpose
    ]


def would_erase(*, contact: Contact, purpose: Purpose, at: datetime) -> Mapping[str, int]:
    """Return what goes if `contact` withdraws, by what it is called."""
    subjects = {contact_subject(key) for key in contacts_like_one([contact.pk])}
    return foresee(Erasure(subjects=subjects, purpose=purpose, at=at))
