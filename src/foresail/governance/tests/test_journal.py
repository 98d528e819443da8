"""Who was erased can be told from the journal, whatever a crash left of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from foresail.core.home import Home
from foresail.governance import journal

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize("left", [1, 13, 40, 90])
def test_a_line_that_was_cut_off_takes_no_other_with_it(left: int, settings: Any, tmp_path: Path) -> None:
    settings.HOME = Home(tmp_path)
    journal.note(["intent contact:1"], at=AT)
    whole = journal.place().read_text()
    journal.note(["intent contact:2"], at=AT)
    second = journal.place().read_text().removeprefix(whole)
    journal.place().write_text(whole + second[:left])
    journal.note(["intent contact:3"], at=AT + timedelta(hours=1))
    noted = journal.Journal()
    assert noted.at("intent contact:1") == AT
    assert noted.at("intent contact:2") is None
    assert noted.at("intent contact:3") == AT + timedelta(hours=1)


def test_what_was_a_mistake_is_taken_back(settings: Any, tmp_path: Path) -> None:
    settings.HOME = Home(tmp_path)
    journal.note(["a", "b"], at=AT)
    journal.note(["b"], at=AT, back=True)
    assert [journal.Journal().at(name) for name in "ab"] == [AT, None]
    assert len(journal.Journal()) == 1
