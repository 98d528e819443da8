"""Files that were brought, or wait to be, for those who look after what is collected."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Final

from foresail.core.errors import NotFound
from foresail.core.sheets import FileUnreadable
from foresail.governance.queries import require_overseer
from foresail.signals.models import FileBrought
from foresail.signals.reading.table import WRONGS
from foresail.signals.services.files import Row, first_rows

if TYPE_CHECKING:
    from foresail.people.models import User

MOST: Final = 50


def signal_files(*, user: User) -> Sequence[FileBrought]:
    """Return the newest files that were brought, or wait to be, at most MOST. One query. Raises NotAllowed."""
    require_overseer(user)
    return list(FileBrought.objects.select_related("by").defer("wrong").order_by("-pk")[:MOST])


def signal_file(*, user: User, key: int) -> FileBrought:
    """Return one. Raises NotAllowed or NotFound."""
    require_overseer(user)
    found = FileBrought.objects.select_related("by").filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def rows_shown(*, user: User, of: FileBrought, at: datetime) -> Sequence[Row]:
    """Return the first rows of a file that was not started, to who brings it: nobody else has a reason to read them."""
    if of.by_id != user.pk or of.state != FileBrought.State.READ:
        return []
    with suppress(FileUnreadable):  # it lay here too long
        return first_rows(of, at=at)
    return []


def wrong_rows(*, of: FileBrought, chinese: bool) -> str:
    """Return as CSV which rows were no signals, and why; what stood in them is not kept."""
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow(
        ["第几条数据（不计表头和空行）", "原因"]
        if chinese
        else ["Row (without header and empty rows)", "Why"]
    )
    for number, code in of.wrong:
        write.writerow([number + 1, WRONGS[code][0 if chinese else 1]])
    return "\ufeff" + out.getvalue()
