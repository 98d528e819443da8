"""Many records at once, for imports and the demo: all rows or none, in the order given, told of as one change.

Nothing is emitted for single records: who calls these puts what happened on the timeline.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models, transaction
from pydantic_core import to_json

from foresail.core.changes import Change, record
from foresail.core.errors import Refusal
from foresail.core.outbox import tell
from foresail.core.search import keys_of
from foresail.crm.errors import NumberTaken, RowInvalid
from foresail.crm.fields import ACCOUNT, CONTACT
from foresail.crm.matched import index
from foresail.crm.models import Account, Contact, Deal, DealContact, Pipeline, Stage, Task
from foresail.crm.services import values
from foresail.crm.services.permission import require_configuring
from foresail.crm.services.telling import actor

if TYPE_CHECKING:
    from foresail.people.models import User

Row = TypeVar("Row")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewAccount:
    """Records of other rooms and rows are named by their keys, here and below."""

    name: str
    line: int
    owner: int | None = None
    team: int | None = None
    industry: str = ""
    region: str = ""
    domain: str = ""
    since: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewContact:
    account: int
    name: str
    title: str = ""
    email: str = ""
    phone: str = ""
    left_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewDeal:
    """A deal as it stands in the end. Without a `number` it gets one; without a `currency`, its pipeline's."""

    name: str
    account: int
    pipeline: int
    stage: int
    opened_at: datetime
    owner: int | None = None
    team: int | None = None
    number: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    expected_close_on: date | None = None
    status: str = "open"
    closed_at: datetime | None = None
    close_reason: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewDealContact:
    deal: int
    contact: int
    role: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NewTask:
    deal: int
    title: str
    assignee: int
    created_at: datetime
    due_on: date | None = None
    done_at: datetime | None = None


def add_accounts(rows: Sequence[NewAccount], *, by: User | None, at: datetime) -> list[int]:
    """Add accounts; return their keys in the order of `rows`. Raises NotAllowed or RowInvalid."""

    def kept(row: NewAccount) -> tuple[Any, ...]:
        return (
            values.text_of(row.name, of="name", longest=200),
            row.line,
            row.owner,
            row.team,
            values.short_of(row.industry, of="industry", longest=100),
            values.short_of(row.region, of="region", longest=100),
            values.short_of(row.domain, of="domain", longest=253),
            row.since,
            *("", "", "", ""),
            *_begun(at, by, row.name, row.domain),
        )

    columns = (
        *("name", "line_id", "owner_id", "team_id", "industry", "region", "domain", "since"),
        *("code", "level", "phone", "address", *_BEGUN),
    )
    with transaction.atomic():
        require_configuring(by=by)
        keys = copy_rows(Account, columns, checked(rows, kept))
        index(ACCOUNT, keys)
        keep_many("add_accounts", Account, rows, by=by, at=at)
        return keys


def add_contacts(rows: Sequence[NewContact], *, by: User | None, at: datetime) -> list[int]:
    """Add contacts; return their keys in the order of `rows`. Raises NotAllowed or RowInvalid."""
    with transaction.atomic():
        require_configuring(by=by)
        accounts = {
            key: guard
            for key, *guard in Account.objects.filter(pk__in={row.account for row in rows}).values_list(
                "pk", "owner_id", "team_id", "line_id"
            )
        }

        def kept(row: NewContact) -> tuple[Any, ...]:
            return (
                row.account,
                *known(accounts, row.account, zh="客户", en="account"),
                values.text_of(row.name, of="name", longest=150),
                values.short_of(row.title, of="job title", longest=150),
                values.short_of(row.email, of="e-mail address", longest=254),
                values.short_of(row.phone, of="phone number", longest=50),
                row.left_at,
                *("", ""),
                *_begun(at, by, row.name, row.email, row.phone),
            )

        columns = (
            *("account_id", "owner_id", "team_id", "line_id"),
            *("name", "title", "email", "phone", "left_at", "department", "left_reason", *_BEGUN),
        )
        keys = copy_rows(Contact, columns, checked(rows, kept))
        index(CONTACT, keys)
        keep_many("add_contacts", Contact, rows, by=by, at=at)
        return keys


