"""The rule: exact answers with their sentences, and a list that holds just what the rule allows."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foresail.core import clock
from foresail.people import services
from foresail.people.models import BusinessLine, Grant, Guarded, Share, Team, User
from foresail.people.roles import BY_SHARE, SPECIALISTS, TABLE, TO_RECORDS
from foresail.people.rules import Action, Decision, Role, Scope, bar, limited, may, scope, within_bounds

Hire = Callable[..., User]


class Company:
    """Line Pumps with East, and Harbour below it; West beside them. Line Valves with North."""

    def __init__(self, at: datetime) -> None:
        self.pumps = services.add_line(name="Pumps", by=None, at=at)
        self.valves = services.add_line(name="Valves", by=None, at=at)
        self.east = services.add_team(name="East", line=self.pumps, by=None, at=at)
        self.harbour = services.add_team(name="Harbour", line=self.pumps, parent=self.east, by=None, at=at)
        self.west = services.add_team(name="West", line=self.pumps, by=None, at=at)
        self.north = services.add_team(name="North", line=self.valves, by=None, at=at)


@pytest.fixture
def company(deals: type[Guarded], at: datetime) -> Company:
    assert deals
    return Company(at)


@pytest.mark.parametrize("role", Role)
def test_export_is_narrower_than_see_and_nobody_does_both_admin_and_sales(role: Role) -> None:
    row = TABLE[role]
    assert set(row) == set(Action)
    assert row[Action.EXPORT] < row[Action.SEE] or row[Action.SEE] is Scope.NONE
    assert row[Action.CHANGE] <= row[Action.SEE]
    assert not (row[Action.ADMINISTER] and any(row[action] for action in TO_RECORDS))


def test_the_table_for_those_who_change_nothing() -> None:
    for role in SPECIALISTS | {Role.READ_ONLY}:
        assert {action for action in Action if TABLE[role][action]} == {Action.SEE}
        assert TABLE[role][Action.SEE] is Scope.LINE


def test_a_rep_changes_their_own_deal_and_no_other(company: Company, deals: Any, hire: Hire) -> None:
    li, wang = (hire(name, Role.REP, team=company.east) for name in ("Li", "Wang"))
    own = deals.objects.create(owner=li, team=company.east, line=company.pumps)
    other = deals.objects.create(owner=wang, team=company.east, line=company.pumps)
    assert may(user=li, action=Action.CHANGE, record=own) == Decision(
        allowed=True,
        scope=Scope.OWN,
        because_zh="Li是此商机的负责人；销售代表可以更改本人负责的记录。",
        because_en="Li owns this deal; as rep they may change what they own.",
    )
    refused = may(user=li, action=Action.SEE, record=other)
    assert (refused.allowed, refused.scope) == (False, Scope.OWN)
    assert refused.because_en == "As rep, Li may see only what they own, and this deal is not among it."
    assert refused.because_zh == "Li作为销售代表只能查看本人负责的记录，此商机不在其中。"
    exported = may(user=li, action=Action.EXPORT, record=own)
    assert (exported.allowed, exported.scope) == (False, Scope.NONE)
    assert exported.because_en == (
        "No role of Li's allows to export a deal; an administrator can grant one that does."
    )


def test_a_manager_reaches_down_the_tree_but_neither_up_nor_aside(
    company: Company, deals: Any, hire: Hire, at: datetime
) -> None:
    li = hire("Li", Role.MANAGER)
    services.appoint_manager(team=company.east, manager=li, by=None, at=at)
    here, below, aside = (
        deals.objects.create(team=team, line=company.pumps)
        for team in (company.east, company.harbour, company.west)
    )
    assert may(user=li, action=Action.ASSIGN, record=here).because_en == (
        "Li is manager of team East, to which this deal belongs; "
        "as manager they may assign what belongs to their teams and those below."
    )
    assert may(user=li, action=Action.ASSIGN, record=here).because_zh == (
        "Li是团队“East”的负责人，此商机属于该团队；销售经理可以分配所属及所管团队（含下级团队）的记录。"
    )
    assert may(user=li, action=Action.SEE, record=below).because_en.startswith(
        "Li is manager of team East, and this deal belongs to team Harbour below it; "
    )
    assert not may(user=li, action=Action.SEE, record=aside).allowed
    services.appoint_manager(team=company.east, manager=None, by=None, at=at)
    services.appoint_manager(team=company.harbour, manager=li, by=None, at=at)
    assert [deal.pk for deal in limited(deals.objects.all(), user=li, action=Action.SEE)] == [below.pk]


def test_several_roles_reach_as_far_as_the_widest(company: Company, deals: Any, hire: Hire) -> None:
    li = hire("Li", Role.REP, Role.READ_ONLY, team=company.east)
    aside = deals.objects.create(team=company.west, line=company.pumps)
    decision = may(user=li, action=Action.SEE, record=aside)
    assert (decision.allowed, decision.scope) == (True, Scope.LINE)
    assert decision.because_en == (
        "This deal belongs to the line Pumps, as does Li; "
        "as read-only user they may see what belongs to their line of business."
    )
    assert scope(user=li, action=Action.CHANGE) is Scope.OWN


def test_an_admin_sees_no_deal_and_nobody_administers_one(
    company: Company, deals: Any, hire: Hire, admin: User
) -> None:
    deals.objects.create(team=company.east, line=company.pumps)
    operations = hire("Olga", Role.SALES_OPERATIONS)
    assert scope(user=admin, action=Action.ADMINISTER) is Scope.ALL
    for action in Action:
        assert not limited(deals.objects.all(), user=admin, action=action).exists()
    assert limited(deals.objects.all(), user=operations, action=Action.SEE).count() == 1
    assert not limited(deals.objects.all(), user=operations, action=Action.CONFIGURE).exists()


def test_who_has_left_may_nothing_even_with_an_old_object_at_hand(
    company: Company, deals: Any, hire: Hire, at: datetime
) -> None:
    li = hire("Li", Role.SALES_OPERATIONS)
    deal = deals.objects.create(owner=li, team=company.east, line=company.pumps)
    stale = User.objects.get(pk=li.pk)
    services.deactivate_user(user=li, by=None, at=at)
    assert stale.active
    assert scope(user=stale, action=Action.SEE) is Scope.NONE
    decision = may(user=stale, action=Action.SEE, record=deal)
    assert (decision.allowed, decision.scope) == (False, Scope.NONE)
    assert decision.because_en == "Li's account is not active, so nothing is allowed."
    assert not limited(deals.objects.all(), user=stale, action=Action.SEE).exists()


def test_a_request_that_only_reads_asks_once_where_somebody_stands(
    company: Company, hire: Hire, at: datetime
) -> None:
    li, wang = (hire(name, Role.REP, team=company.east) for name in ("Li", "Wang"))
    with within_bounds(only_reads=True):
        with CaptureQueriesContext(connection) as asked:
            for user in (li, li, wang, li):
                assert scope(user=user, action=Action.SEE) is Scope.OWN
        assert len(asked) == 2
        bar(frozenset({Action.SEE}))
        assert scope(user=li, action=Action.SEE) is Scope.NONE
    with within_bounds():
        assert scope(user=li, action=Action.SEE) is Scope.OWN
        services.grant_role(user=li, role=Role.MANAGER, by=None, at=at)
        assert scope(user=li, action=Action.SEE) is Scope.TEAM


def test_a_list_takes_two_queries_however_deep_the_tree(
    company: Company, deals: Any, hire: Hire, at: datetime
) -> None:
    li = hire("Li", Role.MANAGER, team=company.east)
    parent = company.harbour
    for depth in range(5):
        parent = services.add_team(name=f"D{depth}", line=company.pumps, parent=parent, by=None, at=at)
        deals.objects.create(team=parent, line=company.pumps)
    with CaptureQueriesContext(connection) as queries:
        assert len(limited(deals.objects.all(), user=li, action=Action.SEE)) == 5
    assert len(queries) == 2


@st.composite
def companies(draw: st.DrawFn) -> dict[str, Any]:
    """Draw two lines, up to five teams in trees, a user for each role, one of many roles and one who left."""
    teams: list[tuple[int, int | None]] = []
    for _ in range(draw(st.integers(1, 5))):
        line = draw(st.integers(0, 1))
        parents = [number for number, (of, _) in enumerate(teams) if of == line]
        teams.append((line, draw(st.sampled_from([None, *parents]))))
    some_team = st.sampled_from([None, *range(len(teams))])
    held = [{role} for role in Role]
    held += [draw(st.sets(st.sampled_from(list(Role)), max_size=4)), set(Role)]
    people = [draw(some_team) for _ in held]
    some_user = st.sampled_from([None, *range(len(held))])
    # Each a record, what it belongs to (one before it), a user or a team, the right, whether below, whether it holds.
    records = draw(st.lists(st.tuples(some_user, some_team, st.integers(0, 1)), min_size=1, max_size=5))
    to = st.one_of(
        st.tuples(st.just("user"), st.integers(0, len(held) - 1)),
        st.tuples(st.just("team"), st.integers(0, len(teams) - 1)),
    )
    record, whether = st.integers(0, len(records) - 1), st.booleans()
    right = st.sampled_from(["see", "change"])
    state = st.sampled_from(["lasting", "running", "over", "ended"])
    return {
        "parents": [draw(st.sampled_from([None, *range(n)])) for n in range(len(records))],
        "shares": draw(
            st.lists(
                st.tuples(record, to, right, whether, state), max_size=6, unique_by=lambda each: each[:2]
            )
        ),
        "teams": teams,
        "managers": [draw(some_user) for _ in teams],
        "held": held,
        "people": people,
        "records": records,
    }


def is_shared(drawn: dict[str, Any], user: int, action: Action, number: int) -> bool:
    """Say what a share means, slowly: of the record itself, or with what belongs to it, of the one it belongs to."""
    belongs: set[int] = set()
    waiting = [team for team, manager in enumerate(drawn["managers"]) if manager == user]
    waiting += [] if drawn["people"][user] is None else [drawn["people"][user]]
    while waiting:
        team = waiting.pop()
        belongs.add(team)
        waiting += [] if drawn["teams"][team][1] is None else [drawn["teams"][team][1]]
    owner, team, _ = drawn["records"][number]
    parent = drawn["parents"][number]
    through = parent is not None and owner is not None and drawn["records"][parent][0] == owner
    through = through and drawn["records"][parent][1] in {None, team}
    for record, (kind, key), right, below, state in drawn["shares"]:
        reaches = record == number or (below and through and record == parent)
        theirs = key == user if kind == "user" else key in belongs
        if reaches and theirs and right in BY_SHARE.get(action, ()) and state in {"lasting", "running"}:
            return True
    return False


def expected(drawn: dict[str, Any], user: int, action: Action, number: int) -> bool:
    """Say what the rule's words mean, slowly."""
    if user == len(drawn["held"]) - 1 or action not in TO_RECORDS:
        return False
    reach = max((TABLE[role][action] for role in drawn["held"][user]), default=Scope.NONE)
    owner, team, line = drawn["records"][number]
    if action is Action.CLAIM and owner is not None:
        return False
    mine = drawn["people"][user]
    up = team
    in_team = False
    while up is not None:
        in_team = in_team or up == mine or drawn["managers"][up] == user
        up = drawn["teams"][up][1]
    return (
        reach is Scope.ALL
        or (reach >= Scope.LINE and mine is not None and drawn["teams"][mine][0] == line)
        or (reach >= Scope.TEAM and in_team)
        or (reach >= Scope.OWN and owner == user)
        or (reach >= Scope.OWN and is_shared(drawn, user, action, number))
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=companies())
def test_the_list_holds_exactly_what_the_rule_allows(deals: Any, at: datetime, drawn: dict[str, Any]) -> None:
    def pick(rows: list[Any], number: int | None) -> Any:
        return None if number is None else rows[number]

    with transaction.atomic():
        lines = [BusinessLine.objects.create(name=f"L{n}") for n in range(2)]
        teams: list[Team] = []
        for number, (line, parent) in enumerate(drawn["teams"]):
            teams.append(Team.objects.create(name=f"T{number}", line=lines[line], parent=pick(teams, parent)))
        last = len(drawn["held"]) - 1
        users = [
            User.objects.create(
                email=f"u{n}@example.com", name=f"U{n}", team=pick(teams, team), joined_at=at,
                active=n != last, left_at=at if n == last else None,
            )
            for n, team in enumerate(drawn["people"])
        ]  # fmt: skip
        Grant.objects.bulk_create(
            Grant(user=users[n], role=role) for n, roles in enumerate(drawn["held"]) for role in roles
        )
        for team, manager in zip(teams, drawn["managers"], strict=True):
            team.manager = pick(users, manager)
            team.save()
        records = [
            deals.objects.create(owner=pick(users, owner), team=pick(teams, team), line=lines[line])
            for owner, team, line in drawn["records"]
        ]
        for record, parent in zip(records, drawn["parents"], strict=True):
            record.parent = pick(records, parent)
            record.save()
        today, day = clock.now(), timedelta(days=1)
        for record, (kind, key), right, below, state in drawn["shares"]:
            ends = {"running": today + day, "over": today - day}.get(state)
            Share.objects.create(
                kind="deal", record=records[record].pk, right=right, below=below, shared_at=today - 2 * day,
                ends_on=ends, ends_at=ends, ended_at=today - day if state == "ended" else None,
                **{kind: users[key] if kind == "user" else teams[key]},
            )  # fmt: skip
        for number, user in enumerate(users):
            for action in Action:
                listed = {row.pk for row in limited(deals.objects.all(), user=user, action=action)}
                decisions = {row.pk: may(user=user, action=action, record=row) for row in records}
                assert listed == {pk for pk, decision in decisions.items() if decision.allowed}
                assert listed == {
                    row.pk for place, row in enumerate(records) if expected(drawn, number, action, place)
                }
                assert all(decision.because_zh and decision.because_en for decision in decisions.values())
        transaction.set_rollback(True)
