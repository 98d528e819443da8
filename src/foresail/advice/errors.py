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


class TriggersReserved(Refusal):
    code = "triggers_reserved"
    status = 403
    zh = "只有销售运营可以调整触发器。"
    en = "Only sales operations shapes triggers."


class TriggerInvalid(Refusal):
    code = "trigger_invalid"
    status = 422
    zh = "请检查触发器：{zh}"
    en = "Look at the trigger: {en}"


class TriggerExists(Refusal):
    code = "trigger_exists"
    status = 409
    zh = "已有名为“{name}”的触发器。"
    en = "There is a trigger called {name} already."


class SuggestionEnded(Refusal):
    code = "suggestion_ended"
    status = 409
    zh = "这条建议已经结束，请刷新后再看。"
    en = "This suggestion has ended. Look again."


class NothingSent(Refusal):
    code = "nothing_sent"
    status = 409
    zh = "还没有发送内容：请选好内容并生成链接，或建一个任务稍后发送。"
    en = "Nothing was sent yet. Choose something and get its link, or make a task to send it later."


class DismissalInvalid(Refusal):
    code = "dismissal_invalid"
    status = 422
    zh = "请选择不采纳的原因；选“其他”时请写明，最多 {most} 个字符。"
    en = "Choose why not; for another reason, say which in at most {most} characters."


class NotUndone(Refusal):
    code = "suggestion_not_undone"
    status = 409
    zh = "已经不能撤销：内容已经发出、超过了一天，或之后又有了变化。"
    en = "This cannot be undone any more: content was sent, it was more than a day ago, or something changed since."


class MuteOfOne(Refusal):
    code = "mute_of_one"
    status = 422
    zh = "请选择一个触发器或一个商机。"
    en = "Choose a trigger or a deal."


class TrialRunning(Refusal):
    code = "trial_running"
    status = 409
    zh = "您的上一次试跑还没有结束，请稍候再试。"
    en = "Your last trial has not ended yet. Try again in a moment."


class TrialTooLong(Refusal):
    code = "trial_too_long"
    status = 422
    zh = "试跑超过 {seconds} 秒，已停止。请减少条件中用到的字段，或在系统空闲时再试。"
    en = "This trial took more than {seconds} seconds and was stopped. Ask of fewer facts, or try when less is going on."
