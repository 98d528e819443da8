"""What incentives refuses."""

from __future__ import annotations

from foresail.core.errors import Refusal


class NotYours(Refusal):
    code = "target_not_yours"
    status = 403
    zh = "您只能为自己所管团队的成员和下级团队设定目标；其他目标请联系销售运营。"
    en = "You set the targets of people in your teams and of teams below them. Sales operations sets the others."


class TargetInvalid(Refusal):
    code = "target_invalid"
    status = 422
    zh = "目标须不小于 0、小于 100 万亿，最多两位小数；挑战目标不能低于基准目标。"
    en = "A target is at least 0, below 100 trillion, with at most two decimals; a stretch is not below its base."


class AmountsHidden(Refusal):
    code = "amounts_hidden"
    status = 403
    zh = "您的角色看不到商机金额，因此也看不到目标达成情况。如有需要，请联系销售运营。"
    en = "Your role does not show what deals are worth, so neither how targets are met. Sales operations can change that."
