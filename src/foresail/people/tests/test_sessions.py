"""Sessions: made, seen, listed, revoked and ended."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from foresail.core.changes import Change
from foresail.people import queries, services
from foresail.people.errors import NotAllowed
from foresail.people.models import Session, User
from foresail.people.roles import Role

Hire = Callable[..., User]
HOME = "192.0.2.1"
MINUTE = timedelta(minutes=1)


def test_a_session_keeps_only_the_hash_of_its_token(li: User, at: datetime, changes: list[Change]) -> None:
    changes.clear()
    session, token = services.create_session(user=li, address=HOME, agent="Fire\x00fox" + "x" * 400, at=at)
    assert len(token) == 43  # 256 bits
    assert session.key_hash == hashlib.sha256(token.encode()).hexdigest()
    assert len(session.agent) == 300
    (change,) = changes
    assert change.personal == frozenset({"address", "agent"})
    assert token not in str(change)
    assert session.key_hash not in str(change)
    later = at + timedelta(seconds=59)
    assert services.see_session(token=token, at=later) == session
    assert Session.objects.get().seen_at == at
    assert services.see_session(token=token, at=at + MINUTE) == session
    assert Session.objects.get().seen_at == at + MINUTE
    assert services.see_session(token="guess", at=at) is None


def test_a_session_ends_when_idle_and_at_last_in_any_case(li: User, at: datetime) -> None:
    _, token = services.create_session(user=li, address=HOME, agent="", at=at)
    assert services.see_session(token=token, at=at + timedelta(days=14)) is None
    for days in range(10, 90, 10):
        assert services.see_session(token=token, at=at + timedelta(days=days)) is not None
    assert services.see_session(token=token, at=at + timedelta(days=90)) is None


def test_sessions_are_listed_and_revoked_by_their_user_or_an_admin(
    li: User, hire: Hire, admin: User, at: datetime, changes: list[Change]
) -> None:
    eve = hire("Eve", Role.MANAGER)
    made = [
        services.create_session(user=li, address=HOME, agent=str(n), at=at + n * MINUTE) for n in range(4)
    ]
    now = at + 5 * MINUTE

    def listed(user: User) -> list[str]:
        return [session.agent for session in queries.sessions(of=li, user=user, at=now)]

    assert (listed(li), listed(admin), listed(eve)) == (["3", "2", "1", "0"], ["3", "2", "1", "0"], [])
    changes.clear()
    for verb in (
        lambda: services.revoke_session(session=made[0][0], by=eve, at=now),
        lambda: services.revoke_other_sessions(keep=made[0][0], by=eve, at=now),
    ):
        with pytest.raises(NotAllowed):
            verb()
    assert (len(listed(li)), changes) == (4, [])
    services.revoke_session(session=made[0][0], by=admin, at=now)
    services.revoke_session(session=made[0][0], by=admin, at=now)
    assert services.revoke_other_sessions(keep=made[2][0], by=li, at=now) == 2
    assert listed(li) == ["2"]
    assert [change.verb for change in changes] == ["revoke_session", "revoke_other_sessions"]
    assert services.see_session(token=made[0][1], at=now) is None
    assert services.see_session(token=made[2][1], at=now) == made[2][0]
