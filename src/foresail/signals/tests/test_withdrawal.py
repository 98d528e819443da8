"""Who withdraws is nobody's visitor any more, whatever they were taken to be before, and whoever they were merged with."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from foresail.core.home import Home
from foresail.crm import services as crm
from foresail.crm.models import Account, Contact
from foresail.crm.services import Edit
from foresail.governance import services as governance
from foresail.governance.collecting import Purpose, Standing
from foresail.governance.erasing import Erasure, foresee
from foresail.governance.models import AuditRow, ConsentEntry, GateCount, PersonKey
from foresail.governance.queries import standings_of
from foresail.people import services as people
from foresail.people.models import User
from foresail.people.roles import Role
from foresail.signals import services
from foresail.signals.models import Evidence, Signal, Tie, Visitor
from foresail.signals.queries import openings, refused_accounts
from foresail.signals.services import KnownKey, make_link, open_link, take, token_of
from foresail.signals.tests.conftest import AT, SITE, consent, page

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
AGENT = "Mozilla/5.0 (Windows NT 10.0)"


@pytest.fixture
def accounts(allow: Callable[..., None]) -> list[Account]:
    allow(
        web={"fields": {"url": "mask", "title": "keep", "link_id": "keep"}},
        form={"fields": {"email": "keep"}},
    )
    line = people.add_line(name="能源", by=None, at=AT)
    names = ("华东精密", "北辰重工", "晨光电力")
    return [crm.add_account(line=line, by=None, at=AT, name=name) for name in names]


@pytest.fixture
def contacts(accounts: list[Account]) -> list[Contact]:
    return [
        crm.add_contact(account=accounts[0], name="王静", email="Wang@one.example", by=None, at=AT),
        crm.add_contact(account=accounts[0], name="王静静", email="jing@one.example", by=None, at=AT),
        crm.add_contact(account=accounts[1], name="李强", email="li@two.example", by=None, at=AT),
    ]


def say(contact: Contact, *, given: bool = True, at: datetime = AT) -> None:
    said = governance.ConsentGiven(
        subject=f"contact:{contact.pk}", purpose=Purpose.INTENT, given=given, at=at, source="form"
    )
    governance.note_consents([said], by=None, at=at)


def stand(*contacts: Contact) -> list[Standing]:
    found = standings_of([f"contact:{each.pk}" for each in contacts], purpose=Purpose.INTENT)
    return [found.get(f"contact:{each.pk}", Standing.NONE) for each in contacts]


def told(server: KnownKey, visitor: str, name: str, email: str, at: datetime, *, kept: bool = True) -> None:
    claim = page(
        server, visitor, name, kind="identify", source="form", at=at, values={}, claims={"email": email}
    )
    assert take([claim], at=at) == kept


def add_up() -> None:
    while services.add_up():
        pass


def foreseen(contact: Contact) -> dict[str, int]:
    subjects = frozenset({f"contact:{contact.pk}"})
    return dict(foresee(Erasure(subjects=subjects, purpose=Purpose.INTENT, at=AT)))


def trail() -> list[dict[str, Any]]:
    """Return what the trail says of withdrawals."""
    return list(
        AuditRow.objects.filter(verb="consent_withdrawn").order_by("pk").values_list("values", flat=True)
    )


def opened(contact: Contact, ops: User, *, at: datetime) -> int:
    link = make_link(target=f"{SITE}/price", contact=contact.pk, by=ops, at=AT)
    open_link(token=token_of(link), agent=AGENT, at=at)
    return link.pk


def test_of_who_withdrew_nothing_stays_that_was_made_while_a_visitor_was_taken_for_them(
    contacts: list[Contact], ops: User, browser: KnownKey, server: KnownKey
) -> None:
    wang, _, li = contacts
    say(wang)
    token = token_of(make_link(target=f"{SITE}/price", contact=wang.pk, by=ops, at=AT))
    came = page(browser, name="i", kind="identify", values={}, claims={"link": token})
    take([consent(browser), page(browser), came], at=AT)
    add_up()
    assert set(Evidence.objects.values_list("contact", flat=True)) == {wang.pk}
    # The link was passed on: it was somebody else all along.
    told(server, "v1", "s", "li@two.example", AT + HOUR)
    add_up()
    assert set(Evidence.objects.values_list("contact", "ended_at")) == {(wang.pk, AT + HOUR), (li.pk, None)}
    subject = frozenset({f"contact:{wang.pk}"})
    erasure = Erasure(subjects=subject, purpose=Purpose.INTENT, at=AT + 2 * HOUR)
    assert foresee(erasure) == {"signals": 1, "visitors": 1}, "what proved the link, and who came by it"
    assert Evidence.objects.filter(contact=wang.pk).exists(), "to count takes nothing away"
    say(wang, given=False, at=AT + 2 * HOUR)
    assert not Evidence.objects.filter(contact=wang.pk).exists()
    assert not Tie.objects.filter(contact=wang.pk).exists()
    assert Evidence.objects.get(ended_at=None).contact == li.pk, "who it is keeps what is theirs"


@pytest.mark.parametrize("how", ["withdrawn", "old"])
def test_what_was_made_of_who_a_visitor_is_stays_where_they_are_somebody_else_no_more(
    accounts: list[Account], contacts: list[Contact], ops: User, browser: KnownKey, server: KnownKey, how: str
) -> None:
    wang, _, li = contacts
    say(wang)
    token = token_of(make_link(target=f"{SITE}/price", contact=wang.pk, by=ops, at=AT))
    take(
        [consent(browser), page(browser, name="i", kind="identify", values={}, claims={"link": token})], at=AT
    )
    days = [AT + timedelta(days=days) for days in range(6)]
    take([page(browser, at=days[2])], at=days[2])
    add_up()
    told(server, "v1", "s", "li@two.example", days[3])
    add_up()
    crm.merge_records(keep=accounts[2], gone=[accounts[1]], choices={}, by=None, at=days[4])
    theirs = {(li.pk, accounts[1].pk, days[4]), (li.pk, accounts[2].pk, None)}
    rows = Evidence.objects.values_list("contact", "account", "ended_at")
    assert set(rows) == {(wang.pk, accounts[0].pk, days[3]), *theirs}
    if how == "withdrawn":
        say(wang, given=False, at=days[5])
    else:
        services.forget_old(at=Signal.objects.get(kind="identify", source="web").until)
    assert set(rows.all()) == theirs


@pytest.mark.parametrize("how", ["domain", "shared", "nobody"])
def test_what_named_their_address_before_it_told_who_it_was_goes_too(
    accounts: list[Account], contacts: list[Contact], browser: KnownKey, server: KnownKey, how: str
) -> None:
    """A form comes before there is such a contact; an address is that of two; a free mail says nothing of anybody."""
    email = {"domain": "chen@new.example", "shared": "wang@one.example", "nobody": "chen@qq.com"}[how]
    account = crm.add_account(
        line=accounts[0].line, by=None, at=AT, name="新安化工", domain="new.example"
    )  # fmt: skip
    if how == "shared":
        crm.add_contact(account=accounts[0], name="王晶", email=email, by=None, at=AT)
    take([consent(browser), page(browser)], at=AT)
    told(server, "v1", "s", email, AT)
    add_up()
    assert list(Tie.objects.values_list("contact", flat=True)) == ([] if how == "nobody" else [None])
    who = contacts[0]
    if how != "shared":
        who = crm.add_contact(account=account, name="陈晨", email=email, by=None, at=AT + HOUR)
    assert foreseen(who) == {"signals": 1, "visitors": 0 if how == "nobody" else 1}
    say(who, given=False, at=AT + 2 * HOUR)
    assert not Tie.objects.exists()
    assert not Evidence.objects.exists()
    assert [each.kind for each in Signal.objects.all()] == ["page"]
    assert foreseen(who) == {"signals": 0, "visitors": 0}
    assert Visitor.objects.count() == 1


def test_an_address_they_had_before_goes_too_unless_it_is_of_somebody_else_now(
    contacts: list[Contact], browser: KnownKey, server: KnownKey
) -> None:
    wang, jing, _ = contacts
    take([consent(browser, name, f"c{name}") for name in ("v1", "v2")], at=AT)
    told(server, "v1", "s1", "wang@one.example", AT)
    told(server, "v2", "s2", "jing@one.example", AT)
    add_up()
    for email in ("wj@one.example", "jing@one.example", "w@one.example"):
        wang.refresh_from_db()
        crm.change_record(record=wang, edits={"email": Edit(email)}, by=None, at=AT + HOUR)
    say(wang, given=False, at=AT + 2 * HOUR)
    assert [each.values["email"] for each in Signal.objects.all()] == ["jing@one.example"]
    assert Tie.objects.get().contact == jing.pk


@pytest.mark.parametrize("how", ["merged", "binned"])
def test_nor_is_anything_tied_to_where_they_worked_once_they_are_merged_or_in_the_bin(
    accounts: list[Account], browser: KnownKey, server: KnownKey, how: str
) -> None:
    account = crm.add_account(
        line=accounts[0].line, by=None, at=AT, name="新安化工", domain="new.example"
    )  # fmt: skip
    chen = crm.add_contact(account=account, name="陈晨", email="Chen@new.example", by=None, at=AT)
    kept = crm.add_contact(account=account, name="陈晨晨", email="chen@elsewhere.example", by=None, at=AT)
    say(chen, given=False)
    if how == "merged":
        crm.merge_records(keep=kept, gone=[chen], choices={}, by=None, at=AT)
    else:
        crm.delete_record(record=chen, by=None, at=AT)
    take([consent(browser, at=AT + HOUR), page(browser, at=AT + HOUR)], at=AT + HOUR)
    told(server, "v1", "s", "chen@new.example", AT + HOUR)
    add_up()
    assert not Tie.objects.exists()
    if how == "merged":
        say(kept, at=AT + 2 * HOUR)
        services.resolve_again(at=AT + 2 * HOUR)
        assert Tie.objects.get().account == account.pk, "until they agree anew"


def test_the_trail_tells_of_a_contact_of_whom_the_ledger_knew_nothing(
    contacts: list[Contact], browser: KnownKey, server: KnownKey
) -> None:
    take([consent(browser)], at=AT)
    told(server, "v1", "s", "wang@one.example", AT)
    crm.note_contact_consent(
        contact=contacts[0], purpose=Purpose.INTENT, given=False, how="phone", proof="来电", by=None, at=AT + HOUR
    )  # fmt: skip
    assert not Signal.objects.exists()
    assert trail() == [{"people": 1, "erased": {"signals": 1}}]


def test_of_who_withdrew_nothing_is_made_later_and_their_address_goes(
    contacts: list[Contact], browser: KnownKey, server: KnownKey
) -> None:
    wang = contacts[0]
    take([consent(browser), page(browser), consent(browser, "v2", "c2")], at=AT)
    told(server, "v1", "s1", "wang@one.example", AT)
    add_up()
    assert Evidence.objects.get().contact == wang.pk
    told(server, "v2", "s2", "WANG@one.example", AT + HOUR)  # not added up yet
    say(wang, given=False, at=AT + HOUR)
    assert not Tie.objects.exists()
    assert not Evidence.objects.exists()
    assert [each.kind for each in Signal.objects.all()] == ["page"], (
        "a stranger's, who agreed; no address with it"
    )
    told(server, "v1", "s3", "WANG@one.example", AT + 2 * HOUR, kept=False)
    assert [each.kind for each in Signal.objects.all()] == ["page"], "nor what a yes of before would allow"
    assert GateCount.objects.get(source="form", reason="consent").count == 1
    take([consent(browser, "v1", "c3", at=AT + 3 * HOUR)], at=AT + 3 * HOUR)
    told(server, "v1", "s4", "WANG@one.example", AT + 3 * HOUR)  # who it is, agreed since
    add_up()
    services.resolve_again(at=AT + 3 * HOUR)
    services.judge_all(at=AT + 3 * HOUR)
    assert not Tie.objects.exists()
    say(wang, at=AT + 4 * HOUR)
    services.resolve_again(at=AT + 4 * HOUR)
    assert Tie.objects.get().contact == wang.pk, "until they agree anew"


@pytest.mark.parametrize("agreed", ["since", "before", "never"])
def test_who_has_the_address_of_one_in_the_bin_who_withdrew_speaks_for_it_once_they_agree(
    accounts: list[Account], contacts: list[Contact], browser: KnownKey, server: KnownKey, agreed: str
) -> None:
    wang = contacts[0]
    again = crm.add_contact(account=accounts[0], name="王静", email="wang@ONE.example", by=None, at=AT)
    take([consent(browser)], at=AT)
    if agreed == "before":
        say(again)
    say(wang, given=False, at=AT + HOUR)
    crm.delete_record(record=wang, by=None, at=AT + HOUR)
    if agreed == "since":
        say(again, at=AT + 2 * HOUR)
    since = agreed == "since"
    told(server, "v1", "s", "wang@one.example", AT + 3 * HOUR, kept=since)
    take([consent(browser, "v1", "c2", at=AT + 4 * HOUR)], at=AT + 4 * HOUR)
    told(server, "v1", "s2", "wang@one.example", AT + 4 * HOUR)
    add_up()
    assert list(Tie.objects.values_list("contact", flat=True)) == ([again.pk] if since else [])


def test_on_another_ground_than_consent_who_withdrew_may_still_be_named(
    contacts: list[Contact], server: KnownKey, allow: Callable[..., None]
) -> None:
    allow(form={"fields": {"email": "keep"}, "basis": "contract", "ground": "Offer asked for"})
    say(contacts[0], given=False)
    told(server, "v1", "s", "wang@one.example", AT + HOUR)
    add_up()
    assert Signal.objects.get().values["email"] == "wang@one.example"
    assert not Tie.objects.exists()


@pytest.mark.parametrize("who", [0, 1])
def test_a_merge_holds_both_to_the_stricter_word_and_its_undoing_each_to_their_own(
    contacts: list[Contact], ops: User, who: int
) -> None:
    """Whichever of the two withdrew, and whichever is kept."""
    agreed, other = contacts[who], contacts[1 - who]
    say(agreed)
    link = opened(agreed, ops, at=AT)
    say(other)
    say(other, given=False, at=AT + HOUR)
    assert Signal.objects.count() == 1
    merge = crm.merge_records(keep=contacts[0], gone=[contacts[1]], choices={}, by=None, at=AT + 2 * HOUR)
    assert stand(contacts[0]) == [Standing.WITHDRAWN]
    assert not Signal.objects.exists(), "what rested on the consent of the one who is the other too"
    assert openings([link]) == {}
    kept = ConsentEntry.objects.count()
    crm.undo_merge(merge=merge, by=None, at=AT + 3 * HOUR)
    assert stand(agreed, other) == [Standing.GIVEN, Standing.WITHDRAWN]
    assert ConsentEntry.objects.count() == kept + 1, "taken back in the open"
    opened(agreed, ops, at=AT + 4 * HOUR)
    assert Signal.objects.count() == 1, "their own word holds again"


@pytest.mark.parametrize("who", [0, 1])
def test_a_merge_holds_who_was_never_asked_to_the_no_of_the_other(
    contacts: list[Contact], browser: KnownKey, server: KnownKey, who: int
) -> None:
    withdrew, silent = contacts[who], contacts[1 - who]
    say(withdrew, given=False)
    take([consent(browser), page(browser)], at=AT)
    told(server, "v1", "s1", silent.email, AT)
    add_up()
    assert Evidence.objects.get().contact == silent.pk
    merge = crm.merge_records(keep=contacts[0], gone=[contacts[1]], choices={}, by=None, at=AT + HOUR)
    assert stand(withdrew, silent) == [Standing.WITHDRAWN, Standing.WITHDRAWN]
    assert not Tie.objects.exists()
    assert not Evidence.objects.exists()
    assert [each.kind for each in Signal.objects.all()] == ["page"]
    crm.undo_merge(merge=merge, by=None, at=AT + 2 * HOUR)
    assert stand(withdrew, silent) == [Standing.WITHDRAWN, Standing.NONE]
    told(server, "v1", "s2", silent.email, AT + 2 * HOUR)
    add_up()
    assert Tie.objects.get().contact == silent.pk


def test_what_rested_on_a_consent_that_a_merge_lent_goes_with_it_and_nothing_else(
    contacts: list[Contact], ops: User, browser: KnownKey, server: KnownKey
) -> None:
    silent, agreed, _ = contacts
    say(agreed)
    own, other = (
        make_link(target=f"{SITE}/price", contact=each.pk, by=ops, at=AT) for each in (silent, agreed)
    )
    take([consent(browser), page(browser)], at=AT)  # on the browser's own consent
    told(server, "v1", "s", "wang@one.example", AT)
    open_link(token=token_of(other), agent=AGENT, at=AT)
    add_up()
    merge = crm.merge_records(keep=silent, gone=[agreed], choices={}, by=None, at=AT + HOUR)
    for link in (own, other):
        open_link(token=token_of(link), agent=AGENT, at=AT + 2 * HOUR)
    add_up()
    assert openings([own.pk]).keys() == {own.pk}
    crm.undo_merge(merge=merge, by=None, at=AT + 3 * HOUR)
    assert stand(silent, agreed) == [Standing.NONE, Standing.GIVEN]
    told_of = openings([own.pk, other.pk])
    assert told_of.keys() == {other.pk}
    assert (told_of[other.pk].first_at, told_of[other.pk].last_at) == (AT, AT + 2 * HOUR)
    assert Signal.objects.count() == 4
    browsers = Visitor.objects.filter(anonymous="v1").values_list("pk", flat=True)
    assert Tie.objects.get(visitor__in=browsers).contact == silent.pk
    assert Evidence.objects.filter(contact=silent.pk, visitor__in=browsers, ended_at=None).exists()
    assert trail() == [{"people": 0, "erased": {"signals": 1}}]


def test_a_merge_takes_the_only_word_there_is_along(contacts: list[Contact], ops: User) -> None:
    silent, agreed, _ = contacts
    say(agreed)
    merge = crm.merge_records(keep=silent, gone=[agreed], choices={}, by=None, at=AT + HOUR)
    assert stand(silent) == [Standing.GIVEN]
    opened(silent, ops, at=AT + 2 * HOUR)
    assert Signal.objects.count() == 1
    say(silent, given=False, at=AT + 3 * HOUR)
    say(silent, at=AT + 4 * HOUR)
    assert stand(silent) == [Standing.GIVEN], "they agreed anew"
    crm.undo_merge(merge=merge, by=None, at=AT + 5 * HOUR)
    assert stand(silent, agreed) == [Standing.GIVEN, Standing.GIVEN]


@pytest.mark.parametrize("who", [0, 1])
def test_a_withdrawal_reaches_what_was_kept_of_either_before_a_merge(
    contacts: list[Contact], ops: User, browser: KnownKey, server: KnownKey, who: int
) -> None:
    for each in contacts[:2]:
        say(each)
        opened(each, ops, at=AT)
    take([consent(browser), page(browser)], at=AT)
    told(server, "v1", "s", "jing@one.example", AT)
    add_up()
    crm.merge_records(keep=contacts[0], gone=[contacts[1]], choices={}, by=None, at=AT + HOUR)
    assert Signal.objects.count() == 4
    # Under whichever key it is said: somebody may have had the page open meanwhile.
    say(contacts[who], given=False, at=AT + 2 * HOUR)
    assert not Tie.objects.exists()
    assert not Evidence.objects.exists()
    assert [each.kind for each in Signal.objects.all()] == ["page"]


def test_when_a_link_was_opened_is_told_of_what_is_still_kept(
    contacts: list[Contact], ops: User, allow: Callable[..., None]
) -> None:
    wang = contacts[0]
    allow(at=AT, link={"days": 10})
    say(wang)
    link = make_link(target=f"{SITE}/price", contact=wang.pk, by=ops, at=AT)
    days = [AT + timedelta(days=days) for days in (1, 3, 5)]
    for at in days:
        open_link(token=token_of(link), agent=AGENT, at=at)
    told = openings([link.pk])[link.pk]
    assert (told.first_at, told.last_at) == (days[0], days[2])
    services.forget_old(at=days[1] + timedelta(days=10))
    told = openings([link.pk])[link.pk]
    assert (told.first_at, told.last_at) == (days[2], days[2])
    services.forget_old(at=days[2] + timedelta(days=10))
    assert openings([link.pk]) == {}
    assert not Visitor.objects.exists()


def test_who_refuses_is_asked_of_shown_accounts_alone(
    accounts: list[Account], contacts: list[Contact], ops: User, django_assert_max_num_queries: Any
) -> None:
    from foresail.signals.queries.heat import _refused

    def refused(asked: Collection[Account]) -> set[int]:
        with django_assert_max_num_queries(4) as seen:
            found = _refused([each.pk for each in asked])
        assert all("LIKE" not in each["sql"] for each in seen.captured_queries)
        return set(found)

    for each in contacts:
        say(each)
    assert refused(accounts) == set()
    say(contacts[0], given=False, at=AT + HOUR)
    assert refused(accounts) == set()  # a colleague agrees
    for each in contacts[1:]:
        say(each, given=False, at=AT + HOUR)
    assert refused(accounts) == {accounts[0].pk, accounts[1].pk}
    assert refused(accounts[1:]) == {accounts[1].pk}
    rep = people.add_user(email="rep@us.com", name="Rep", by=None, at=AT)
    people.grant_role(user=rep, role=Role.REP, by=None, at=AT)
    assert refused_accounts(user=ops, at=AT + HOUR) == {accounts[0].pk, accounts[1].pk}
    assert refused_accounts(user=ops, at=AT + HOUR, q=accounts[1].name) == {accounts[1].pk}
    assert refused_accounts(user=rep, at=AT + HOUR) == frozenset()  # sees none of them
    say(contacts[1], at=AT + 2 * HOUR)
    assert refused(accounts) == {accounts[1].pk}
    crm.merge_records(keep=accounts[2], gone=[accounts[1]], choices={}, by=None, at=AT + 3 * HOUR)
    assert refused([accounts[2]]) == {accounts[2].pk}


def test_who_withdrew_after_a_backup_was_made_is_erased_again_when_it_is_restored(
    contacts: list[Contact], ops: User, settings: Any, tmp_path: Path
) -> None:
    settings.HOME = Home(tmp_path)
    wang, jing, li = contacts
    for each in (jing, wang, li):
        say(each)
    say(jing, given=False, at=AT + HOUR)
    say(jing, at=AT + 2 * HOUR)
    for each in contacts:
        opened(each, ops, at=AT + 3 * HOUR)
    with transaction.atomic():  # the database is what it was then, and the journal knows more
        say(wang, given=False, at=AT + 4 * HOUR)
        governance.erase_person(person="somebody", by=None, at=AT + 4 * HOUR)
        transaction.set_rollback(True)
    assert Signal.objects.count() == 3
    journal = (tmp_path / "erased").read_text()
    assert len([line for line in journal.splitlines() if line]) == 3
    assert "contact" not in journal.lower()
    PersonKey.objects.create(person="somebody", key=b"k" * 32)
    PersonKey.objects.create(person="another", key=b"k" * 32)
    (tmp_path / "erased").write_text(journal + "2026-03-02T09:00:00+00:00 cut off")
    assert governance.withdraw_again(begun={}, at=AT + 5 * HOUR) == 1
    assert governance.erase_persons_again(at=AT + 5 * HOUR) == 1
    assert stand(wang, jing, li) == [Standing.WITHDRAWN, Standing.GIVEN, Standing.GIVEN]
    assert Signal.objects.count() == 2, "who agreed anew before the backup, and who said nothing, keep theirs"
    assert not PersonKey.objects.get(person="somebody").key
    assert PersonKey.objects.get(person="another").key
    assert governance.withdraw_again(begun={}, at=AT + 6 * HOUR) == 0, "once"
    silent = f"contact:{li.pk + 1}"
    with transaction.atomic():
        said = governance.ConsentGiven(
            subject=silent, purpose=Purpose.INTENT, given=False, at=AT, source="staff"
        )
        governance.note_consents([said], by=None, at=AT + 6 * HOUR)
        transaction.set_rollback(True)
    later = {silent: AT + 6.5 * HOUR}
    assert governance.withdraw_again(begun=later, at=AT + 7 * HOUR) == 0, "somebody else has that key now"
    assert governance.withdraw_again(begun={silent: AT}, at=AT + 7 * HOUR) == 1, (
        "whom the ledger did not know yet"
    )


def test_what_never_came_about_or_was_taken_back_is_not_erased_by_a_restore(
    contacts: list[Contact], settings: Any, tmp_path: Path
) -> None:
    settings.HOME = Home(tmp_path)
    wang, jing, _ = contacts
    say(wang)
    say(jing)
    with transaction.atomic():  # it failed in the end
        say(wang, given=False, at=AT + HOUR)
        transaction.set_rollback(True)
    governance.erase_person(person="somebody", by=None, at=AT + 3 * HOUR)  # a backup made now knows better
    begun = {f"contact:{each.pk}": AT for each in contacts}
    assert governance.withdraw_again(begun=begun, at=AT + 4 * HOUR) == 0
    with transaction.atomic():  # merged with who had withdrawn, and parted again; the backup is older
        say(jing, given=False, at=AT + 4 * HOUR)
        governance.join_consents(
            kept=f"contact:{wang.pk}", gone=[f"contact:{jing.pk}"], merge=1, at=AT + 5 * HOUR
        )
        governance.part_consents(
            subjects=[f"contact:{wang.pk}", f"contact:{jing.pk}"], merge=1, at=AT + 6 * HOUR
        )
        transaction.set_rollback(True)
    assert governance.withdraw_again(begun=begun, at=AT + 7 * HOUR) == 1
    assert stand(wang, jing) == [Standing.GIVEN, Standing.WITHDRAWN]
