"""Columns known only in hindsight, and duplicates: what makes a forecast look better than it is.

Columns are judged by what they do. Names, the order of rows and the order of columns play no part.

What is caught, and by which rule:

- `tells_the_result`: one column alone ranks deals better than anything known at opening can, or one of
  its values (or being filled in, or lying beyond a cliff) settles the ending: final stages, reasons for
  closing, booked values that are zero for lost deals, surveys sent to winners, counters that run on
  after a win.
- `filled_at_close`: filled in for closed deals and not for open ones of the same age. Needs open deals.
- `measures_the_course`: moves with the days from opening to close, or is a date within the deal's life.
  Needs dates.
- `goes_with_others`, `one_record`: once a column is proven to tell the result, its kin. Small boosted
  trees ask whether it explains another column beyond what the outcome and all other columns do. Two
  readings of one thing, shares that add up to one whole, and fields of one form stand and fall together.

What is missed: hindsight that is no stronger than honest columns are (alone below an AUC of about 0.88,
without a settled value) in a table without dates and open deals, unless another column gives it away; and
texts that differ from deal to deal, of which only the being filled in is looked at. What may be accused
though honest: a rule of the house that decides deals at opening ("never below 5,000"), and, in a table
with proven hindsight, a column that the proven one was made from. Below 30 deals of an ending nothing is
said of what tells the result, and in small tables only crude cases are proven.
"""

from __future__ import annotations

from foresail.science.hindsight.duplicates import input_groups
from foresail.science.hindsight.evidence import filled_at_close, measures_the_course, tells_the_result
from foresail.science.hindsight.kinship import goes_with
from foresail.science.hindsight.reason import Hindsight
from foresail.science.hindsight.table import Table
from foresail.science.log import DealLog

__all__ = ["Hindsight", "find_hindsight", "input_groups"]


def find_hindsight(log: DealLog) -> tuple[Hindsight, ...]:
    """Return the attributes of `log` that are known only in hindsight, ordered by name, each with why.

    Leave them out with `log.without_attributes`. The amount and the owner help to judge but are never
    accused. The answer is the same for any order of rows and any names of columns and deals.
    """
    table = Table.of(log)
    convicted = tells_the_result(table) | measures_the_course(table, log) | filled_at_close(table, log)
    if convicted:
        convicted |= goes_with(table, convicted)
    return tuple(convicted[name] for name in sorted(convicted))
