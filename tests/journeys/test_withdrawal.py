"""Somebody is seen by every way there is, and withdraws: no log and no file of logs ever held who it was."""

from __future__ import annotations

import http.client
import json
import time
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from tests.journeys.installation import Answer, Caller, Installation

EMAIL, NAME, ADDRESS = "wiedererkannt@kunde.example", "欧阳识别", "203.0.113.77"
SECRETS: Final = (EMAIL, "wiedererkannt", NAME, ADDRESS)
SITE = "https://www.example.com"


@pytest.fixture
def ops(installation: Installation, logins: dict[str, Any]) -> Caller:
    """Put a boundary in force that keeps addresses and names as they are; return sales operations."""
    admin, ops = (
        installation.caller(logins[role]["email"], logins[role]["password"])
        for role in ("Administrator", "Sales operations")
    )
    assert admin.call("PUT", f"/api/collecting/guardians/{admin.get('/api/me')['id']}").status == 204
    sources = ops.get("/api/collecting")["sources"]
    rules = [
        {
            "source": source["key"], "purpose": "intent", "basis": "consent", "days": 30,
            "fields": {field["key"]: "keep" for field in source["fields"]},
        }
        for source in sources
    ]  # fmt: skip
    made = ops.call("POST", "/api/collecting/boundaries", {"rules": rules, "reason": "alles"})
    assert made.status == 201, made.body
    decided = admin.call("POST", f"/api/collecting/boundaries/{made.json['id']}/decide", {"approved": True})
    assert decided.status == 200, decided.body
    return ops


def sent(
    installation: Installation, method: str, path: str, said: Any = None, *, token: str = ""
) -> tuple[int, str]:
    """Send to `live` as somebody behind a proxy does; return the status and where it leads."""
    wire = http.client.HTTPConnection("127.0.0.1", installation.port + 1, timeout=30)
    headers = {"X-Forwarded-For": ADDRESS, "User-Agent": f"Mozilla/5.0 {NAME.encode().hex()}"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    body = said if isinstance(said, bytes | None) else json.dumps(said).encode()
    wire.request(method, path, body, headers)
    answer = wire.getresponse()
    answer.read()
    wire.close()
    return answer.status, answer.getheader("location", "")


def soon(ready: Any) -> None:
    end = time.monotonic() + 30
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.1)


def ok(answer: Answer) -> Any:
    assert answer.status in {200, 201}, answer.body
    return answer.json


def logs_of(installation: Installation) -> str:
    files = [installation.home.parent / f"{installation.home.name}.serve.log"]
    files += [
        path for path in installation.home.rglob("*log*") if path.is_file() and "base" not in path.parts
    ]
    return "\n".join(path.read_text(errors="replace") for path in files)


def test_no_log_holds_who_withdrew(installation: Installation, ops: Caller) -> None:
    key = ok(
        ops.call(
            "POST", "/api/intake-keys", {"kind": "server", "name": "Shop", "sources": ["web", "form", "product"]}
        )
    )  # fmt: skip
    deal = ops.get("/api/deals?status=open&limit=1")["items"][0]
    person = {"values": {"name": NAME, "email": EMAIL}, "account": deal["account"]["id"]}
    contact = ok(ops.call("POST", "/api/records/contact", person))["id"]
    wording = ok(
        ops.call("POST", "/api/collecting/wordings", {"purpose": "intent", "zh": "可以吗？", "en": "May we?"})
    )["id"]
    consents = f"/api/contacts/{contact}/consents"
    said = {"purpose": "intent", "how": "email", "proof": f"{NAME} {EMAIL}"}
    ok(ops.call("POST", consents, {**said, "given": True, "wording": wording}))
    roles = f"/api/deals/{deal['id']}/people/{contact}"
    assert ops.call("PUT", roles, {"role": "technical"}).status == 200
    asset = ops.get("/api/assets")["items"][0]["id"]
    link = ok(ops.call("POST", f"/api/deals/{deal['id']}/content", {"asset": asset, "contact": contact}))
    token = key["token"]

    def event(name: str, kind: str, **data: Any) -> dict[str, Any]:
        return {
            "specversion": "1.0", "id": name, "source": SITE, "type": f"foresail.{kind}", "subject": EMAIL,
            "time": datetime.now(UTC).isoformat(), "data": {"url": f"{SITE}/price?who={EMAIL}", **data},
        }  # fmt: skip

    known = {"userId": EMAIL, "anonymousId": EMAIL, "traits": {"email": EMAIL, "name": NAME}}
    more = {"context": {"ip": ADDRESS}, "timestamp": datetime.now(UTC).isoformat()}
    many = [event("1", "consent_given"), event("2", "page", title=NAME), event("3", "form_sent", email=EMAIL)]
    assert sent(installation, "POST", "/api/signals", many, token=token)[0] == 200
    assert (
        sent(installation, "POST", "/v1/identify", {**known, **more, "messageId": "4"}, token=token)[0] == 200
    )
    status, to = sent(installation, "GET", urlsplit(link["address"]).path)
    assert (status, bool(to)) == (302, True)
    # What is wrong is told to who sent it, and to no log.
    for path, wrong, shown in (
        ("/api/signals", json.dumps(EMAIL).encode() + NAME.encode(), token),
        ("/api/signals", [{"id": EMAIL, "source": NAME}], token),
        ("/v1/identify", {**known, "traits": NAME}, token),
        ("/v1/batch", {"batch": EMAIL}, token),
        (f"/api/signals?key={EMAIL}", many, EMAIL),
    ):
        assert sent(installation, "POST", path, wrong, token=shown)[0] in {200, 400, 401, 422}, path
    assert sent(installation, "GET", f"/l/{EMAIL}")[0] == 404
    erasing = f"{consents}/erasing?purpose=intent"
    soon(lambda: ops.get(erasing)["visitors"] > 0)
    assert ops.get(erasing)["signals"] > 0
    for secret in SECRETS:
        assert secret not in logs_of(installation), secret
    ok(ops.call("POST", consents, {**said, "given": False}))
    assert ops.get(erasing) == {"signals": 0, "visitors": 0}
    assert sent(installation, "POST", "/api/signals", event("5", "consent_withdrawn"), token=token)[0] == 200
    told = logs_of(installation)
    assert '"event": "request"' in told, "there are logs"
    for secret in SECRETS:
        assert secret not in told, secret
