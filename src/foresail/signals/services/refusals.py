"""Who does not want to be followed, by their key or by an address of theirs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set

from foresail.crm.queries import ContactPlace
from foresail.governance.collecting import Purpose, Said, Standing, contact_subject, standing
from foresail.governance.queries import consents_of, standings_of


def withdrawn(contacts: Collection[int]) -> set[int]:
    """Return those of `contacts` who do not want to be followed: nothing is tied to them. Their keys are those of now."""
    if not contacts:
        return set()
    stand = standings_of([contact_subject(key) for key in contacts], purpose=Purpose.INTENT)
    return {key for key in contacts if stand.get(contact_subject(key)) is Standing.WITHDRAWN}


def refusals(
    now: Mapping[str, Sequence[ContactPlace]], before: Mapping[str, Set[int]]
) -> Mapping[tuple[str, Purpose], Sequence[Sequence[Said]]]:
    """Return the words of who withdrew and has an address `now`, or had it `before`, by address and purpose. One query.

    Who has it no more counts until all who have it now agreed since: then that is the last word of whoever it is.
    """
    here = {email: {place.contact for place in places} for email, places in now.items()}
    contacts = set().union(*here.values(), *before.values())
    said = consents_of([contact_subject(key) for key in contacts]) if contacts else {}
    found: dict[tuple[str, Purpose], list[Sequence[Said]]] = {}
    for email in {*here, *before}:
        have, had = here.get(email, set()), before.get(email, set())
        for purpose in Purpose:
            words = {key: said.get((contact_subject(key), purpose), ()) for key in have | had}
            for key, theirs in words.items():
                if standing(theirs) is not Standing.WITHDRAWN:
                    continue
                if key in have or not have or not all(agreed_since(theirs, words[other]) for other in have):
                    found.setdefault((email, purpose), []).append(theirs)
    return found


def agreed_since(withdrawal: Sequence[Said], words: Sequence[Said]) -> bool:
    """Whether `words` end in a yes, by the clock and as told, that came after a `withdrawal`."""
    return standing([*withdrawal, *words]) is Standing.GIVEN
