"""What was changed is taken back: one value, or all that one verb changed."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from foresail.core.errors import NotFound
from foresail.crm.errors import FieldReserved, NothingToUndo
from foresail.crm.fields import fields_of, record_type, to_json
from foresail.crm.models import FieldChange
from foresail.crm.services.assigning import WHOSE, give_back
from foresail.crm.services.changing import Batch, amend, attempt, hold, is_same, require_change
from foresail.crm.services.typed import typed
from foresail.crm.sight import Sight

if TYPE_CHECKING:
    from foresail.people.models import User


def restore_value(*, change: FieldChange, by: User | None, at: datetime) -> None:
    """Give a field the value again that it had before `change`; itself a change, that can be undone.

    Raises NotFound, NotAllowed, NothingToUndo, and what `change_record` does.
    """
    with transaction.atomic():
        _restore(change, only_if_latest=False, batch=uuid.uuid4(), by=by, at=at)


def undo_batch(*, batch: uuid.UUID, by: User | None, at: datetime) -> Batch:
    """Take back what one verb changed, wherever nobody has changed it again since. Raises NotFound, NothingToUndo.

    Whose records were is given back by who may assign them, told of once.
    """
    changes = list(FieldChange.objects.filter(batch=batch).order_by("-pk"))
    if not changes:
        raise NotFound
    undone = Batch(id=uuid.uuid4())
    with transaction.atomic():
        give_back([each for each in changes if each.field in WHOSE], undone, by=by, at=at)
        for change in changes:
            if change.field not in WHOSE:
                attempt(undone, change.record, lambda change=change: _restore(  # type: ignore[misc]
                    change, only_if_latest=True, batch=undone.id, by=by, at=at
                ))  # fmt: skip
        undone.names.clear()  # who undoes one record of a batch may not see the others
        if not undone.changed:
            raise next(iter(undone.refused.values()))
    return undone


def _restore(
    change: FieldChange, *, only_if_latest: bool, batch: uuid.UUID, by: User | None, at: datetime
) -> None:
    kind = record_type(change.record_type)
    record = kind.model.objects.filter(pk=change.record).first()
    if record is None:
        raise NotFound
    hold(record)
    require_change(record, by=by)
    fields = fields_of(kind)
    found = fields.get(change.field)
    if found is None or not found.changeable:
        raise NothingToUndo
    if not Sight.of(by).may_change(kind, found, record):
        raise FieldReserved(zh=found.zh, en=found.en)
    now = to_json(found.value_of(record))
    if is_same(found, change.before, now) or (only_if_latest and not is_same(found, change.after, now)):
        raise NothingToUndo
    value = typed(found, change.before, kind=kind, by=by, was=change.before)
    amend(
        record, {change.field: value}, fields=fields, verb="restore_field", batch=batch, undoes=change, by=by, at=at
    )  # fmt: skip
