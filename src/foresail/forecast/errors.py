"""What forecast refuses."""

from __future__ import annotations

from foresail.core.errors import Refusal


class NotAllowed(Refusal):
    code = "not_allowed"
    status = 403
    zh = "您没有执行此操作的权限，请联系销售运营。"
    en = "You may not do this. Ask sales operations."


class NoModel(Refusal):
    code = "no_model"
    status = 409
    zh = "模型尚未训练完成，请稍后再试。"
    en = "No model has been trained yet. Try again later."


class NoOutlook(Refusal):
    code = "no_outlook"
    status = 404
    zh = "这个商机还没有预测：可能刚刚创建、已经结束，或模型尚未训练完成。"
    en = "There is no forecast of this deal: it is new, has ended, or no model has been trained yet."


class TooLittle(Refusal):
    code = "too_little_data"
    status = 409
    zh = "数据还不足以训练模型，请先导入或录入商机。{why}"
    en = "There is too little to learn from. Import or enter deals first. {why}"


class ModelMissing(Refusal):
    code = "model_missing"
    status = 409
    zh = "模型文件缺失或已损坏，请重新训练。"
    en = "The model's files are missing or damaged. Train anew."


class WhatIfInvalid(Refusal):
    code = "what_if_invalid"
    zh = "这个假设无法推演：{why}"
    en = "That cannot be tried: {why}"


class AmountInvalid(Refusal):
    code = "amount_invalid"
    zh = "金额须不小于 0、小于 100 万亿，且最多两位小数，请检查。"
    en = "An amount is at least 0, below 100 trillion, and has at most two decimals. Check it."


class PeriodInvalid(Refusal):
    code = "period_invalid"
    zh = "“{period}”不是可以预估的期间，请选择本页列出的期间。"
    en = "{period} is no period to estimate. Choose one that the page lists."


class AmountsHidden(Refusal):
    code = "amounts_hidden"
    status = 403
    zh = "您的角色看不到商机金额，因此也看不到汇总预测。如有需要，请联系销售运营。"
    en = "Your role does not show what deals are worth, so neither their sums. Sales operations can change that."
