"""What conversations refuses."""

from __future__ import annotations

from foresail.core.errors import Refusal


class ConversationsError(Refusal):
    """Base of all."""

    code = "conversations_error"


class NotAllowed(ConversationsError):
    """Filled with the reason that the rules give."""

    code = "not_allowed"
    status = 403
    zh = "{zh}"
    en = "{en}"


class TitleInvalid(ConversationsError):
    code = "title_invalid"
    zh = "标题须为 1 至 {longest} 个字符，请修改。"
    en = "A title has 1 to {longest} characters. Change it."


class TextTooLong(ConversationsError):
    code = "text_too_long"
    zh = "正文最多 {longest} 个字符，请缩短。"
    en = "A text has at most {longest} characters. Shorten it."


class DirectionMissing(ConversationsError):
    code = "direction_missing"
    zh = "请注明这封邮件或消息是客户发来的，还是我方发出的。"
    en = "Say whether the customer wrote, or our side did."


class InTheFuture(ConversationsError):
    code = "in_the_future"
    zh = "发生时间不能晚于现在，请检查。"
    en = "It cannot have happened yet: check the time."


class ContactElsewhere(ConversationsError):
    code = "contact_elsewhere"
    zh = "{contact}不是该商机所属客户的联系人，请重新选择。"
    en = "{contact} is not a contact of this deal's account. Choose one who is."
