"""What of the log counts as somebody having done something about a deal."""

from datetime import timedelta

from foresail.crm import pooling
from foresail.crm import services as crm
from foresail.crm.fields import ACCOUNT
from foresail.timeline.services import append
from foresail.timeline.tests.conftest import Company
from foresail.timeline.tests.making import AT, entry
from foresail.timeline.touching import last_touches

DAY = timedelta(days=1)


def test_talks_quotes_and_moves_count_and_nothing_that_shows_nobody_at_work(db: None) -> None:  # noqa: ARG001
    kinds = (
        *("mail_in", "mail_out", "chat_in", "call", "meeting", "visit", "demo", "quote_sent", "stage_quote", "won"),
        *("mail_auto", "talk_left", "web_visit", "deal_amended", "budget_frozen"),
    )  # fmt: skip
    deals = {kind: place for place, kind in enumerate(kinds, start=1)}
    append(
        [
            entry(f"{kind}-{days}", kind=kind, at=AT + days * DAY, deal_id=deal)
            for kind, deal in deals.items()
            for days in (1, 3, 2)
        ],
        at=AT,
        quiet=True,
    )
    latest = AT + 3 * DAY
    assert last_touches(deals.values()) == {deals[kind]: latest for kind in kinds[:10]}
    assert last_touches([deals["call"]]) == {deals["call"]: latest}
    assert last_touches([]) == {}


def test_a_talk_keeps_an_account_out_of_the_pool(company: Company) -> None:
    crm.close_deal(deal=company.deal, outcome="lost", version=company.deal.version, by=None, at=AT)
    line = company.account.line
    rule = crm.draft_pool_rule(
        kind=ACCOUNT, line=line, active=True, days=30, by_level={}, where=None, contract_field="",
        warn_days=7, daily_quota=None, hold_limit=None, cool_down_days=0,
    )  # fmt: skip
    crm.set_pool_rule(rule=rule, by=None, at=AT)
    talk = AT + 20 * DAY
    append(
        [entry("call", kind="call", at=talk, deal_id=company.deal.pk, account_id=company.account.pk)], at=talk
    )
    assert [each.last_touch_at for each in pooling.due(rule, at=AT, ahead=90)] == [talk]
    assert crm.recycle(at=AT + 31 * DAY) == 0
    assert crm.recycle(at=talk + 31 * DAY) == 1
    company.account.refresh_from_db()
    assert company.account.owner_id is None
