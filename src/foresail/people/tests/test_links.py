"""Links by which somebody chooses a password: once, in time, and past no second step."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from foresail.core.changes import Change
from foresail.people import services
from foresail.people.errors import (
    LinkInvalid,
    NotAllowed,
    OwnAccount,
    PasswordTooWeak,
    PeopleError,
    UserActive,
    UserInactive,
)
from foresail.people.models import PasswordLink, SecondStep, Session, User
from foresail.people.roles import Role
from foresail.people.tests.browser import PASSWORD

Hire = Callable[..., User]
ComeIn = Callable[..., str]
NEW = "another horse battery"


def test_who_is_invited_chooses_a_password_and_comes_in(
    admin: User, at: datetime, come_in: ComeIn, changes: list[Change]
) -> None:
    li, link = services.invite_user(
        email="li@example.com", name="Li", roles=[Role.REP, Role.MANAGER], by=admin, at=at
    )
    assert [change.verb for change in changes] == ["add_user", "grant_role", "grant_role", "offer_link"]
    assert (len(link.token), link.ends_at) == (43, at + timedelta(hours=72))
    assert link.token not in repr(changes)
    assert link.token not in repr(list(PasswordLink.objects.values()))
    assert services.user_of_link(token=link.token, at=at) == li
    assert services.use_link(token=link.token, password=NEW, at=at) == li
    assert (changes[-1].verb, changes[-1].actor, changes[-1].values) == ("use_link", li.pk, {})
    assert not PasswordLink.objects.exists()
    assert come_in(at, NEW) == "in"


def test_nobody_is_invited_where_one_part_is_refused(
    admin: User, li: User, at: datetime, changes: list[Change]
) -> None:
    with pytest.raises(NotAllowed):
        services.invite_user(email="wu@example.com", name="Wu", roles=[Role.ADMIN], by=li, at=at)
    with pytest.raises(PeopleError):
        services.invite_user(email="LI@example.com", name="Wu", by=admin, at=at)
    assert (User.objects.count(), PasswordLink.objects.count(), changes) == (2, 0, [])


def test_a_link_is_good_once_and_in_time_and_for_who_is_here(admin: User, li: User, at: datetime) -> None:
    first = services.offer_link(user=li, by=admin, at=at)
    second = services.offer_link(user=li, by=admin, at=at)
    refused = [(first.token, at), ("", at), (second.token, at + timedelta(hours=72))]
    for token, when in refused:
        with pytest.raises(LinkInvalid):
            services.use_link(token=token, password=NEW, at=when)
        with pytest.raises(LinkInvalid):
            services.user_of_link(token=token, at=when)
    with pytest.raises(PasswordTooWeak):
        services.use_link(token=second.token, password="short", at=at)
    services.use_link(token=second.token, password=NEW, at=at + timedelta(hours=71))
    with pytest.raises(LinkInvalid):
        services.use_link(token=second.token, password=NEW, at=at)
    third = services.offer_link(user=li, by=admin, at=at)
    services.deactivate_user(user=li, by=admin, at=at)
    with pytest.raises(LinkInvalid):
        services.use_link(token=third.token, password=NEW, at=at)


def test_a_link_ends_the_password_and_the_sessions_and_not_the_second_step(
    admin: User, li: User, at: datetime, come_in: ComeIn
) -> None:
    session, _ = services.create_session(user=li, address="192.0.2.1", agent="", at=at)
    SecondStep.objects.create(user=li, secret="JBSWY3DPEHPK3PXP", confirmed_at=at)
    link = services.offer_link(user=li, by=admin, at=at)
    assert come_in(at) == "sign_in_refused"
    assert Session.objects.get(pk=session.pk).revoked_at == at
    services.use_link(token=link.token, password=NEW, at=at)
    assert come_in(at, NEW) == "second_step_needed"


def test_links_are_made_by_admins_for_others_who_are_here(
    admin: User, li: User, at: datetime, changes: list[Change]
) -> None:
    with pytest.raises(NotAllowed):
        services.offer_link(user=admin, by=li, at=at)
    with pytest.raises(OwnAccount):
        services.offer_link(user=admin, by=admin, at=at)
    services.deactivate_user(user=li, by=admin, at=at)
    changes.clear()
    with pytest.raises(UserInactive):
        services.offer_link(user=li, by=admin, at=at)
    assert (PasswordLink.objects.count(), changes) == (0, [])


def test_who_comes_back_has_their_roles_and_must_choose_a_password(
    admin: User, li: User, at: datetime, come_in: ComeIn, changes: list[Change]
) -> None:
    with pytest.raises(UserActive):
        services.reactivate_user(user=li, by=admin, at=at)
    services.deactivate_user(user=li, by=admin, at=at)
    changes.clear()
    with pytest.raises(NotAllowed):
        services.reactivate_user(user=li, by=li, at=at)
    assert changes == []
    link = services.reactivate_user(user=li, by=admin, at=at)
    assert [change.verb for change in changes] == ["reactivate_user", "offer_link"]
    li.refresh_from_db()
    assert (li.active, li.left_at, [grant.role for grant in li.grants.all()]) == (True, None, ["rep"])
    assert come_in(at, PASSWORD) == "sign_in_refused"
    services.use_link(token=link.token, password=NEW, at=at)
    assert come_in(at + timedelta(minutes=5), NEW) == "in"


def test_an_admin_signs_others_out_everywhere(
    admin: User, li: User, at: datetime, changes: list[Change]
) -> None:
    for _ in range(2):
        services.create_session(user=li, address="192.0.2.1", agent="", at=at)
    changes.clear()
    with pytest.raises(NotAllowed):
        services.revoke_sessions(user=admin, by=li, at=at)
    with pytest.raises(OwnAccount):
        services.revoke_sessions(user=admin, by=admin, at=at)
    assert (Session.objects.filter(revoked_at=None).count(), changes) == (2, [])
    assert services.revoke_sessions(user=li, by=admin, at=at) == 2
    assert services.revoke_sessions(user=li, by=admin, at=at) == 0
    assert [(change.verb, change.values) for change in changes] == [("revoke_sessions", {"revoked": 2})]