def add_deals(rows: Sequence[NewDeal], *, by: User | None, at: datetime) -> list[int]:
    """Add deals as they stand; return their keys in the order of `rows`.

    Raises NotAllowed, NumberTaken (naming one that is) or RowInvalid.
    """
    with transaction.atomic():
        require_configuring(by=by)
        accounts = dict(
            Account.objects.filter(pk__in={row.account for row in rows}).values_list("pk", "name")
        )
        pipelines = {each.pk: each for each in Pipeline.objects.filter(pk__in={row.pipeline for row in rows})}
        stages = dict(Stage.objects.filter(pipeline__in=pipelines).values_list("pk", "pipeline_id"))
        numbers = [number for (number,) in checked(rows, _number)]
        _require_free([number for number in numbers if number])
        keys = next_keys(Deal, len(rows))
        made = iter(zip(numbers, keys, strict=True))

        def kept(row: NewDeal) -> tuple[Any, ...]:
            number, key = next(made)
            customer = known(accounts, row.account, zh="客户", en="account")
            pipeline = known(pipelines, row.pipeline, zh="销售流程", en="pipeline")
            if known(stages, row.stage, zh="阶段", en="stage") != row.pipeline:
                raise _Wrong(zh="阶段不属于该销售流程。", en="the stage is of another pipeline.")
            if (_one_of(Deal.Status, row.status, zh="状态", en="status") == "open") != (
                row.closed_at is None
            ):
                raise _Wrong(zh="结束时间与状态不一致。", en="status and closed_at do not agree.")
            if row.closed_at is not None and row.closed_at < row.opened_at:
                raise _Wrong(zh="结束时间早于创建时间。", en="closed_at is before opened_at.")
            return (
                key,
                number or number_of(key),
                values.text_of(row.name, of="name", longest=200),
                row.account,
                row.pipeline,
                row.stage,
                pipeline.line_id,
                row.owner,
                row.team,
                row.status,
                values.amount_of(row.amount),
                values.currency_of(row.currency or pipeline.currency),
                row.opened_at,
                row.closed_at,
                row.expected_close_on,
                values.reason_of(row.close_reason),
                json.dumps(values.facts_of(row.facts), ensure_ascii=False),
                *("", ""),
                *_begun(row.opened_at, by, row.name, number or number_of(key), customer),
            )

        columns = (
            *(
                "id",
                "number",
                "name",
                "account_id",
                "pipeline_id",
                "stage_id",
                "line_id",
                "owner_id",
                "team_id",
            ),
            *("status", "amount", "currency", "opened_at", "closed_at", "expected_close_on", "close_reason"),
            *("facts", "category", "next_step", *_BEGUN),
        )
        copy_rows(Deal, columns, checked(rows, kept))
        tell("deals", 0)
        keep_many("add_deals", Deal, rows, by=by, at=at)
        return keys


def add_deal_contacts(rows: Sequence[NewDealContact], *, by: User | None, at: datetime) -> list[int]:
    """Say what contacts are to deals; return keys in the order of `rows`. Raises NotAllowed or RowInvalid."""
    with transaction.atomic():
        require_configuring(by=by)
        deals = dict(Deal.objects.filter(pk__in={row.deal for row in rows}).values_list("pk", "account_id"))
        contacts = dict(
            Contact.objects.filter(pk__in={row.contact for row in rows}).values_list("pk", "account_id")
        )

        def kept(row: NewDealContact) -> tuple[Any, ...]:
            account = known(deals, row.deal, zh="商机", en="deal")
            if known(contacts, row.contact, zh="联系人", en="contact") != account:
                raise _Wrong(zh="联系人不属于该商机的客户。", en="the contact is of another account.")
            return row.deal, row.contact, _one_of(DealContact.Role, row.role, zh="角色", en="role")

        keys = copy_rows(DealContact, ("deal_id", "contact_id", "role"), checked(rows, kept))
        keep_many("add_deal_contacts", DealContact, rows, by=by, at=at)
        return keys


