"""The company's OpenID provider, as OpenID Connect Core 1.0 and Discovery 1.0 describe it. No database here.

Of an id token everything is checked that Core 3.1.3.7 asks for: signature by a key of the provider's, issuer,
audience, authorised party, times and nonce. The algorithms are a fixed list of asymmetric ones: neither "none" nor a
key that both sides know can sign.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

import jwt

from foresail.core import logs
from foresail.people import outside
from foresail.people.errors import ClocksDiffer, PeopleError, ProviderAway, ProviderUnfit, TokenRefused

ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip
SCOPE: Final = "openid email profile"
SKEW: Final = timedelta(minutes=1)
"""How far the provider's clock and ours may lie apart."""
KEPT: Final = timedelta(minutes=10)
ASKED_AGAIN: Final = timedelta(seconds=10)
"""An unknown key may be a new one: the provider is asked again, but not by everybody who makes one up."""
LOGGED_OUT: Final = "http://schemas.openid.net/event/backchannel-logout"
_NEEDED: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, kw_only=True)
class Client:
    """Who we are at the provider. Without a secret we are a public client, and PKCE alone protects the code."""

    issuer: str
    name: str
    secret: str


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who came back. `email` is empty where the provider does not vouch for it."""

    subject: str
    email: str
    verified: bool
    name: str
    session: str


@dataclass(frozen=True, kw_only=True)
class LoggedOut:
    """Whom the provider signed out: one of their sessions, or where `session` is empty all of them."""

    subject: str
    session: str


@dataclass
class _Found:
    at: datetime
    values: Mapping[str, Any]


_metadata: dict[str, _Found] = {}
_keys: dict[str, _Found] = {}
_lock = threading.Lock()


def forget() -> None:
    """Ask anew for what is remembered of providers: the settings changed."""
    with _lock:
        _metadata.clear()
        _keys.clear()


def discover(issuer: str, *, at: datetime) -> Mapping[str, Any]:
    """Return what the provider says of itself. Raises ProviderAway or ProviderUnfit."""
    with _lock:
        found = _metadata.get(issuer)
    if found is not None and at < found.at + KEPT:
        return found.values
    told = _ask(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if told.get("issuer") != issuer:
        raise ProviderUnfit
    used = [*_NEEDED, *(name for name in ("userinfo_endpoint",) if name in told)]
    try:
        for name in used:
            parts = outside.checked(str(told.get(name, "")))
            # Only a provider on this machine may point to this machine.
            if parts.scheme == "http" and not issuer.startswith("http:"):
                raise ProviderUnfit
    except outside.AddressRefused as error:
        raise ProviderUnfit from error
    with _lock:
        _metadata[issuer] = _Found(at, told)
    return told


def authorization(client: Client, *, back: str, state: str, nonce: str, verifier: str, at: datetime) -> str:
    """Return where to send the browser, which comes back to `back`. Raises ProviderAway or ProviderUnfit."""
    endpoint = str(discover(client.issuer, at=at)["authorization_endpoint"])
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": client.name,
        "redirect_uri": back,
        "scope": SCOPE,
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"


def redeem(client: Client, *, code: str, back: str, nonce: str, verifier: str, at: datetime) -> Person:
    """Return who the provider says came back with `code`.

    Raises ProviderAway, ProviderUnfit, TokenRefused or ClocksDiffer.
    """
    metadata = discover(client.issuer, at=at)
    asked = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": verifier,
    }
    told = _redeemed(client, metadata, asked)
    claims = verified(client, token=str(told.get("id_token", "")), at=at)
    if not claims.get("sub") or not hmac.compare_digest(
        str(claims.get("nonce", "")).encode(), nonce.encode()
    ):
        raise TokenRefused
    if "email" not in claims and "userinfo_endpoint" in metadata and told.get("access_token"):
        claims = _with_userinfo(metadata, str(told["access_token"]), claims)
    email = claims.get("email")
    return Person(
        subject=str(claims["sub"]),
        email=email if isinstance(email, str) else "",
        # Some providers write the boolean as a text.
        verified=claims.get("email_verified") in (True, "true"),
        name=str(claims.get("name") or claims.get("preferred_username") or ""),
        session=str(claims.get("sid") or "")[:255],
    )


def logged_out(client: Client, *, token: str, at: datetime) -> LoggedOut:
    """Return whom a logout token signs out (Back-Channel Logout 1.0, 2.6). Raises as `redeem` does."""
    claims = verified(client, token=token, at=at)
    events = claims.get("events")
    if "nonce" in claims or not isinstance(events, dict) or LOGGED_OUT not in events:
        raise TokenRefused
    return LoggedOut(subject=str(claims.get("sub") or ""), session=str(claims.get("sid") or "")[:255])


def verified(client: Client, *, token: str, at: datetime) -> Mapping[str, Any]:
    """Return the claims of a token that the provider signed for us. Raises as `redeem` does."""
    try:
        header = jwt.get_unverified_header(token)
        key = _key(client.issuer, header, at=at)
        claims: dict[str, Any] = jwt.decode(
            token,
            key=key,
            algorithms=list(ALGORITHMS),
            audience=client.name,
            issuer=client.issuer,
            options={
                "require": ["iss", "aud", "exp", "iat"],
                "enforce_minimum_key_length": True,
                # Times are looked at below, by the clock that is passed in.
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except jwt.PyJWTError as error:
        logs.fault(error, "id_token_refused")
        raise TokenRefused from error
    _check_parties(client, claims)
    _check_times(claims, at)
    if not ("sub" in claims or "sid" in claims) or len(str(claims.get("sub", ""))) > 255:
        raise TokenRefused
    return claims


def _check_parties(client: Client, claims: Mapping[str, Any]) -> None:
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != client.name:
        raise TokenRefused


def _check_times(claims: Mapping[str, Any], at: datetime) -> None:
    try:
        issued, ends = (datetime.fromtimestamp(float(claims[name]), UTC) for name in ("iat", "exp"))
        begins = datetime.fromtimestamp(float(claims.get("nbf", claims["iat"])), UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise TokenRefused from error
    # It was signed a moment ago: where its times do not hold, one of the clocks is wrong.
    if at >= ends + SKEW or max(issued, begins) > at + SKEW:
        raise ClocksDiffer


def _key(issuer: str, header: Mapping[str, Any], *, at: datetime) -> jwt.PyJWK:
    """Return the provider's key that `header` names. Raises TokenRefused, ProviderAway or ProviderUnfit."""
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise TokenRefused
    for patience in (KEPT, ASKED_AGAIN):
        fitting = _fitting(_jwks(issuer, at=at, patience=patience), header)
        if len(fitting) == 1:
            return jwt.PyJWK(dict(fitting[0]), algorithm)
        if fitting:  # several, and nothing says which
            break
    raise TokenRefused


