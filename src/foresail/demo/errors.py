"""What filling refuses."""

from __future__ import annotations

from foresail.core.errors import Refusal


class NotEmpty(Refusal):
    code = "not_empty"
    status = 409
    zh = "这里已有 {deals} 个商机，演示数据只能填入空的先见。请用 FORESAIL_HOME 换一个文件夹。"
    en = (
        "There are {deals} deals here already, and the demo goes only into an empty Foresail. "
        "Choose another folder with FORESAIL_HOME."
    )
