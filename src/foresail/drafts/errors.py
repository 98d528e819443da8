"""What drafts refuses."""

from __future__ import annotations

from foresail.core.errors import Refusal


class DraftsError(Refusal):
    """Base of all."""

    code = "drafts_error"


class ProposalGone(DraftsError):
    code = "proposal_gone"
    status = 409
    zh = "这条建议已处理，或情况已变化。"
    en = "This proposal was decided already, or things have changed since."


class NotTakenBack(DraftsError):
    code = "not_taken_back"
    status = 409
    zh = "之后又有变化，无法撤销，请直接修改。"
    en = "It was changed since, so it cannot be taken back. Change it by hand."


class PeriodInvalid(DraftsError):
    code = "report_period_invalid"
    status = 422
    zh = "周报从周一开始，月报从 1 日开始，且不能晚于今天。"
    en = "A week begins on a Monday, a month on its first day, and neither after today."


class ReportTextInvalid(DraftsError):
    code = "report_text_invalid"
    status = 422
    zh = "报告须为 1 至 {longest} 个字符。"
    en = "A report has 1 to {longest} characters."


class ReportChanged(DraftsError):
    code = "report_changed"
    status = 409
    zh = "报告已在别处修改过，请重新打开后再保存。"
    en = "The report was changed elsewhere. Open it again, then save."


class ReportUnsaved(DraftsError):
    code = "report_unsaved"
    status = 409
    zh = "请先保存报告，再提交。"
    en = "Save the report before you hand it in."


class NobodyAbove(DraftsError):
    code = "nobody_above"
    status = 409
    zh = "您所在的团队没有上级主管，无法提交。请联系管理员设置。"
    en = "Nobody manages your team, so there is nobody to hand it in to. Ask an administrator."


class NoTeam(DraftsError):
    code = "no_team"
    status = 403
    zh = "只有主管可以起草或查看团队的报告与合计。"
    en = "Only managers have reports and sums of a team."


class SettingReserved(DraftsError):
    code = "saving_setting_reserved"
    status = 403
    zh = "只有系统管理员或销售运营可以修改计算口径。"
    en = "Only administrators and sales operations change how time is counted."


class SettingInvalid(DraftsError):
    code = "saving_setting_invalid"
    status = 422
    zh = "打字速度须为每分钟 10 至 600 个字符，各项秒数须为 0 至 600。"
    en = "Typing takes 10 to 600 characters a minute, and each item 0 to 600 seconds."
