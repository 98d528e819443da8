"""What signals refuses."""

from __future__ import annotations

from foresail.core.errors import Refusal


class KeyNameMissing(Refusal):
    code = "intake_key_name"
    status = 422
    zh = "请给密钥起一个名称，最多 {most} 个字符。"
    en = "Give the key a name of at most {most} characters."


class OriginInvalid(Refusal):
    code = "origin_invalid"
    status = 422
    zh = "“{origin}”不是网站来源。请写成 https://www.example.com，不带路径；至少一个，最多 {most} 个。"
    en = "{origin} is no origin. Write https://www.example.com without a path; at least one, at most {most}."


class SourcesInvalid(Refusal):
    code = "sources_invalid"
    status = 422
    zh = "请选择密钥可以送来哪些来源的信号。浏览器密钥只能用于网站、表单和追踪链接。"
    en = "Choose from which sources the key brings signals. A browser's brings those of the website, forms and links."


class RateInvalid(Refusal):
    code = "rate_invalid"
    status = 422
    zh = "每分钟上限须在 1 至 {most} 之间。"
    en = "The limit for a minute is from 1 to {most}."


class KeyUnknown(Refusal):
    code = "intake_key_unknown"
    status = 401
    zh = "密钥无效或已停用。"
    en = "This key is not known, or was revoked."


class OriginRefused(Refusal):
    code = "origin_refused"
    status = 403
    zh = "这个网站不在密钥的来源名单中。"
    en = "This key is not for pages of this site."


class TooMany(Refusal):
    code = "too_many_signals"
    status = 429
    zh = "信号来得太快，请稍后重试。"
    en = "Signals come too fast. Try again a little later."


class Unavailable(Refusal):
    code = "intake_unavailable"
    status = 503
    zh = "暂时无法接收，请稍后重试；已确认的信号不会丢失。"
    en = "Nothing can be taken in for the moment. Try again later; what was acknowledged is kept."


class TooLarge(Refusal):
    code = "too_large"
    status = 413
    zh = "一次最多 {most} 条、{kilobytes} kB。"
    en = "At most {most} signals and {kilobytes} kB at once."


class Malformed(Refusal):
    code = "malformed"
    status = 400
    zh = "内容不是有效的 JSON，或不是约定的格式。"
    en = "This is no JSON, or not of a shape that is taken here."


class TopicInvalid(Refusal):
    code = "topic_invalid"
    status = 422
    zh = "请填写话题的中文名和英文名，各不超过 {most} 个字符，并选择类别。"
    en = "A topic needs a Chinese and an English name of at most {most} characters, and a kind."


class TopicExists(Refusal):
    code = "topic_exists"
    status = 409
    zh = "已经有叫“{name}”的话题。"
    en = "There is a topic called {name} already."


class WeightInvalid(Refusal):
    code = "weight_invalid"
    status = 422
    zh = "权重须在 0 至 100 之间，半衰期须在 1 至 365 天之间。"
    en = "A weight is from 0 to 100, a half-life from 1 to 365 days."


class FileUnready(Refusal):
    """Filled with what is wrong."""

    code = "signal_file_unready"
    status = 422
    zh = "{zh}"
    en = "{en}"


class FileBusy(Refusal):
    code = "signal_file_busy"
    status = 409
    zh = "这个文件已经开始导入，不能再改。"
    en = "This file is being brought, or was: it cannot be changed any more."


class TargetInvalid(Refusal):
    code = "link_target_invalid"
    status = 422
    zh = "链接须以 https:// 开头，不带用户名，最多 {most} 个字符。"
    en = "A link begins with https://, names no user, and has at most {most} characters."
