"""What was said is kept once, stands on the timeline, and is told of; what is refused leaves nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection

from foresail.conversations import queries, services
from foresail.conversations.models import Communication
from foresail.conversations.services import NewCommunication
from foresail.conversations.tests.conftest import AT, Company
from foresail.core import events
from foresail.core.changes import Change
from foresail.core.errors import Refusal
from foresail.timeline import queries as timeline

LATER = AT + timedelta(days=1)


def mail(company: Company, **other: Any) -> Communication:
    given: dict[str, Any] = {
        "deal": company.deal,
        "channel": "mail",
        "direction": "in",
        "title": "交期能否再提前",
        "text": "请确认交期。",
        "contact": company.contact,
        "happened_at": AT,
        "by": company.li,
        "at": LATER,
    }
    return services.record_communication(**given | other)


def row(company: Company, number: int, **other: Any) -> NewCommunication:
    given: dict[str, Any] = {
        "deal": company.deal.pk,
        "account": company.deal.account_id,
        "channel": "call",
        "direction": "none",
        "title": f"例行沟通 {number}",
        "text": "约好下周再联系。",
        "at": AT,
        "known_at": LATER,
        "source": "demo",
        "source_id": f"QM0001:{number}",
        "author": company.li.pk,
        "contact": company.contact.pk,
    }
    return NewCommunication(**given | other)


def talks(company: Company) -> list[Any]:
    page = timeline.of_deal(user=company.li, deal=company.deal.pk, groups={"mail", "call"})
    return page.items


def test_a_mail_of_the_customers_stands_on_the_timeline_without_an_actor(company: Company) -> None:
    told: list[Change] = []
    events.listen(Change, told.append)
    kept = mail(company)
    (entry,) = talks(company)
    assert (entry.kind, entry.title, entry.text, entry.people) == (
        "mail_in",
        "交期能否再提前",
        "请确认交期。",
        ["王静 · 采购总监"],
    )
    assert (entry.at, entry.known_at, entry.actor, entry.basis) == (AT, LATER, None, "legitimate_interest")
    assert entry == queries.entry_of(communication=kept, user=company.li)
    change = told[-1]
    assert (change.verb, change.person) == ("record_communication", f"crm.Contact:{company.contact.pk}")
    assert change.personal == {"title", "text"}


@pytest.mark.parametrize(
    ("channel", "direction", "kind"),
    [
        ("mail", "out", "mail_out"),
        ("call", "out", "call"),
        ("meeting", "none", "meeting"),
        ("visit", "none", "visit"),
        ("chat", "in", "chat_in"),
        ("chat", "out", "chat_out"),
    ],
)
def test_the_kind_follows_from_channel_and_direction(
    company: Company, channel: str, direction: str, kind: str
) -> None:
    kept = mail(company, channel=channel, direction=direction, contact=None)
    entry = queries.entry_of(communication=kept, user=company.li)
    assert entry.kind == kind
    assert (entry.actor is None) == (kind == "chat_in")
    assert entry.people == []


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"title": " \n "}, "title_invalid"),
        ({"title": "长" * 301}, "title_invalid"),
        ({"text": "长" * 20_001}, "text_too_long"),
        ({"direction": "none"}, "direction_missing"),
        ({"happened_at": LATER + timedelta(seconds=1)}, "in_the_future"),
        ({"contact": "stranger"}, "contact_elsewhere"),
        ({"by": "zhao"}, "not_allowed"),
    ],
)
def test_what_is_refused_leaves_nothing(company: Company, other: dict[str, Any], code: str) -> None:
    named = {name: getattr(company, value) for name, value in other.items() if name in {"by", "contact"}}
    with pytest.raises(Refusal) as refused:
        mail(company, **other | named)
    assert refused.value.code == code
    assert not Communication.objects.exists()
    assert talks(company) == []


def test_many_are_kept_once_and_told_of_as_one_change(company: Company) -> None:
    told: list[Change] = []
    events.listen(Change, told.append)
    rows = [row(company, number) for number in range(3)]
    assert services.add_communications(rows, at=LATER) == 3
    assert services.add_communications([*rows, row(company, 3)], at=LATER) == 1
    assert [entry.title for entry in talks(company)] == [f"例行沟通 {number}" for number in (3, 2, 1, 0)]
    assert [change.values["count"] for change in told if change.verb == "add_communications"] == [3, 1]


def test_one_wrong_row_keeps_all_out(company: Company) -> None:
    wrong = row(company, 2, known_at=AT - timedelta(hours=1))
    with pytest.raises((IntegrityError, Refusal)):
        services.add_communications([row(company, 1), wrong], at=LATER)
    connection.set_rollback(False)
    assert not Communication.objects.exists()


def test_texts_are_shown_only_to_who_sees_the_deal(company: Company) -> None:
    kept = mail(company)
    assert queries.excerpts([kept.pk], company.li)[kept.pk].text == "请确认交期。"
    assert company.zhao.pk != company.li.pk
    outside = type(company.li)(pk=0, name="Nobody")
    assert queries.excerpts([kept.pk], outside) == {}