def add_tasks(rows: Sequence[NewTask], *, by: User | None, at: datetime) -> list[int]:
    """Add tasks; return their keys in the order of `rows`. Raises NotAllowed or RowInvalid."""
    with transaction.atomic():
        require_configuring(by=by)
        deals = dict.fromkeys(
            Deal.objects.filter(pk__in={row.deal for row in rows}).values_list("pk", flat=True)
        )

        def kept(row: NewTask) -> tuple[Any, ...]:
            known(deals, row.deal, zh="商机", en="deal")
            title = values.text_of(row.title, of="title", longest=300)
            return row.deal, title, row.assignee, row.created_at, row.due_on, row.done_at

        columns = ("deal_id", "title", "assignee_id", "created_at", "due_on", "done_at")
        keys = copy_rows(Task, columns, checked(rows, kept))
        tell("tasks", *{row.assignee for row in rows})
        keep_many("add_tasks", Task, rows, by=by, at=at)
        return keys


_BEGUN: Final = ("custom", "tags", "version", "created_at", "changed_at", "created_by_id", "keys")


def _begun(at: datetime, by: User | None, *texts: str) -> tuple[Any, ...]:
    """Return what every listed record begins with: the values of _BEGUN, found by `texts`."""
    return "{}", "[]", 1, at, at, actor(by), keys_of(*filter(None, texts))


def number_of(key: int) -> str:
    """Return the number of a deal that came without one."""
    return f"SJ{key:06d}"


def next_key(model: type[models.Model]) -> int:
    """Take the next key of `model`, for what must be known before the record is there."""
    return next_keys(model, 1)[0]


def _number(row: NewDeal) -> tuple[str | None]:
    return (row.number and values.text_of(row.number, of="number", longest=50),)


class _Wrong(Refusal):
    """What is wrong with a row, said by its place."""

    zh, en = "{zh}", "{en}"


def known(kept: Mapping[int, Any], key: int, *, zh: str, en: str) -> Any:
    if key not in kept:
        raise _Wrong(zh=f"没有编号为 {key} 的{zh}。", en=f"there is no {en} {key}.")
    return kept[key]


def _one_of(choices: type[models.TextChoices], value: str, *, zh: str, en: str) -> str:
    if value not in choices.values:
        raise _Wrong(zh=f"没有名为“{value}”的{zh}。", en=f"there is no {en} {value}.")
    return value


def checked(rows: Sequence[Row], kept: Callable[[Row], tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return what is kept of each row. Raises RowInvalid with the place of the first that is wrong."""
    made = []
    for place, row in enumerate(rows, start=1):
        try:
            made.append(kept(row))
        except Refusal as wrong:
            raise RowInvalid(row=place, zh=wrong.zh, en=wrong.en) from wrong
    return made


def _require_free(numbers: list[str]) -> None:
    if len(set(numbers)) < len(numbers):
        raise NumberTaken(number=Counter(numbers).most_common(1)[0][0])
    if taken := Deal.objects.filter(number__in=numbers).values_list("number", flat=True).first():
        raise NumberTaken(number=taken)


def next_keys(model: type[models.Model], count: int) -> list[int]:
    """Take `count` keys from the table's own sequence, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            # Looked up once: beside nextval, which is called for each, the sequence would be looked up for each.
            "WITH own AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS sequence) "
            "SELECT nextval(sequence) FROM own, generate_series(1, %s)",
            [model._meta.db_table, count],  # noqa: SLF001  # documented by Django
        )
        return [key for (key,) in cursor.fetchall()]


def copy_rows(
    model: type[models.Model], columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]
) -> list[int]:
    """COPY `rows` into the table of `model`, and check what they point to. Raises IntegrityError.

    Rows that have a key may be made one by one: while the next is made, the server works on those before.
    """
    if columns[0] != "id":
        columns, rows = ("id", *columns), list(rows)
        rows = [(key, *row) for key, row in zip(next_keys(model, len(rows)), rows, strict=True)]
    keys = []
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    table = connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001  # documented by Django
    with connection.cursor() as cursor:
        command = f"COPY {table} ({names}) FROM STDIN"
        with connection.wrap_database_errors, cursor.copy(command) as copy:
            for row in rows:
                copy.write_row(row)
                keys.append(row[0])
        # Here, not at the commit: who calls inside a transaction of their own learns of it in time.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    return keys


