"""What stands beside records, for who may see these: tasks, notes, attachments, products; and accounts like a lead."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When

from foresail.core.errors import NotFound
from foresail.core.search import wanted
from foresail.crm.fields import ACCOUNT, CONTACT, RecordType, record_type, type_of
from foresail.crm.mentions import mentioned, seeing
from foresail.crm.models import (
    Account,
    Attachment,
    Contact,
    Deal,
    DealContact,
    DealProduct,
    Lead,
    Listed,
    Note,
    Task,
)
from foresail.crm.queries.listing import visible
from foresail.crm.queries.records import SHOWN, sought, visible_deals
from foresail.crm.services.attachments import read as content_of
from foresail.people.queries import names_of

__all__ = [
    "MAIL_PROVIDERS",
    "Mentioned",
    "accounts_like",
    "attachment",
    "attachments_of",
    "contacts_like",
    "content_of",
    "deals_of",
    "mentionable",
    "mentions_in",
    "note",
    "notes_of",
    "products_of",
    "record_of",
    "task",
    "task_titles",
    "tasks",
    "tasks_of",
    "tasks_of_people",
]

if TYPE_CHECKING:
    from foresail.people.models import User

MOST_TASKS: Final = 500
MOST_NOTES: Final = 500
MOST_ALIKE: Final = 8
MOST_OFFERED: Final = 20
TASKS_ON: Final = ("deal", "account", "contact", "lead")
"""Kinds of record that tasks are for."""
MAIL_PROVIDERS: Final = frozenset(
    "qq.com 163.com 126.com yeah.net sina.com sina.cn sohu.com foxmail.com 139.com 189.cn aliyun.com 21cn.com "
    "gmail.com outlook.com hotmail.com live.com yahoo.com icloud.com proton.me protonmail.com".split()
)
"""Where anybody has an address: it says nothing about a company."""
_FORMS: Final = ("股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "集团", "公司")


def tasks(*, user: User, done: bool = False) -> list[Task]:
    """Return the tasks of `user` for what they may see: open ones by day, or those done last."""
    own = _tasks().filter(_seen(user), assignee=user.pk, done_at__isnull=not done)
    order = ["-done_at", "-pk"] if done else [F("due_on").asc(nulls_last=True), "pk"]
    return list(own.order_by(*order)[:MOST_TASKS])


def tasks_of(*, record: Listed) -> list[Task]:
    """Return the tasks for `record`, for who may see it: what is to be done first."""
    order = (F("done_at").desc(nulls_first=True), F("due_on").asc(nulls_last=True), "pk")
    return list(_tasks().filter(**{type_of(record).key: record.pk}).order_by(*order)[:MOST_TASKS])


def task(*, user: User, key: int) -> Task:
    """Return one task for something that `user` may see, or their own for nothing. Raises NotFound."""
    found: Task = _one(_tasks().filter(_seen(user)), key)
    return found


def tasks_of_people(
    *,
    user: User,
    people: Collection[int],
    done: tuple[datetime, datetime] | None = None,
    until: date | None = None,
) -> list[Task]:
    """Return what `people` did from one instant until before another, or are to do until a day, that included.

    Only tasks for something that `user` may see, and their own for nothing.
    """
    found = _tasks().filter(_seen(user), assignee__in=people)
    if done is not None:
        return list(
            found.filter(done_at__gte=done[0], done_at__lt=done[1]).order_by("done_at", "pk")[:MOST_TASKS]
        )
    return list(found.filter(done_at=None, due_on__lte=until).order_by("due_on", "pk")[:MOST_TASKS])


def task_titles(*, user: User, keys: Collection[int]) -> dict[int, str]:
    """Return what some tasks say, by key: those for something that `user` may see, and their own for nothing."""
    return dict(_tasks().filter(_seen(user), pk__in=keys).values_list("pk", "title"))


def notes_of(*, record: Listed) -> list[Note]:
    """Return what was written down about `record`, for who may see it, newest first."""
    found = Note.objects.filter(record_type=type_of(record).key, record=record.pk)
    return list(found.select_related("author").order_by("-created_at", "-pk")[:MOST_NOTES])


def note(*, user: User, key: int) -> Note:
    """Return a note about a record that `user` may see. Raises NotFound."""
    found: Note = _of_seen(Note.objects.select_related("author"), user, key)
    return found


@dataclass(frozen=True, kw_only=True)
class Mentioned:
    """Somebody whom a note names; `sees` says whether they may see the record it is about."""

    key: int
    name: str
    sees: bool


def mentions_in(*, notes: Sequence[Note], record: Listed) -> list[list[Mentioned]]:
    """Return whom each of `notes` about `record` names. A constant number of queries, none where nobody is named."""
    keys = [mentioned(note.text) for note in notes]
    everybody = {key for some in keys for key in some}
    if not everybody:
        return [[] for _ in notes]
    names = names_of(everybody)
    sees = set(seeing(record).filter(pk__in=everybody).values_list("pk", flat=True))
    return [
        [Mentioned(key=key, name=names[key], sees=key in sees) for key in some if key in names]
        for some in keys
    ]


def mentionable(*, user: User, record: Listed, q: str = "") -> list[User]:
    """Return other people who may see `record`, by a part of their name: whom a note about it can name.

    They are of the whole company, for who may see the record.
    """
    found = seeing(record).filter(name__icontains=sought(q)).exclude(pk=user.pk)
    return list(found.select_related("team").order_by("name", "pk")[:MOST_OFFERED])


def record_of(note: Note) -> Listed:
    """Return what a note is about, for who may see that."""
    found: Listed = record_type(note.record_type).model.objects.get(pk=note.record)
    return found


def attachments_of(*, record: Listed) -> list[Attachment]:
    """Return the files kept with `record`, for who may see it, newest first."""
    found = Attachment.objects.filter(record_type=type_of(record).key, record=record.pk)
    return list(found.select_related("author").order_by("-created_at", "-pk")[:MOST_NOTES])


def attachment(*, user: User, key: int) -> Attachment:
    """Return a file kept with a record that `user` may see. Raises NotFound."""
    found: Attachment = _of_seen(Attachment.objects.all(), user, key)
    return found


def products_of(*, deal: Deal) -> list[DealProduct]:
    """Return what `deal` is about, for who may see it, in order."""
    return list(deal.products.select_related("product").order_by("position"))


def deals_of(*, user: User, contact: Contact) -> list[DealContact]:
    """Return what `contact` is to which deals, of those `user` may see; open ones first."""
    related = [f"deal__{name}" for name in SHOWN]
    found = contact.deals.filter(deal__in=visible_deals(user=user)).select_related(*related)
    return list(found.order_by(F("deal__closed_at").desc(nulls_first=True), "-deal__opened_at", "pk"))


def accounts_like(*, user: User, lead: Lead) -> list[Account]:
    """Return the accounts that `lead` may belong to, of those `user` may see: of its company's name or its domain.

    Who has the same domain first, then the same name.
    """
    domain = lead.email.rpartition("@")[2].lower()
    same_domain = Q(pk=None) if not domain or domain in MAIL_PROVIDERS else _at(domain)
    name = core_name(lead.company)
    same_name = Q(name__iexact=lead.company) if lead.company else Q(pk=None)
    like = Q(keys__contains=wanted(name)) if name and wanted(name) else Q(pk=None)
    rank = Case(
        When(same_domain, then=Value(0)), When(same_name, then=Value(1)), default=Value(2),
        output_field=IntegerField(),
    )  # fmt: skip
    found = visible(ACCOUNT, user=user).filter(same_domain | same_name | like).select_related("owner")
    return list(found.order_by(rank, "name", "pk")[:MOST_ALIKE])


def contacts_like(*, user: User, lead: Lead, account: Account) -> list[Contact]:
    """Return who of `account` may be the person that `lead` is: by the same address, or the same name."""
    same = Q(name__iexact=lead.name)
    if lead.email:
        same |= Q(email__iexact=lead.email)
    found = visible(CONTACT, user=user).filter(same, account=account, left_at=None)
    return list(found.order_by("name", "pk")[:MOST_ALIKE])


def core_name(company: str) -> str:
    """Return what of a company's name tells it from others: without its legal form."""
    name = "".join(company.split())
    for form in _FORMS:
        name = name.removesuffix(form)
    return name if len(name) > 1 else company


def _at(domain: str) -> Q:
    return Q(domain__iexact=domain) | Q(domain__iexact=f"www.{domain}") | Q(domain__iendswith=f"//{domain}")


def _tasks() -> QuerySet[Task]:
    return Task.objects.select_related(*TASKS_ON, "assignee")


def _seen(user: User) -> Q:
    """Return the condition that `user` may see a task. One query of their standing for each kind of record."""
    found: Any = Q(**{f"{kind}__isnull": True for kind in TASKS_ON}, assignee=user.pk)
    for kind in TASKS_ON:
        found |= Q(Exists(visible(record_type(kind), user=user).filter(pk=OuterRef(f"{kind}_id"))))
    return Q(found)


def _of_seen(found: QuerySet[Any], user: User, key: int) -> Any:
    one = _one(found, key)
    kind: RecordType = record_type(one.record_type)
    if not visible(kind, user=user).filter(pk=one.record).exists():
        raise NotFound
    return one


def _one(found: QuerySet[Any], key: int) -> Any:
    one = found.filter(pk=key).first()
    if one is None:
        raise NotFound
    return one
