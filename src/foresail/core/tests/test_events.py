"""Events reach their listeners inside the transaction; a change is told of only where it is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.db import transaction

from foresail.core.changes import Change, record
from foresail.core.events import emit, listen


@dataclass(frozen=True)
class Moved:
    deal: int


@dataclass(frozen=True)
class MovedFar(Moved):
    pass


def test_listeners_hear_their_kind_once_and_in_order() -> None:
    heard: list[tuple[str, int]] = []

    def first(event: Moved) -> None:
        heard.append(("first", event.deal))

    def second(event: Moved) -> None:
        heard.append(("second", event.deal))

    for listener in (first, second, first):
        listen(Moved, listener)
    emit(Moved(7))
    emit(MovedFar(8))
    assert heard == [("first", 7), ("second", 7)]


def change() -> Change:
    return Change(actor=None, verb="add", subject="test.Thing", key="1", at=datetime(2026, 1, 5, tzinfo=UTC))


@pytest.mark.django_db(transaction=True)
def test_a_change_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        record(change())


@pytest.mark.django_db(transaction=True)
def test_a_listener_that_fails_stops_the_verb() -> None:
    class Refused(Exception):
        pass

    def refuse(told: Change) -> None:
        if told.subject == "test.Refused":
            raise Refused

    listen(Change, refuse)
    with pytest.raises(Refused), transaction.atomic():
        record(Change(actor=1, verb="add", subject="test.Refused", key="1", at=change().at))
