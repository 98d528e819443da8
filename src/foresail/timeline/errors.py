"""What timeline refuses."""

from __future__ import annotations

from foresail.core.errors import Refusal


class KnownBefore(Refusal):
    code = "known_before"
    zh = "第 {row} 条：得知时间早于发生时间，请检查。"
    en = "Entry {row}: it was known before it happened. Check its times."


class CursorInvalid(Refusal):
    code = "cursor_invalid"
    zh = "翻页位置无效，请从第一页重新开始。"
    en = "That is no place to go on from. Begin again with the first page."
