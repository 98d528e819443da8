"""Lines, teams, users and roles: what is kept and told, and that nothing happens when refused."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from foresail.core.changes import Change
from foresail.core.locks import lock
from foresail.people import queries, services
from foresail.people.errors import (
    EmailInvalid,
    EmailTaken,
    LastAdmin,
    LineDiffers,
    NameInvalid,
    NameTaken,
    NotAllowed,
    PeopleError,
    RoleHeld,
    RoleNotHeld,
    TeamCycle,
    UserInactive,
)
from foresail.people.models import BusinessLine, Grant, Session, Team, User
from foresail.people.roles import Role

Hire = Callable[..., User]


def rows() -> list[Any]:
    """Return everything that verbs of this file may write."""
    return [
        list(model.objects.order_by("pk").values()) for model in (BusinessLine, Team, User, Grant, Session)
    ]


def test_a_user_is_added_with_personal_values_named(admin: User, at: datetime, changes: list[Change]) -> None:
    li = services.add_user(email=" Li.Na@Example.COM", name=" 李  娜 ", by=admin, at=at)
    assert (li.email, li.name, li.language, li.active, li.joined_at) == (
        "li.na@example.com", "李 娜", "zh", True, at,
    )  # fmt: skip
    assert not li.has_usable_password()
    assert changes == [
        Change(
            actor=admin.pk,
            verb="add_user",
            subject="people.User",
            key=str(li.pk),
            at=at,
            values={"email": "li.na@example.com", "name": "李 娜", "language": "zh", "team": None},
            personal=frozenset({"email", "name"}),
            person=str(li.pk),
        )
    ]


def test_refused_verbs_change_and_tell_nothing(
    hire: Hire, admin: User, at: datetime, changes: list[Change]
) -> None:
    line = services.add_line(name="Pumps", by=None, at=at)
    other = services.add_line(name="Valves", by=None, at=at)
    east = services.add_team(name="East", line=line, by=None, at=at)
    harbour = services.add_team(name="Harbour", line=line, parent=east, by=None, at=at)
    north = services.add_team(name="North", line=other, by=None, at=at)
    rep = hire("Rep", Role.REP, Role.MANAGER, Role.SALES_OPERATIONS)
    gone = hire("Gone", Role.ADMIN)
    services.deactivate_user(user=gone, by=None, at=at)

    def refused(
        error: type[PeopleError], verb: Callable[..., object], by: User = admin, **values: Any
    ) -> None:
        before = rows()
        changes.clear()
        with pytest.raises(error) as raised:
            verb(**values, by=by, at=at)
        assert raised.value.zh
        assert raised.value.en == str(raised.value)
        assert "{" not in raised.value.zh + raised.value.en
        assert (rows(), changes) == (before, [])

    for nobody in (rep, gone):
        refused(NotAllowed, services.add_line, nobody, name="New")
        refused(NotAllowed, services.add_team, nobody, name="New", line=line)
        refused(NotAllowed, services.move_team, nobody, team=harbour, parent=None)
        refused(NotAllowed, services.appoint_manager, nobody, team=east, manager=rep)
        refused(NotAllowed, services.add_user, nobody, email="new@example.com", name="New")
        refused(NotAllowed, services.change_user, nobody, user=admin, name="New")
        refused(NotAllowed, services.change_user, nobody, user=nobody, email="new@example.com")
        refused(NotAllowed, services.change_user, nobody, user=nobody, team=east)
        refused(NotAllowed, services.deactivate_user, nobody, user=admin)
        refused(NotAllowed, services.grant_role, nobody, user=nobody, role=Role.REP)
        refused(NotAllowed, services.revoke_role, nobody, user=admin, role=Role.ADMIN)
        refused(NotAllowed, services.set_password, nobody, user=admin, password="correct horse battery")
    refused(NotAllowed, services.change_user, gone, user=gone, name="New")
    refused(NameInvalid, services.add_line, name=" \x00 ")
    refused(NameInvalid, services.add_line, name="x" * 151)
    refused(NameTaken, services.add_line, name="pumps")
    refused(NameTaken, services.add_team, name="EAST", line=line)
    refused(LineDiffers, services.add_team, name="New", line=line, parent=north)
    refused(LineDiffers, services.move_team, team=north, parent=east)
    refused(TeamCycle, services.move_team, team=east, parent=harbour)
    refused(TeamCycle, services.move_team, team=east, parent=east)
    refused(UserInactive, services.appoint_manager, team=east, manager=gone)
    refused(EmailInvalid, services.add_user, email="nobody", name="New")
    refused(EmailTaken, services.add_user, email="REP@example.com", name="New")
    refused(EmailTaken, services.change_user, user=admin, email="Rep@Example.com")
    refused(UserInactive, services.grant_role, user=gone, role=Role.REP)
    refused(UserInactive, services.deactivate_user, user=gone)
    refused(RoleHeld, services.grant_role, user=rep, role=Role.REP)
    refused(RoleNotHeld, services.revoke_role, user=rep, role=Role.LEGAL)
    refused(LastAdmin, services.revoke_role, user=admin, role=Role.ADMIN)
    refused(LastAdmin, services.deactivate_user, user=admin)


def test_teams_move_with_all_below_them(admin: User, at: datetime, changes: list[Change]) -> None:
    line = services.add_line(name="Pumps", by=admin, at=at)
    east, west = (services.add_team(name=name, line=line, by=admin, at=at) for name in ("East", "West"))
    harbour = services.add_team(name="Harbour", line=line, parent=east, by=admin, at=at)
    changes.clear()
    services.move_team(team=east, parent=west, by=admin, at=at)
    services.move_team(team=east, parent=west, by=admin, at=at)
    assert [(change.verb, change.key, change.values, change.person) for change in changes] == [
        ("move_team", str(east.pk), {"parent": west.pk, "before": None}, None)
    ]
    (top,) = queries.team_tree(user=admin)
    assert (top.team, top.below[0].team, top.below[0].below[0].team) == (west, east, harbour)


def test_one_may_change_ones_own_name_and_language(hire: Hire, at: datetime, changes: list[Change]) -> None:
    li = hire("Li", Role.REP)
    changes.clear()
    services.change_user(user=li, name="Li Na", language="en", by=li, at=at)
    services.change_user(user=li, name="Li Na", by=li, at=at)
    kept = User.objects.get(pk=li.pk)
    assert (kept.name, kept.language, kept.email) == ("Li Na", "en", "li@example.com")
    (change,) = changes
    assert (change.values, change.personal) == ({"name": "Li Na", "language": "en"}, frozenset({"name"}))
    with pytest.raises(ValueError, match="fr"):
        services.change_user(user=li, language="fr", by=li, at=at)


def test_who_leaves_is_signed_out_and_manages_nothing(
    hire: Hire, admin: User, at: datetime, changes: list[Change]
) -> None:
    li = hire("Li", Role.MANAGER)
    line = services.add_line(name="Pumps", by=None, at=at)
    east = services.add_team(name="East", line=line, by=None, at=at)
    services.appoint_manager(team=east, manager=li, by=None, at=at)
    _, token = services.create_session(user=li, address="192.0.2.1", agent="Firefox", at=at)
    changes.clear()
    later = at + timedelta(days=1)
    services.deactivate_user(user=li, by=admin, at=later)
    assert services.see_session(token=token, at=later) is None
    assert Session.objects.get(user=li).revoked_at == later
    assert Team.objects.get(pk=east.pk).manager is None
    left = User.objects.get(pk=li.pk)
    assert (left.active, left.left_at) == (False, later)
    assert [change.verb for change in changes] == ["appoint_manager", "deactivate_user"]


def test_a_second_admin_lets_the_first_go(hire: Hire, admin: User, at: datetime) -> None:
    second = hire("Bea", Role.ADMIN)
    services.revoke_role(user=admin, role=Role.ADMIN, by=second, at=at)
    with pytest.raises(LastAdmin):
        services.deactivate_user(user=second, by=second, at=at)


def test_the_database_keeps_a_parent_in_its_line_without_the_services_help(at: datetime, admin: User) -> None:
    pumps, valves = (services.add_line(name=name, by=admin, at=at) for name in ("Pumps", "Valves"))
    east = services.add_team(name="East", line=pumps, by=admin, at=at)
    for broken in (
        lambda: Team.objects.create(name="X", line=valves, parent=east),
        lambda: Team.objects.filter(pk=east.pk).update(parent=east),
        lambda: User.objects.filter(pk=admin.pk).update(email="Ada@example.com"),
        lambda: User.objects.filter(pk=admin.pk).update(active=False),
        lambda: Grant.objects.create(user=admin, role="king"),
        lambda: Grant.objects.create(user=admin, role=Role.ADMIN),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():  # noqa: PT012 (the check comes at the end)
            broken()
            connection.check_constraints()


def test_people_are_seen_as_far_as_the_rule_reaches(hire: Hire, admin: User, at: datetime) -> None:
    line = services.add_line(name="Pumps", by=None, at=at)
    east = services.add_team(name="East", line=line, by=None, at=at)
    harbour = services.add_team(name="Harbour", line=line, parent=east, by=None, at=at)
    west = services.add_team(name="West", line=line, by=None, at=at)
    rep = hire("Rep", Role.REP, team=harbour)
    manager = hire("Man", Role.MANAGER, team=east)
    reader = hire("Rea", Role.READ_ONLY, team=west)

    def seen(user: User) -> set[str]:
        return set(queries.users_visible_to(user=user).values_list("name", flat=True))

    assert seen(rep) == {"Rep"}
    assert seen(manager) == {"Rep", "Man"}
    assert seen(reader) == {"Rep", "Man", "Rea"}
    assert seen(admin) == {"Ada", "Rep", "Man", "Rea"}
    assert list(queries.members(team=east, user=manager)) == [manager]
    assert list(queries.members(team=east, below=True, user=manager)) == [manager, rep]
    services.deactivate_user(user=rep, by=None, at=at)
    assert seen(rep) == set()
    assert queries.team_tree(user=rep) == ()
    assert list(queries.members(team=east, below=True, user=manager)) == [manager]


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_remove_each_other_leave_one(hire: Hire, at: datetime) -> None:
    admins = [hire("Ada", Role.ADMIN), hire("Bea", Role.ADMIN)]
    ended: list[str] = []

    def remove(by: User, user: User) -> None:
        try:
            services.revoke_role(user=user, role=Role.ADMIN, by=by, at=at)
            ended.append("done")
        except PeopleError as error:
            ended.append(error.code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=remove, args=pair)
        for pair in ((admins[0], admins[1]), (admins[1], admins[0]))
    ]
    with transaction.atomic():
        lock("people organisation")
        for thread in threads:
            thread.start()
        give_up = time.monotonic() + 20
        waiting = 0
        while waiting < 2 and time.monotonic() < give_up:  # so that both are under way before either goes on
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
                (waiting,) = cursor.fetchone() or (0,)
        assert waiting == 2
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(ended) == ["done", "not_allowed"]
    assert Grant.objects.filter(role=Role.ADMIN).count() == 1