def update_rows(model: type[models.Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Set `columns` of many records at once; each row is a key and the values, as `copy_rows` takes them."""
    if not rows:
        return
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)  # noqa: SLF001  # documented by Django
    names = ", ".join(quote(column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE changed ON COMMIT DROP AS SELECT id, {names} FROM {table} LIMIT 0")  # noqa: S608
        with cursor.copy(f"COPY changed (id, {names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        sets = ", ".join(f"{quote(column)} = changed.{quote(column)}" for column in columns)
        cursor.execute(f"UPDATE {table} kept SET {sets} FROM changed WHERE kept.id = changed.id")  # noqa: S608
        cursor.execute("DROP TABLE changed")


def writer_of(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    """Return what makes of a column's value what COPY takes; None where that is the value itself."""
    if isinstance(field, models.JSONField):
        return json_of
    if isinstance(field, models.DateField):  # a DateTimeField is one
        return _moment_of
    return _numbers_of if isinstance(field, ArrayField) else None


_EMPTY: Final[Mapping[type, str | None]] = {dict: "{}", list: "[]", type(None): None}
"""Most records have no own fields, no tags and no problems."""


def json_of(value: Any) -> str | None:
    if not value and type(value) in _EMPTY:
        return _EMPTY[type(value)]
    return to_json(value).decode()  # in a fifth of json's time


def _moment_of(value: date | None) -> str | None:
    """Return a day or an instant as a text, which takes half the time that its own way to the server takes."""
    return None if value is None else str(value)


_REMEMBERED: Final = 50_000
"""So many numbers, in 6 MB."""


class _Texts(dict[int, str]):
    """Numbers as texts, remembered: names share most of what they are found by."""

    def __missing__(self, number: int) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        text = self[number] = str(number)
        return text


_TEXTS: Final = _Texts()


def _numbers_of(numbers: Sequence[int]) -> str:
    """Return numbers as a literal, which takes a tenth of the time that a list takes."""
    return f"{{{','.join(map(_TEXTS.__getitem__, numbers))}}}"


def rows_to_write(
    fields: Sequence[models.Field[Any, Any]], records: Iterable[models.Model]
) -> Iterator[tuple[Any, ...]]:
    """Yield the values of `fields` of each record as COPY takes them."""
    row = attrgetter(*(field.attname for field in fields))
    writers = [(place, writer) for place, field in enumerate(fields) if (writer := writer_of(field))]
    for record_ in records:
        values = list(row(record_))
        for place, writer in writers:
            values[place] = writer(values[place])
        yield tuple(values)


def keep_many(
    verb: str, model: type[models.Model], rows: Sequence[Any], *, by: User | None, at: datetime
) -> None:
    """Record one change for all of `rows`: how many, and the SHA-256 of one line of canonical JSON for each."""
    digest = hashlib.sha256()
    for row in rows:
        line = {each.name: getattr(row, each.name) for each in fields(row)}
        text = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)
        digest.update(text.encode() + b"\n")
    record(
        Change(
            actor=actor(by),
            verb=verb,
            subject=f"crm.{model.__name__}",
            key="",
            at=at,
            values={"count": len(rows), "sha256": digest.hexdigest()},
        )
    )


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    return value.isoformat() if isinstance(value, date) else str(value)
