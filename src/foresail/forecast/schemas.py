"""Wire shapes of forecasts."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from foresail.core.api import Reference, Schema
from foresail.crm.schemas import LackingOut


class Chances(Schema):
    days: int
    won: float
    lost: float
    open: float


class Swing(Schema):
    low: float
    low50: float
    mid: float
    high50: float
    high: float


class DriverOut(Schema):
    code: str
    zh: str
    en: str
    log_odds: float
    points: float
    """change of p(won) in share of one: 0.06 = 6 points"""
    entries: list[int]
    """timeline entries behind it"""


class OutlookRow(Schema):
    deal: int
    at: datetime
    p_won_final: float
    change_7d: float | None
    p_won: float
    p_lost: float
    p_open: float
    verdict: Literal["won", "lost"] | None
    risk: float
    alerted: bool


class OutlookOut(OutlookRow):
    model: int
    tier: str
    chances: list[Chances]
    swing: Swing | None
    swing_on: date
    close_early: date | None
    close_mid: date | None
    close_late: date | None
    base: float
    rest: float
    others: int
    calibration: float
    drivers: list[DriverOut]
    verdict_right_rate: float | None
    """how often verdicts of this model were right, of those due; None before any"""
    stale: bool


class HistoryPoint(Schema):
    at: datetime
    p_won_final: float
    replayed: bool
    entries: list[int]
    """timeline entries that moved it, for steps of 5 points or more"""


class HistoryOut(Schema):
    points: list[HistoryPoint]
    outcome: Literal["won", "lost"] | None


class WhatIfIn(Schema):
    add_kinds: list[str] = []  # noqa: RUF012  # pydantic gives each its own
    move_to_stage: str | None = None
    amount: Decimal | None = None


class WhatIfOut(Schema):
    before: float
    after: float


class WhatIfOption(Schema):
    kind: str
    zh: str
    en: str


class Amount(Schema):
    mean: Decimal
    low: Decimal
    high: Decimal


class PeriodTotal(Schema):
    period: str
    """YYYY-MM or YYYYQn"""
    won: Decimal
    """already won"""
    expected: Amount
    """won + still to come: mean and 80 % range"""
    best: Decimal
    """won + all open that are expected to close in it"""
    deals: int


class ScopeTotals(Schema):
    kind: Literal["all", "line", "team"]
    id: int
    name: str
    line: int | None
    periods: list[PeriodTotal]


class EstimateOut(Schema):
    kind: Literal["all", "line", "team"]
    scope: int
    period: str
    amount: Decimal
    reason: str
    by: Reference
    made_at: datetime
    model: Amount
    actual: Decimal | None


class ForecastOut(Schema):
    """Sums are in `currency`; `lacking` are the deals that none holds."""

    at: datetime | None
    currency: str
    lacking: list[LackingOut]
    periods: list[str]
    totals: list[ScopeTotals]
    estimates: list[EstimateOut]
    open_deals: int


class EstimateIn(Schema):
    kind: Literal["all", "line", "team"]
    scope: int
    period: str
    amount: Decimal
    reason: str


class ChangeStep(Schema):
    code: Literal["before", "new", "won", "lost", "up", "down", "amount", "now"]
    amount: Decimal
    deals: int


class MovedDeal(Schema):
    """`amount` is in the deal's own `currency`, `effect` in the house's."""

    deal: int
    name: str
    account: str
    owner: str | None
    amount: Decimal | None
    currency: str
    before: float | None
    after: float | None
    effect: Decimal
    zh: str
    en: str
    """why: the driver that moved most"""


class ChangesOut(Schema):
    since: datetime
    steps: list[ChangeStep]
    moved: list[MovedDeal]


class CalibrationBin(Schema):
    said: float
    happened: float
    low: float
    high: float
    n: int


class CalibrationOut(Schema):
    bins: list[CalibrationBin]
    n: int
    brier: float | None
    since: date | None
    until: date | None


class VerdictRow(Schema):
    deal: int
    name: str
    account: str
    owner: str | None
    amount: Decimal | None
    currency: str
    side: Literal["won", "lost"]
    said_at: datetime
    due_at: datetime
    state: Literal["open", "won", "lost"] | None
    right: bool | None


class VerdictsOut(Schema):
    due: int
    right: int
    open_deals: int
    with_verdict: int
    target: float
    rows: list[VerdictRow]


class AlertRow(Schema):
    deal: int
    name: str
    account: str
    owner: str | None
    amount: Decimal | None
    currency: str
    risk: float
    first_at: datetime
    state: Literal["open", "won", "lost"]
    lead_days: int | None
    zh: str
    en: str


class AlertsOut(Schema):
    precision: float | None
    recall: float | None
    lead_days: float | None
    judged: int
    rows: list[AlertRow]


class ModelOut(Schema):
    id: int
    pool: Reference
    version: int
    status: Literal["candidate", "serving", "retired", "rejected"]
    fitted_as_of: datetime
    created_at: datetime
    figures: dict[str, Any]


class ModelCardOut(ModelOut):
    card: dict[str, Any]
    """science's ModelCard.to_dict()"""


class PromoteIn(Schema):
    reason: str
