"""Python and PostgreSQL fold every character alike."""

import sys
import unicodedata

import pytest
from django.db import connection

from foresail.core.folding import SQL, fold


def test_width_and_capitals_do_not_count() -> None:
    assert fold("ＡＢＣ　１２３（启明）") == "abc 123(启明)"
    assert [fold("ΟΔΟΣ"), fold("İ"), fold("ß"), fold("ﬁ")] == ["οδοσ", "i", "ß", "fi"]


@pytest.mark.django_db
def test_every_assigned_character_folds_alike_in_the_database() -> None:
    known = [
        chr(code)
        for code in range(1, sys.maxunicode + 1)
        if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co")
    ]
    assert len(known) > 140_000
    with connection.cursor() as cursor:
        folded = SQL % {"expressions": "letter"}
        cursor.execute(f"SELECT letter, {folded} FROM unnest(%s::text[]) AS letter", [known])
        differ = {letter: (there, fold(letter)) for letter, there in cursor if there != fold(letter)}
    assert differ == {}
