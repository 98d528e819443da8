"""What is proposed for open deals, worked out from what happened in them as known at an instant. Nothing is kept.

A proposal names its evidence. Its mark is made of what is proposed and of that evidence, so the same thing comes back
only with new evidence, and what was decided never does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from foresail.conversations.queries import Talk, talks
from foresail.core.clock import ZONE
from foresail.crm.queries import (
    MAIL_PROVIDERS,
    changeable_accounts,
    changeable_deals,
    contacts_at,
    roles_in,
    sees_field,
    tasks_for,
)
from foresail.drafts.models import Decision, Habit
from foresail.drafts.reading import needs_answer, people_in, promise_in, role_of
from foresail.drafts.reading.promises import THINGS, Promise, question_in, things_in
from foresail.people.queries import colleagues_called
from foresail.timeline.queries import Happened, happened

if TYPE_CHECKING:
    from foresail.crm.models import Deal, Stage
    from foresail.crm.queries import ContactFacts, TaskFacts
    from foresail.people.models import User

LOOKED_BACK: Final = timedelta(days=60)
RECENT: Final = timedelta(days=30)
"""What happened longer ago proposes no move, and no task."""
UNANSWERED: Final = timedelta(hours=4)
OVERDUE: Final = timedelta(days=7)
"""A promise whose day is longer past is not brought up any more."""
MOST_DEALS: Final = 300
MOST: Final = 100
NO_TALK: Final = frozenset({"mail_auto", "talk_left"})
"""What no person wrote, or somebody who had left."""
_OUTGOING: Final = frozenset({"mail_out", "chat_out"})
_ANSWERS: Final = _OUTGOING | {"call", "meeting", "visit", "quote_sent"}
_INCOMING: Final = frozenset({"mail_in", "chat_in"})
_QUOTES: Final = next(place for place, words in enumerate(THINGS) if "quote" in words)

Kind = Literal["stage", "join", "contact", "task"]
Why = Literal["habit", "talked", "named", "unanswered", "ours", "theirs", "asked"]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The entry of the timeline that speaks for it; `quote` are words of what was said."""

    entry: int
    kind: str
    at: datetime
    title: str = ""
    quote: str = ""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Move `deal` to `stage`, put `contact` or a new `person` onto it, or make a task with `title` until `due_on`.

    `habit` is what a move follows from. `names` are name, title and address of a new person.
    """

    deal: Deal
    kind: Kind
    why: Why
    mark: str
    evidence: tuple[Evidence, ...]
    stage: Stage | None = None
    habit: Habit | None = None
    contact: ContactFacts | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    role: str = ""
    title: str = ""
    due_on: date | None = None

    @property
    def characters(self) -> int:
        """How many characters a person would have typed."""
        return len(self.title) + sum(len(text) for text in self.names.values())


def of_deal(*, deal: Deal, user: User, at: datetime) -> list[Proposal]:
    """Return what is proposed for one deal, for who may change it; nothing for others, or once it has ended."""
    return _proposed(list(changeable_deals(user=user).filter(pk=deal.pk)), user=user, at=at)


def mine(*, user: User, at: datetime) -> list[Proposal]:
    """Return what is proposed for the open deals of `user`, what is due first. A constant number of queries."""
    own = changeable_deals(user=user).filter(owner=user.pk).order_by("-changed_at", "pk")
    found = _proposed(list(own[:MOST_DEALS]), user=user, at=at)
    last = date.max
    found.sort(
        key=lambda each: (each.due_on or last, -max(e.at.timestamp() for e in each.evidence), each.mark)
    )
    return found[:MOST]


def last_touch(*, deal: int, at: datetime) -> Happened | None:
    """Return what was last done about a deal, for who may see it: nobody types that."""
    found = happened(
        deals=[deal], since=at - timedelta(days=365), until=at + timedelta(seconds=1), known_by=at
    )
    return next((each for each in reversed(found) if each.kind in _ANSWERS | _INCOMING), None)


def _proposed(deals: Sequence[Deal], *, user: User, at: datetime) -> list[Proposal]:
    if not deals:
        return []
    keys = [deal.pk for deal in deals]
    since = at - LOOKED_BACK
    events: dict[int, list[Happened]] = {key: [] for key in keys}
    for each in happened(deals=keys, since=since, until=at + timedelta(seconds=1), known_by=at):
        if each.kind not in NO_TALK:
            events[each.deal].append(each)
    said: dict[int, list[Talk]] = {key: [] for key in keys}
    for talk in talks(deals=keys, since=since, known_by=at):
        said[talk.deal].append(talk)
    decided = set(Decision.objects.filter(deal__in=keys).values_list("deal", "mark"))
    reading = _Reading(deals, said, user=user, at=at)
    found = [
        proposal
        for deal in deals
        for proposal in (
            *reading.moves(deal, events[deal.pk]),
            *reading.tasks(deal, events[deal.pk], said[deal.pk]),
            *reading.people(deal, events[deal.pk], said[deal.pk]),
        )
    ]
    return [each for each in found if (each.deal.pk, each.mark) not in decided]


class _Reading:
    """What must be known of all deals before one of them is read: a few queries, however many deals."""

    def __init__(
        self, deals: Sequence[Deal], said: Mapping[int, Sequence[Talk]], *, user: User, at: datetime
    ) -> None:
        self.user, self.at, self.today = user, at, at.astimezone(ZONE).date()
        self.habits: dict[int, dict[str, Habit]] = {}
        pipelines = {deal.pipeline_id for deal in deals}
        habits = Habit.objects.filter(pipeline__in=pipelines, learned_at__lte=at, stage__retired_at=None)
        for habit in habits.select_related("stage"):
            self.habits.setdefault(habit.pipeline_id, {})[habit.kind] = habit
        accounts = {deal.account_id for deal in deals}
        self.contacts: dict[int, list[ContactFacts]] = {}
        for contact in contacts_at(accounts=accounts):
            self.contacts.setdefault(contact.account, []).append(contact)
        keys = [deal.pk for deal in deals]
        self.roles = roles_in(deals=keys)
        ours = Decision.objects.filter(deal__in=keys, kind=Decision.Kind.TASK).values_list("made", flat=True)
        proposed = set(ours)
        self.tasks_of: dict[int, list[TaskFacts]] = {}
        for task in tasks_for(deals=keys):
            if task.id not in proposed:
                self.tasks_of.setdefault(task.deal, []).append(task)
        self.adds_to = changeable_accounts(user=user, keys=accounts)
        self.shown = {
            field: sees_field(user=user, record_type="contact", field=field)
            for field in ("name", "title", "email")
        }
        named = {deal: [(talk, list(people_in(talk.text))) for talk in some] for deal, some in said.items()}
        self.named = {deal: [(talk, some) for talk, some in pairs if some] for deal, pairs in named.items()}
        everybody = [person for pairs in self.named.values() for _, some in pairs for person in some]
        self.colleagues = colleagues_called(
            names={person.name for person in everybody},
            addresses={person.email for person in everybody if person.email},
        )

    def moves(self, deal: Deal, events: Sequence[Happened]) -> Iterator[Proposal]:
        """A move to where deals usually stand after what happened in this one since it came to its stage."""
        since = max((each.at for each in events if each.kind.startswith("stage_")), default=deal.opened_at)
        best: tuple[Habit, Happened] | None = None
        for each in events:
            habit = self.habits.get(deal.pipeline_id, {}).get(each.kind)
            if habit is None or each.at <= max(since, self.at - RECENT):
                continue
            if habit.stage.position <= deal.stage.position:
                continue
            if best is None or (habit.stage.position, each.at) > (best[0].stage.position, best[1].at):
                best = habit, each
        if best is not None:
            habit, event = best
            yield self._proposal(
                deal,
                "stage",
                "habit",
                [_evidence(event)],
                about=habit.stage.key,
                stage=habit.stage,
                habit=habit,
            )

    def tasks(self, deal: Deal, events: Sequence[Happened], said: Sequence[Talk]) -> Iterator[Proposal]:
        """What was promised or asked for until a day, and the customer's last message if nobody answered it."""
        entries = {each.ref: each for each in events if each.ref}
        made = self.tasks_of.get(deal.pk, [])
        spoken: set[int] = set()
        for talk in said:
            entry = entries.get(talk.ref)
            if entry is None or talk.at < self.at - RECENT:
                continue
            on = talk.at.astimezone(ZONE).date()
            incoming = {"in": True, "out": False}.get(talk.direction)
            promise = promise_in(talk.text, on=on, incoming=incoming)
            if promise is None or promise.due_on < self.today - OVERDUE or _kept(promise, talk, events, said):
                continue
            if any(_is_for(task, promise, talk) for task in made):
                continue
            spoken.add(entry.entry)
            yield self._task(
                deal, promise.side, _evidence(entry, talk, promise.quote), promise.quote, promise.due_on
            )
        last = next((each for each in reversed(events) if each.kind in _INCOMING | _ANSWERS), None)
        if last is None or last.kind not in _INCOMING or last.entry in spoken:
            return
        talk_of = {talk.ref: talk for talk in said}
        waiting = talk_of.get(last.ref or "")
        if waiting is None or not self.at - RECENT <= last.at <= self.at - UNANSWERED:
            return
        if any(task.created_at >= waiting.known_at for task in made) or not needs_answer(
            waiting.title, waiting.text
        ):
            return
        quote = question_in(waiting.text) or waiting.title
        name = next(
            (each.name for each in self.contacts.get(deal.account_id, ()) if each.id == waiting.contact), ""
        )
        yield self._task(
            deal, "unanswered", _evidence(last, waiting, quote), waiting.title, self.today, name=name
        )

    def people(self, deal: Deal, events: Sequence[Happened], said: Sequence[Talk]) -> Iterator[Proposal]:
        """Who talked with us about the deal and is not on it; and who is named there and is no contact yet."""
        entries = {each.ref: each for each in events if each.ref}
        on_deal = self.roles.get(deal.pk, frozenset())
        here = {each.id: each for each in self.contacts.get(deal.account_id, ()) if each.present}
        talked: dict[int, list[Talk]] = {}
        for talk in said:
            if (
                talk.contact in here
                and talk.contact not in on_deal
                and talk.ref in entries
                and _took_part(talk)
            ):
                talked.setdefault(talk.contact, []).append(talk)
        for key, some in sorted(talked.items()):
            latest = _evidence(entries[some[-1].ref], some[-1])
            contact = here[key] if self.shown["title"] else here[key]._replace(title="")
            yield self._proposal(
                deal,
                "join",
                "talked",
                [latest],
                about=str(key),
                contact=contact,
                role=role_of(contact.title),
            )
        if deal.account_id in self.adds_to:
            yield from self._strangers(deal, entries)

    def _strangers(self, deal: Deal, entries: Mapping[str, Happened]) -> Iterator[Proposal]:
        known = self.contacts.get(deal.account_id, ())  # those who left, and those in the bin, are known too
        names = {each.name.casefold() for each in known}
        addresses = {each.email.casefold() for each in known if each.email}
        domains = _domains(deal, known)
        seen: set[str] = set()
        for talk, some in self.named.get(deal.pk, ()):
            if talk.ref not in entries:
                continue
            for person in some:
                if person.email:
                    theirs = person.email.rpartition("@")[2] in domains
                else:
                    theirs = person.theirs or talk.direction != "out"
                if (
                    not theirs
                    or person.name.casefold() in names | seen
                    or person.email in addresses
                    or {person.name.casefold(), person.email} & self.colleagues
                ):
                    continue
                seen.add(person.name.casefold())
                values = {"name": person.name, "title": person.title, "email": person.email}
                yield self._proposal(
                    deal, "contact", "named", [_evidence(entries[talk.ref], talk, _line_with(talk.text, person.name))],
                    about=f"{person.name.casefold()} {person.email}", role=role_of(person.title),
                    names={key: text for key, text in values.items() if text and self.shown[key]},
                )  # fmt: skip

    def _task(
        self, deal: Deal, why: Why, evidence: Evidence, what: str, due_on: date, *, name: str = ""
    ) -> Proposal:
        zh, en = _TITLES[why]
        chinese = self.user.language == "zh"
        title = (zh if chinese else en).format(
            what=what, name=name or ("客户" if chinese else "the customer")
        )
        return self._proposal(
            deal, "task", why, [evidence], about=why, title=title[:300], due_on=max(due_on, self.today)
        )

    def _proposal(
        self, deal: Deal, kind: Kind, why: Why, evidence: Iterable[Evidence], *, about: str, **what: Any
    ) -> Proposal:
        named = tuple(evidence)
        text = "\x1f".join([kind, about, *(str(each.entry) for each in named)])
        mark = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
        return Proposal(deal=deal, kind=kind, why=why, mark=mark, evidence=named, **what)


