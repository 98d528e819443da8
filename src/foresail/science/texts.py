"""Text that came from outside, made safe to show."""

from __future__ import annotations

import re

# Control characters, direction marks that could reorder the text around a name, and lone surrogates
# (which UTF-8 cannot write). Tab and newline become spaces in HTML anyway.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def clean(text: str) -> str:
    """Return `text` with invisible controls spelled out, so that a name cannot disguise itself."""
    return _UNSAFE.sub(lambda found: f"‹U+{ord(found[0]):04X}›", text)


def shorten(text: str, *, limit: int = 60) -> str:
    """Return `text` cut in its middle to at most `limit` characters: ids often differ at both ends."""
    if len(text) <= limit:
        return text
    head = (limit - 1) * 2 // 3
    return f"{text[:head]}…{text[len(text) - (limit - 1 - head) :]}"
