"""Plain reads for higher rooms, without a user: nobody is shown these before `visible_deals` was asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Case, Q, QuerySet, Sum, When
from django.db.models.functions import ExtractMonth

from foresail.core.clock import ZONE
from foresail.crm import fields
from foresail.crm.currencies import house_currency, in_house
from foresail.crm.models import Account, Contact, CurrencyRate, Deal, DealContact, Task
from foresail.crm.queries.currencies import Lacking, lacking
from foresail.crm.sight import Sight
from foresail.people.models import User
from foresail.people.queries import leaders_of
from foresail.people.rules import Action, limited


class DealFacts(NamedTuple):
    """A deal as it stands now. Records are named by their keys, the stage by its own."""

    id: int
    number: str
    name: str
    account: int
    account_name: str
    pipeline: int
    stage: str
    owner: int | None
    owner_name: str | None
    team: int | None
    line: int
    status: str
    amount: Decimal | None
    currency: str
    opened_at: datetime
    closed_at: datetime | None
    expected_close_on: date | None
    facts: Mapping[str, str]


_COLUMNS = (
    *("pk", "number", "name", "account_id", "account__name", "pipeline_id", "stage__key"),
    *("owner_id", "owner__name", "team_id", "line_id", "status", "amount", "currency"),
    *("opened_at", "closed_at", "expected_close_on", "facts"),
)


def deal_keys(pipelines: Collection[int]) -> list[int]:
    """Return the keys of all deals of `pipelines`, in order."""
    return list(Deal.objects.filter(pipeline__in=pipelines).order_by("pk").values_list("pk", flat=True))


def open_deals(pipelines: Collection[int]) -> list[DealFacts]:
    """Return the open deals of `pipelines`, in the order of their keys."""
    return _read(Deal.objects.filter(pipeline__in=pipelines, status=Deal.Status.OPEN))


def ended(pipelines: Collection[int], *, since: datetime, until: datetime | None = None) -> list[DealFacts]:
    """Return the deals of `pipelines` that ended at `since` or later, and before `until`, in the order of their keys."""
    found = Deal.objects.filter(pipeline__in=pipelines, closed_at__gte=since)
    return _read(found.filter(closed_at__lt=until) if until is not None else found)


def alive(*, since: datetime, until: datetime, deals: Collection[int] | None = None) -> list[DealFacts]:
    """Return the deals that were open at some time from `since` to `until`, all or those named, in order of their keys."""
    found = Deal.objects.filter(opened_at__lte=until).filter(Q(closed_at=None) | Q(closed_at__gt=since))
    return _read(found if deals is None else found.filter(pk__among=list(deals)))


def deals_at(*, accounts: Collection[int]) -> list[DealFacts]:
    """Return all deals of `accounts`, whatever became of them, in the order of their keys."""
    return _read(Deal.objects.filter(account__among=list(accounts)))


def accounts_that_buy(*, since: datetime, until: datetime) -> list[int]:
    """Return the accounts with a deal that was won, or open at some time from `since` to `until`, in the order of their keys."""
    open_then = Q(opened_at__lte=until) & (Q(closed_at=None) | Q(closed_at__gt=since))
    found = Deal.objects.filter(Q(status=Deal.Status.WON) | open_then).order_by("account")
    return list(found.values_list("account", flat=True).distinct())


def rates_on(day: date) -> dict[str, Decimal]:
    """Return what a unit of each currency was worth in the house currency on `day`, where somebody said."""
    house = house_currency()
    latest = CurrencyRate.objects.filter(house=house, from_on__lte=day).order_by("currency", "-from_on")
    return dict(latest.distinct("currency").values_list("currency", "rate")) | {house: Decimal(1)}


def accounts_of(deals: Collection[int]) -> dict[int, int]:
    """Return whose each of `deals` is now, by key; those in the bin are left out."""
    return dict(Deal.objects.filter(pk__among=list(deals)).values_list("pk", "account_id"))


def deal_keys_at(accounts: Collection[int], *, only_open: bool) -> list[int]:
    """Return the deals of `accounts`, in the order of their keys: all, those in the bin too, or the open ones."""
    found = Deal.objects.filter(status="open") if only_open else Deal.with_deleted.all()
    return list(found.filter(account__in=accounts).order_by("pk").values_list("pk", flat=True))


class Ended(NamedTuple):
    """A deal that ended: whose it is, when it was open, and whether it was won."""

    id: int
    account: int
    opened_at: datetime
    closed_at: datetime
    won: bool


def ended_between(*, since: datetime, until: datetime) -> list[Ended]:
    """Return the deals of everybody that ended at `since` or later, and before `until`, in the order of their keys."""
    found = Deal.objects.filter(closed_at__gte=since, closed_at__lt=until).order_by("pk")
    rows = found.values_list("pk", "account_id", "opened_at", "closed_at", "status")
    return [
        Ended(key, account, opened, closed, status == Deal.Status.WON)
        for key, account, opened, closed, status in rows
        if closed is not None
    ]


def facts_of(deals: Collection[int], *, binned: bool = False) -> dict[int, DealFacts]:
    """Return what is known of `deals`, by key; left out are those that do not exist or, unless asked for, are in the bin."""
    manager = Deal.with_deleted if binned else Deal.objects
    return {each.id: each for each in _read(manager.filter(pk__in=deals))}


def _read(found: QuerySet[Deal]) -> list[DealFacts]:
    return [DealFacts(*row) for row in found.order_by("pk").values_list(*_COLUMNS)]


def sees_field(*, user: User, record_type: str, field: str) -> bool:
    """Whether `user` sees a field on every record of its kind: else nothing may be made of it for them."""
    kind = fields.record_type(record_type)
    return Sight.of(user).everywhere(kind, fields.fields_of(kind)[field])


def hidden_fields(*, user: User, record_type: str) -> frozenset[str]:
    """Return which fields of a kind of record the organisation's rules keep from `user`, on any record."""
    kind, sight = fields.record_type(record_type), Sight.of(user)
    found = fields.fields_of(kind)
    return frozenset(key for key, field in found.items() if not sight.everywhere(kind, field))


