"""Single records and lists, as far as the asking user may see them. What they may not see is NotFound."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Count, IntegerField, Model, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from foresail.core.errors import NotFound
from foresail.crm.models import Account, Contact, Deal, DealContact, Pipeline, Stage
from foresail.crm.queries.paging import BY_NAME, SORTS, Page, page_of
from foresail.crm.services.permission import refuse_unless
from foresail.people.models import BusinessLine
from foresail.people.queries import TeamNode, team_tree, users_visible_to
from foresail.people.rules import Action, Decision, Scope, limited, may, scope

if TYPE_CHECKING:
    from foresail.people.models import Team, User

Record = TypeVar("Record", bound=Model)

SHOWN: Final = ("account", "owner", "team", "line", "stage")


def pipelines() -> list[Pipeline]:
    """Return all pipelines with their stages in order. Who is signed in may see how deals are sold."""
    stages = Prefetch("stages", Stage.objects.order_by("position"))
    return list(Pipeline.objects.select_related("line").prefetch_related(stages).order_by("line__name", "pk"))


def pipeline(*, key: int) -> Pipeline:
    return _one(Pipeline.objects.select_related("line"), key)


def stage(*, key: int) -> Stage:
    return _one(Stage.objects.all(), key)


def visible_deals(*, user: User, shared: bool = True) -> QuerySet[Deal]:
    """Return the deals that `user` may see; without `shared`, those alone that they see by their roles."""
    return limited(Deal.objects.all(), user=user, action=Action.SEE, shared=shared)


def deals(
    *,
    user: User,
    q: str | None = None,
    status: str | None = None,
    pipeline: int | None = None,
    stage: int | None = None,
    owner: int | None = None,
    team: int | None = None,
    line: int | None = None,
    account: int | None = None,
    sort: str = "-opened_at",
    after: str | None = None,
    limit: int = 50,
) -> Page[Deal]:
    """Return a page of the deals that `user` may see. `team` holds the teams below it. Raises CursorInvalid.

    `q` is a part of the deal's or its account's name, or the beginning of its number.
    """
    found = visible_deals(user=user)
    exact = {
        "status": status,
        "pipeline_id": pipeline,
        "stage_id": stage,
        "owner_id": owner,
        "line_id": line,
        "account_id": account,
    }
    found = found.filter(**{name: value for name, value in exact.items() if value is not None})
    if team is not None:
        found = found.filter(team_id__in=_with_below(team_tree(user=user), team))
    if wanted := sought(q):
        found = found.filter(named(wanted))
    items, following = page_of(found.select_related(*SHOWN), sort=SORTS[sort], after=after, limit=limit)
    return Page(items=items, next=following, total=found.count())


def sought(q: str | None) -> str:
    """Return what is looked for: one line, as names are kept."""
    return " ".join((q or "").replace("\0", " ").split())


def named(q: str) -> Q:
    """Return the condition that a deal is found by `q`; each part of the union has an index of its own."""
    keys = Deal.objects.order_by().values("pk")
    return Q(
        pk__in=keys.filter(name__icontains=q).union(
            keys.filter(number__istartswith=q), keys.filter(account__name__icontains=q)
        )
    )


def deal(*, user: User, key: int) -> Deal:
    """Return one deal. Raises NotFound."""
    return _one(visible_deals(user=user).select_related(*SHOWN, "pipeline"), key)


def changeable_deal(*, user: User, key: int) -> Deal:
    """Return one deal that `user` may change. Raises NotFound or NotAllowed."""
    found = deal(user=user, key=key)
    refuse_unless(may(user=user, action=Action.CHANGE, record=found))
    return found


def why(*, user: User, deal: Deal) -> Decision:
    """Return whether `user` may see `deal`, and why."""
    return may(user=user, action=Action.SEE, record=deal)


def accounts(*, user: User, q: str | None = None, after: str | None = None, limit: int = 50) -> Page[Account]:
    """Return a page of accounts by name, each with `open_deals`, counting those `user` may see. Raises CursorInvalid."""
    found = _accounts(user)
    if wanted := sought(q):
        found = found.filter(name__icontains=wanted)
    items, following = page_of(found, sort=BY_NAME, after=after, limit=limit)
    return Page(items=items, next=following)


def account(*, user: User, key: int) -> Account:
    """Return one account, with `open_deals`. Raises NotFound."""
    return _one(_accounts(user), key)


def contacts(
    *,
    user: User,
    q: str | None = None,
    account: int | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[Contact]:
    """Return a page of contacts by name. Raises CursorInvalid."""
    found = limited(Contact.objects.select_related("account"), user=user, action=Action.SEE)
    if account is not None:
        found = found.filter(account=account)
    if wanted := sought(q):
        found = found.filter(name__icontains=wanted)
    items, following = page_of(found, sort=BY_NAME, after=after, limit=limit)
    return Page(items=items, next=following)


def contact_of(*, deal: Deal, key: int) -> Contact:
    """Return a contact of the account of `deal`, for who may see the deal. Raises NotFound."""
    found: Contact = _one(Contact.objects.filter(account=deal.account_id), key)
    return found


def people_of(*, deal: Deal) -> list[DealContact]:
    """Return who decides in `deal`, for who may see it."""
    return list(deal.people.select_related("contact__account").order_by("pk"))


def missing_roles(people: Iterable[DealContact]) -> list[str]:
    """Return the roles a deal needs that nobody has who still works for the account."""
    filled = {each.role for each in people if each.contact.left_at is None}
    return [role.value for role in DealContact.NEEDED if role.value not in filled]


def colleague(*, user: User, key: int) -> User:
    """Return somebody whom `user` may see. Raises NotFound."""
    found = users_visible_to(user=user).select_related("team").filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def may_configure(*, user: User) -> bool:
    """Whether `user` is sales operations, who shapes how is sold."""
    return scope(user=user, action=Action.CONFIGURE) is Scope.ALL


def line_for(*, user: User, key: int | None) -> BusinessLine:
    """Return the line of business with that key; without one, the line of the user's team. Raises NotFound."""
    if key is None:
        key = user.team.line_id if user.team else 0
    return _one(BusinessLine.objects.all(), key)


def team(*, user: User, key: int) -> Team:
    """Return a team. Raises NotFound."""
    for node in _all(team_tree(user=user)):
        if node.team.pk == key:
            return node.team
    raise NotFound


def _accounts(user: User) -> QuerySet[Account]:
    opened = visible_deals(user=user).filter(account=OuterRef("pk"), status=Deal.Status.OPEN)
    counted = opened.order_by().values("account").annotate(n=Count("pk")).values("n")
    return limited(
        Account.objects.select_related("owner", "team", "line").annotate(
            open_deals=Coalesce(Subquery(counted, output_field=IntegerField()), 0)
        ),
        user=user,
        action=Action.SEE,
    )


def _one(queryset: QuerySet[Record], key: int) -> Record:
    try:
        return queryset.get(pk=key)  # not first(), which would sort
    except ObjectDoesNotExist:
        raise NotFound from None


def _all(nodes: Iterable[TeamNode]) -> Iterable[TeamNode]:
    for node in nodes:
        yield node
        yield from _all(node.below)


def _with_below(nodes: Iterable[TeamNode], team: int) -> list[int]:
    for node in _all(nodes):
        if node.team.pk == team:
            return [each.team.pk for each in _all([node])]
    return []
