"""Tables that people bring as files: CSV in whatever encoding, Excel workbooks; and what stands in their cells.

Nothing of a file is believed: neither its name, nor its size, nor what it says of itself.
"""

from foresail.core.sheets.errors import FileUnreadable
from foresail.core.sheets.reading import MOST_BYTES, MOST_ROWS, MOST_UNPACKED, name_of, read, take
from foresail.core.sheets.uploading import BODY, pieces

__all__ = [
    "BODY",
    "MOST_BYTES",
    "MOST_ROWS",
    "MOST_UNPACKED",
    "FileUnreadable",
    "name_of",
    "pieces",
    "read",
    "take",
]
