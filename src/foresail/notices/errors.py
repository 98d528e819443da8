"""What notices refuses."""

from __future__ import annotations

from foresail.core.errors import Refusal


class QuietInvalid(Refusal):
    code = "quiet_invalid"
    status = 422
    zh = "请同时填写勿扰的开始和结束时间，且两者不能相同。"
    en = "Quiet hours have a beginning and an end, and these differ."


class ZoneUnknown(Refusal):
    code = "zone_unknown"
    status = 422
    zh = "无法识别这个时区，请重新选择。"
    en = "There is no such time zone. Choose another one."


class TooManyMuted(Refusal):
    code = "too_many_muted"
    status = 409
    zh = "最多可静音 {most} 条记录，请先取消一些。"
    en = "At most {most} records can be muted. Unmute some first."
