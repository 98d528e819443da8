"""What crm refuses. Each error has a stable code, and says in both languages what to do."""

from __future__ import annotations

from foresail.core.errors import Refusal


class CrmError(Refusal):
    """Base of all."""

    code = "crm_error"


class NotAllowed(CrmError):
    """Filled with the reason that the rules give."""

    code = "not_allowed"
    status = 403
    zh = "{zh}"
    en = "{en}"


class DealClosed(CrmError):
    code = "deal_closed"
    status = 409
    zh = "商机“{deal}”已经结束，不能再更改；如客户重新有意向，请新建商机。"
    en = "The deal {deal} has ended and stays as it is. If the customer comes back, open a new one."


class ChangedMeanwhile(CrmError):
    code = "changed_meanwhile"
    status = 409
    zh = "这条商机刚刚被更新过，请刷新后再操作。"
    en = "This deal was changed in the meantime. Load it again, then repeat what you did."


class StageElsewhere(CrmError):
    code = "stage_elsewhere"
    zh = "阶段“{stage}”不属于该商机所在的销售流程，请重新选择。"
    en = "The stage {stage} is not of this deal's pipeline. Choose one that is."


class StagesInvalid(CrmError):
    code = "stages_invalid"
    zh = "销售流程至少需要一个阶段，且阶段标识不能为空或重复。"
    en = "A pipeline has at least one stage, and each stage a key of its own."


class PipelineTaken(CrmError):
    code = "pipeline_taken"
    zh = "该业务线已有名为“{name}”的销售流程，请换一个名称。"
    en = "This line has a pipeline {name} already. Choose another name."


class TextInvalid(CrmError):
    code = "text_invalid"
    zh = "{zh}须为 1 至 {longest} 个字符，请修改。"
    en = "The {en} has 1 to {longest} characters. Change it."


class TextTooLong(CrmError):
    code = "text_too_long"
    zh = "{zh}最多 {longest} 个字符，请缩短。"
    en = "The {en} has at most {longest} characters. Shorten it."


class AmountInvalid(CrmError):
    code = "amount_invalid"
    zh = "金额须不小于 0、小于 100 万亿，且最多两位小数，请检查。"
    en = "An amount is at least 0, below 100 trillion, and has at most two decimals. Check it."


class CurrencyInvalid(CrmError):
    code = "currency_invalid"
    zh = "币种须为三位大写字母代码（如 CNY），请检查。"
    en = "A currency is three capital letters, such as CNY. Check it."


class NumberTaken(CrmError):
    code = "number_taken"
    zh = "商机编号“{number}”已被使用，请换一个。"
    en = "Another deal has the number {number}. Choose a different one."


class FactsInvalid(CrmError):
    code = "facts_invalid"
    zh = "补充信息的名称和内容都须为文字，且名称不能为空。"
    en = "Facts are texts, each with a name. Check them."


class OwnerInactive(CrmError):
    code = "owner_inactive"
    zh = "{name}的账号已停用，请选择在职用户。"
    en = "{name} is not active. Choose a user who is."


class ContactElsewhere(CrmError):
    code = "contact_elsewhere"
    zh = "{contact}不是该商机所属客户的联系人，请选择该客户的联系人。"
    en = "{contact} is not a contact of this deal's account. Choose one who is."


class ContactHasLeft(CrmError):
    code = "contact_has_left"
    status = 409
    zh = "{contact}已离职，不能再设为商机角色。"
    en = "{contact} has left the account, and can take no role in a deal."


class AssigneeUnseeing(CrmError):
    code = "assignee_unseeing"
    zh = "{name}无法查看这条商机，请先分配商机，或把任务交给其他人。"
    en = "{name} may not see this deal. Assign the deal first, or give the task to somebody else."


class RowInvalid(CrmError):
    """A bulk door takes all rows or none; `row` counts from 1."""

    code = "row_invalid"
    zh = "第 {row} 行有误：{zh}"
    en = "Row {row} is wrong: {en}"

    def __init__(self, *, row: int, zh: str, en: str) -> None:
        self.row = row
        super().__init__(row=row, zh=zh, en=en)


class CursorInvalid(CrmError):
    code = "cursor_invalid"
    zh = "分页位置无效，请从第一页重新加载。"
    en = "This is no place in the list. Load it from its first page."
