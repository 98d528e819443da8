"""Users come, change and leave. Nobody is deleted: what they did stays theirs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import Enum
from typing import Final

from django.contrib.auth.hashers import make_password
from django.db import transaction

from foresail.core.locks import lock
from foresail.people.errors import EmailTaken, LastAdmin, NotAllowed, UserActive, UserInactive
from foresail.people.models import ApiKey, PasswordLink, Session, Team, User
from foresail.people.roles import Role
from foresail.people.services.links import Link, offer_link
from foresail.people.services.organisation import appoint_manager
from foresail.people.services.permission import administering, administers, is_last_admin
from foresail.people.services.roles import set_roles
from foresail.people.services.telling import tell
from foresail.people.texts import email_of, name_of


class Keep(Enum):
    """Says that a value stays as it is, where None is a value too."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP


def add_user(
    *,
    email: str,
    name: str,
    language: str = User.Language.ZH,
    team: Team | None = None,
    by: User | None,
    at: datetime,
) -> User:
    """Add a user, without a role and without a password: nobody can sign in until one is set.

    Raises NotAllowed, NameInvalid, EmailInvalid or EmailTaken, ValueError for an unknown language.
    """
    with administering(by=by):
        user = User(
            email=_free(email),
            name=name_of(name),
            language=User.Language(language),
            team=team,
            joined_at=at,
            password=make_password(None),
        )
        user.save()
        values = {"email": user.email, "name": user.name, "language": user.language, "team": team and team.pk}
        tell("add_user", user, values, by=by, at=at)
        return user


def change_user(
    *,
    user: User,
    email: str | Keep = KEEP,
    name: str | Keep = KEEP,
    language: str | Keep = KEEP,
    team: Team | Keep | None = KEEP,
    by: User | None,
    at: datetime,
) -> None:
    """Change what is given. One's own name and language anybody may change; all else is for admins.

    Raises NotAllowed, NameInvalid, EmailInvalid or EmailTaken, ValueError for an unknown language.
    """
    with transaction.atomic():
        lock("people organisation")
        own = by is not None and by.pk == user.pk and email is KEEP and team is KEEP
        user.refresh_from_db()
        if not (own and user.active) and not administers(by):
            raise NotAllowed
        wanted = {
            "email": email if email is KEEP else _free(email, besides=user),
            "name": name if name is KEEP else name_of(name),
            "language": language if language is KEEP else User.Language(language).value,
            "team_id": team if isinstance(team, Keep) else team and team.pk,
        }
        changed = {
            field: value
            for field, value in wanted.items()
            if value is not KEEP and value != getattr(user, field)
        }
        if not changed:
            return
        for field, value in changed.items():
            setattr(user, field, value)
        user.save(update_fields=list(changed))
        values = {field.removesuffix("_id"): value for field, value in changed.items()}
        tell("change_user", user, values, by=by, at=at)


def deactivate_user(*, user: User, by: User | None, at: datetime) -> None:
    """Let `user` leave: signed out everywhere, keys revoked, manager of no team, allowed nothing. Roles stay for the record.

    Raises NotAllowed, UserInactive or LastAdmin.
    """
    with administering(by=by):
        user.refresh_from_db()
        if not user.active:
            raise UserInactive(name=user.name)
        if is_last_admin(user):
            raise LastAdmin(name=user.name)
        # Told while the one who does it may still do it, even where somebody closes their own account.
        for team in Team.objects.filter(manager=user).order_by("pk"):
            appoint_manager(team=team, manager=None, by=by, at=at)
        PasswordLink.objects.filter(user=user).delete()
        user.active, user.left_at = False, at
        user.save(update_fields=["active", "left_at"])
        Session.objects.filter(user=user, revoked_at=None).update(revoked_at=at)
        ApiKey.objects.filter(user=user, revoked_at=None).update(revoked_at=at)
        tell("deactivate_user", user, {"active": False}, by=by, at=at)


def reactivate_user(*, user: User, by: User | None, at: datetime) -> Link:
    """Let `user` come back, with the roles they had; return the link by which they choose a new password.

    They manage no team, and what was handed over stays where it is. Raises NotAllowed or UserActive.
    """
    with administering(by=by):
        user.refresh_from_db()
        if user.active:
            raise UserActive(name=user.name)
        user.active, user.left_at = True, None
        user.save(update_fields=["active", "left_at"])
        tell("reactivate_user", user, {"active": True}, by=by, at=at)
        return offer_link(user=user, by=by, at=at)


def invite_user(
    *,
    email: str,
    name: str,
    language: str = User.Language.ZH,
    team: Team | None = None,
    roles: Collection[Role] = (),
    by: User | None,
    at: datetime,
) -> tuple[User, Link]:
    """Add a user with `roles`, and return them with the link by which they choose their password.

    Raises what `add_user` raises.
    """
    with administering(by=by):
        user = add_user(email=email, name=name, language=language, team=team, by=by, at=at)
        set_roles(user=user, roles=roles, by=by, at=at)
        return user, offer_link(user=user, by=by, at=at)


def _free(email: str, *, besides: User | None = None) -> str:
    """Return the address as it is kept, if nobody else has it."""
    kept = email_of(email)
    if User.objects.filter(email=kept).exclude(pk=besides.pk if besides else 0).exists():
        raise EmailTaken(email=kept)
    return kept
