"""What is wrong with a file that cannot be read as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from foresail.core.errors import Refusal


class FileUnreadable(Refusal):
    """`reason` is a key of REASONS."""

    code = "file_unreadable"
    status = 422
    zh = "{zh}"
    en = "{en}"
    REASONS: ClassVar[Mapping[str, tuple[str, str]]] = {
        "large": ("文件超过 100 MB，请拆分后分批导入。", "The file is larger than 100 MB. Split it."),
        "empty": ("文件里没有数据。第一行应为列名，其后每行一条记录。", "There is nothing in the file. Its first row names the columns, each further row is a record."),
        "format": ("请上传 CSV 或 Excel（.xlsx）文件；事件日志也可以是完整的 XES 或 Parquet 文件。", "Upload a CSV or Excel (.xlsx) file; a log of events may be a whole XES or Parquet file too."),
        "damaged": ("文件无法读取，可能已损坏。请重新导出，或另存为 CSV（UTF-8）后再试。", "The file cannot be read; it may be damaged. Export it again, or save it as CSV (UTF-8)."),
        "rows": ("文件超过 {most} 行，请拆分后分批导入。", "The file has more than {most} rows. Split it."),
        "columns": ("文件超过 {most} 列，请删去不需要的列。", "The file has more than {most} columns. Remove those you do not need."),
        "bomb": ("文件解压后过大，为安全起见未读取。请另存为 CSV 后再试。", "Unpacked, the file is too large, so it was not read. Save it as CSV."),
        "gone": ("文件已按期清理，请重新上传。", "The file is no longer kept. Upload it again."),
    }  # fmt: skip

    def __init__(self, reason: str, **values: object) -> None:
        zh, en = self.REASONS[reason]
        self.reason = reason
        super().__init__(zh=zh.format(**values), en=en.format(**values))
