"""What a browser may do with an answer: the same on every kind of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from foresail.people.tests.browser import Browser

pytestmark = pytest.mark.django_db
PATHS = ("/", "/api/entry", "/api/me", "/api/nothing", "/healthz", "/api/sign-in", "/api/docs", "/metrics")


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_says_what_may_be_done_with_it(path: str) -> None:
    answer = Browser().get(path)
    policy = dict(part.split(" ", 1) for part in answer["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",
        "connect-src": "'self' ws://127.0.0.1:8651",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    for feature in ("camera", "microphone", "geolocation", "payment", "usb"):
        assert f"{feature}=()" in answer["Permissions-Policy"].split(", ")
    assert "Strict-Transport-Security" not in answer


def test_behind_tls_a_browser_is_told_to_stay_there(settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 365 * 86400
    over_tls = Browser("testserver", HTTP_X_FORWARDED_PROTO="https").get("/api/entry")
    assert over_tls["Strict-Transport-Security"] == "max-age=31536000"
    assert "wss://testserver" in over_tls["Content-Security-Policy"]
    plain = Browser("testserver").get("/api/entry")
    assert "Strict-Transport-Security" not in plain


def test_only_where_hosts_are_named_tls_and_its_proxy_are_believed(tmp_path: Path) -> None:
    script = (
        "import json; from foresail.site import settings as s; "
        "print(json.dumps([s.SECURE_HSTS_SECONDS, s.SECURE_PROXY_SSL_HEADER, s.RATE_LIMITS]))"
    )
    told = []
    for hosts, rates in (("", ""), ("crm.example.com", "session=5,address=0")):
        environment = os.environ | {
            "FORESAIL_HOME": str(tmp_path), "FORESAIL_HOSTS": hosts, "FORESAIL_RATE_LIMITS": rates,
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        told.append(json.loads(done.stdout))
    assert told == [
        [0, None, {"session": 1200, "key": 600, "address": 600}],
        [31536000, ["HTTP_X_FORWARDED_PROTO", "https"], {"session": 5, "key": 600, "address": 0}],
    ]
