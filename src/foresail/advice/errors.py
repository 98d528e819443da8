"""What advice refuses."""

from __future__ import annotations

from collections.abc import Mapping

from foresail.core.errors import Refusal


class AssetReserved(Refusal):
    code = "asset_reserved"
    status = 403
    zh = "只有销售运营可以维护内容库。"
    en = "Only sales operations keeps the library."


class AssetInvalid(Refusal):
    """`fields` says which values are at fault, and what is wrong with each."""

    code = "asset_invalid"
    status = 422
    zh = "请检查标出的内容。"
    en = "Look at what is marked."

    def __init__(self, fields: Mapping[str, tuple[str, str]]) -> None:
        super().__init__()
        self.fields = fields


class AssetRetired(Refusal):
    code = "asset_retired"
    status = 409
    zh = "这份内容已停用，请另选一份。"
    en = "This is not used any more. Choose another."


class ContactGone(Refusal):
    code = "contact_gone"
    status = 409
    zh = "这位联系人已离职，请另选一位。"
    en = "This contact has left. Choose another."
