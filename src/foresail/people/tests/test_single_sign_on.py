"""Single sign-on: who comes in through the provider, and who does not, whatever the provider says."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from foresail.core import clock, vault
from foresail.core.changes import Change
from foresail.core.home import Home
from foresail.people import outside, provider, services
from foresail.people.errors import PeopleError, ProviderAway
from foresail.people.models import Identity, PendingSignIn, Session, SingleSignOn, User
from foresail.people.roles import Role
from foresail.people.tests.browser import PASSWORD, Browser
from foresail.people.tests.forger import CLIENT, EMAIL, SECRET, Forger, forging, new_key

Hire = Callable[..., User]
BACK = "http://127.0.0.1:8650/api/sign-in/back"


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch, at: datetime) -> list[datetime]:
    hands = [at]
    monkeypatch.setattr(clock, "now", lambda: hands[0])
    return hands


@pytest.fixture(autouse=True)
def _own_home(settings: Any, tmp_path: Path) -> None:
    settings.HOME = Home(tmp_path)


@pytest.fixture
def forger(at: datetime) -> Iterator[Forger]:
    provider.forget()
    with forging() as made:
        made.at = at.timestamp()
        yield made


@pytest.fixture
def set_up(admin: User, forger: Forger, at: datetime) -> Callable[..., SingleSignOn]:
    def set_up(**given: Any) -> SingleSignOn:
        wanted = {
            "enabled": True, "issuer": forger.issuer, "client": CLIENT, "secret": SECRET, "name_zh": "公司账号",
            "name_en": "Company", "domains": ["example.com"], "newcomer_role": None, "passwords": True,
        }  # fmt: skip
        return services.set_single_sign_on(**wanted | given, by=admin, at=at)  # type: ignore[arg-type]

    return set_up


@pytest.fixture
def on(set_up: Callable[..., SingleSignOn]) -> SingleSignOn:
    return set_up()


def come_back(forger: Forger, browser: Browser | None = None, **changed: str) -> Any:
    """Go to the provider and come back, with some of the address changed. Returns the last answer."""
    browser = browser or Browser()
    sent = browser.get("/api/sign-in", {"next": "/deals?status=won"})
    assert sent.status_code == 302, sent.content
    return browser.get("/api/sign-in/back", forger.came_back(sent["Location"]) | changed)


def why(answer: Any) -> str:
    """Return the code that the sign-in page is told; empty where somebody is in."""
    assert answer.status_code == 302
    parts = urlsplit(answer["Location"])
    return parse_qs(parts.query)["refused"][0] if parts.path == "/sign-in" else ""


@pytest.mark.usefixtures("on")
def test_who_the_provider_vouches_for_comes_in(forger: Forger, li: User, changes: list[Change]) -> None:
    browser = Browser()
    answer = come_back(forger, browser)
    assert answer["Location"] == "/deals?status=won"
    cookie = answer.cookies["foresail_session"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert answer.cookies["foresail_sign_in"]["max-age"] == 0
    assert browser.get("/api/me").json()["email"] == EMAIL
    identity = Identity.objects.get()
    assert (identity.user, identity.issuer, identity.subject) == (li, forger.issuer, "u-1")
    assert [change.verb for change in changes] == ["bind_identity", "create_session"]
    assert changes[0].personal == {"subject"}
    assert not PendingSignIn.objects.exists()


@pytest.mark.usefixtures("on", "li")
def test_what_is_asked_of_the_provider_is_what_the_standards_say(forger: Forger) -> None:
    browser = Browser()
    sent = browser.get("/api/sign-in")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(sent["Location"]).query).items()}
    assert (asked["response_type"], asked["client_id"], asked["scope"], asked["code_challenge_method"]) == (
        "code", CLIENT, "openid email profile", "S256",
    )  # fmt: skip
    assert asked["redirect_uri"] == BACK
    assert len(asked["state"]) == len(asked["nonce"]) == 43
    cookie = sent.cookies["foresail_sign_in"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"]) == (
        asked["state"], True, "Lax", "/api/sign-in", 600,
    )  # fmt: skip
    browser.get("/api/sign-in/back", forger.came_back(sent["Location"]))
    (told,) = forger.asked
    digest = base64.urlsafe_b64encode(hashlib.sha256(told["code_verifier"].encode()).digest()).decode()
    assert digest.rstrip("=") == asked["code_challenge"]
    assert (told["grant_type"], told["redirect_uri"]) == ("authorization_code", BACK)
    assert "client_secret" not in told
    assert forger.authorizations == [
        "Basic " + base64.b64encode(b"foresail:a%20secret%20%26%20more").decode()
    ]


def test_the_secret_goes_as_the_provider_wants_it(forger: Forger, set_up: Any, li: User) -> None:
    forger.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    set_up()
    assert why(come_back(forger)) == ""
    assert (forger.asked[0]["client_secret"], forger.authorizations) == (SECRET, [None])
    set_up(secret="")
    assert why(come_back(forger)) == ""
    assert "client_secret" not in forger.asked[1]
    assert forger.asked[1]["client_id"] == CLIENT
    assert Session.objects.filter(user=li).count() == 2


@pytest.mark.usefixtures("on", "li")
@pytest.mark.parametrize(
    ("bent", "code"),
    [
        ({"claims": {"nonce": "another"}}, "token_refused"),
        ({"claims": {"nonce": None}}, "token_refused"),
        ({"claims": {"aud": "another"}}, "token_refused"),
        ({"claims": {"aud": [CLIENT, "another"]}}, "token_refused"),
        ({"claims": {"aud": [CLIENT, "another"], "azp": "another"}}, "token_refused"),
        ({"claims": {"azp": "another"}}, "token_refused"),
        ({"claims": {"iss": "https://elsewhere.example"}}, "token_refused"),
        ({"claims": {"sub": None}}, "token_refused"),
        ({"claims": {"sub": "u" * 256}}, "token_refused"),
        ({"claims": {"exp": None}}, "token_refused"),
        ({"claims": {"iat": "yesterday"}}, "token_refused"),
        ({"signing_key": new_key()}, "token_refused"),
        ({"header": {"kid": "2"}}, "token_refused"),
        ({"algorithm": "none"}, "token_refused"),
        ({"algorithm": "HS256"}, "token_refused"),
        ({"algorithm": "PS256"}, "token_refused"),
        ({"raw_token": "no.token"}, "token_refused"),
        ({"error": "invalid_grant"}, "token_refused"),
        ({"error": "invalid_client"}, "provider_unfit"),
        ({"claims": {"email_verified": False}}, "email_unverified"),
        ({"claims": {"email_verified": None}}, "email_unverified"),
        ({"claims": {"email": None}}, "email_unverified"),
        ({"claims": {"email": ["li@example.com"]}}, "email_unverified"),
        ({"claims": {"email": "li@elsewhere.example"}}, "domain_refused"),
        ({"claims": {"email": "li@example.com.evil.example"}}, "domain_refused"),
        ({"claims": {"email": "nobody@example.com"}}, "unknown_person"),
    ],
)
def test_a_forged_or_unfit_answer_lets_nobody_in(forger: Forger, bent: dict[str, Any], code: str) -> None:
    for name, value in bent.items():
        setattr(forger, name, value)
    answer = come_back(forger)
    assert why(answer) == code
    assert "foresail_session" not in answer.cookies
    assert not Session.objects.exists()
    assert not Identity.objects.exists()


@pytest.mark.usefixtures("on", "li")
@pytest.mark.parametrize(
    ("signed", "code"), [(-361, "clocks_differ"), (-359, ""), (61, "clocks_differ"), (60, "")]
)
def test_a_minute_between_the_clocks_is_forgiven(
    forger: Forger, at: datetime, signed: int, code: str
) -> None:
    forger.at = at.timestamp() + signed
    assert why(come_back(forger)) == code


@pytest.mark.usefixtures("on", "li")
def test_a_state_serves_once_soon_and_in_the_browser_that_was_sent(
    forger: Forger, now: list[datetime]
) -> None:
    browser = Browser()
    assert why(come_back(forger, browser, state="made-up")) == "sign_in_stale"
    assert why(browser.get("/api/sign-in/back", {"code": "code-9", "state": ""})) == "sign_in_stale"
    sent = browser.get("/api/sign-in")["Location"]
    back = forger.came_back(sent)
    state = browser.cookies["foresail_sign_in"].value
    assert why(Browser().get("/api/sign-in/back", back)) == "sign_in_stale"
    assert why(browser.get("/api/sign-in/back", back)) == ""
    browser.cookies["foresail_sign_in"] = state
    browser.cookies["foresail_sign_in"]["path"] = "/api/sign-in"
    assert why(browser.get("/api/sign-in/back", back)) == "sign_in_stale"
    assert len(forger.asked) == 1, "the code was not offered again"
    back = forger.came_back(browser.get("/api/sign-in")["Location"])
    now[0] += timedelta(minutes=10)
    assert why(browser.get("/api/sign-in/back", back)) == "sign_in_stale"
    assert why(come_back(forger, iss="https://elsewhere.example")) == "sign_in_stale"
    assert len(forger.asked) == 1


@pytest.mark.usefixtures("on", "li")
def test_who_declines_is_told_so(forger: Forger) -> None:
    answer = come_back(forger, error="access_denied", code="")
    assert why(answer) == "sign_in_declined"
    assert forger.asked == []


def test_where_it_is_off_or_the_provider_is_gone_it_says_so(
    set_up: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert why(Browser().get("/api/sign-in")) == "single_sign_on_off"
    set_up()
    provider.forget()

    def away(*_: object, **__: object) -> None:
        raise outside.NoAnswer

    monkeypatch.setattr(outside, "ask", away)
    answer = Browser().get("/api/sign-in", {"next": "/deals"})
    assert answer["Location"] == "/sign-in?refused=provider_away&next=%2Fdeals"
    assert not PendingSignIn.objects.exists()


@pytest.mark.usefixtures("on")
def test_the_subject_counts_from_then_on_and_no_address_can_take_its_place(
    forger: Forger, li: User, hire: Hire, at: datetime
) -> None:
    come_back(forger)
    forger.claims = {"email": "renamed@elsewhere.example", "email_verified": False}
    assert why(come_back(forger)) == ""
    assert Session.objects.filter(user=li).count() == 2
    forger.claims = {"sub": "u-2"}  # somebody else who got the address
    assert why(come_back(forger)) == "identity_differs"
    services.deactivate_user(user=li, by=None, at=at)
    forger.claims = {}
    assert why(come_back(forger)) == "account_inactive"
    hire("Han")
    forger.claims = {"sub": "u-3", "email": "han@example.com"}
    assert why(come_back(forger)) == ""


def test_a_newcomer_is_added_where_that_was_said(forger: Forger, set_up: Any, changes: list[Change]) -> None:
    set_up(newcomer_role="read_only")
    forger.claims = {"sub": "u-9", "email": "New@Example.com", "name": "王 新"}
    browser = Browser()
    assert why(come_back(forger, browser)) == ""
    me = browser.get("/api/me").json()
    assert (me["email"], me["name"], me["roles"], me["password"]) == (
        "new@example.com", "王 新", ["read_only"], False,
    )  # fmt: skip
    verbs = [change.verb for change in changes]
    assert verbs == ["set_single_sign_on", "add_user", "grant_role", "bind_identity", "create_session"]
    assert SECRET not in repr(changes)


@pytest.mark.usefixtures("on")
def test_demo_users_come_in_only_here_through_a_provider_too(
    forger: Forger, set_up: Any, hire: Hire, at: datetime
) -> None:
    demo = hire("Demo")
    services.change_user(user=demo, email="rep@qiming.demo", by=None, at=at)
    set_up(domains=[])
    forger.claims = {"email": "rep@qiming.demo"}
    away = Browser(REMOTE_ADDR="192.0.2.7")
    assert why(come_back(forger, away)) == "demo_only_here"
    assert not Session.objects.exists()
    assert why(come_back(forger)) == ""


@pytest.mark.usefixtures("on", "li")
def test_new_keys_of_the_provider_are_found_and_made_up_ones_are_not_asked_for_each_time(
    forger: Forger, now: list[datetime]
) -> None:
    come_back(forger)
    assert forger.key_fetches == 1
    now[0] += timedelta(seconds=30)
    forger.key = new_key()
    assert why(come_back(forger)) == "token_refused", "the same name, another key"
    forger.header = {"kid": "2"}
    for _ in range(3):
        assert why(come_back(forger)) == "token_refused"
    assert forger.key_fetches == 2
    forger.header = {}
    assert why(come_back(forger)) == ""


def test_the_secret_is_sealed_and_never_told(on: SingleSignOn, admin: User, changes: list[Change]) -> None:
    assert SECRET.encode() not in bytes(on.secret)
    assert vault.unseal(bytes(on.secret)) == SECRET
    services.set_password(user=admin, password=PASSWORD, by=None, at=clock.now())
    browser = Browser()
    browser.sign_in("ada@example.com")
    told = browser.get("/api/admin/sign-in").json()
    assert told["has_secret"] is True
    assert (told["back"], told["back_channel"]) == (
        BACK,
        "http://127.0.0.1:8650/api/sign-in/provider-sign-out",
    )
    assert SECRET not in json.dumps(told)
    body = {name: told[name] for name in told if name not in {"has_secret", "back", "back_channel"}}
    kept = browser.send("PUT", "/api/admin/sign-in", body | {"secret": None, "name_en": "Acme"})
    assert (kept.status_code, kept.json()["has_secret"], kept.json()["name_en"]) == (200, True, "Acme")
    changed = [dict(change.values) for change in changes if change.verb == "set_single_sign_on"]
    assert changed == [{"name_en": "Acme"}]
    removed = browser.send("PUT", "/api/admin/sign-in", body | {"secret": ""})
    assert removed.json()["has_secret"] is False


@pytest.mark.usefixtures("on", "li")
def test_in_another_home_the_secret_is_lost_and_that_is_said(
    forger: Forger, settings: Any, tmp_path: Path
) -> None:
    settings.HOME = Home(tmp_path / "other")
    assert why(Browser().get("/api/sign-in")) == "secret_lost"
    assert forger.asked == []


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"issuer": "http://login.example.com"}, "issuer_invalid"),
        ({"issuer": "ftp://login.example.com"}, "issuer_invalid"),
        ({"issuer": "https://user:word@login.example.com"}, "issuer_invalid"),
        ({"issuer": "https://login.example.com/#a"}, "issuer_invalid"),
        ({"issuer": "https://login.example.com/?tenant=1"}, "issuer_invalid"),
        ({"issuer": "file:///etc/passwd"}, "issuer_invalid"),
        ({"issuer": ""}, "single_sign_on_incomplete"),
        ({"client": " "}, "single_sign_on_incomplete"),
        ({"name_zh": ""}, "single_sign_on_incomplete"),
        ({"domains": ["nowhere"]}, "domain_invalid"),
        ({"domains": ["example.com/"]}, "domain_invalid"),
        ({"domains": [], "newcomer_role": "rep"}, "newcomers_need_domain"),
        ({"newcomer_role": "admin"}, "not_allowed"),
        ({"enabled": False, "passwords": False}, "passwords_needed"),
    ],
)
@pytest.mark.django_db
def test_settings_that_make_no_sense_are_refused(set_up: Any, given: dict[str, Any], code: str) -> None:
    with pytest.raises(PeopleError) as refused:
        set_up(**given)
    assert refused.value.code == code
    assert not SingleSignOn.objects.exists()


@pytest.mark.parametrize(
    "bent",
    [
        {"issuer": "https://elsewhere.example"},
        {"token_endpoint": "http://login.example.com/token"},
        {"jwks_uri": "ftp://127.0.0.1/jwks"},
        {"authorization_endpoint": None},
    ],
)
def test_what_answers_but_is_no_provider_is_not_taken(forger: Forger, set_up: Any, bent: Any) -> None:
    forger.metadata = bent
    with pytest.raises(PeopleError) as refused:
        set_up()
    assert refused.value.code == "provider_unfit"
    assert not SingleSignOn.objects.exists()


def test_only_an_administrator_may_have_it_asked(forger: Forger, li: User, at: datetime) -> None:
    with pytest.raises(PeopleError) as refused:
        services.check_provider(issuer=forger.issuer, by=li, at=at)
    assert refused.value.code == "not_allowed"


def test_a_redirect_is_not_followed(forger: Forger) -> None:
    with pytest.raises(outside.NoAnswer):
        outside.ask(f"{forger.issuer}/moved")
    assert forger.key_fetches == 0


@pytest.mark.parametrize(
    "number", ["169.254.169.254", "127.0.0.1", "0.0.0.0", "::1", "fe80::1", "::ffff:127.0.0.1"]
)
def test_a_name_that_leads_to_this_machine_or_its_cloud_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    def resolved(*_: object, **__: object) -> list[Any]:
        return [(2, 1, 6, "", (number, 443))]

    monkeypatch.setattr("socket.getaddrinfo", resolved)
    monkeypatch.setattr("socket.create_connection", lambda *_, **__: pytest.fail("it was asked"))
    with pytest.raises(outside.AddressRefused):
        outside.ask("https://login.example.com/")
    with pytest.raises(ProviderAway):
        provider.discover("https://login.example.com", at=clock.now())


def test_with_passwords_off_administrators_alone_come_in_with_one(
    set_up: Any, admin: User, li: User, at: datetime
) -> None:
    services.set_password(user=admin, password=PASSWORD, by=None, at=at)
    set_up(passwords=False)
    answer = Browser().sign_in()
    assert (answer.status_code, answer.json()["code"]) == (403, "passwords_off")
    assert answer.json()["zh"] == "公司已关闭密码登录，请使用公司账号登录。"
    assert Browser().sign_in(password="wrong").json()["code"] == "wrong_credentials"
    assert Browser().sign_in("ada@example.com").status_code == 200
    assert Browser().get("/api/entry").json()["passwords"] is False
    services.grant_role(user=li, role=Role.ADMIN, by=None, at=at)
    assert Browser().sign_in().status_code == 200


@pytest.mark.usefixtures("on", "li")
def test_who_signs_out_at_the_provider_is_signed_out_here(forger: Forger, changes: list[Change]) -> None:
    first, second, other = Browser(), Browser(), Browser()
    forger.claims = {"sid": "s-1"}
    come_back(forger, first)
    forger.claims = {"sid": "s-2"}
    come_back(forger, second)
    other.sign_in()
    forger.claims = {}

    def sign_out(**claims: Any) -> int:
        events: dict[str, Any] = {provider.LOGGED_OUT: {}}
        token = forger.signed(**{"events": events, "jti": "1", "email": None} | claims)
        return int(Browser().post("/api/sign-in/provider-sign-out", {"logout_token": token}).status_code)

    assert sign_out(events={}) == 401
    assert sign_out(nonce="1") == 401
    assert sign_out(aud="another") == 401
    assert Browser().post("/api/sign-in/provider-sign-out").status_code == 401
    assert [each.get("/api/me").status_code for each in (first, second, other)] == [200, 200, 200]
    assert sign_out(sid="s-1") == 204
    assert [each.get("/api/me").status_code for each in (first, second, other)] == [401, 200, 200]
    assert sign_out() == 204
    assert [each.get("/api/me").status_code for each in (first, second, other)] == [401, 401, 200]
    assert [change.verb for change in changes].count("sign_out_by_provider") == 2
