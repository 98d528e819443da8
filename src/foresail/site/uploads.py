"""Files on their way in: refused before they are read where they are larger than anything here takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any, Final

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler

MOST_BYTES: Final = 26 * 2**20
"""What is around a file of 25 MB counts too."""


class Bounded(TemporaryFileUploadHandler):
    """Writes to the disk, not into memory."""

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: Mapping[str, Any],
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Raise RequestDataTooBig where the request says that it is too long; it cannot send more than it says."""
        del input_data, META, boundary, encoding
        if content_length > MOST_BYTES:
            raise RequestDataTooBig
