"""Entries of a made-up deal, and a simulated company as entries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl

from foresail.science.simulator import Simulation
from foresail.timeline.services import NewEntry

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def entry(source_id: str, **given: Any) -> NewEntry:
    usual = {
        "known_at": given.get("at", AT), "at": AT, "kind": "mail_in", "subject": "crm.Deal:1", "source": "test",
        "basis": "legitimate_interest", "deal_id": 1, "account_id": 1,
    }  # fmt: skip
    return NewEntry(source_id=source_id, **(usual | given))


def entries_of(
    simulation: Simulation, *, deals: Mapping[int, int] | None = None, pipeline: int = 1
) -> list[NewEntry]:
    """Return what `simulation` knew; its deals are numbered as they are named, or have the keys `deals`."""
    places = enumerate(simulation.deals["deal"].to_list(), start=1)
    number = {name: deals[place] if deals else place for place, name in places}
    facts = [
        n
        for n in simulation.deals.columns
        if n not in {"deal", "opened", "owner", "amount", "result", "closed"}
    ]
    made = [
        entry(
            f"opened:{row['deal']}", at=row["opened"].astimezone(UTC), kind="deal_opened", deal_id=number[row["deal"]],
            values={
                "pipeline": pipeline, "owner": row["owner"], "amount": None if row["amount"] is None else str(row["amount"]),
                "facts": {name: row[name] for name in facts if row[name] is not None},
            },
        )
        for row in simulation.deals.iter_rows(named=True)
    ]  # fmt: skip
    known = simulation.events.with_columns(pl.col("at", "recorded_at").dt.convert_time_zone("UTC"))
    for place, row in enumerate(known.iter_rows(named=True)):
        made.append(
            entry(
                f"event:{place}", at=row["at"], known_at=row["recorded_at"], kind=row["kind"],
                deal_id=number[row["case_id"]], actor_label=row["actor"],
                values={"stage": row["stage"]} if row["stage"] else None,
            )
        )  # fmt: skip
    return made
