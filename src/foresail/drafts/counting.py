"""How much time was saved, counted so that anybody can count it again: characters and seconds, no estimates."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from foresail.drafts.lines import plain

if TYPE_CHECKING:
    from foresail.drafts.models import SavingSetting

ALIKE: Final = 0.6
"""A line is an edited one of the draft if so much of both is the same; else somebody wrote it."""
MOST_COMPARED: Final = 150
"""Of long texts only so many changed lines are compared with the draft: the others count as written."""


def kept_and_typed(drafted: Sequence[str], text: str) -> tuple[int, int]:
    r"""Return how many characters of `drafted` lines stand in `text`, and how many were typed into them.

    A line that is as it was drafted counts whole. One that was edited counts what is left of it, and what was typed
    into it is subtracted. What somebody wrote of their own is neither.

    >>> kept_and_typed(["- [监测](/deals/1)：赢单", "- 拜访晨光"], "# 周报\n- [监测](/deals/1)：赢单\n- 拜访晨光电力\n- 自己写的")
    (9, 2)
    """
    left = [line for line in dict.fromkeys(plain(each) for each in drafted) if line]
    kept = typed = 0
    changed: list[str] = []
    for line in (plain(each) for each in text.splitlines()):
        if line in left:
            left.remove(line)
            kept += len(line)
        elif line:
            changed.append(line)
    for line in changed[:MOST_COMPARED]:
        best, same = "", 0
        matcher = SequenceMatcher(autojunk=False)
        matcher.set_seq2(line)
        for each in left[:MOST_COMPARED]:
            matcher.set_seq1(each)
            if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE or matcher.ratio() < ALIKE:
                continue
            count = sum(block.size for block in matcher.get_matching_blocks())
            if count > same:
                best, same = each, count
        if best:
            left.remove(best)
            kept += same
            typed += len(line) - same
    return kept, typed


def seconds_of_typing(characters: int, setting: SavingSetting) -> float:
    """Return how long it takes to type so many characters."""
    return characters * 60 / setting.per_minute


def seconds_of_decision(*, kind: str, confirmed: bool, characters: int, setting: SavingSetting) -> float:
    """Return what one decision saved: what it would have taken by hand, less the time to decide.

    What was refused saved nothing, and cost the time to refuse it.
    """
    if not confirmed:
        return -float(setting.refuse)
    by_hand: int = getattr(setting, kind)
    return by_hand + seconds_of_typing(characters, setting) - setting.confirm


def seconds_of_report(*, kept: int, typed: int, setting: SavingSetting) -> float:
    """Return what a report saved: the drafted characters that were kept, less those that were typed into them."""
    return max(seconds_of_typing(kept - typed, setting), 0.0)
