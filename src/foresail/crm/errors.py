"""What crm refuses. Each error has a stable code, and says in both languages what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

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
    zh = "{name}无法查看这条{noun_zh}，请先分配{noun_zh}，或把任务交给其他人。"
    en = "{name} may not see this {noun_en}. Assign the {noun_en} first, or give the task to somebody else."


class TaskOnlyOwn(CrmError):
    code = "task_only_own"
    status = 403
    zh = "不关联记录的任务只有本人可见，只能由本人创建和修改。"
    en = "A task for no record is seen by one person alone: only they may add and change it."


class TaskDone(CrmError):
    code = "task_done"
    status = 409
    zh = "任务“{title}”已完成，不能移除。"
    en = "The task {title} was done already, so it stays."


class TooManyMentioned(CrmError):
    code = "too_many_mentioned"
    zh = "一条备注最多提及 {most} 位同事，请减少。"
    en = "A note names at most {most} colleagues. Name fewer."


class NoteOfAnother(CrmError):
    code = "note_of_another"
    status = 403
    zh = "只能修改自己写的备注。"
    en = "Only who wrote a note may change it."


class FileTooLarge(CrmError):
    code = "file_too_large"
    status = 413
    zh = "文件最大 {most} MB，请压缩或拆分后再上传。"
    en = "A file has at most {most} MB. Make it smaller, then try again."


class FileEmpty(CrmError):
    code = "file_empty"
    status = 422
    zh = "“{name}”是空文件，请检查后重新选择。"
    en = "{name} is empty. Check it and choose again."


class FileUnlike(CrmError):
    """What the bytes of a file say is not what its name says."""

    code = "file_unlike"
    status = 422
    zh = "“{name}”的内容与扩展名不符，可能已损坏或改过名，请检查后重新选择。"
    en = "What {name} holds is not what its name says. It may be damaged or renamed: check it and choose again."


class FileRuns(CrmError):
    """Programs are not kept: nobody should start one from a customer's record."""

    code = "file_runs"
    status = 422
    zh = "“{name}”是可执行程序，不能作为附件。"
    en = "{name} is a program, and is not kept as an attachment."


class FileDamaged(CrmError):
    code = "file_damaged"
    status = 409
    zh = "“{name}”已丢失或损坏，请联系管理员从备份恢复。"
    en = "{name} is lost or damaged. Ask an administrator to bring it back from a backup."


class LeadEnded(CrmError):
    code = "lead_ended"
    status = 409
    zh = "线索“{lead}”已经转化或放弃，不能再处理。"
    en = "The lead {lead} was converted or discarded already."


class ContactStays(CrmError):
    code = "contact_stays"
    status = 409
    zh = "{contact}没有标记为离职。"
    en = "{contact} is not noted as having left."


class EmployerSame(CrmError):
    code = "employer_same"
    zh = "新公司须与{contact}原来的公司不同，请重新选择。"
    en = "The new employer of {contact} is another one than before. Choose again."


class LinesInvalid(CrmError):
    code = "lines_invalid"
    status = 422
    zh = "第 {row} 行有误：{zh}"
    en = "Line {row} is not right: {en}"


class SuccessorSame(CrmError):
    code = "successor_same"
    zh = "不能转交给{name}本人，请选择其他人。"
    en = "{name} cannot be their own successor. Choose somebody else."


class SuccessorUnseeing(CrmError):
    code = "successor_unseeing"
    zh = "{name}的角色看不到将要接手的记录，请先授予角色，或选择其他人。"
    en = "No role of {name}'s lets them see what they would take over. Grant one first, or choose somebody else."


class NoSuchRecord(CrmError):
    code = "no_such_record"
    status = 404
    zh = "没有编号为“{key}”的记录，请核对后重试。"
    en = "There is no record {key}. Check the number and try again."


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