def _fitting(keys: list[Mapping[str, Any]], header: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    algorithm, name = str(header["alg"]), header.get("kid")
    kind = {"R": "RSA", "P": "RSA", "E": "EC"}[algorithm[0]] if algorithm != "EdDSA" else "OKP"
    return [
        key
        for key in keys
        if key.get("kty") == kind
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (name is None or key.get("kid") == name)
    ]


def _jwks(issuer: str, *, at: datetime, patience: timedelta) -> list[Mapping[str, Any]]:
    """Return the provider's keys, as they were at most `patience` ago."""
    with _lock:
        found = _keys.get(issuer)
    if found is None or at >= found.at + patience:
        found = _Found(at, _ask(str(discover(issuer, at=at)["jwks_uri"])))
        with _lock:
            _keys[issuer] = found
    keys = found.values.get("keys")
    if not isinstance(keys, list):
        raise ProviderUnfit
    return [key for key in keys if isinstance(key, dict)]


def _redeemed(client: Client, metadata: Mapping[str, Any], asked: dict[str, str]) -> Mapping[str, Any]:
    known = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if not client.secret:
        asked |= {"client_id": client.name}
    elif "client_secret_basic" in known:
        pair = f"{quote(client.name, safe='')}:{quote(client.secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        asked |= {"client_id": client.name, "client_secret": client.secret}
    told = _asked(
        str(metadata["token_endpoint"]), method="POST", headers=headers, body=urlencode(asked).encode()
    )
    if told.status == 200:
        return told.values
    # Ours is wrong (the secret, the address to come back to), or the code is: used before, or made up.
    raise (
        ProviderUnfit
        if told.values.get("error") in {"invalid_client", "unauthorized_client"}
        else TokenRefused
    )


def _with_userinfo(metadata: Mapping[str, Any], token: str, claims: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return `claims` with what the provider says only when asked. It must speak of the same person."""
    told = _ask(str(metadata["userinfo_endpoint"]), headers={"Authorization": f"Bearer {token}"})
    if told.get("sub") != claims["sub"]:
        raise TokenRefused
    return {**told, **claims}


def _ask(address: str, *, headers: Mapping[str, str] | None = None) -> Mapping[str, Any]:
    told = _asked(address, headers=headers)
    if told.status != 200:
        raise ProviderUnfit
    return told.values


def _asked(address: str, **how: Any) -> outside.Told:
    try:
        return outside.ask(address, **how)
    except (outside.AddressRefused, outside.NoAnswer) as error:
        logs.fault(error, "provider_away")
        refusal: PeopleError = ProviderAway()
        raise refusal from error
