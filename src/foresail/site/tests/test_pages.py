"""The web app's files: the right one, in the right encoding, kept for the right time, and nothing besides."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

SCRIPT = b"console.log('foresail');\n" * 100
PAGE = "<!doctype html><title>先见</title>".encode()


@pytest.fixture
def web(tmp_path: Path, settings: Any) -> Path:
    folder = tmp_path / "web_dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_bytes(PAGE)
    (folder / "assets" / "app-1a2b.js").write_bytes(SCRIPT)
    (folder / "assets" / "app-1a2b.js.br").write_bytes(b"brotli")
    (folder / "assets" / "plain-3c4d.css").write_bytes(b"body{margin:0}\n" * 100)
    (folder / "assets" / "font-5e6f.woff2").write_bytes(b"\0" * 5000)
    (folder / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "secret.txt").write_text("s3cret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    settings.WEB_FOLDER = folder
    return folder


@pytest.fixture
def client(web: Path) -> Client:  # noqa: ARG001 (what it looks at)
    return Client(HTTP_HOST="127.0.0.1:8650")


@pytest.mark.parametrize("path", ["/", "/index.html", "/deals/12", "/forecast", "/sign-in", "/设置"])
def test_every_address_of_the_app_is_its_first_page(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.content) == (200, PAGE)
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert answer["Cache-Control"] == "no-cache"


def test_the_first_page_is_not_sent_twice(client: Client, web: Path) -> None:
    tag = client.get("/")["ETag"]
    again = client.get("/deals/1", HTTP_IF_NONE_MATCH=tag)
    assert (again.status_code, again.content) == (304, b"")
    (web / "index.html").write_bytes(b"new")
    os.utime(web / "index.html", ns=(1, 1))
    answer = client.get("/", HTTP_IF_NONE_MATCH=tag)
    assert (answer.status_code, answer.content) == (200, b"new")


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip"), ("br;q=0.0", None),
        ("", None), ("identity", None), ("GZIP ; q=1.0", "gzip"),
    ],
)  # fmt: skip
def test_assets_come_compressed_as_accepted_and_stay_for_good(
    client: Client, accepted: str, encoding: str | None
) -> None:
    answer = client.get("/assets/app-1a2b.js", HTTP_ACCEPT_ENCODING=accepted)
    assert (answer.status_code, answer.get("Content-Encoding")) == (200, encoding)
    body = {"br": b"brotli", "gzip": gzip.compress(SCRIPT, mtime=0), None: SCRIPT}
    assert answer.content == body[encoding]
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Vary"] == "Accept-Encoding"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_what_does_not_shrink_is_not_compressed(client: Client) -> None:
    font = client.get("/assets/font-5e6f.woff2", HTTP_ACCEPT_ENCODING="gzip, br")
    assert (font.get("Content-Encoding"), font["Content-Type"], len(font.content)) == (
        None,
        "font/woff2",
        5000,
    )
    small = client.get("/favicon.svg", HTTP_ACCEPT_ENCODING="gzip")
    assert (small.get("Content-Encoding"), small["Cache-Control"]) == (None, "no-cache")
    assert small["Content-Type"].startswith("image/svg+xml")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt", "/assets/../../secret.txt", "/%2e%2e/secret.txt", "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
        "//etc/passwd.txt", "/..%5csecret.txt", "/assets/gone-9999.js", "/assets/", "/assets", "/favicon.ico",
        "/assets/app-1a2b.js.br", "/assets/app-1a2b.js%00.txt", "/link.txt",
    ],
)  # fmt: skip
def test_nothing_else_is_given_out(client: Client, path: str) -> None:
    answer = client.get(path)
    assert b"s3cret" not in answer.content
    if path == "/assets":
        assert answer.content == PAGE
    else:
        assert (answer.status_code, answer.json()["code"]) == (404, "no_address")


def test_only_reading_is_allowed(client: Client) -> None:
    assert client.post("/deals/1").status_code == 405
    assert client.head("/").status_code == 200


def test_a_missing_build_is_said_plainly(settings: Any, tmp_path: Path) -> None:
    settings.WEB_FOLDER = tmp_path / "nowhere"
    answer = Client().get("/")
    assert (answer.status_code, answer["Content-Type"]) == (503, "text/plain; charset=utf-8")
    zh, en = answer.content.decode().splitlines()
    assert zh.startswith("网页界面还没有构建")
    assert en.startswith("The web app has not been built")
    assert Client().get("/api/nothing").status_code == 404