def won_by_month(*, year: int) -> list[tuple[int | None, int | None, int, int, Decimal]]:
    """Return what was won in a year: owner, team, line, month in China's time, and the exact sum of amounts in
    the house currency, each at the rate of the day it was won. Those without a rate are left out.
    """
    month = ExtractMonth("closed_at", tzinfo=ZONE)
    start, end = (datetime(each, 1, 1, tzinfo=ZONE) for each in (year, year + 1))
    rows = won_in(start, end).order_by().values_list("owner_id", "team_id", "line_id", month)
    sums = rows.annotate(total=Sum(in_house()))
    return [(owner, team, line, number, total or Decimal(0)) for owner, team, line, number, total in sums]


def won_in(start: datetime, end: datetime) -> QuerySet[Deal]:
    """Return the deals won from `start` until before `end` that have an amount."""
    return Deal.objects.filter(
        status=Deal.Status.WON, closed_at__gte=start, closed_at__lt=end, amount__isnull=False
    )


def won_without_rate(*, user: User, year: int, today: date) -> list[Lacking]:
    """Return what `won_by_month` leaves out, as far as `user` may see."""
    start, end = (datetime(each, 1, 1, tzinfo=ZONE) for each in (year, year + 1))
    return lacking(limited(won_in(start, end), user=user, action=Action.SEE, shared=False), today=today)


def all_deals() -> QuerySet[Deal]:
    """Return every deal, for sums that nobody is shown deal by deal."""
    return Deal.objects.all()


def present_contacts(
    *, contacts: Collection[int] | None = None, accounts: Collection[int] | None = None
) -> list[tuple[int, int, str]]:
    """Return (key, account, name) of contacts who have not left: all, or those named, or those of accounts."""
    found = Contact.objects.filter(left_at=None)
    if contacts is not None:
        found = found.filter(pk__in=contacts)
    if accounts is not None:
        found = found.filter(account__in=accounts)
    return list(found.order_by("pk").values_list("pk", "account_id", "name"))


def left_at(contacts: Collection[int]) -> dict[int, datetime]:
    """Return when those of `contacts` left who did, also those in the bin."""
    found = Contact.with_deleted.filter(pk__in=contacts).values_list("pk", "left_at")
    return {key: at for key, at in found if at is not None}


