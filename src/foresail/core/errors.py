"""What every room's errors have in common: a stable code, and a sentence in both languages that says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar


class Refusal(Exception):
    """Base of what rooms refuse. `zh` and `en` hold the sentence, filled with `values`; str() is the English one.

    `status` is the HTTP status that the API answers with. `fields` says of values that are at fault what is, in
    Chinese and English.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400
    zh: str = "操作未能完成。"
    en: str = "This could not be done."
    fields: Mapping[str, tuple[str, str]] = MappingProxyType({})

    def __init__(self, **values: object) -> None:
        self.zh, self.en = type(self).zh.format(**values), type(self).en.format(**values)
        super().__init__(self.en)


class NotFound(Refusal):
    """There is no such record, or the caller may not see it: the answer is the same for both."""

    code = "not_found"
    status = 404
    zh = "没有找到，或您没有查看权限。"
    en = "Not found, or you may not see it."