class ValueInvalid(CrmError):
    """`reason` is a key of REASONS; `fields` names the field at fault."""

    code = "value_invalid"
    status = 422
    zh = "填写有误：“{field_zh}”{zh}"
    en = "{field_en} is not right: {en}"
    REASONS: ClassVar[Mapping[str, tuple[str, str]]] = {
        "required": ("为必填项，请填写。", "enter a value, it must not be empty."),
        "longer": ("最多 {longest} 个字符，请缩短。", "at most {longest} characters. Shorten it."),
        "text": ("须为文字。", "enter a text."),
        "long_text": ("须为文字。", "enter a text."),
        "number": ("须为数字，最多 6 位小数。", "enter a number with at most 6 decimals."),
        "money": (
            "须为不小于 0、小于 100 万亿的金额，最多两位小数。",
            "enter an amount of at least 0, below 100 trillion, with at most two decimals.",
        ),
        "date": ("须为日期，例如 2026-03-02。", "enter a date like 2026-03-02."),
        "datetime": ("不能这样修改。", "this cannot be changed so."),
        "bool": ("须选择是或否。", "choose yes or no."),
        "choice": ("没有这个选项，请重新选择。", "there is no such choice. Choose another."),
        "choice_retired": ("这个选项已停用，请重新选择。", "this choice is out of use. Choose another."),
        "choices": ("有不存在的选项，请重新选择。", "one of the choices does not exist. Choose again."),
        "tags": ("最多 20 个标签，每个最多 30 个字符。", "at most 20 tags of at most 30 characters each."),
        "unknown": ("没有找到，或您没有查看权限。", "not found, or you may not see it."),
        "unnamed": (
            "没有找到这个名称，请改正，或指定对应的现有值。",
            "there is nothing of this name. Mend it, or say which one is meant.",
        ),
        "several": (
            "有 {count} 个同名，无法确定是哪一个。",
            "{count} have this name: which is meant cannot be told.",
        ),
        "email": ("不是有效的邮箱地址，请检查。", "this is no e-mail address. Check it."),
        "uscc": (
            "不是有效的统一社会信用代码（18 位，含校验位），请核对营业执照。",
            "this is no valid credit code (18 characters, the last a check digit). Compare it with the licence.",
        ),
        "currency": ("须为三位大写字母代码（如 CNY）。", "enter three capital letters, such as CNY."),
        "fixed": ("不能直接修改。", "this cannot be changed directly."),
        "circle": ("不能是自己或自己的下级公司。", "this would put a company below itself."),
    }

    def __init__(self, field: Any, reason: str, **values: object) -> None:
        zh, en = self.REASONS.get(reason, self.REASONS["unknown"])
        self.reason = reason
        zh, en = zh.format(**values), en.format(**values)
        super().__init__(field_zh=field.zh, field_en=field.en, zh=zh, en=en)
        self.fields = {field.key: (zh, en)}


class FieldUnknown(CrmError):
    code = "field_unknown"
    status = 422
    zh = "{zh}没有字段“{field}”，或您没有权限。"
    en = "The {en} has no field {field}, or you may not use it."


class FieldReserved(CrmError):
    code = "field_reserved"
    status = 403
    zh = "您的角色不能修改“{zh}”。"
    en = "Your role may not change {en}."


class FieldConflict(CrmError):
    """`fields` tells of each what it is now, and who changed it."""

    code = "field_conflict"
    status = 409
    zh = "您编辑期间，{who}把{zh}改成了别的内容。请看过之后再决定。"
    en = "While you were editing, {who} changed {en}. Look at it, then decide."


class RecordInUse(CrmError):
    code = "record_in_use"
    status = 409
    zh = "“{name}”不能删除：{zh}"
    en = "{name} cannot be deleted: {en}"


class TooMany(CrmError):
    code = "too_many"
    status = 413
    zh = "一次最多处理 {most} 条，请缩小范围。"
    en = "At most {most} at once. Choose fewer."


class NothingToUndo(CrmError):
    code = "nothing_to_undo"
    status = 409
    zh = "没有可以撤销的内容：之后又有人改过，或已经撤销。"
    en = "There is nothing to undo: it was changed again since, or undone already."


