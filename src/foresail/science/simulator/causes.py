"""The causes that the simulator plants, by the names that truth, drivers and pages share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Cause:
    """Something that changes a deal's chance. `trace` is the kind of event that gives it away.

    Without a trace only time tells: how long a stage lasts, how long our side takes to answer.
    """

    name: str
    zh: str
    en: str
    trace: str | None


CAUSES: Final[dict[str, Cause]] = {
    cause.name: cause
    for cause in (
        Cause("champion_leaves", "客户内部支持者离职", "The champion left the customer", "contact_left"),
        Cause("evaluation_stalls", "技术评估停滞", "The technical evaluation stalled", None),
        Cause("competitor_enters", "竞品介入", "A competitor entered", "competitor_mentioned"),
        Cause("budget_freeze", "客户预算冻结", "The customer froze the budget", "budget_frozen"),
        Cause("price_objection", "客户对价格有异议", "The customer objected to the price", "price_objection"),
        Cause("slow_followup", "我方跟进慢", "Our side answers slowly", None),
    )
}
