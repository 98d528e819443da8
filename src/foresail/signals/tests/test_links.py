"""Tracked links: nothing but ours is followed, to nowhere but where it was made for; and what an opening tells and proves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection

from foresail.crm import services as crm
from foresail.crm.models import Contact
from foresail.governance import services as governance
from foresail.governance.collecting import Purpose
from foresail.governance.models import GateCount
from foresail.people import services as people
from foresail.people.models import User
from foresail.signals import services
from foresail.signals.errors import TargetInvalid
from foresail.signals.models import Signal, Tie, TrackedLink, Visitor
from foresail.signals.queries import openings
from foresail.signals.services import (
    KnownKey,
    followed,
    is_person,
    make_link,
    name_in,
    open_link,
    take,
    token_of,
)
from foresail.signals.tests.conftest import AT, SITE, consent, page

pytestmark = pytest.mark.django_db
ELSEWHERE = "https://files.example.org/case.pdf?v=2#top"
LATER = AT + timedelta(hours=1)
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) MicroMessenger/8.0"


@pytest.fixture
def contact(db: None) -> Contact:  # noqa: ARG001
    line = people.add_line(name="能源", by=None, at=AT)
    team = people.add_team(name="华东", line=line, by=None, at=AT)
    li = people.add_user(email="li@example.com", name="Li", team=team, by=None, at=AT)
    account = crm.add_account(name="晨光电力", line=line, owner=li, team=team, by=None, at=AT)
    return crm.add_contact(account=account, name="王静", by=None, at=AT)


@pytest.fixture
def link(contact: Contact, ops: User) -> TrackedLink:
    return make_link(target=ELSEWHERE, contact=contact.pk, asset="advice.Asset:7", by=ops, at=AT)


def say(contact: Contact, *, given: bool = True, at: datetime = AT) -> None:
    said = governance.ConsentGiven(
        subject=f"contact:{contact.pk}", purpose=Purpose.INTENT, given=given, at=at, source="form"
    )
    governance.note_consents([said], by=None, at=at)


def other_than(letter: str) -> str:
    return "B" if letter == "A" else "A"


def left_out() -> dict[tuple[str, str], int]:
    return {(each.source, each.reason): each.count for each in GateCount.objects.all()}


def test_only_what_we_signed_is_followed_and_a_forged_token_asks_no_database(link: TrackedLink) -> None:
    token = token_of(link)
    assert name_in(token) == link.name
    forged = [
        token[:-1] + other_than(token[-1]),
        other_than(token[0]) + token[1:],
        link.name + "A" * 22,
        "A" * 44,
        token + "A",
        token[:-1],
        "",
        "／" * 44,
    ]
    with connection.execute_wrapper(lambda *_: pytest.fail("the database was asked")):
        assert all(followed(token=each, at=AT) is None for each in forged)
    found = followed(token=token, at=AT)
    assert found
    assert found.location == ELSEWHERE


def test_a_link_ends_by_itself_and_when_it_is_revoked(link: TrackedLink) -> None:
    token, end = token_of(link), AT + timedelta(days=180)
    assert open_link(token=token, at=end - timedelta(seconds=1)) == ELSEWHERE
    assert open_link(token=token, at=end) is None
    services.revoke_links(links=[link.pk], at=LATER)
    assert open_link(token=token, at=LATER) is None


@pytest.mark.parametrize(
    "target",
    [
        "http://example.com", "//example.com", "javascript:alert(1)", "https://", "https://a@example.com/x",
        "https:\\example.com", "https://example.com/a b", "https://example.com/\r\nSet-Cookie: a=b", "x" * 10,
        "https://example.com/" + "x" * 2_000,
    ],
)  # fmt: skip
def test_no_link_is_made_to_what_is_no_address_of_the_web(target: str, ops: User) -> None:
    with pytest.raises(TargetInvalid):
        make_link(target=target, by=ops, at=AT)
    assert not TrackedLink.objects.exists()


def test_an_opening_is_kept_under_the_links_name_where_the_contact_agreed(
    link: TrackedLink, contact: Contact, allow: Callable[..., None]
) -> None:
    token = token_of(link)
    assert open_link(token=token, agent=AGENT, at=AT) == ELSEWHERE
    assert left_out() == {("link", "no_boundary"): 1}
    allow()
    assert open_link(token=token, agent=AGENT, at=AT) == ELSEWHERE
    assert left_out() == {("link", "no_boundary"): 1, ("link", "consent"): 1}
    assert not Signal.objects.exists()
    assert not Visitor.objects.exists()
    say(contact)
    assert open_link(token=token, agent=AGENT, at=LATER) == ELSEWHERE
    assert open_link(token=token, agent=AGENT, at=LATER + timedelta(seconds=20)) == ELSEWHERE
    kept = Signal.objects.get()
    assert (kept.source, kept.kind) == ("link", "link_opened")
    assert kept.values == {
        "url": "https://files.example.org/case.pdf", "asset": "advice.Asset:7", "agent": "MicroMessenger",
        "link_id": link.pk,
    }  # fmt: skip
    assert Visitor.objects.get(pk=kept.visitor).anonymous == f"link:{link.pk}"
    say(contact, given=False, at=LATER + timedelta(hours=1))
    assert not Signal.objects.exists(), "what rested on consent goes with it"
    assert not Visitor.objects.exists()
    assert open_link(token=token, at=LATER + timedelta(hours=2)) == ELSEWHERE
    assert not Signal.objects.exists()


def test_a_link_for_nobody_tells_only_where_no_consent_is_needed(
    ops: User, allow: Callable[..., None]
) -> None:
    token = token_of(make_link(target=ELSEWHERE, by=ops, at=AT))
    allow()
    assert open_link(token=token, at=AT) == ELSEWHERE
    assert not Signal.objects.exists()
    allow(at=LATER, link={"basis": "legitimate_interest"})
    assert open_link(token=token, at=LATER) == ELSEWHERE
    assert Signal.objects.get().basis == "legitimate_interest"


@pytest.mark.parametrize(
    ("how", "person"),
    [
        ({}, True),
        ({"method": "HEAD"}, False),
        ({"purpose": "prefetch"}, False),
        ({"purpose": "prefetch;prerender"}, False),
        ({"agent": ""}, False),
        ({"agent": "Mozilla/5.0 (compatible; Barracuda Sentinel)"}, False),
        ({"agent": "Microsoft Office Existence Discovery"}, False),
        ({"agent": "Slackbot-LinkExpanding 1.0"}, False),
        ({"agent": "Mozilla/5.0 (Macintosh) Chrome/140 Safari/537 DingTalk/7"}, True),
    ],
)
def test_scanners_and_what_is_fetched_ahead_are_nobody(how: dict[str, str], person: bool) -> None:
    assert is_person(**{"method": "GET", "agent": AGENT, "purpose": "", **how}) is person


def test_a_token_proves_by_which_link_a_browser_came(
    contact: Contact, ops: User, browser: KnownKey, allow: Callable[..., None]
) -> None:
    allow()
    link = make_link(target=f"{SITE}/price?from=mail#top", contact=contact.pk, by=ops, at=AT)
    token = token_of(link)
    found = followed(token=token, at=AT)
    assert found
    assert found.location == f"{SITE}/price?from=mail&fsl={token}#top"
    claims = {"link": token, "email": "forged@example.com", "link_id": "99"}
    take(
        [consent(browser), page(browser, name="i", kind="identify", values={"link_id": 98}, claims=claims)],
        at=AT,
    )
    assert Signal.objects.get().values == {"link_id": link.pk}, (
        "and nothing else that the browser says of itself"
    )
    for number, wrong in enumerate((token[:-1] + other_than(token[-1]), "", "x")):
        take([page(browser, name=f"w{number}", kind="identify", values={}, claims={"link": wrong})], at=AT)
    take([page(browser, name="p", values={"link_id": link.pk, "title": "价格"})], at=AT)
    assert list(Signal.objects.order_by("id").values_list("values", flat=True)) == [
        {"link_id": link.pk}, {"title": "价格"},
    ], "what a page calls so is not believed"  # fmt: skip
    assert left_out()["web", "unproven"] == 3
    say(contact, at=LATER)
    say(contact, given=False, at=LATER)
    assert [each.values for each in Signal.objects.all()] == [{"title": "价格"}], (
        "who withdrew is tied to no browser"
    )
    take([page(browser, name="again", kind="identify", values={}, claims={"link": token})], at=LATER)
    assert Signal.objects.count() == 1


def test_nobody_speaks_for_who_opened_a_link(
    link: TrackedLink, browser: KnownKey, allow: Callable[..., None]
) -> None:
    allow()
    name = f"link:{link.pk}"
    assert take([consent(browser, name), page(browser, name, kind="link_opened")], at=AT) == 1
    assert not Visitor.objects.filter(anonymous=name).exists()
    assert openings([link.pk]) == {}


def test_a_link_says_whose_interest_it_is_until_they_withdraw(
    link: TrackedLink, contact: Contact, browser: KnownKey, allow: Callable[..., None]
) -> None:
    allow()
    say(contact)
    token = token_of(link)
    open_link(token=token, agent=AGENT, at=AT)
    claim = page(browser, name="i", kind="identify", values={}, claims={"link": token})
    take([consent(browser), page(browser), claim], at=AT)
    while services.add_up():
        pass
    ties = Tie.objects.filter(ended_at=None)
    assert set(ties.values_list("account", "contact", "reason")) == {
        (contact.account_id, contact.pk, Tie.Reason.LINK),
    }  # fmt: skip
    assert ties.count() == 2, "of who opened the link, and of the browser that came by it"
    say(contact, given=False, at=LATER)
    assert not Tie.objects.exists()


def test_a_contact_takes_its_links_along(
    link: TrackedLink, contact: Contact, allow: Callable[..., None]
) -> None:
    double = crm.add_contact(account=contact.account, name="王静静", by=None, at=AT)
    merge = crm.merge_records(keep=double, gone=[contact], choices={}, by=None, at=AT)
    link.refresh_from_db()
    assert link.contact_id == double.pk
    crm.undo_merge(merge=merge, by=None, at=AT)
    link.refresh_from_db()
    assert (link.contact_id, link.moves) == (contact.pk, [])
    allow()
    say(contact)
    open_link(token=token_of(link), at=LATER)
    assert Signal.objects.count() == 1
    contact.refresh_from_db()
    crm.delete_record(record=contact, by=None, at=LATER)
    crm.purge_bin(at=LATER + timedelta(days=91))
    link.refresh_from_db()
    assert link.contact is None
    assert link.revoked_at is not None
    assert not Signal.objects.exists()
