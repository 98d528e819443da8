"""What filling and importing refuse."""

from __future__ import annotations

from foresail.core.errors import Refusal


class DemoError(Refusal):
    """Base of all."""

    code = "demo_error"


class NotEmpty(DemoError):
    code = "not_empty"
    status = 409
    zh = "这里已有 {deals} 个商机，演示数据只能填入空的先见。请用 FORESAIL_HOME 换一个文件夹。"
    en = (
        "There are {deals} deals here already, and the demo goes only into an empty Foresail. "
        "Choose another folder with FORESAIL_HOME."
    )


class PipelineDiffers(DemoError):
    code = "pipeline_differs"
    zh = "销售流程“{name}”没有阶段“{stage}”。请用 --name 换一个名称导入。"
    en = "The pipeline {name} has no stage {stage}. Import under another name with --name."


class NoDates(DemoError):
    code = "no_dates"
    zh = "这份日志没有时间，商机何时创建无从得知，因此无法导入。"
    en = "This log has no dates: when its deals opened is not known, so they cannot be imported."
