"""A file as the body of a request, as it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.http import HttpRequest

from foresail.core.sheets.errors import FileUnreadable
from foresail.core.sheets.reading import MOST_BYTES

BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
"""What the OpenAPI says of it."""


def pieces(request: HttpRequest) -> Iterator[bytes]:
    """Yield the body as it comes; one that says it is too large is not read at all. Raises FileUnreadable."""
    length = request.headers.get("Content-Length", "")
    if length.isdigit() and int(length) > MOST_BYTES:
        raise FileUnreadable("large")
    while piece := request.read(1 << 20):
        yield piece
