"""`Habits`: what usually goes with an event of a log, for supposing one more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foresail.science.log import Codes, Events


@dataclass(frozen=True)
class Habits:
    """By stage, the kind of event that most often moves a deal there; by kind, the stage that it always moves to (None:
    not always the same) and who of us most often does it (None: mostly the customer, or nobody).
    """

    mover: dict[str, str]
    stage: dict[str, str | None]
    actor: dict[str, str | None]

    @classmethod
    def of(cls, events: Events) -> Habits:
        moves = _together(events.kind, events.stage, len(events.kinds), len(events.stages))
        does = _together(events.kind, events.actor, len(events.kinds), len(events.actors))
        happened = moves.sum(axis=1)
        stage: dict[str, str | None] = {}
        actor: dict[str, str | None] = {}
        for kind, name in enumerate(events.kinds):
            if not happened[kind]:
                continue
            always = np.flatnonzero(moves[kind] == happened[kind]) - 1
            stage[name] = events.stages[always[0]] if len(always) and always[0] >= 0 else None
            ours = does[kind, 1:]
            nobody = does[kind, 0] > 0.5 * happened[kind]
            actor[name] = None if nobody else events.actors[int(ours.argmax())]
        by_stage = moves[:, 1:]
        return cls(
            mover={
                name: events.kinds[int(by_stage[:, i].argmax())]
                for i, name in enumerate(events.stages)
                if by_stage[:, i].any()
            },
            stage=stage,
            actor=actor,
        )

    def or_else(self, other: Habits) -> Habits:
        """Return these, and those of `other` with what these do not know."""
        return Habits(
            mover=other.mover | self.mover, stage=other.stage | self.stage, actor=other.actor | self.actor
        )


def _together(
    kind: Codes, other: Codes, kinds: int, others: int
) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Count events by kind and another code, whose -1 is the first column: (kinds, others + 1)."""
    width = others + 1
    counts = np.bincount(kind.astype(np.int64) * width + other + 1, minlength=kinds * width)
    return counts.reshape(kinds, width)
