"""Where signals come from, for governance's boundary to speak of."""

from __future__ import annotations

from typing import Any, Final

from foresail.governance.collecting import Field, Source
from foresail.governance.collecting.sources import domain_of, system_of, without_query


def _nothing_more(_: Any) -> bool:
    return True


URL: Final = Field(name="url", zh="页面地址", en="page address", mask=without_query)
TITLE: Final = Field(name="title", zh="页面标题", en="page title")
REFERRER: Final = Field(name="referrer", zh="来源页面", en="where they came from", mask=without_query)
SECONDS: Final = Field(name="seconds", zh="停留秒数", en="seconds on the page")
EMAIL: Final = Field(name="email", zh="邮箱", en="e-mail", mask=domain_of)
NAME: Final = Field(name="name", zh="姓名", en="name")
PHONE: Final = Field(name="phone", zh="电话", en="phone")
COMPANY: Final = Field(name="company", zh="公司", en="company")
LANGUAGE: Final = Field(name="language", zh="语言", en="language")
NOTE: Final = Field(name="note", zh="备注", en="note")
LINK_ID: Final = Field(name="link_id", zh="打开过的追踪链接", en="tracked link that was opened")
"""Set by ourselves alone, where a link's token was shown: what a sender calls so is dropped."""
QUERY: Final = Field(name="query", zh="站内搜索词", en="site search", mask=_nothing_more)

WEB: Final = Source(
    key="web",
    zh="网站与 H5 页面",
    en="Website and H5 pages",
    fields=(
        *(URL, TITLE, REFERRER, SECONDS, QUERY, LANGUAGE),
        Field(name="scroll", zh="滚动比例", en="share scrolled"),
        Field(name="file", zh="下载的文件", en="file downloaded", mask=without_query),
        Field(name="form", zh="表单", en="form"),
        Field(name="campaign", zh="推广活动", en="campaign"),
        Field(name="screen", zh="屏幕尺寸", en="screen size"),
        Field(name="agent", zh="浏览器标识", en="browser", mask=system_of),
        LINK_ID,
    ),
)
LINK: Final = Source(
    key="link",
    zh="邮件与内容中的追踪链接",
    en="Tracked links in mails and content",
    fields=(
        URL,
        TITLE,
        Field(name="asset", zh="内容", en="content"),
        Field(name="agent", zh="浏览器标识", en="browser", mask=system_of),
        LINK_ID,
    ),
)
FORM: Final = Source(
    key="form", zh="表单", en="Forms", fields=(URL, TITLE, NAME, EMAIL, PHONE, COMPANY, NOTE)
)
PRODUCT: Final = Source(
    key="product",
    zh="自有产品与服务端",
    en="Our own products and servers",
    fields=(URL, TITLE, SECONDS, QUERY, EMAIL, NAME, COMPANY, LANGUAGE, NOTE),
)
FAIR: Final = Source(
    key="fair_scan", zh="展会扫码", en="Trade-fair scans", fields=(NAME, EMAIL, PHONE, COMPANY, NOTE, TITLE)
)
NOTES: Final = Source(
    key="visit_note", zh="拜访记录", en="Visit notes", fields=(NAME, EMAIL, COMPANY, NOTE, TITLE)
)
SOCIAL: Final = Source(
    key="social", zh="社交媒体导出", en="Social-media exports", fields=(URL, TITLE, NAME, COMPANY, NOTE)
)
ALL: Final = (WEB, LINK, FORM, PRODUCT, FAIR, NOTES, SOCIAL)
