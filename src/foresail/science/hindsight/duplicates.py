"""Deals that look the same to a model."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from foresail.science.log import DealLog


def input_groups(log: DealLog) -> npt.NDArray[np.int64]:
    """Return a group id per deal, (n_deals,): deals with identical attributes, owner and amount share it.

    Keep each group on one side of any split, or the test is answered from memory. Which deals share an
    id depends on the inputs alone; a log without any input has one group per deal.
    """
    deals = log.deals
    owner, amount = pl.Series("owner", deals.owner), pl.Series("amount", deals.amount).fill_nan(None)
    inputs = [*deals.attributes.get_columns(), owner, amount]
    codes = [column.rank("dense").fill_null(0).to_numpy().astype(np.int64) for column in inputs]
    if all(len(np.unique(code)) <= 1 for code in codes):
        return np.arange(len(deals), dtype=np.int64)
    groups = np.zeros(len(deals), dtype=np.int64)
    for code in codes:
        _, groups = np.unique(groups * (code.max() + 1) + code, return_inverse=True)
    return groups.astype(np.int64)
