"""Everything leaves: asked for by an administrator, written in the background, taken as a file, forgotten after a week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app

from foresail.core import everything
from foresail.core.changes import Change, record
from foresail.core.errors import NotFound
from foresail.governance.errors import LeavingUnderWay
from foresail.governance.models import Leaving
from foresail.governance.words import EXPORTED, LEAVING
from foresail.people.queries import require_admin

if TYPE_CHECKING:
    from foresail.people.models import User

KEPT: Final = timedelta(days=7)
LONGEST_LIST: Final = 20


def leavings(*, user: User) -> Sequence[Leaving]:
    """Return the latest exports of everything. Raises NotAllowed for all but administrators."""
    require_admin(user=user)
    return list(Leaving.objects.order_by("-pk")[:LONGEST_LIST])


def ask_leaving(*, by: User, at: datetime) -> Leaving:
    """Have everything written into one file in the background. Raises NotAllowed or LeavingUnderWay."""
    require_admin(user=by)
    with transaction.atomic():
        if Leaving.objects.filter(ended_at=None).exists():
            raise LeavingUnderWay
        made = Leaving.objects.create(asked_at=at, asked_by=by.pk)
        app.configure_task("governance.write_everything", queue="default").defer(leaving=made.pk)
        _tell("ask_everything", made, {}, by=by.pk, at=at)
        return made


def write_leaving(*, key: int, at: datetime) -> None:
    """Write the file that was asked for. Killed anywhere, it is done again from the beginning."""
    leaving = Leaving.objects.filter(pk=key, ended_at=None).first()
    if leaving is None:
        return
    out = file_of(key)
    out.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        told = everything.write(out, at=at)
    except OSError as error:  # no space, above all: to try again soon would not help
        Leaving.objects.filter(pk=key).update(ended_at=at, because=(error.strerror or str(error))[:200])
        return
    with transaction.atomic():
        Leaving.objects.filter(pk=key).update(
            ended_at=at, rows=told.rows, files=told.files, bytes=told.bytes, sha256=told.sha256
        )
        _tell(
            "write_everything",
            leaving,
            {"rows": told.rows, "sha256": told.sha256},
            by=leaving.asked_by,
            at=at,
        )


def take_leaving(*, key: int, by: User, at: datetime) -> Path:
    """Return the file, and keep that `by` took it. Raises NotAllowed, or NotFound once it is gone."""
    require_admin(user=by)
    leaving = Leaving.objects.filter(pk=key, sha256__gt="", forgotten_at=None).first()
    if leaving is None or not file_of(key).exists():
        raise NotFound
    with transaction.atomic():
        _tell(EXPORTED, leaving, {"rows": leaving.rows, "sha256": leaving.sha256}, by=by.pk, at=at)
    return file_of(key)


def keep_everything(*, written: everything.Written, by: int | None, at: datetime) -> None:
    """Keep in the audit trail that everything was written to a file outside the house, from the command line."""
    with transaction.atomic():
        record(
            Change(
                actor=by, verb=EXPORTED, subject=LEAVING, key="", at=at,
                values={"rows": written.rows, "sha256": written.sha256},
            )
        )  # fmt: skip


def forget_leavings(*, at: datetime) -> int:
    """Remove files that are older than a week; return how many."""
    old = list(Leaving.objects.filter(ended_at__lt=at - KEPT, forgotten_at=None))
    for leaving in old:
        file_of(leaving.pk).unlink(missing_ok=True)
        Leaving.objects.filter(pk=leaving.pk).update(forgotten_at=at)
    return len(old)


def file_of(key: int) -> Path:
    """Return where the file of an export lies."""
    return Path(settings.HOME.folder) / "leaving" / f"{key}.zip"


def _tell(verb: str, leaving: Leaving, values: dict[str, Any], *, by: int | None, at: datetime) -> None:
    record(Change(actor=by, verb=verb, subject=LEAVING, key=str(leaving.pk), at=at, values=values))
