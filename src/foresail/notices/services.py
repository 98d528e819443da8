"""The door: people are told, read what they were told, and say how they want it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import F

from foresail.core.changes import Change, record
from foresail.core.outbox import tell
from foresail.crm.queries import record as record_of
from foresail.crm.queries import record_type as type_of
from foresail.notices.errors import QuietInvalid, TooManyMuted, ZoneUnknown
from foresail.notices.models import KINDS, LOUD, Mute, Notification, Preference
from foresail.notices.quiet import is_zone, quiet_until
from foresail.people.models import User as Person

if TYPE_CHECKING:
    from foresail.people.models import User

TOGETHER: Final = timedelta(hours=1)
"""The same thing about the same record within this time is one notification."""
KEPT: Final = timedelta(days=90)
MOST_MUTED: Final = 500
TOPIC: Final = "notifications"


@dataclass(frozen=True, kw_only=True)
class About:
    """What happened, to records of which kind, if to any. Other rooms name people and records by their keys."""

    kind: str
    record_type: str = ""
    part: int | None = None
    said: str = ""
    actor: int | None = None
    at: datetime


def notify(about: About, *, to: Mapping[int, Sequence[int]]) -> int:
    """Tell people of their records, by person; return how many are told, at once or when their quiet ends.

    Nobody is told of what they did themselves, of a kind they left or a record they muted, or after they left the
    company. Called inside the transaction of what happened: it waits for no other.
    """
    wanting = _wanting([person for person in to if person != about.actor], about.kind)
    muted = _muted(wanting, about.record_type)
    lit, told = [], 0
    for person, preference in sorted(wanting.items()):
        records = [key for key in dict.fromkeys(to[person]) if (person, key) not in muted]
        if not records and to[person]:
            continue
        held = until(preference, about.at) is not None
        _put(person, about, records, held=held)
        told += 1
        if not held:
            lit.append(person)
    tell(TOPIC, *lit)
    return told


def until(preference: Preference, at: datetime) -> datetime | None:
    """Return when the quiet ends that somebody wants at `at`, None where they want none."""
    return quiet_until(
        at,
        begins=preference.quiet_from,
        ends=preference.quiet_to,
        days=preference.quiet_days,
        zone=preference.zone,
    )


def preference_of(user: User) -> Preference:
    """Return how `user` wants it, or what is usual."""
    return Preference.objects.filter(person=user.pk).first() or Preference(person_id=user.pk)


def read(*, notification: Notification, at: datetime) -> None:
    """Note that somebody read one of theirs. Twice is once."""
    with transaction.atomic():
        if Notification.objects.filter(pk=notification.pk, read_at=None).update(read_at=at):
            tell(TOPIC, notification.person_id)


def read_all(*, by: User, at: datetime) -> None:
    """Note that `by` read all that they were told; what is held back for later stays."""
    with transaction.atomic():
        unread = Notification.objects.filter(person=by.pk, read_at=None)
        if unread.exclude(held=True, summary=None).update(read_at=at):
            tell(TOPIC, by.pk)


def set_preference(
    *,
    kinds: Mapping[str, bool],
    quiet_from: time | None,
    quiet_to: time | None,
    quiet_days: str,
    zone: str,
    by: User,
    at: datetime,
) -> None:
    """Say which kinds `by` wants, and when not to be disturbed. Raises QuietInvalid or ZoneUnknown.

    Who is no longer to be left alone is told at once what was held back. ValueError for an unknown kind or unknown days.
    """
    if (quiet_from is None) != (quiet_to is None) or (quiet_from is not None and quiet_from == quiet_to):
        raise QuietInvalid
    if not is_zone(zone):
        raise ZoneUnknown
    if unknown := set(kinds) - set(KINDS):
        raise ValueError(f"There are no such kinds: {sorted(unknown)}.")
    with transaction.atomic():
        preference = Preference(
            person_id=by.pk,
            kinds={kind: wanted for kind, wanted in kinds.items() if wanted != (kind in LOUD)},
            quiet_from=quiet_from,
            quiet_to=quiet_to,
            quiet_days=Preference.Days(quiet_days).value,
            zone=zone,
        )
        Preference.objects.bulk_create(
            [preference],
            update_conflicts=True,
            unique_fields=["person"],
            update_fields=["kinds", "quiet_from", "quiet_to", "quiet_days", "zone"],
        )
        if until(preference, at) is None:
            _sum_up(by.pk, at=at)
        tell(TOPIC, by.pk)
        values = {
            **{kind: preference.wants(kind) for kind in KINDS},
            "quiet_from": quiet_from and quiet_from.isoformat("minutes"),
            "quiet_to": quiet_to and quiet_to.isoformat("minutes"),
            "quiet_days": preference.quiet_days,
            "zone": zone,
        }
        record(
            Change(
                actor=by.pk,
                verb="set_notifications",
                subject="notices.Preference",
                key=str(by.pk),
                at=at,
                values=values,
            )
        )


def set_muted(*, record_type: str, key: int, muted: bool, by: User, at: datetime) -> None:
    """Let `by` hear nothing more of a record, or again. Twice is once. Raises NotFound or TooManyMuted.

    To hear again one need not see it: what one muted, one can always let go.
    """
    with transaction.atomic():
        own = Mute.objects.filter(person=by.pk)
        this = own.filter(record_type=record_type, record=key)
        if this.exists() == muted:
            return
        if muted:
            found = record_of(type_of(record_type), user=by, key=key)
            if own.count() >= MOST_MUTED:
                raise TooManyMuted(most=MOST_MUTED)
            Mute.objects.create(person=by, record_type=record_type, record=found.pk, muted_at=at)
        else:
            this.delete()
        tell(TOPIC, by.pk)
        record(
            Change(
                actor=by.pk,
                verb="mute_record" if muted else "unmute_record",
                subject="notices.Mute",
                key=f"{by.pk}:{record_type}:{key}",
                at=at,
            )
        )


def end_quiet(*, at: datetime) -> int:
    """Tell everybody whose quiet is over, in one notification each, how much came in it; return how many people."""
    waiting = Notification.objects.filter(held=True, summary=None).values_list("person", flat=True).distinct()
    preferences = Preference.objects.in_bulk(list(waiting.order_by("person")))
    ended = 0
    for person in sorted(waiting):
        if until(preferences.get(person) or Preference(person_id=person), at) is None:
            with transaction.atomic():
                ended += _sum_up(person, at=at)
    return ended


def forget_old(*, at: datetime) -> None:
    """Delete what is older than 90 days, read or not."""
    Notification.objects.filter(at__lt=at - KEPT).delete()


def forget_records(*, record_type: str, keys: Collection[int]) -> None:
    """Let go of what was told of records that are removed for good."""
    about = Notification.objects.filter(record_type=record_type, record__in=keys)
    told = set(about.filter(read_at=None, held=False).values_list("person", flat=True))
    about.delete()
    Mute.objects.filter(record_type=record_type, record__in=keys).delete()
    tell(TOPIC, *sorted(told))


def mute_merged(*, record_type: str, gone: Collection[int], kept: int) -> None:
    """Let who muted one of the records that went along in a merge hear nothing of the one that was kept."""
    muted = Mute.objects.filter(record_type=record_type, record__in=gone)
    Mute.objects.bulk_create(
        (
            Mute(person_id=each.person_id, record_type=record_type, record=kept, muted_at=each.muted_at)
            for each in muted
        ),
        ignore_conflicts=True,
    )


def _wanting(people: Collection[int], kind: str) -> dict[int, Preference]:
    """Return how those want it who are here and want `kind`."""
    here = Person.objects.filter(pk__in=people, active=True).values_list("pk", flat=True) if people else ()
    said = Preference.objects.in_bulk(list(here)) if here else {}
    found = {person: said.get(person) or Preference(person_id=person) for person in here}
    return {person: preference for person, preference in found.items() if preference.wants(kind)}


def _muted(people: Collection[int], record_type: str) -> set[tuple[int, int]]:
    if not people or not record_type:
        return set()
    found = Mute.objects.filter(person__in=people, record_type=record_type)
    return set(found.values_list("person", "record"))


def _put(person: int, about: About, records: Sequence[int], *, held: bool) -> None:
    """Keep a notification, or count it to one that is not read yet.

    What another transaction holds is left alone: whoever added a row to the audit trail must not wait for it.
    """
    known = Notification.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        person=person, kind=about.kind, record_type=about.record_type, said=about.said, held=held,
        read_at=None, summary=None, at__gt=about.at - TOGETHER, at__lte=about.at,
    ).order_by("-at", "-pk")  # fmt: skip
    first = records[0] if records else None
    if first is not None:
        of_same = known.filter(record=first, more=0).first() if len(records) == 1 else None
        if of_same is not None:
            of_same.times, of_same.at, of_same.actor_id = of_same.times + 1, about.at, about.actor
            of_same.part = about.part
            of_same.save(update_fields=["times", "at", "actor", "part"])
            return
        of_verb = known.filter(at=about.at, actor=about.actor).first()
        if of_verb is not None:
            Notification.objects.filter(pk=of_verb.pk).update(more=F("more") + len(records))
            return
    Notification.objects.create(
        person_id=person, kind=about.kind, record_type=about.record_type, record=first,
        more=max(len(records) - 1, 0), part=about.part, said=about.said, actor_id=about.actor, at=about.at, held=held,
    )  # fmt: skip


def _sum_up(person: int, *, at: datetime) -> bool:
    """Tell a person in one notification how much was held back; return whether there was anything."""
    held = Notification.objects.select_for_update().filter(person=person, held=True, summary=None)
    keys = list(held.values_list("pk", flat=True))
    if not keys:
        return False
    summary = Notification.objects.create(
        person_id=person, kind=Notification.Kind.SUMMARY, times=len(keys), at=at
    )
    Notification.objects.filter(pk__in=keys).update(summary=summary)
    tell(TOPIC, person)
    return True
