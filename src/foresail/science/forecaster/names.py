"""Names of the kinds of events, stages and facts that Foresail itself writes, in words; others are shown as they are.

A log of others that uses the same name for something else is shown with our word for it.
"""

from __future__ import annotations

NAMES = {
    "mail_in": ("客户来信", "mail from the customer"),
    "mail_out": ("我方去信", "mail to the customer"),
    "web_visit": ("客户访问网站", "visit to our website"),
    "web_visit_price": ("客户查看价格页", "look at our prices"),
    "call": ("电话", "call"),
    "meeting": ("会议", "meeting"),
    "visit": ("上门拜访", "visit to the customer"),
    "demo": ("产品演示", "demo"),
    "task_done": ("完成任务", "task done"),
    "quote_sent": ("发出报价", "sent quote"),
    "evaluation_passed": ("技术评估通过", "technical evaluation passed"),
    "contact_left": ("客户联系人离职", "departure of a contact"),
    "competitor_mentioned": ("提到竞品", "competitor mentioned"),
    "budget_frozen": ("预算冻结", "budget frozen"),
    "budget_released": ("预算解冻", "budget released"),
    "price_objection": ("价格异议", "price objection"),
    "price_answered": ("价格答复", "answer on the price"),
    "interest_product": ("关注产品", "interest in products"),
    "interest_price": ("关注价格", "interest in prices"),
    "interest_implementation": ("关注实施", "interest in implementation"),
    "interest_security": ("关注安全", "interest in security"),
    "interest_competitor": ("比较竞品", "interest in competitors"),
    "interest_other": ("其他关注", "other interest"),
    "stage_qualified": ("进入已确认阶段", "move to qualified"),
    "stage_solution": ("进入方案阶段", "move to solution"),
    "stage_evaluation": ("进入技术评估阶段", "move to evaluation"),
    "stage_quote": ("进入报价阶段", "move to quote"),
    "stage_negotiation": ("进入谈判阶段", "move to negotiation"),
    "source": ("来源", "source"),
    "product": ("产品", "product"),
    "region": ("地区", "region"),
    "industry": ("行业", "industry"),
    "customer": ("客户类型", "customer"),
    "team": ("团队", "team"),
    "line": ("业务线", "line of business"),
    "qualified": ("已确认", "qualified"),
    "solution": ("方案", "solution"),
    "evaluation": ("技术评估", "evaluation"),
    "quote": ("报价", "quote"),
    "negotiation": ("谈判", "negotiation"),
}


def zh(name: str) -> str:
    """Return what a Chinese reader calls the kind or stage `name`."""
    return NAMES.get(name, (name, name))[0]


def en(name: str) -> str:
    """Return what an English reader calls the kind or stage `name`."""
    return NAMES.get(name, (name, name))[1]
