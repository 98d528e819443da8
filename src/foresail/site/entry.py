"""What the sign-in page needs before anybody is signed in. It also hands out the CSRF cookie."""

from __future__ import annotations

from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Router, Schema

from foresail import __version__
from foresail.core.api import is_local
from foresail.demo.logins import demo_logins


class DemoLogin(Schema):
    email: str
    password: str
    name: str
    role_zh: str
    role_en: str


class EntryOut(Schema):
    """Logins of the demo company are told on the machine itself alone, and only where it was filled in."""

    demo_logins: list[DemoLogin]
    version: str


router = Router(tags=["people"])


@router.get("/entry", response=EntryOut, auth=None)
def entry(request: HttpRequest) -> EntryOut:
    get_token(request)
    known = demo_logins() if is_local(request) else []
    told = [
        DemoLogin(email=email, password=password, name=name, role_zh=zh, role_en=en)
        for email, password, name, zh, en in known
    ]
    return EntryOut(demo_logins=told, version=__version__)
