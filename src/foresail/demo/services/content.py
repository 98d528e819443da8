"""What 启明自动化 sends to customers, what of it was sent in the last two months, and who opened it and had agreed to that."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Final

from foresail.advice import services as advice
from foresail.crm import queries as crm
from foresail.demo.services.collecting import BEGAN, LINES, SITE
from foresail.demo.texts import words
from foresail.governance import services as governance
from foresail.governance.collecting import Purpose, contact_subject
from foresail.governance.queries import wording_of
from foresail.people.roles import Role
from foresail.signals import services as signals
from foresail.timeline.queries import happened

if TYPE_CHECKING:
    from foresail.advice.models import Asset
    from foresail.crm.models import Contact, Deal
    from foresail.demo.organisation import Organisation

DAYS: Final = 60
MOST: Final = 90
AGREE: Final = 0.7
OPEN: Final = 0.6
AGENTS: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/141.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5) MicroMessenger/8.0.60",
    "Mozilla/5.0 (Linux; Android 15) MicroMessenger/8.0.60",
)
COMPARISONS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "运动控制": {
        "zh": ("与{rival}的同条件实测对比", "第三方实验室测试，条件全部公开，不利的数据也在内。"),
        "en": (
            "Servo Drives Measured beside {rival}",
            "By an independent laboratory, under the same conditions, with the figures that do not flatter us.",
        ),
    },
    "机器视觉": {
        "zh": ("与{rival}的漏检率、过检率对比", "同一批一千件样件盲测的结果与原始图像。"),
        "en": (
            "Escapes and False Calls: {rival} and Us",
            "A blind test with the same thousand parts, with results and raw images.",
        ),
    },
    "产线集成": {
        "zh": ("与{rival}比选：十二个该问的问题", "从验收标准到备件库存，可作为比选评分表的底稿。"),
        "en": (
            "Twelve Questions to Ask {rival} and Us",
            "From acceptance to spare parts: a draft for your own comparison.",
        ),
    },
}
"""What is sent against each rival, by line of business: title and summary."""
RETIRED: Final = "产品目录（2025 版）"
LIBRARY: Final[Sequence[Mapping[str, Any]]] = (
    {
        "title": "伺服驱动器选型手册",
        "summary": "按负载、惯量和节拍选型的步骤，附全系列参数和三个算例。",
        "url": "servo-guide",
        "personas": ["technical", "user"],
        "stages": ["qualified", "solution"],
        "topics": ["过载能力", "速度环响应", "刚性整定", "选型"],
    },
    {
        "title": "汽车零部件装配线改造案例",
        "summary": "转向器装配线由 52 秒提到 41 秒，停机窗口只用了两个周末。含现场照片和客户评价。",
        "url": "case-automotive",
        "personas": ["champion", "economic_buyer"],
        "stages": ["qualified", "solution"],
        "topics": ["案例", "参观", "停机"],
        "industries": ["汽车零部件"],
    },
    {
        "title": "锂电卷绕与叠片线的运动控制",
        "summary": "张力控制、对齐精度和换型时间的实测数据，来自三家电池厂。",
        "url": "case-battery",
        "personas": ["technical", "champion"],
        "stages": ["solution", "evaluation"],
        "topics": ["案例", "插补周期", "低速平稳性"],
        "industries": ["锂电"],
    },
    {
        "title": "3C 电子：点胶与贴合的视觉引导",
        "summary": "反光件打光、标定和换型的做法，附 0.02 毫米贴合精度的验收记录。",
        "url": "case-electronics",
        "personas": ["technical", "champion"],
        "stages": ["qualified", "solution"],
        "topics": ["案例", "定位精度", "反光件"],
        "industries": ["3C电子"],
    },
    {
        "title": "光伏串焊与分选产线白皮书",
        "summary": "碎片率、节拍与能耗三项指标怎么测、怎么比，含八条产线的统计。",
        "url": "paper-solar",
        "personas": ["technical", "economic_buyer"],
        "stages": ["qualified", "solution"],
        "topics": ["节拍", "能耗"],
        "industries": ["光伏"],
    },
    {
        "title": "投资回报测算表",
        "summary": "填入班次、人工和停机成本即可算出回收期，可直接放进立项材料。",
        "url": "payback",
        "personas": ["economic_buyer"],
        "stages": ["quote", "negotiation"],
        "topics": ["价格", "预算", "投资回报", "回收期", "立项"],
    },
    {
        "title": "样件测试与技术评估规程",
        "summary": "测什么、测多少、怎么判合格。双方签字后按此执行，避免反复。",
        "url": "test-protocol",
        "personas": ["technical"],
        "stages": ["evaluation"],
        "topics": ["测试", "漏检率", "重复定位精度", "样件"],
    },
    {
        "title": "交付计划与停机窗口模板",
        "summary": "安装、联调、培训逐日排期，停机不超过两个周末。",
        "url": "delivery-plan",
        "personas": ["champion", "user"],
        "stages": ["quote", "negotiation"],
        "topics": ["交付", "交期", "停机", "培训"],
    },
    {
        "title": "信息安全与合规说明",
        "summary": "设备联网、远程维护和图像数据分别怎样隔离与留存，附等保测评结论。",
        "url": "security",
        "personas": ["technical", "economic_buyer"],
        "stages": ["quote", "negotiation"],
        "topics": ["信息安全", "合规", "远程维护"],
    },
    {
        "title": "售后服务与备件承诺",
        "summary": "四小时响应、二十四小时到场，常用备件的库存地点和价格。",
        "url": "service",
        "personas": ["user", "economic_buyer"],
        "stages": ["quote", "negotiation"],
        "topics": ["保修", "备件", "售后"],
    },
    {
        "title": "Servo Drive Selection Guide",
        "summary": "Load, inertia and cycle time, step by step, with three worked examples.",
        "language": "en",
        "url": "en/servo-guide",
        "personas": ["technical", "user"],
        "stages": ["qualified", "solution", "evaluation"],
        "topics": ["overload capacity", "encoder compatibility", "cycle time"],
    },
    {
        "title": "Machine Vision: How We Test Accuracy",
        "summary": "Blind test with a thousand parts: protocol, raw images and results.",
        "language": "en",
        "url": "en/vision-test",
        "personas": ["technical", "champion"],
        "stages": ["evaluation", "quote", "negotiation"],
        "topics": ["escape rate", "false call rate", "blind test"],
    },
    {"title": RETIRED, "summary": "已由新版目录替代。", "url": "catalogue-2025"},
)


def fill_content(
    *, organisation: Organisation, deals: Collection[int], apart: Collection[int], seed: int, at: datetime
) -> int:
    """Let the company keep a library and send from it in the last two months; return how often that was.

    Accounts of the deals `apart` get nothing: what is planted there tells its own story.
    """
    random = Random(f"{seed} content")
    library = _library(organisation, at=at)
    zh = [asset for asset in library if asset.language == "zh" and asset.active]
    sent, aside = 0, {each.account for each in crm.facts_of(apart).values()}
    for deal, since, until in _lately(deals, random, at=at):
        fitting = [
            asset
            for asset in zh
            if deal.stage.key in asset.stages
            and (not asset.industries or deal.account.industry in asset.industries)
            and not asset.competitors
        ]
        people = [each.contact for each in crm.people_of(deal=deal) if each.contact.left_at is None]
        if (
            deal.account_id in aside
            or not fitting
            or not people
            or deal.owner is None
            or not deal.owner.active
        ):
            continue
        asset, contact = random.choice(fitting), random.choice(people)
        when = since + (until - since) * random.uniform(0.05, 0.8)
        made = advice.send_asset(asset=asset, deal=deal, contact=contact, by=deal.owner, at=when)
        _open(made.token, contact, random, since=when, at=at)
        sent += 1
        if sent == MOST:
            break
    while signals.add_up():
        pass
    return sent


def _library(organisation: Organisation, *, at: datetime) -> list[Asset]:
    operations, began = organisation.typical[Role.SALES_OPERATIONS], at - timedelta(days=DAYS + 30)
    made = []
    for number, values in enumerate([*_comparisons(), *LIBRARY]):
        given = {"language": "zh", **values, "url": f"{SITE}/library/{values['url']}.pdf"}
        made.append(
            advice.create_asset(values=given, by=operations, at=began + timedelta(days=number, hours=3))
        )
    (old,) = (asset for asset in made if asset.title == RETIRED)
    advice.change_asset(asset=old, values={"active": False}, by=operations, at=at - timedelta(days=DAYS))
    return made


def _comparisons() -> Iterator[Mapping[str, Any]]:
    """Yield what is sent against each rival, in Chinese, and in English where they are known by an English name."""
    for language, known in (("zh", words()["rivals"]), ("en", words()["rivals_en"])):
        for line, told in COMPARISONS.items():
            title, summary = told[language]
            for number, rival in enumerate(known[line]):
                yield {
                    "title": title.format(rival=rival),
                    "summary": summary,
                    "language": language,
                    "url": f"{language}/compare-{LINES[line]}-{number + 1}",
                    "personas": ["champion", "economic_buyer" if line == "产线集成" else "technical"],
                    "stages": ["evaluation", "quote"],
                    "competitors": [rival],
                }


def _lately(deals: Collection[int], random: Random, *, at: datetime) -> list[tuple[Deal, datetime, datetime]]:
    """Return deals by chance, each with the time in the last two months that it stood in the stage where it is.

    Of those that ended, only who came to the last stage: whoever ended before was lost there, and would tell of that.
    """
    since = at - timedelta(days=DAYS)
    facts = crm.facts_of(deals)
    chosen = [key for key, each in facts.items() if each.closed_at is None or each.closed_at > since]
    random.shuffle(chosen)
    chosen = chosen[: 6 * MOST]
    entered: dict[int, datetime] = {}
    for each in happened(deals=chosen, since=at - timedelta(days=730), until=at, known_by=at):
        if each.kind.startswith("stage_"):
            entered[each.deal] = each.at
    found = {
        deal.pk: deal
        for deal in crm.all_deals().filter(pk__in=chosen).select_related("account", "stage", "owner")
    }
    spans = (
        (found[key], max(since, entered[key]), facts[key].closed_at or at) for key in chosen if key in entered
    )
    return [
        (deal, start, end)
        for deal, start, end in spans
        if end - start > timedelta(days=1) and (deal.status == "open" or deal.stage.key == "negotiation")
    ]


def _open(token: str, contact: Contact, random: Random, *, since: datetime, at: datetime) -> None:
    """Let a contact agree, or not, and open what they got: from when the company may collect anything."""
    if random.random() < AGREE:
        wording = wording_of(purpose=Purpose.INTENT)
        said = governance.ConsentGiven(
            subject=contact_subject(contact.pk), purpose=Purpose.INTENT, given=True, at=since, source="form",
            wording=wording.pk if wording else None, proof={"how": "form"},
        )  # fmt: skip
        governance.note_consents([said], by=None, at=since)
    if random.random() >= OPEN:
        return
    when = since + timedelta(hours=random.choice([1, 2, 5, 20, 30, 70]) * random.uniform(0.5, 1.2))
    if at - timedelta(days=BEGAN - 2) < when < at:
        signals.open_link(token=token, agent=random.choice(AGENTS), at=when)
