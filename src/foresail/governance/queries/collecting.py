"""What may be collected now, what people consented to, and what was left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Min, QuerySet

from foresail.core.errors import NotFound
from foresail.governance.collecting import Boundary, Purpose, Said, Standing, boundary_kept, standing
from foresail.governance.models import (
    ConsentEntry,
    ConsentWording,
    GateCount,
    Guardian,
    ProposedBoundary,
)
from foresail.governance.permission import may_propose
from foresail.people.errors import NotAllowed

if TYPE_CHECKING:
    from foresail.people.models import User

NOTHING: Final = Boundary(version=0)
MOST: Final = 200


def boundary_in_force() -> Boundary:
    """Return what may be collected now: nothing, where nobody has allowed anything."""
    found = (
        ProposedBoundary.objects.filter(status="approved")
        .order_by("-decided_at", "-version")
        .values_list("version", "rules")
        .first()
    )
    return boundary_kept(*found) if found else NOTHING


def consents_of(
    subjects: Collection[str], *, purpose: Purpose | None = None
) -> Mapping[tuple[str, Purpose], Sequence[Said]]:
    """Return what `subjects` said of each purpose, or of one."""
    found: defaultdict[tuple[str, Purpose], list[Said]] = defaultdict(list)
    rows = _counting(subjects)
    if purpose is not None:
        rows = rows.filter(purpose=purpose.value)
    for key, subject, of, given, at in rows.values_list("pk", "subject", "purpose", "given", "at"):
        found[subject, Purpose(of)].append(Said(given=given, at=at, place=key))
    return found


def standings_of(subjects: Collection[str], *, purpose: Purpose) -> Mapping[str, Standing]:
    """Return where those of `subjects` stand who said anything of a purpose."""
    said = consents_of(subjects, purpose=purpose)
    return {subject: standing(words) for (subject, _), words in said.items()}


def who_refused(*, purpose: Purpose) -> QuerySet[Any, str]:
    """Return who ever refused a purpose, whatever they said since: a query, for rooms that ask it of some of their own."""
    refusals = ConsentEntry.objects.filter(
        purpose=purpose.value, given=False, takes_back=None, taken_back_by=None
    )
    return refusals.values_list("subject", flat=True)


def who_spoke(subjects: Collection[str], *, purpose: Purpose) -> frozenset[str]:
    """Return those of `subjects` who said anything of a purpose."""
    return frozenset(_counting(subjects).filter(purpose=purpose.value).values_list("subject", flat=True))


def words_of(subject: str) -> Sequence[ConsentEntry]:
    """Return what counts of what somebody said, the last first, with its wording.

    A plain read for higher rooms: nobody is shown it before they were asked who may.
    """
    return list(_counting([subject]).select_related("wording").order_by("-at", "given", "-pk"))


def standings_in(words: Iterable[ConsentEntry]) -> Mapping[Purpose, Standing]:
    """Return where somebody stands on each purpose whose words these are, as `words_of` returns them."""
    said: defaultdict[Purpose, list[Said]] = defaultdict(list)
    for each in words:
        said[Purpose(each.purpose)].append(Said(given=each.given, at=each.at, place=each.pk))
    return {purpose: standing(said[purpose]) for purpose in Purpose}


def _counting(subjects: Collection[str]) -> QuerySet[ConsentEntry]:
    """Return the rows of `subjects` that count: not those that were taken back, nor those that did it."""
    return ConsentEntry.objects.filter(subject__among_few=list(subjects), takes_back=None, taken_back_by=None)


def first_boundary_at() -> datetime | None:
    """Return since when anything may be collected."""
    approved = ProposedBoundary.objects.filter(status=ProposedBoundary.Status.APPROVED)
    first: datetime | None = approved.aggregate(first=Min("decided_at"))["first"]
    return first


def wording_of(*, purpose: Purpose, version: int | None = None) -> ConsentWording | None:
    """Return what people are asked now, or were by `version`."""
    found = ConsentWording.objects.filter(purpose=purpose)
    return (found if version is None else found.filter(version=version)).order_by("-version").first()


def all_wordings() -> Sequence[ConsentWording]:
    """Return all that people were ever asked, by purpose, the newest first."""
    return list(ConsentWording.objects.select_related("added_by").order_by("purpose", "-version"))


# ---- for those who propose, and those who decide


def is_guardian(user: User) -> bool:
    return Guardian.objects.filter(person=user).exists()


def oversees(user: User) -> bool:
    """Whether `user` proposes or decides what is collected."""
    return may_propose(user) or is_guardian(user)


def require_overseer(user: User) -> None:
    """Raise NotAllowed for who neither proposes nor decides what is collected."""
    if not oversees(user):
        raise NotAllowed


def guardians(*, user: User) -> Sequence[Guardian]:
    require_overseer(user)
    return list(Guardian.objects.select_related("person").order_by("person__name"))


def boundaries(*, user: User) -> Sequence[ProposedBoundary]:
    """Return the newest versions, at most MOST."""
    require_overseer(user)
    return list(
        ProposedBoundary.objects.select_related("proposed_by", "decided_by").order_by("-version")[:MOST]
    )


def boundary(*, user: User, key: int) -> ProposedBoundary:
    """Return one. Raises NotAllowed or NotFound."""
    require_overseer(user)
    found = ProposedBoundary.objects.select_related("proposed_by", "decided_by").filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def wordings(*, user: User) -> Sequence[ConsentWording]:
    require_overseer(user)
    return all_wordings()


def ledger(*, user: User, subject: str = "", before: int | None = None) -> Sequence[ConsentEntry]:
    """Return what was said, the last first; of one person where `subject` is given."""
    require_overseer(user)
    found = ConsentEntry.objects.select_related("wording").order_by("-pk")
    if subject:
        found = found.filter(subject=subject)
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found[:MOST])


def left_out(*, user: User, days: int, at: datetime) -> Sequence[GateCount]:
    """Return what the gate left out in the last `days`, by day, source and reason."""
    require_overseer(user)
    since = (at - timedelta(days=days)).date()
    return list(GateCount.objects.filter(on__gt=since).order_by("-on", "source", "reason"))
