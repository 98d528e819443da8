"""What a CRM sees of the hidden course: mails, calls, visits, moves, and the traces of causes.

Events follow from the hidden state of their day and never act back on it, so they cannot disturb the
exact chances. Each kind draws from its own stream.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from foresail.science.simulator.calendar import Calendar
from foresail.science.simulator.causes import CAUSES
from foresail.science.simulator.chain import (
    CLASS_SHAPE,
    OPEN_STATES,
    PHASE_STAGE,
    QUALITIES,
    QUALITY_STEP,
    QUOTE,
    STAGES,
    STALLED,
    Floats,
    Ints,
    flags_of,
)
from foresail.science.simulator.company import Openings, People
from foresail.science.simulator.course import Course
from foresail.science.simulator.streams import stream
from foresail.science.time import NEVER, SECOND, Instants

HOUR: Final = 3600 * SECOND
TRACED: Final = 0.9
"""Share of causes that leave their trace."""
_FALSE_PER_DAY: Final = 0.00075
"""Chance per working day of a false trace of one cause: about 2 % of the deals without it show one."""
_CHUNK: Final = 1_000_000
_ALIKE: Final = CLASS_SHAPE[2] * CLASS_SHAPE[3]
"""Classes that differ only in line and size: in both people behave alike."""

NOBODY, OWNER, ENGINEER = 0, 1, 2


@dataclass(frozen=True)
class _Kind:
    """An event of daily business. `rates`: chance per working day in each phase (qualified, solution,
    evaluation, stalled, quote, negotiation); `lag`: median hours until somebody typed it in.
    """

    name: str
    who: int
    rates: tuple[float, float, float, float, float, float]
    lag: float = 0.0


_DAILY: Final = (
    _Kind("mail_in", NOBODY, (0.26, 0.28, 0.28, 0.04, 0.30, 0.34)),
    _Kind("web_visit", NOBODY, (0.15, 0.13, 0.11, 0.02, 0.09, 0.06)),
    _Kind("web_visit_price", NOBODY, (0.03, 0.04, 0.04, 0.006, 0.10, 0.08)),
    _Kind("mail_out", OWNER, (0.08, 0.08, 0.08, 0.09, 0.08, 0.09)),
    _Kind("call", OWNER, (0.11, 0.09, 0.08, 0.10, 0.10, 0.13), lag=0.6),
    _Kind("meeting", OWNER, (0.02, 0.05, 0.05, 0.01, 0.05, 0.08), lag=5.0),
    _Kind("visit", OWNER, (0.02, 0.05, 0.04, 0.015, 0.03, 0.05), lag=22.0),
    _Kind("demo", ENGINEER, (0.0, 0.06, 0.07, 0.0, 0.005, 0.0), lag=7.0),
    _Kind("task_done", OWNER, (0.10, 0.14, 0.14, 0.08, 0.12, 0.12)),
    _Kind("quote_sent", OWNER, (0.0, 0.0, 0.0, 0.0, 0.04, 0.05)),
)


@dataclass(frozen=True, eq=False)
class Batch:
    """Events of one kind. Arrays have shape (n_events,); `who` is NOBODY, OWNER or ENGINEER, `stage` an
    index into STAGES or -1 for no move.
    """

    kind: str
    deal: Ints
    at: Instants
    known: Instants
    who: int
    stage: Ints | None = None


@dataclass(frozen=True, eq=False)
class Spells:
    """Planted causes, one entry per time that one began, ordered by cause and deal.

    `trace` is when our side knew of it from its trace, -1 where it left none (or has none to leave);
    `healed` is -1 where the cause lasted to the end.
    """

    cause: str
    deal: Ints
    started: Instants
    healed: Instants
    trace: Instants


def daily(
    *, seed: int, course: Course, openings: Openings, people: People, calendar: Calendar
) -> Iterator[Batch]:
    """Yield the events of daily business, the answers to mails and false traces."""
    for kind in _DAILY:
        busy = calendar.theirs if kind.who == NOBODY else calendar.ours
        deal, day = _draw(seed, kind.name, _rates(kind), course, busy)
        random = stream(seed, f"{kind.name}.time")
        span = (8.5, 10.0) if kind.who != NOBODY else (8.0, 13.0)
        at = calendar.midnight[day] + ((span[0] + span[1] * random.random(len(deal))) * HOUR).astype(np.int64)
        at -= at % SECOND
        lag = np.zeros(len(deal))
        if kind.lag:
            lag = kind.lag * np.exp(random.normal(0.0, 0.9, len(deal)))
            lag *= people.typing_lag[openings.rep[deal]]
        known = at + (np.minimum(lag, 144.0) * 3600).astype(np.int64) * SECOND
        yield Batch(kind.name, deal, at, known, kind.who)
        if kind.name == "mail_in":
            yield _answers(seed, deal, at, course.slow, calendar)
    for cause in CAUSES.values():
        if cause.trace is not None:
            name = f"{cause.name}.false"
            deal, day = _draw(seed, name, _false_rates(cause.name), course, calendar.theirs)
            at = calendar.midnight[day] + _seconds(stream(seed, f"{name}.time"), len(deal), 9.0, 18.0)
            yield Batch(cause.trace, deal, at, at + _delay(seed, name, len(deal)), NOBODY)


def milestones(*, seed: int, course: Course, openings: Openings, calendar: Calendar) -> Iterator[Batch]:
    """Yield openings, stage moves, what goes with them, and outcomes."""
    n = len(openings.opened)
    everyone = np.arange(n)
    opened = openings.opened
    yield Batch(f"stage_{STAGES[0]}", everyone, opened, opened, OWNER, np.zeros(n, dtype=np.int64))
    moves = course.moves
    stage_before, stage_after = _stage(moves.before), _stage(moves.after)
    for number, name in enumerate(STAGES[1:], start=1):
        entered = (stage_after == number) & (stage_before != number)
        deal, at = moves.deal[entered], moves.at[entered]
        yield Batch(f"stage_{name}", deal, at, at, OWNER, np.full(len(deal), number))
        if number == PHASE_STAGE[QUOTE]:
            noted = stream(seed, "evaluation_passed").random(len(deal)) < 0.9
            yield Batch("evaluation_passed", deal[noted], at[noted] - 90 * SECOND, at[noted], ENGINEER)
            random = stream(seed, "first_quote")
            sent = _office_hours(random, at + _seconds(random, len(deal), 0.5, 60.0), calendar)
            yield Batch("quote_sent", deal, sent, sent, OWNER)
    for name, mask in (("won", course.won), ("lost", ~course.won)):
        ended = np.flatnonzero(mask & (course.closed < NEVER))
        yield Batch(name, ended, course.closed[ended], course.closed[ended], OWNER)


def spells(*, seed: int, course: Course) -> dict[str, Spells]:
    """Return the planted causes by name, except slow follow-up, which lasts for the whole deal."""
    moves = course.moves
    before, after = _active(moves.before), _active(moves.after)
    found: dict[str, Spells] = {}
    for name in before:
        begin = np.flatnonzero(after[name] & ~before[name])
        end = np.flatnonzero(before[name] & ~after[name] & (moves.after < OPEN_STATES))
        deal, started = moves.deal[begin], moves.at[begin]
        # Moves are ordered by deal and time, so the end of a spell is the first end after its begin.
        position = np.searchsorted(end, begin)
        following = np.append(end, -1)[position]
        same = (following >= 0) & (moves.deal[following] == deal)
        healed = np.where(same, moves.at[following], -1)
        trace = np.full(len(begin), -1, dtype=np.int64)
        if CAUSES[name].trace is not None:
            traced = stream(seed, f"{name}.traced").random(len(begin)) < TRACED
            trace = np.where(traced, started + _delay(seed, name, len(begin)), -1)
        found[name] = Spells(name, deal, started, healed, trace)
    return found


def traces(*, seed: int, found: dict[str, Spells]) -> Iterator[Batch]:
    """Yield the events that planted causes leave, and those that end a price objection or a freeze."""
    for name, spell in found.items():
        kind = CAUSES[name].trace
        if kind is not None:
            seen = spell.trace >= 0
            began, known = spell.started[seen], spell.trace[seen]
            share = stream(seed, f"{name}.happened").random(len(began)) * 0.5
            at = began + (share * (known - began)).astype(np.int64) // SECOND * SECOND
            yield Batch(kind, spell.deal[seen], at, known, NOBODY)
    for name, kind, who in (
        ("price_objection", "price_answered", OWNER),
        ("budget_freeze", "budget_released", NOBODY),
    ):
        ended = found[name].healed >= 0
        at = found[name].healed[ended]
        yield Batch(kind, found[name].deal[ended], at, at, who)


def _draw(seed: int, name: str, rates: Floats, course: Course, busy: Floats) -> tuple[Ints, Ints]:
    """Draw at most one event per deal and day; returns deals and days. In chunks, to bound memory."""
    random = stream(seed, name)
    weight = busy.astype(np.float32)
    last = int(course.day_rows[-2])  # the last midnight is the end of the log: nothing happens after it
    flat = rates.astype(np.float32).ravel()
    quality_slow = (course.cls // _ALIKE).astype(np.int32)
    deals, days = [], []
    for low in range(0, last, _CHUNK):
        high = min(low + _CHUNK, last)
        row = np.arange(low, high)
        day = np.searchsorted(course.day_rows, row, side="right") - 1
        deal = course.row_deal[low:high]
        rate = flat[quality_slow[deal] * OPEN_STATES + course.row_state[low:high]] * weight[day]
        hit = random.random(high - low, dtype=np.float32) < rate
        deals.append(deal[hit].astype(np.int64))
        days.append(day[hit])
    if not deals:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    return np.concatenate(deals), np.concatenate(days)


def _rates(kind: _Kind) -> Floats:
    """Chance per working day by quality, habit and state: (QUALITIES, 2, OPEN_STATES)."""
    phase, _, frozen, _, gone = flags_of(np.arange(OPEN_STATES))
    rate = np.array(kind.rates)[phase]
    level = np.arange(QUALITIES)[:, None, None] - QUALITIES // 2
    slow = np.arange(2)[None, :, None]
    if kind.who == NOBODY:
        # A customer who fits is keener; one without budget or without our champion writes less.
        rate = np.exp(0.34 * QUALITY_STEP * level) * rate * 0.75**frozen * 0.75**gone
    else:
        rate = 0.85**slow * rate
    return np.broadcast_to(rate, (QUALITIES, 2, OPEN_STATES)).astype(np.float64)


def _false_rates(cause: str) -> Floats:
    """Chance of a false trace: only in states without the cause."""
    free = ~_active(np.arange(OPEN_STATES))[cause]
    return np.broadcast_to(_FALSE_PER_DAY * free, (QUALITIES, 2, OPEN_STATES)).astype(np.float64)


def _answers(
    seed: int, deal: Ints, asked: Instants, slow: npt.NDArray[np.bool_], calendar: Calendar
) -> Batch:
    """Our answers to the mails of customers, in working hours: after hours, or after days."""
    random = stream(seed, "answers")
    answered = random.random(len(deal)) < np.where(slow[deal], 0.90, 0.97)
    hours = np.where(slow[deal], 46.0, 2.5) * np.exp(random.normal(0.0, 0.75, len(deal)))
    at = asked + (hours * 3600).astype(np.int64) * SECOND
    at = _office_hours(random, at, calendar)[answered]
    return Batch("mail_out", deal[answered], at, at, OWNER)


def _office_hours(random: np.random.Generator, at: Instants, calendar: Calendar) -> Instants:
    """Put off what would be done at night or on a free day to the next working morning."""
    day = np.searchsorted(calendar.midnight, at, side="right") - 1
    into = at - calendar.midnight[day]
    late = ~calendar.working[day] | (into > 20 * HOUR)
    morning = np.where(late, calendar.midnight[calendar.next_working[day]], calendar.midnight[day])
    morning += _seconds(random, len(at), 8.5, 10.0)
    return np.where(late | (into < 8 * HOUR), morning, at)


def _active(state: npt.NDArray[np.integer]) -> dict[str, npt.NDArray[np.bool_]]:
    """Return by cause whether it is active in `state`; closed states carry none."""
    is_open = state < OPEN_STATES
    phase, price, frozen, competitor, gone = flags_of(np.where(is_open, state, 0))
    return {
        "champion_leaves": is_open & (gone == 1),
        "evaluation_stalls": is_open & (phase == STALLED),
        "competitor_enters": is_open & (competitor == 1),
        "budget_freeze": is_open & (frozen == 1),
        "price_objection": is_open & (price == 1),
    }


def _stage(state: Ints) -> Ints:
    phase = flags_of(np.minimum(state, OPEN_STATES - 1))[0]
    return np.where(state < OPEN_STATES, np.array(PHASE_STAGE)[phase], -1)


def _delay(seed: int, name: str, n: int) -> Instants:
    """From hours to five days, a day and a half on average: until a cause or a rumour is known."""
    days = 0.08 + stream(seed, f"{name}.delay").exponential(1.3, n)
    return (np.minimum(days, 5.0) * 86_400).astype(np.int64) * SECOND


def _seconds(random: np.random.Generator, n: int, low: float, high: float) -> Instants:
    """Return `n` spans between `low` and `high` hours, in whole seconds."""
    return (random.uniform(low, high, n) * 3600).astype(np.int64) * SECOND
