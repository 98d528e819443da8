"""What the company may collect and who decided it, the keys of its website, and what it looks for there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from foresail.demo.texts import words
from foresail.governance import services as governance
from foresail.governance.collecting import PRESETS, Purpose
from foresail.people.roles import Role
from foresail.signals import services as signals

if TYPE_CHECKING:
    from foresail.demo.organisation import Organisation

SITE: Final = "https://www.qiming.demo"
BEGAN: Final = 120
"""Days ago the company began to ask."""
ASKED: Final = (
    "为了解您对哪些产品感兴趣，以便销售顾问提供更合适的资料，我们希望记录您在本网站浏览的页面、停留时间和下载的资料，保存 180 天。您可以随时撤回，撤回后我们会立即删除。",
    "To see which products interest you, and send you what helps, we would like to record the pages you read here, for how "
    "long, and what you download, for 180 days. You can withdraw at any time; we then erase it at once.",
)
_TOPICS: Final = (
    ("price", "价格", "Prices", "/price"),
    ("implementation", "交付与实施", "Delivery", "/support/delivery"),
    ("security", "信息安全", "Security", "/security"),
    ("product", "运动控制", "Motion control", "/products/motion"),
    ("product", "机器视觉", "Machine vision", "/products/vision"),
    ("product", "产线集成", "Line integration", "/products/line"),
)
LINES: Final = {"运动控制": "motion", "机器视觉": "vision", "产线集成": "line"}


@dataclass(frozen=True, kw_only=True)
class Rival:
    zh: str
    en: str

    @property
    def path(self) -> str:
        return f"/compare/{self.en.lower().replace(' ', '-')}"


@dataclass(frozen=True, kw_only=True)
class Site:
    """The website: `browser` is its tracker's key, `portal` that of its server, which knows who is signed in."""

    browser: signals.KnownKey
    portal: signals.KnownKey
    wording: int


def rivals(line: str) -> list[Rival]:
    """Return who else sells what a line of business sells."""
    known = words()
    return [
        Rival(zh=zh, en=en) for zh, en in zip(known["rivals"][line], known["rivals_en"][line], strict=False)
    ]


def fill_collecting(*, organisation: Organisation, at: datetime) -> Site:
    """Let the company decide what it may collect, and say what it looks for."""
    who, began = organisation.typical, at - timedelta(days=BEGAN)
    admin, legal, operations = who[Role.ADMIN], who[Role.LEGAL], who[Role.SALES_OPERATIONS]
    for person in (legal, admin):
        governance.add_guardian(person=person, by=admin, at=began)
    wording = governance.add_wording(
        purpose=Purpose.INTENT, zh=ASKED[0], en=ASKED[1], by=operations, at=began
    )
    made = governance.propose_boundary(
        rules=PRESETS[0].rules(),
        reason="先从官网和表单开始，按个人信息保护法取最小范围。",
        by=operations,
        at=began,
    )
    governance.decide_boundary(boundary=made, approved=True, note="", by=legal, at=began + timedelta(days=1))
    named: dict[str, Any] = {"by": operations, "at": began + timedelta(days=2)}
    for kind, zh, en, path in _topics():
        rule = {"field": "url", "op": "contains", "value": path}
        signals.add_topic(kind=kind, zh=zh, en=en, rule=rule, status="active", **named)
    _, browser = signals.create_intake_key(
        kind="browser", name="官网", sources=["web", "form"], origins=[SITE], **named
    )
    _, portal = signals.create_intake_key(kind="server", name="客户门户登录", sources=["form"], **named)
    known = signals.known_keys()
    return Site(
        browser=known[signals.digest_of(browser)],
        portal=known[signals.digest_of(portal)],
        wording=wording.version,
    )


def _topics() -> list[tuple[str, str, str, str]]:
    return [
        *_TOPICS,
        *(("competitor", each.zh, each.en, each.path) for line in LINES for each in rivals(line)),
    ]
