"""Calling for background work, by the names of the tasks in `jobs`."""

from __future__ import annotations

from collections.abc import Collection

from procrastinate.contrib.django import app

from foresail.core.jobs import call_once


def judge_soon() -> None:
    """Have judged what waits, once the caller's transaction is there. Killed before that, it is judged within a minute."""
    call_once("advice.judge_waiting", queue="scoring")


def forget_interest_soon(accounts: Collection[int]) -> None:
    """Have what rested on interest in `accounts` taken out once more: who judges meanwhile may have looked before."""
    app.configure_task("advice.forget_interest", queue="default").defer(accounts=list(accounts))