class FieldKeyTaken(CrmError):
    code = "field_key_taken"
    status = 409
    zh = "标识“{key}”已被使用，请换一个。"
    en = "The key {key} is taken. Choose another."


class FieldInvalid(CrmError):
    code = "field_invalid"
    status = 422
    zh = "字段设置有误：{zh}"
    en = "The field is not right: {en}"


class CodeTaken(CrmError):
    code = "code_taken"
    status = 409
    zh = "产品编码“{code}”已被使用，请换一个。"
    en = "Another product has the code {code}. Choose a different one."


class ViewInvalid(CrmError):
    """`zh` and `en` say what is wrong."""

    code = "view_invalid"
    status = 422
    zh = "视图设置有误：{zh}"
    en = "The view is not right: {en}"


class ViewNameTaken(CrmError):
    code = "view_name_taken"
    status = 409
    zh = "您已有名为“{name}”的视图，请换一个名称。"
    en = "You have a view {name} already. Choose another name."


class NotYourView(CrmError):
    code = "not_your_view"
    status = 403
    zh = "这是{who}共享的视图，只有本人和销售运营可以修改；您可以另存为自己的视图。"
    en = "{who} shares this view; only they and sales operations may change it. Save it as one of your own."


class StageRetired(CrmError):
    code = "stage_retired"
    status = 409
    zh = "阶段“{stage}”已停用，请选择其他阶段。"
    en = "The stage {stage_en} is out of use. Choose another."


class StageAsks(CrmError):
    """`fields` names what the stage asks for and the deal lacks."""

    code = "stage_asks"
    status = 409
    zh = "进入“{stage_zh}”前请先填写：{zh}。"
    en = "Before {stage_en}, fill in: {en}."

    def __init__(self, stage: Any, lacking: Sequence[Any]) -> None:
        super().__init__(
            stage_zh=stage.name_zh,
            stage_en=stage.name_en,
            zh="、".join(field.zh for field in lacking),
            en=", ".join(field.en for field in lacking),
        )
        self.fields = {field.key: ("请填写此项。", "Enter a value.") for field in lacking}


class ImportBusy(CrmError):
    code = "import_busy"
    status = 409
    zh = "这次导入{zh}，现在不能执行此操作。"
    en = "This cannot be done now: the import {en}."
    STATES: ClassVar[Mapping[str, tuple[str, str]]] = {
        "read": ("还没有检查", "was not checked yet"),
        "checking": ("正在检查", "is being checked"),
        "checked": ("还没有开始", "has not begun"),
        "running": ("正在进行", "is under way"),
        "done": ("已经完成", "is done"),
        "undoing": ("正在撤销", "is being undone"),
        "undone": ("已经撤销", "was undone"),
        "old": ("已超过 30 天", "is older than 30 days"),
    }

    def __init__(self, state: str) -> None:
        zh, en = self.STATES[state]
        super().__init__(zh=zh, en=en)


class ImportUnready(CrmError):
    """`fields` are what no column is read as, and must be."""

    code = "import_unready"
    status = 422
    zh = "还不能导入：{zh}"
    en = "This cannot be imported yet: {en}"


class PairDecided(CrmError):
    code = "pair_decided"
    status = 409
    zh = "这对记录已经处理过了，请刷新列表。"
    en = "This pair was decided already. Load the list again."


class MergeImpossible(CrmError):
    code = "merge_impossible"
    status = 409
    zh = "不能合并：{zh}"
    en = "These cannot be merged: {en}"


class MergeElsewhere(CrmError):
    code = "merge_elsewhere"
    status = 409
    zh = "这些联系人属于不同客户。如果是同一家公司，请先合并客户。"
    en = "These contacts belong to different accounts. If it is one company, merge the accounts first."


class DepartureDecided(CrmError):
    code = "departure_decided"
    status = 409
    zh = "这条离职提示已经处理过了，请刷新列表。"
    en = "This was decided already. Load the list again."


