"""What governance refuses. Each error has a stable code, and says in both languages what to do."""

from __future__ import annotations

from foresail.core.errors import Refusal


class GovernanceError(Refusal):
    """Base of all."""

    code = "governance_error"


class ValueNotKept(GovernanceError):
    """`where` is the path of the value, such as values.items[2]; `kind` says what is wrong with it."""

    code = "value_not_kept"
    zh = "审计记录无法保存 {where}（{kind}），请改为文本、数字、是否、列表或对象。"
    en = "The audit trail cannot keep {where} ({kind}). Give text, a number, a truth value, a list or an object."


class PersonalValueMissing(GovernanceError):
    code = "personal_value_missing"
    zh = "个人信息字段 {names} 不在变更值中，请补上或从 personal 中去掉。"
    en = "{names} is named in personal but is not in values. Add it there, or do not name it."


class PersonMissing(GovernanceError):
    code = "person_missing"
    zh = "变更含有个人信息但未指明所属的人，请填写 person。"
    en = "The change has personal values and does not say whose. Give person."


class PersonErased(GovernanceError):
    code = "person_erased"
    zh = "此人（{person}）的个人信息已被删除，不能再保存；请去掉个人信息，或以新的编号登记。"
    en = "The values of person {person} were erased. Leave personal values out, or enter the person anew."


class OutsideTransaction(GovernanceError):
    code = "outside_transaction"
    zh = "变更 {verb} 不在事务中，请在 transaction.atomic() 内记录。"
    en = "{verb} was told of outside a transaction. Tell of it inside the transaction.atomic() that makes it."


class TooMuchToExport(GovernanceError):
    code = "too_much_to_export"
    zh = "一次最多导出 {most} 条，请缩小时间范围或增加筛选条件。"
    en = "At most {most} rows leave at once. Choose a shorter period, or filter more."


class VerificationUnderWay(GovernanceError):
    code = "verification_under_way"
    status = 409
    zh = "验证正在进行，完成后会显示在这里。"
    en = "A verification is under way. Its result will be shown here."


class LeavingUnderWay(GovernanceError):
    code = "leaving_under_way"
    status = 409
    zh = "全部数据正在导出，完成后会显示在这里。"
    en = "An export of everything is under way. It will be shown here."


class BoundaryInvalid(GovernanceError):
    """`rule` is its place, from 1; `why_zh` and `why_en` say what is wrong with it."""

    code = "boundary_invalid"
    status = 422
    zh = "第 {rule} 条规则有误：{why_zh}。"
    en = "Rule {rule} is wrong: {why_en}."


class BoundaryWaiting(GovernanceError):
    code = "boundary_waiting"
    status = 409
    zh = "已有一份采集边界等待审批，请先处理它。"
    en = "Another boundary waits to be decided. Decide that one first."


class BoundaryDecided(GovernanceError):
    code = "boundary_decided"
    status = 409
    zh = "这份采集边界已有结论，请刷新页面。"
    en = "This boundary has been decided. Load the page again."


class NotGuardian(GovernanceError):
    code = "not_guardian"
    status = 403
    zh = "只有数据治理小组成员可以审批采集边界。管理员可以添加成员。"
    en = "Boundaries are decided by the data-governance group. An administrator can add you to it."


class OwnBoundary(GovernanceError):
    code = "own_boundary"
    status = 403
    zh = "不能审批自己提出的采集边界，请另一位小组成员审批。"
    en = "What you proposed yourself is decided by another member of the group."


class NotYourBoundary(GovernanceError):
    code = "not_your_boundary"
    status = 403
    zh = "只有提出的人可以撤回。"
    en = "Only who proposed it takes it back."


class ReasonMissing(GovernanceError):
    code = "reason_missing"
    status = 422
    zh = "请写明理由。"
    en = "Say why."


class WordingInvalid(GovernanceError):
    code = "wording_invalid"
    status = 422
    zh = "请填写中英文告知文案，各不超过 {most} 字。"
    en = "Give what people are asked in Chinese and English, at most {most} characters each."
