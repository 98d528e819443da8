"""Tables that people bring as files: CSV in whatever encoding, Excel workbooks; and what stands in their cells.

Nothing of a file is believed: neither its name, nor its size, nor what it says of itself.
"""

from foresail.core.sheets.errors import FileUnreadable
from foresail.core.sheets.reading import MOST_BYTES, name_of, read, take

__all__ = ["MOST_BYTES", "FileUnreadable", "name_of", "read", "take"]
