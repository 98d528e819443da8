"""The triggers that Foresail comes with. They are rows like all others from then on: sales operations shapes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final


def _test(field: str, op: str, value: object) -> dict[str, object]:
    return {"field": field, "op": op, "value": value}


SHIPPED: Final[tuple[Mapping[str, Any], ...]] = (
    {
        "key": "evaluation-stalled-competitor",
        "zh": "技术评估停滞且竞品关注上升",
        "en": "Evaluation stands still, interest in a competitor rises",
        "about": "deal",
        "condition": {"all": [_test("evaluation_days", "gte", "7"), _test("competitor_surging", "is", True)]},
        "action": "send_content",
        "action_zh": "发送与{topic}的对比材料，并约定评估的下一步",
        "action_en": "Send the comparison with {topic}, and agree on the next step of the evaluation",
        "topic_kind": "competitor",
        "cooldown_days": 14,
        "expiry_days": 14,
        "priority": 5,
    },
    {
        "key": "champion-silent",
        "zh": "支持者沉默",
        "en": "The champion is silent",
        "about": "deal",
        "condition": {
            "all": [
                _test("days_since_champion", "between", ["14", "90"]),
                _test("days_in_stage", "gte", "14"),
            ]
        },
        "action": "call",
        "action_zh": "致电支持者，问清内部进展",
        "action_en": "Call the champion and ask how it stands inside",
        "topic_kind": "",
        "cooldown_days": 21,
        "expiry_days": 14,
        "priority": 4,
    },
    {
        "key": "new-stakeholder",
        "zh": "出现新的客户方人员",
        "en": "Somebody new at the customer",
        "about": "deal",
        "condition": {"all": [_test("new_people", "gte", "1"), _test("days_in_stage", "gte", "14")]},
        "action": "meeting",
        "action_zh": "约新出现的人员见面，弄清其角色",
        "action_en": "Meet who is new, and learn their role",
        "topic_kind": "",
        "cooldown_days": 30,
        "expiry_days": 14,
        "priority": 2,
    },
    {
        "key": "price-surge",
        "zh": "价格页关注激增",
        "en": "Interest in prices surges",
        "about": "deal",
        "condition": {"all": [_test("price_surging", "is", True), _test("price_rise", "gte", "2")]},
        "action": "call",
        "action_zh": "致电客户，主动谈预算与报价",
        "action_en": "Call, and speak of budget and quote first",
        "topic_kind": "price",
        "cooldown_days": 14,
        "expiry_days": 7,
        "priority": 3,
    },
    {
        "key": "chance-drops",
        "zh": "赢率 14 天内下降 10 个百分点",
        "en": "Win chance down 10 points in 14 days",
        "about": "deal",
        "condition": {"all": [_test("p_won_change", "lte", "-10")]},
        "action": "task",
        "action_zh": "复盘下降原因，定下一步动作",
        "action_en": "Find out why it fell, and decide what next",
        "topic_kind": "",
        "cooldown_days": 14,
        "expiry_days": 10,
        "priority": 4,
    },
    {
        "key": "customer-leaving",
        "zh": "老客户可能流失",
        "en": "An existing customer may leave",
        "about": "account",
        "condition": {
            "all": [
                _test("won_deals", "gte", "1"),
                _test("talks_ratio", "lte", "0.6"),
                _test("talks_usual", "gte", "1"),
                _test("competitor_surging", "is", True),
            ]
        },
        "action": "meeting",
        "action_zh": "登门回访，了解对{topic}的考虑",
        "action_en": "Visit them, and learn what they think of {topic}",
        "topic_kind": "competitor",
        "cooldown_days": 30,
        "expiry_days": 21,
        "priority": 4,
    },
)
