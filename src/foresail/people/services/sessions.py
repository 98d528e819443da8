"""Sessions: who is signed in, from where, and until when."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from foresail.people.errors import NotAllowed, OwnAccount
from foresail.people.models import Identity, Session, User
from foresail.people.services.permission import administers
from foresail.people.services.telling import tell
from foresail.people.texts import fingerprint, plain

TOKEN_BYTES = 32
IDLE = timedelta(days=14)
LONGEST = timedelta(days=90)
SEEN_EVERY = timedelta(minutes=1)
LONGEST_AGENT = 300


def create_session(
    *,
    user: User,
    address: str,
    agent: str,
    identity: Identity | None = None,
    provider_session: str = "",
    at: datetime,
) -> tuple[Session, str]:
    """Sign `user` in, whom `authenticate` or `arrive` returned. Returns the session and its token, kept nowhere.

    Raises NotAllowed for an inactive user.
    """
    with transaction.atomic():
        if not User.objects.filter(pk=user.pk, active=True).exists():
            raise NotAllowed
        token = secrets.token_urlsafe(TOKEN_BYTES)
        session = Session.objects.create(
            user=user,
            key_hash=fingerprint(token),
            created_at=at,
            seen_at=at,
            address=address,
            agent=plain(agent)[:LONGEST_AGENT],
            identity=identity,
            provider_session=provider_session,
        )
        values = {"session": session.pk, "address": session.address, "agent": session.agent}
        if identity is not None:
            values["through"] = identity.issuer
        tell("create_session", user, values, by=user, at=at)
        return session, token


def see_session(*, token: str, at: datetime) -> Session | None:
    """Return the session of `token` if it still holds, with its user, and note that it was seen at `at`."""
    try:
        session = Session.objects.select_related("user").get(key_hash=fingerprint(token))
    except Session.DoesNotExist:
        return None
    if session.revoked_at is not None or not session.user.active:
        return None
    if session.seen_at <= at - IDLE or session.created_at <= at - LONGEST:
        return None
    if at >= session.seen_at + SEEN_EVERY:  # not a write for every request
        session.seen_at = at
        session.save(update_fields=["seen_at"])
    return session


def revoke_session(*, session: Session, by: User | None, at: datetime) -> None:
    """Sign `session` out: one's own, or anybody's for an admin. Raises NotAllowed. Twice is once."""
    with transaction.atomic():
        _require_own_or_admin(session, by)
        if Session.objects.filter(pk=session.pk, revoked_at=None).update(revoked_at=at):
            tell("revoke_session", session.user, {"session": session.pk}, by=by, at=at)


def revoke_other_sessions(*, keep: Session, by: User, at: datetime) -> int:
    """Sign out all sessions of the user of `keep` but this one; return how many. Raises NotAllowed."""
    with transaction.atomic():
        _require_own_or_admin(keep, by)
        others = Session.objects.filter(user_id=keep.user_id, revoked_at=None).exclude(pk=keep.pk)
        revoked = others.update(revoked_at=at)
        if revoked:
            tell("revoke_other_sessions", keep.user, {"kept": keep.pk, "revoked": revoked}, by=by, at=at)
        return revoked


def revoke_sessions(*, user: User, by: User | None, at: datetime) -> int:
    """Sign `user` out everywhere; return of how many sessions. One's own with `revoke_other_sessions`.

    Raises NotAllowed or OwnAccount.
    """
    with transaction.atomic():
        if not administers(by):
            raise NotAllowed
        if by is not None and by.pk == user.pk:
            raise OwnAccount
        revoked = Session.objects.filter(user=user, revoked_at=None).update(revoked_at=at)
        if revoked:
            tell("revoke_sessions", user, {"revoked": revoked}, by=by, at=at)
        return revoked


def _require_own_or_admin(session: Session, by: User | None) -> None:
    own = by is not None and by.pk == session.user_id and session.user.active
    if not own and not administers(by):
        raise NotAllowed
