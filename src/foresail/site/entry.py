"""What the sign-in page needs before anybody is signed in. It also hands out the CSRF cookie."""

from __future__ import annotations

from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Router

from foresail import __version__
from foresail.core.api import Problem, Schema, is_local
from foresail.demo.logins import demo_logins
from foresail.people import queries
from foresail.people.errors import DemoOnlyHere, PeopleError, SingleSignOnRefused


class DemoLogin(Schema):
    email: str
    password: str
    name: str
    role_zh: str
    role_en: str


class CompanySignIn(Schema):
    """How the button is called that leads to the company's own sign-in."""

    zh: str
    en: str


class EntryOut(Schema):
    """Logins of the demo company are told on the machine itself alone, and only where it was filled in.

    `company` is null where there is no single sign-on. `passwords`: whether they serve others than administrators.
    `refused` says why a single sign-on failed, where its code was asked for.
    """

    demo_logins: list[DemoLogin]
    version: str
    company: CompanySignIn | None
    passwords: bool
    refused: Problem | None


router = Router(tags=["people"])


@router.get("/entry", response=EntryOut, auth=None)
def entry(request: HttpRequest, refused: str = "") -> EntryOut:
    get_token(request)
    ways = queries.ways_in()
    known = demo_logins() if is_local(request) else []
    told = [
        DemoLogin(email=email, password=password, name=name, role_zh=zh, role_en=en)
        for email, password, name, zh, en in known
    ]
    return EntryOut(
        demo_logins=told,
        version=__version__,
        company=CompanySignIn(zh=ways.name_zh, en=ways.name_en) if ways.enabled else None,
        passwords=ways.passwords,
        refused=_refusal(refused),
    )


def _refusal(code: str) -> Problem | None:
    """Return the sentences of a refusal that has nothing to fill in; None for a code that is none of them."""
    kinds: tuple[type[PeopleError], ...] = (*SingleSignOnRefused.__subclasses__(), DemoOnlyHere)
    kind = next((each for each in kinds if each.code == code), None)
    return Problem(code=code, zh=kind.zh, en=kind.en) if kind else None
