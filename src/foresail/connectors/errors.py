"""What an import refuses."""

from __future__ import annotations

from foresail.core.errors import Refusal


class PipelineDiffers(Refusal):
    code = "pipeline_differs"
    zh = "销售流程“{name}”没有阶段“{stage}”。请用 --name 换一个名称导入。"
    en = "The pipeline {name} has no stage {stage}. Import under another name with --name."


class NoDates(Refusal):
    code = "no_dates"
    zh = "这份日志没有时间，商机何时创建无从得知，因此无法导入。"
    en = "This log has no dates: when its deals opened is not known, so they cannot be imported."
