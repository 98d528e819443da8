"""Calling for background work, by the names of the tasks in `jobs`, once the caller's transaction is there."""

from __future__ import annotations

from foresail.core.jobs import call_once


def add_up_soon() -> None:
    """Have added up what came in. Killed before it is called for, that is added up within a minute."""
    call_once("signals.add_up", queue="scoring")


def judge_all_soon() -> None:
    """Have everything judged anew: other topics count."""
    call_once("signals.judge_all", queue="default")


def sum_all_soon() -> None:
    """Have all sums made anew: they halve in another time. What they are made of stays.

    One after the other with `judge_all`, which ends in that.
    """
    call_once("signals.sum_all", queue="default", lock="signals.judge_all")


def write_months_soon() -> None:
    """Have files written again that were deleted: once for all of ten minutes, for nobody misses them before night."""
    call_once("signals.write_months", queue="default", minutes=10)
