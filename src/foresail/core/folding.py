"""One way to fold text for comparison, the same in Python and in PostgreSQL: full width to half, capitals to small."""

from __future__ import annotations

import unicodedata
from typing import Final

from django.db.models import Func, TextField

SQL: Final = "lower(normalize(%(expressions)s, NFKC))"


def fold(text: str) -> str:
    """Return `text` as it is compared: NFKC, then each letter small by itself.

    Letter by letter, because PostgreSQL does so too: Σ at the end of a word becomes σ, and İ becomes i.
    """
    normal = unicodedata.normalize("NFKC", text)
    return normal.lower() if normal.isascii() else "".join(letter.lower()[0] for letter in normal)


class Folded(Func):
    """The same in the database, in its default collation (C.utf8 in our own server)."""

    template = SQL
    arity = 1
    output_field = TextField()
