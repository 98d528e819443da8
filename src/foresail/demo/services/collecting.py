"""What the company may collect, who decided it, and what its website saw of people who agreed to that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Final

from foresail.governance import services as governance
from foresail.governance.collecting import PRESETS, Purpose
from foresail.people.roles import Role
from foresail.signals import services as signals

if TYPE_CHECKING:
    from foresail.demo.organisation import Organisation

SITE: Final = "https://www.qiming.demo"
BEGAN: Final = 45
"""Days ago the website began to ask."""
DAYS: Final = 14
"""So long ago the first of what is kept here happened."""
VISITORS: Final = 36
AGREE: Final = 0.7
PAGES: Final = (
    ("/products/servo", "伺服驱动器", 40), ("/products/vision", "视觉检测相机", 35), ("/products/line", "产线集成方案", 50),
    ("/price", "价格与选型", 75), ("/cases/automotive", "案例：汽车零部件", 60), ("/compare", "与其他品牌对比", 110),
    ("/support/delivery", "交付与售后", 30),
)  # fmt: skip
FILES: Final = ("/files/servo-selection.pdf", "/files/vision-datasheet.pdf")
ASKED: Final = (
    "为了解您对哪些产品感兴趣，以便销售顾问提供更合适的资料，我们希望记录您在本网站浏览的页面、停留时间和下载的资料，保存 180 天。您可以随时撤回，撤回后我们会立即删除。",
    "To see which products interest you, and send you what helps, we would like to record the pages you read here, for how "
    "long, and what you download, for 180 days. You can withdraw at any time; we then erase it at once.",
)


def fill_collecting(*, organisation: Organisation, seed: int, at: datetime) -> int:
    """Let the company decide what it may collect, and its website see some visitors; return how many signals are kept."""
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
    _, token = signals.create_intake_key(
        kind="browser",
        name="官网",
        sources=["web", "form"],
        origins=[SITE],
        by=operations,
        at=began + timedelta(days=2),
    )
    key = signals.known_keys()[signals.digest_of(token)]
    random = Random(f"{seed} website")
    kept = 0
    visits = sorted(at - timedelta(days=random.uniform(0.1, DAYS)) for _ in range(VISITORS))
    for number, came in enumerate(visits):
        visitor = f"{random.getrandbits(128):032x}"
        brought, now = [], came
        if random.random() < AGREE:
            said = {"purpose": "intent", "wording": wording.version, "how": "banner"}
            brought.append(_signal("consent_given", visitor, now, said, random))
        for path, title, usual in random.choices(PAGES, k=random.randint(1, 6)):
            now += timedelta(seconds=random.uniform(0.3, 2) * usual)
            seen = {"url": f"{SITE}{path}", "title": title, "language": "zh-CN", "agent": "Windows"}
            brought.append(_signal("page", visitor, now, seen, random))
            seconds = round(random.uniform(0.3, 2) * usual, 1)
            brought.append(
                _signal(
                    "dwell",
                    visitor,
                    now,
                    {"url": f"{SITE}{path}", "title": title, "seconds": seconds},
                    random,
                )
            )
        if number % 4 == 0:
            file = {"url": f"{SITE}/price", "file": SITE + random.choice(FILES), "title": "价格与选型"}
            brought.append(_signal("download", visitor, now, file, random))
        if number % 12 == 5:
            now += timedelta(minutes=5)
            brought.append(_signal("consent_withdrawn", visitor, now, {"how": "banner"}, random))
        kept += signals.take([signals.Brought(key, each) for each in brought], at=min(now, at))
    return kept


def _signal(
    kind: str, visitor: str, at: datetime, values: Mapping[str, object], random: Random
) -> signals.Incoming:
    return signals.Incoming(
        sender=SITE,
        id=f"{random.getrandbits(128):032x}",
        source="web",
        kind=kind,
        visitor=visitor,
        at=at,
        values=values,
    )