class ContactFacts(NamedTuple):
    """A contact as it stands now; `present` ones have not left and lie in no bin."""

    id: int
    account: int
    name: str
    title: str
    email: str
    present: bool


def contacts_at(*, accounts: Collection[int]) -> list[ContactFacts]:
    """Return everybody who works or ever worked for `accounts`, those in the bin too."""
    here = Case(When(left_at=None, deleted_at=None, then=True), default=False)
    found = Contact.with_deleted.filter(account__in=accounts).annotate(present=here).order_by("pk")
    return [ContactFacts(*row) for row in found.values_list("pk", *ContactFacts._fields[1:])]


class TaskFacts(NamedTuple):
    """A task for a deal, done or not."""

    id: int
    deal: int
    title: str
    due_on: date | None
    created_at: datetime
    done_at: datetime | None
    assignee: int


def tasks_for(*, deals: Collection[int]) -> list[TaskFacts]:
    """Return the tasks for `deals`, done or not."""
    found = Task.objects.filter(deal__in=deals).order_by("pk")
    return [TaskFacts(*row) for row in found.values_list("pk", *TaskFacts._fields[1:])]


def roles_in(*, deals: Collection[int]) -> dict[int, frozenset[int]]:
    """Return which contacts are on `deals`, by deal."""
    found: dict[int, set[int]] = {}
    for deal, contact in DealContact.objects.filter(deal__in=deals).values_list("deal", "contact"):
        found.setdefault(deal, set()).add(contact)
    return {deal: frozenset(some) for deal, some in found.items()}


def champions_in(*, deals: Collection[int]) -> list[tuple[int, int, datetime | None]]:
    """Return (deal, contact, when they left) of who stands for us in `deals`, as the roles are now."""
    found = DealContact.objects.filter(deal__among=list(deals), role=DealContact.Role.CHAMPION)
    return list(found.order_by("pk").values_list("deal", "contact", "contact__left_at"))


def changeable_deals(*, user: User) -> QuerySet[Deal]:
    """Return the open deals that `user` may change, with account, stage and owner."""
    open_ones = Deal.objects.filter(status=Deal.Status.OPEN).select_related("account", "stage", "owner")
    return limited(open_ones, user=user, action=Action.CHANGE)


def changeable_accounts(*, user: User, keys: Collection[int]) -> frozenset[int]:
    """Return those of the accounts `keys` that `user` may change."""
    found = limited(Account.objects.filter(pk__in=keys), user=user, action=Action.CHANGE)
    return frozenset(found.values_list("pk", flat=True))


def owners_of(kind: fields.RecordType, keys: Collection[int]) -> dict[int, int]:
    """Return whose records of `kind` are, by key; what is nobody's is not among it."""
    found = kind.model.objects.filter(pk__in=keys, owner__isnull=False)
    return dict(found.values_list("pk", "owner"))


def people_behind(*, deals: Collection[int], accounts: Collection[int]) -> frozenset[int]:
    """Return who owns these deals and accounts, who leads them, and who manages the teams that the records are of."""
    rows = [
        row
        for model, keys in ((Deal, deals), (Account, accounts))
        for row in model.objects.filter(pk__among=list(keys)).values_list("owner", "team__manager")
    ]
    owners = {owner for owner, _ in rows if owner is not None}
    managers = {manager for _, manager in rows if manager is not None}
    return frozenset(owners | managers | leaders_of(people=owners))


class Worth(NamedTuple):
    """What a deal is worth, in its own currency and in the house currency: None where nobody said at what rate."""

    amount: Decimal
    currency: str
    in_house: Decimal | None


def worth_of(deals: Collection[int], *, user: User) -> dict[int, Worth]:
    """Return what those of `deals` are worth whose amount `user` may see, exact; those without one are left out."""
    sight, kind = Sight.of(user), fields.DEAL
    field = fields.fields_of(kind)["amount"]
    found = Deal.objects.filter(pk__in=deals, amount__isnull=False).annotate(worth=in_house())
    return {
        deal.pk: Worth(deal.amount, deal.currency, deal.worth)
        for deal in found
        if deal.amount is not None and sight.shows(kind, field, deal)
    }