class SettingInvalid(CrmError):
    code = "setting_invalid"
    status = 422
    zh = "自动确认的把握须在 60% 至 100% 之间，留空则从不自动确认。"
    en = "Contacts are noted as left on their own from 60 % to 100 %, or never where it is empty."


class PoolTaken(CrmError):
    code = "pool_taken"
    status = 409
    zh = "慢了一步：这条记录刚刚被其他同事领走了。"
    en = "Somebody else was faster: this record has an owner now."


class PoolQuotaUsed(CrmError):
    code = "pool_quota_used"
    status = 409
    zh = "今天的领取额度（{quota} 条）已用完，请明天再来。"
    en = "You have claimed {quota} today, which is all for one day. Come back tomorrow."


class PoolHeldFull(CrmError):
    code = "pool_held_full"
    status = 409
    zh = "您名下已有 {held} 条，达到持有上限（{limit} 条）；请先退回或转化一部分。"
    en = "You hold {held}, and {limit} is the most. Return or convert some first."


class PoolCooling(CrmError):
    code = "pool_cooling"
    status = 409
    zh = "这条记录是从您名下回到公海的，{until} 起才能再次领取。"
    en = "This was yours before it came back to the pool. You may claim it again from {until} on."


class PoolBusy(CrmError):
    code = "pool_busy"
    status = 409
    zh = "客户“{name}”还有在途商机，不能退回公海；请先结束这些商机。"
    en = "{name} has deals under way, and cannot return to the pool. End them first."


class PoolHasIt(CrmError):
    code = "pool_has_it"
    status = 409
    zh = "“{name}”已经在公海里了。"
    en = "{name} lies in the pool already."


class PoolRuleInvalid(CrmError):
    code = "pool_rule_invalid"
    status = 422
    zh = "{zh}须在 {least} 到 {most} 之间，请修改。"
    en = "The number of {en} is from {least} to {most}. Change it."


class RateInvalid(CrmError):
    """`reason` is a key of REASONS."""

    code = "rate_invalid"
    status = 422
    zh = "{currency} {day} 的汇率有误：{zh}"
    en = "The rate of {currency} from {day} is not right: {en}"
    REASONS: ClassVar[Mapping[str, tuple[str, str]]] = {
        "rate": (
            "须大于 0、小于 10 亿，最多 10 位小数。",
            "it is above 0 and below 1 billion, with at most 10 decimals.",
        ),
        "day": ("日期须在 1970 年至 2199 年之间。", "the day is between 1970 and 2199."),
        "house": ("本位币自身不需要汇率。", "the house currency needs none."),
        "twice": ("同一天给出了两个汇率。", "there are two of the same day."),
    }

    def __init__(self, rate: Any, reason: str) -> None:
        zh, en = self.REASONS[reason]
        super().__init__(currency=rate.currency, day=rate.from_on.isoformat(), zh=zh, en=en)


class StageInUse(CrmError):
    """There are deals to be moved somewhere first."""

    code = "stage_in_use"
    status = 409
    zh = "“{stage}”中还有 {count} 个在途商机，请选择把它们移到哪个阶段。"
    en = "{count} open deals stand in {stage_en}. Choose where they shall go."


class LastStage(CrmError):
    code = "last_stage"
    status = 409
    zh = "这是该流程最后一个在用的阶段，不能停用。"
    en = "This is the last stage of its pipeline that is in use. It stays."


class StageInvalid(CrmError):
    code = "stage_invalid"
    status = 422
    zh = "阶段设置有误：{zh}"
    en = "The stage is not right: {en}"


class ProofMissing(CrmError):
    code = "proof_missing"
    status = 422
    zh = "请写明依据：对方何时、怎样表示的，不超过 {most} 字。"
    en = "Say what shows it: when and how it was said, in at most {most} characters."


class WordingMissing(CrmError):
    code = "wording_missing"
    status = 422
    zh = "请选择对方同意的是哪一版告知文案。"
    en = "Choose the wording that they agreed to."


class SaidAhead(CrmError):
    code = "said_ahead"
    status = 422
    zh = "日期不能晚于今天。"
    en = "The day cannot be in the future."
