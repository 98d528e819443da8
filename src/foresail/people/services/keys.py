"""API keys: somebody's own programs ask in their name, for less than they may do themselves."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from foresail.people.areas import AREAS, Right
from foresail.people.errors import KeyAreasInvalid, KeyExpiryInvalid, NotAllowed, TooManyKeys
from foresail.people.models import ApiKey, User
from foresail.people.services.permission import administers
from foresail.people.services.telling import tell
from foresail.people.texts import fingerprint, name_of

BEGINNING: Final = "fsk_"
"""So that a key that lies somewhere in the open is known for what it is."""
TOKEN_BYTES: Final = 32
PREFIX: Final = len(BEGINNING) + 6
LONGEST_DAYS: Final = 366
MOST_KEYS: Final = 20
SEEN_EVERY: Final = timedelta(minutes=1)


def create_key(
    *, name: str, areas: Mapping[str, str], days: int, by: User, at: datetime
) -> tuple[ApiKey, str]:
    """Make `by` a key for `areas` (area → "read" or "write"). Returns it and its token, which is kept nowhere.

    Raises NotAllowed, NameInvalid, KeyAreasInvalid, KeyExpiryInvalid or TooManyKeys.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=by.pk)
        if not user.active:
            raise NotAllowed
        name = name_of(name)
        if not areas or not all(_is_offered(area, right) for area, right in areas.items()):
            raise KeyAreasInvalid
        if not 1 <= days <= LONGEST_DAYS:
            raise KeyExpiryInvalid(days=LONGEST_DAYS)
        if ApiKey.objects.filter(user=user, revoked_at=None, expires_at__gt=at).count() >= MOST_KEYS:
            raise TooManyKeys(most=MOST_KEYS)
        token = BEGINNING + secrets.token_urlsafe(TOKEN_BYTES)
        key = ApiKey.objects.create(
            user=user,
            name=name,
            prefix=token[:PREFIX],
            key_hash=fingerprint(token),
            areas=dict(areas),
            created_at=at,
            expires_at=at + timedelta(days=days),
        )
        values = {"key": key.pk, "areas": key.areas, "expires_at": key.expires_at}
        tell("create_key", user, values, by=by, at=at)
        return key, token


def see_key(*, token: str, address: str, at: datetime) -> ApiKey | None:
    """Return the key of `token` if it still holds, with its user, and note when and from where it was used."""
    key = (
        ApiKey.objects.select_related("user")
        .filter(key_hash=fingerprint(token), revoked_at=None, user__active=True, expires_at__gt=at)
        .first()
    )
    if key is not None and (key.seen_at is None or at >= key.seen_at + SEEN_EVERY):
        key.seen_at, key.address = at, address
        key.save(update_fields=["seen_at", "address"])
    return key


def revoke_key(*, key: ApiKey, by: User | None, at: datetime) -> None:
    """End `key`: one's own, or anybody's for an admin. Raises NotAllowed. Twice is once."""
    with transaction.atomic():
        own = by is not None and by.pk == key.user_id and key.user.active
        if not own and not administers(by):
            raise NotAllowed
        if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=at):
            tell("revoke_key", key.user, {"key": key.pk}, by=by, at=at)


def _is_offered(area: str, right: str) -> bool:
    return area in AREAS and right in set(Right) and (right == Right.READ or AREAS[area].writable)