_TITLES: Final[dict[str, tuple[str, str]]] = {
    "unanswered": ("回复{name}：{what}", "Answer {name}: {what}"),
    "ours": ("按约定：{what}", "As promised: {what}"),
    "theirs": ("跟进客户承诺：{what}", "Follow up on: {what}"),
    "asked": ("客户要求：{what}", "Asked for: {what}"),
}


def _evidence(event: Happened, talk: Talk | None = None, quote: str = "") -> Evidence:
    title = talk.title if talk is not None else event.title or ""
    return Evidence(entry=event.entry, kind=event.kind, at=event.at, title=title, quote=quote)


def _kept(promise: Promise, talk: Talk, events: Sequence[Happened], said: Sequence[Talk]) -> bool:
    """Whether it was done since: a quote was sent, or somebody of the side that had to wrote of the same thing."""
    if promise.side != "theirs" and _QUOTES in promise.things:
        quoted = (each.kind == "quote_sent" and each.at > talk.at for each in events)
        if any(quoted):
            return True
    direction = "in" if promise.side == "theirs" else "out"
    later = (each for each in said if each.direction == direction and each.at > talk.at)
    if promise.things:
        return any(promise.things & things_in(f"{each.title}\n{each.text}") for each in later)
    if promise.side == "asked":
        return any(each.direction == "out" and each.at > talk.at for each in said)
    if promise.due_on == talk.at.astimezone(ZONE).date():
        return promise.side == "ours"  # of the same day: it was being done
    met = (each for each in said if each.direction == "none" and each.at > talk.at)
    return any(each.at.astimezone(ZONE).date() >= promise.due_on for each in met)


def _is_for(task: TaskFacts, promise: Promise, talk: Talk) -> bool:
    """Whether somebody made a task of their own of what was promised."""
    same = task.due_on == promise.due_on or promise.things & things_in(task.title)
    return task.created_at >= talk.known_at and bool(same)


def _took_part(talk: Talk) -> bool:
    """Whether the contact of a talk was there: what they wrote, and every talk in person."""
    return talk.direction == "in" or talk.channel in {"call", "meeting", "visit"}


def _line_with(text: str, name: str) -> str:
    line = next((line.strip() for line in text.splitlines() if name in line), "")
    return line if len(line) <= 160 else line[:159] + "…"


def _domains(deal: Deal, known: Iterable[ContactFacts]) -> set[str]:
    own = deal.account.domain.lower().removeprefix("www.")
    found = {each.email.rpartition("@")[2].lower() for each in known if each.email} | {own}
    return {each for each in found if each} - MAIL_PROVIDERS
