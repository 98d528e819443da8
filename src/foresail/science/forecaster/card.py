"""The model card: what a model was made from, how well it did, what it looks at, and what it cannot do.

After Mitchell et al., "Model Cards for Model Reporting", FAT* 2019.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from foresail.science.forecaster.core import Core, Past

LIMITS = (
    (
        "预测是过往商机中的关联，不是因果，也不是承诺。",
        "A forecast is an association in past deals: neither a cause nor a promise.",
    ),
    (
        "成交率会漂移：判对率按过去几周设定并持续监测，不做保证。",
        "Rates drift: how often verdicts are right is set on past weeks and watched, not guaranteed.",
    ),
    (
        "只看得见记录下来的事情：没有留痕的沟通不在其中。",
        "It sees only what was recorded: talk that left no trace is not in it.",
    ),
    (
        "不得用于考核个人或决定薪酬。",
        "Not to be used to judge a person or to set pay.",
    ),
)

TIERS = {
    "full": ("完整模型", "the full model"),
    "hierarchical": (
        "关闭的商机不足 80 单：使用分层先验，区间较宽",
        "fewer than 80 closed deals: a hierarchical prior, with wide bands",
    ),
    "stage_rates": (
        "关闭的商机不足 10 单：只用阶段赢率",
        "fewer than 10 closed deals: stage rates only",
    ),
}


@dataclass(frozen=True)
class ModelCard:
    """What to know before using a model. `figures` are those of a backtest, if one was made."""

    tier: str
    as_of: str | None
    past: Past
    horizon: int
    every: int
    seed: int
    target: float
    thresholds: dict[str, float | None]
    calibration: tuple[float, float]
    hindsight: tuple[dict[str, str], ...]
    features: tuple[dict[str, str], ...]
    figures: dict[str, Any] | None = None

    @classmethod
    def of(cls, forecaster: Core, *, figures: dict[str, Any] | None = None) -> ModelCard:
        """Write the card of a fitted forecaster."""
        fitted = forecaster.fitted
        names = {"won": fitted.thresholds.won, "lost": fitted.thresholds.lost}
        return cls(
            tier=fitted.tier,
            as_of=datetime.fromtimestamp(fitted.as_of / 1e6, tz=UTC).isoformat() if fitted.dated else None,
            past=fitted.past,
            horizon=forecaster.horizon,
            every=forecaster.every,
            seed=forecaster.seed,
            target=forecaster.target,
            thresholds={side: t if t <= 1 else None for side, t in names.items()},
            calibration=fitted.calibration,
            hindsight=tuple({"column": h.column, "zh": h.why_zh, "en": h.why_en} for h in fitted.hindsight),
            features=tuple(
                {"name": f.name, "driver": f.driver, "zh": f.zh, "en": f.en, "sees": f.sees}
                for f in fitted.features
            ),
            figures=figures,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the card ready for JSON."""
        return asdict(self) | {"limits": [{"zh": zh, "en": en} for zh, en in LIMITS]}

    def to_markdown(self, lang: str = "en") -> str:
        """Return the card as Markdown, in "zh" or "en"."""
        zh, past = lang == "zh", self.past
        tier = TIERS[self.tier][0 if zh else 1]
        silent = "不下定论" if zh else "stays silent"
        sides = {"won": "赢单" if zh else "won", "lost": "丢单" if zh else "lost"}
        thresholds = "; ".join(
            f"{sides[side]} {silent if t is None else f'≥ {t:.3f}'}" for side, t in self.thresholds.items()
        )
        lines = [
            f"# {'模型卡' if zh else 'Model card'}",
            "",
            f"- {'档位' if zh else 'Tier'}: {tier}",
            f"- {'数据' if zh else 'Data'}: {past.first} – {self.as_of}; {past.deals} {'单商机' if zh else 'deals'} "
            f"({'赢' if zh else 'won'} {past.won}, {'丢' if zh else 'lost'} {past.lost}, "
            f"{'在途' if zh else 'open'} {past.open}), {past.events} {'条动态' if zh else 'events'}",
            f"- {'预测期' if zh else 'Horizon'}: {self.horizon} {'天' if zh else 'days'}; "
            f"{'定论目标' if zh else 'verdict target'} {self.target:.0%}; {thresholds}",
            f"- {'校准' if zh else 'Calibration'}: {self.calibration[0]:.3f} × logit {self.calibration[1]:+.3f}",
        ]
        if self.figures:
            final = self.figures["final"]
            lines.append(
                f"- {'回测' if zh else 'Backtest'}: AUC {final['auc']['value']:.4f}, Brier {final['brier']['value']:.4f}"
            )
        lines += ["", f"## {'剔除的事后列' if zh else 'Hindsight columns left out'}", ""]
        lines += [f"- `{h['column']}`: {h['zh' if zh else 'en']}" for h in self.hindsight] or ["–"]
        lines += ["", f"## {'局限' if zh else 'Limits'}", ""]
        lines += [f"- {limit[0 if zh else 1]}" for limit in LIMITS]
        lines += ["", f"## {'特征' if zh else 'Features'} ({len(self.features)})", ""]
        lines += [f"- `{f['name']}`: {f['zh' if zh else 'en']} ({f['sees']})" for f in self.features]
        return "\n".join(lines) + "\n"
