"""Signing in through the company's own provider: the settings, the way there and back, and being signed out by it.

What asks the provider does so outside of any transaction. A state serves once: its row is deleted by who comes first.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from foresail.core import vault
from foresail.core.changes import Change, record
from foresail.core.locks import lock
from foresail.people import outside, provider
from foresail.people.errors import (
    AccountInactive,
    DomainInvalid,
    DomainRefused,
    EmailInvalid,
    EmailUnverified,
    IdentityDiffers,
    IssuerInvalid,
    NewcomersNeedDomain,
    NotAllowed,
    PasswordsNeeded,
    SecretLost,
    SignInStale,
    SingleSignOnIncomplete,
    SingleSignOnOff,
    UnknownPerson,
)
from foresail.people.models import Identity, PendingSignIn, Session, SingleSignOn, User
from foresail.people.models.single_sign_on import NEWCOMER_ROLES
from foresail.people.provider import Client, Person
from foresail.people.roles import Role
from foresail.people.services.permission import administering, administers
from foresail.people.services.roles import grant_role
from foresail.people.services.telling import tell
from foresail.people.services.users import KEEP, Keep, add_user
from foresail.people.texts import LONGEST_NAME, email_of, fingerprint, plain

PATIENCE: Final = timedelta(minutes=10)
"""How long somebody may take at the provider."""
STATE_BYTES: Final = 32
LONGEST_NEXT: Final = 500
MOST_DOMAINS: Final = 50
_DOMAIN: Final = re.compile(
    r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)


@dataclass(frozen=True, kw_only=True)
class Departure:
    """Where to send the browser, and the state that it must bring back both in the address and in a cookie."""

    address: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """Who came back, as whom at the provider, in which of its sessions, and where they wanted to go."""

    user: User
    identity: Identity
    provider_session: str
    next: str


def set_single_sign_on(
    *,
    enabled: bool,
    issuer: str,
    client: str,
    secret: str | Keep = KEEP,
    name_zh: str,
    name_en: str,
    domains: Collection[str],
    newcomer_role: str | None,
    passwords: bool,
    by: User | None,
    at: datetime,
) -> SingleSignOn:
    """Keep how people sign in. Where it is turned on, the provider is asked first whether it is one.

    `secret` is sealed; `newcomer_role` None refuses whom nobody added. Raises NotAllowed, IssuerInvalid,
    DomainInvalid, SingleSignOnIncomplete, NewcomersNeedDomain, PasswordsNeeded, ProviderAway or ProviderUnfit.
    """
    if not administers(by):
        raise NotAllowed
    wanted = {
        "enabled": enabled,
        "issuer": _issuer(issuer),
        "client": plain(client)[:300],
        "name_zh": plain(name_zh)[:50],
        "name_en": plain(name_en)[:50],
        "domains": _domains(domains),
        "newcomer_role": newcomer_role,
        "passwords": passwords,
    }
    _require_sense(wanted)
    provider.forget()
    if enabled:
        provider.discover(str(wanted["issuer"]), at=at)
    with administering(by=by):
        kept, _ = SingleSignOn.objects.get_or_create(pk=1)
        changed = {name: value for name, value in wanted.items() if value != getattr(kept, name)}
        for name, value in changed.items():
            setattr(kept, name, value)
        if not isinstance(secret, Keep):
            kept.secret = vault.seal(secret) if secret else b""
            changed["secret"] = "set" if secret else "none"  # never what it is
        if changed:
            kept.save()
            record(
                Change(
                    actor=by.pk if by else None,
                    verb="set_single_sign_on",
                    subject="people.SingleSignOn",
                    key="1",
                    at=at,
                    values=changed,
                )
            )
        return kept


def check_provider(*, issuer: str, by: User | None, at: datetime) -> None:
    """Ask whether `issuer` is a provider that can be used. Raises as `set_single_sign_on` does."""
    if not administers(by):
        raise NotAllowed
    found = _issuer(issuer)
    if not found:
        raise IssuerInvalid
    provider.forget()
    provider.discover(found, at=at)


def depart(*, back: str, next: str, at: datetime) -> Departure:  # noqa: A002  (as it is in the address)
    """Send somebody to the provider, who comes back to `back`. Raises SingleSignOnRefused."""
    settings = _settings()
    state, nonce, verifier = (secrets.token_urlsafe(STATE_BYTES) for _ in range(3))
    address = provider.authorization(
        _client(settings), back=back, state=state, nonce=nonce, verifier=verifier, at=at
    )
    PendingSignIn.objects.create(
        state_hash=fingerprint(state), nonce=nonce, verifier=verifier, next=next[:LONGEST_NEXT], at=at
    )
    return Departure(address=address, state=state)


def require_state(*, state: str, cookie: str) -> None:
    """Raise SignInStale unless the browser that comes back is the one that was sent."""
    if not state or not secrets.compare_digest(state.encode(), cookie.encode()):
        raise SignInStale


def arrive(*, code: str, state: str, issuer: str | None, back: str, at: datetime) -> Arrival:
    """Return who came back with `code`; `state` is used up whatever comes of it. Raises SingleSignOnRefused.

    `issuer` is what the address says of who sent them (RFC 9207), None where it says nothing.
    """
    pending = _taken(state, at)
    settings = _settings()
    client = _client(settings)
    if issuer is not None and issuer != client.issuer:
        raise SignInStale
    person = provider.redeem(
        client, code=code, back=back, nonce=pending.nonce, verifier=pending.verifier, at=at
    )
    with transaction.atomic():
        lock(f"people identity {client.issuer} {person.subject}")
        identity = _identity(settings, person, at)
        if not identity.user.active:
            raise AccountInactive
        return Arrival(
            user=identity.user, identity=identity, provider_session=person.session, next=pending.next
        )


def sign_out_by_provider(*, token: str, at: datetime) -> int:
    """End the sessions that a logout token of the provider names; return how many. Raises SingleSignOnRefused."""
    settings = _settings()
    told = provider.logged_out(_client(settings), token=token, at=at)
    named = {"identity__subject": told.subject, "provider_session": told.session}
    with transaction.atomic():
        ended = Session.objects.select_for_update(of=("self",)).filter(
            identity__issuer=settings.issuer,
            revoked_at=None,
            **{field: value for field, value in named.items() if value},
        )
        sessions = list(ended.select_related("user").order_by("pk"))
        for session in sessions:
            session.revoked_at = at
            session.save(update_fields=["revoked_at"])
        for session in sessions:
            tell("sign_out_by_provider", session.user, {"session": session.pk}, by=None, at=at)
    return len(sessions)


def forget_pending(*, before: datetime) -> int:
    """Delete who was sent away before `before` and did not come back; return how many."""
    deleted, _ = PendingSignIn.objects.filter(at__lt=before).delete()
    return deleted


def _settings() -> SingleSignOn:
    settings = SingleSignOn.objects.filter(enabled=True).first()
    if settings is None:
        raise SingleSignOnOff
    return settings


def _client(settings: SingleSignOn) -> Client:
    try:
        secret = vault.unseal(bytes(settings.secret)) if settings.secret else ""
    except vault.Unsealable as error:
        raise SecretLost from error
    return Client(issuer=settings.issuer, name=settings.client, secret=secret)


def _taken(state: str, at: datetime) -> PendingSignIn:
    pending = PendingSignIn.objects.filter(state_hash=fingerprint(state)).first()
    if pending is None or not PendingSignIn.objects.filter(pk=pending.pk).delete()[0]:
        raise SignInStale
    if at >= pending.at + PATIENCE:
        raise SignInStale
    return pending


def _identity(settings: SingleSignOn, person: Person, at: datetime) -> Identity:
    """Return who `person` is with us; the first time, by an address that the provider has verified."""
    known = (
        Identity.objects.select_related("user").filter(issuer=settings.issuer, subject=person.subject).first()
    )
    if known is not None:
        return known
    email = _vouched_for(settings, person)
    user = User.objects.filter(email=email).first() or _newcomer(settings, person, email, at)
    if Identity.objects.filter(user=user, issuer=settings.issuer).exists():
        raise IdentityDiffers
    identity = Identity.objects.create(user=user, issuer=settings.issuer, subject=person.subject, bound_at=at)
    tell("bind_identity", user, {"issuer": settings.issuer, "subject": person.subject}, by=user, at=at)
    return identity


def _vouched_for(settings: SingleSignOn, person: Person) -> str:
    """Return the address by which `person` may be found. Raises EmailUnverified or DomainRefused."""
    if not person.verified:
        raise EmailUnverified
    try:
        email = email_of(person.email)
    except EmailInvalid as error:
        raise EmailUnverified from error
    if settings.domains and email.rpartition("@")[2] not in settings.domains:
        raise DomainRefused
    return email


def _newcomer(settings: SingleSignOn, person: Person, email: str, at: datetime) -> User:
    if settings.newcomer_role is None:
        raise UnknownPerson
    name = plain(person.name)[:LONGEST_NAME] or email.partition("@")[0]
    user = add_user(email=email, name=name, by=None, at=at)
    grant_role(user=user, role=Role(settings.newcomer_role), by=None, at=at)
    return user


def _issuer(text: str) -> str:
    """Return the issuer as it is kept; empty where none is given. A slash at its end belongs to it."""
    issuer = text.strip()
    if not issuer:
        return ""
    try:
        parts = outside.checked(issuer)
    except outside.AddressRefused as error:
        raise IssuerInvalid from error
    if parts.query:
        raise IssuerInvalid
    return issuer


def _domains(given: Collection[str]) -> list[str]:
    found = dict.fromkeys(plain(each).lower().removeprefix("@") for each in given)
    for domain in found:
        if not _DOMAIN.fullmatch(domain):
            raise DomainInvalid(domain=domain[:80])
    return sorted(found)[:MOST_DOMAINS]


def _require_sense(wanted: dict[str, object]) -> None:
    if wanted["enabled"] and not all(wanted[name] for name in ("issuer", "client", "name_zh", "name_en")):
        raise SingleSignOnIncomplete
    if not wanted["enabled"] and not wanted["passwords"]:
        raise PasswordsNeeded
    if wanted["newcomer_role"] is not None:
        if wanted["newcomer_role"] not in NEWCOMER_ROLES:
            raise NotAllowed
        if not wanted["domains"]:
            raise NewcomersNeedDomain
