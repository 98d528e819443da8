"""The event socket through its door: a real server, real browsers' words, a real database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psutil
import pytest
from django.db import connection, connections, transaction
from websockets.exceptions import ConnectionClosed, InvalidStatus

from foresail.core import outbox
from foresail.core.models import Notice
from foresail.live import serving, sockets, viewers
from foresail.live.tests.conftest import Live, change
from foresail.people import services
from foresail.people.models import Session, User
from foresail.people.roles import Role

pytestmark = pytest.mark.usefixtures("_even")

SignIn = Callable[..., tuple[User, Session, str]]


def test_who_watches_is_told_and_nobody_else(live: Live, token: str) -> None:
    one, other = live.open(token), live.open(token)
    one.watch(("deal", 12), ("deals", 0))
    other.watch(("deal", 14))
    change(("deal", 12), ("deals", 0), ("account", 12))
    one.hear_until(2)
    assert sorted(one.seen) == [("deal", 12), ("deals", 0)]
    assert other.hears_nothing()
    one.say(unsubscribe=[["deal", 12]])
    change(("deals", 0))
    one.hear()
    change(("deal", 12))
    assert one.hears_nothing()
    assert one.cursor == str(outbox.newest()) or one.seen[2:] == [("deals", 0)]


def test_something_is_said_now_and_then_for_a_pulled_cable_says_nothing(
    live: Live, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "QUIET_SECONDS", 0.1)
    browser = live.open(token)
    assert browser.hear() == {}
    browser.watch(("deal", 12))
    assert browser.hear() == {"cursor": browser.cursor, "changes": []}


def test_what_many_watch_is_fetched_over_a_while(
    live: Live, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setattr(sockets, "SPREAD_MS", 15.0)
    one, other = live.open(token), live.open(token)
    one.watch(("deal", 12))
    change(("deal", 12))
    assert "spread" not in one.hear()
    other.watch(("deal", 12))
    change(("deal", 12))
    assert one.hear()["spread"] == 30


def test_what_one_may_not_see_is_refused_and_never_told(live: Live, token: str) -> None:
    browser = live.open(token)
    browser.watch(("deal", 12), ("deal", 13), ("jobs", 0), ("tasks", 999), ("nothing", 1), ("deals", 7))
    assert sorted(browser.refused) == [
        ("deal", 13),
        ("deals", 7),
        ("jobs", 0),
        ("nothing", 1),
        ("tasks", 999),
    ]
    change(("deal", 13), ("jobs", 0), ("tasks", 999), ("nothing", 1), ("deals", 7))
    assert browser.hears_nothing()
    change(("deal", 12))
    browser.hear_until(1)
    assert browser.seen == [("deal", 12)]


def test_a_right_withdrawn_ends_the_news(live: Live, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "PERMITTED_SECONDS", 0.0)
    browser = live.open(token)
    browser.watch(("deal", 12))
    monkeypatch.setitem(viewers.viewers, "deal", lambda *_: ())
    change(("deal", 12))
    assert browser.hear() == {"refused": [["deal", 12]]}
    change(("deal", 12))
    assert browser.hears_nothing()


def test_own_tasks_and_an_admins_jobs(live: Live, sign_in: SignIn) -> None:
    admin, _, token = sign_in("Ada", Role.ADMIN)
    browser = live.open(token)
    browser.watch(("tasks", admin.pk), ("jobs", 0), ("forecast", 0))
    change(("tasks", admin.pk), ("jobs", 0), ("forecast", 0))
    browser.hear_until(3)
    assert sorted(browser.seen) == [("forecast", 0), ("jobs", 0), ("tasks", admin.pk)]
    assert browser.refused == []


def test_what_commits_late_is_told_too_and_after_a_break(live: Live, token: str) -> None:
    browser = live.open(token)
    browser.watch(("deal", 2), ("deal", 4))
    told, commit = threading.Event(), threading.Event()

    def first() -> None:
        try:
            with transaction.atomic():
                outbox.tell("deal", 2)
                told.set()
                assert commit.wait(10)
        finally:
            connections.close_all()

    late = threading.Thread(target=first)
    late.start()
    assert told.wait(5)
    change(("deal", 4))
    assert browser.hears_nothing()  # the earlier one still runs
    cut = browser.cursor
    browser.wire.close()
    again = live.open(token, after=cut)
    again.watch(("deal", 2), ("deal", 4))
    assert again.seen == []
    commit.set()
    late.join()
    again.hear_until(2)
    assert again.seen == [("deal", 2), ("deal", 4)]
    assert again.hears_nothing()
    third = live.open(token, after=cut)
    third.watch(("deal", 2), ("deal", 4))
    assert sorted(third.seen) == [("deal", 2), ("deal", 4)]


def test_cut_and_resumed_nothing_is_missed_or_told_twice(live: Live, token: str) -> None:
    records = [("deal", 2 * number) for number in range(1, 501)]
    browser = live.open(token)
    browser.watch(*records)

    def write() -> None:
        try:
            for record in records:
                change(record)
        finally:
            connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    seen: list[tuple[str, int]] = []
    for enough in (60, 180, 320, 500):
        browser.hear_until(enough - len(seen))
        browser.wire.close()
        seen += browser.seen
        browser = live.open(token, after=browser.cursor)
        browser.watch(*records)
    writer.join()
    while not browser.hears_nothing():
        pass
    seen += browser.seen
    assert sorted(seen) == records
    assert browser.resets == 0


def test_an_unknown_cursor_is_a_reset(live: Live, token: str) -> None:
    change(("deal", 12))
    for cursor in ("", "x", "1-1", f"{2**62}-7", "99999999999999999999-1"):
        browser = live.open(token, after=cursor)
        assert browser.hear() == {"reset": True, "cursor": browser.cursor}
        assert outbox.Position.of(browser.cursor)


def test_a_cursor_older_than_what_is_kept_is_a_reset(live: Live, token: str) -> None:
    change(("deal", 12))
    browser = live.open(token)
    browser.watch(("deal", 14))
    old = browser.cursor
    change(("deal", 14))
    browser.hear_until(1)
    Notice.objects.update(at=datetime.now(UTC) - timedelta(hours=2))
    newest = outbox.newest()
    assert outbox.forget(upto=newest, at=datetime.now(UTC)) is False
    assert Notice.objects.count() == 1
    assert live.open(token, after=old).hear()["reset"] is True
    kept = live.open(token, after=str(newest))
    kept.watch(("deal", 14))
    assert (kept.resets, kept.seen) == (0, [])


def test_a_database_restored_meanwhile_resets_who_is_connected(live: Live, token: str) -> None:
    browser = live.open(token)
    browser.watch(("deal", 12))
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE core_notice")
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert "reset" in browser.hear()
    change(("deal", 12))
    browser.hear_until(1)


def test_a_revoked_session_is_closed(live: Live, sign_in: SignIn) -> None:
    _, session, token = sign_in("Li", Role.REP)
    browser, other = live.open(token), live.open(sign_in("Wang")[2])
    browser.watch(("deal", 12))
    other.watch(("deal", 12))
    services.revoke_session(session=session, by=None, at=datetime.now(UTC))
    assert browser.ended() == 4401
    change(("deal", 12))
    other.hear_until(1)


def test_who_is_not_signed_in_is_closed(live: Live) -> None:
    change(("deals", 0))
    for token in ("", "made-up"):
        assert live.open(token).ended() == 4401


def test_a_page_of_another_site_is_refused(live: Live, token: str) -> None:
    for origin in ("http://evil.example", "http://127.0.0.1:1", "null", "http://[", "https://localhost"):
        with pytest.raises(InvalidStatus) as refused:
            live.open(token, origin=origin)
        assert refused.value.response.status_code == 403


def test_limits_are_told(live: Live, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = live.open(token)
    browser.watch(*[("deal", 2 * number) for number in range(1, 502)])
    if not browser.codes:
        browser.hear()
    assert browser.codes == ["too_many"]
    assert browser.refused == [("deal", 1002)]
    monkeypatch.setattr(serving, "MOST_SOCKETS", 1)
    with pytest.raises(InvalidStatus) as refused:
        live.open(token)
    assert refused.value.response.status_code == 503
    browser.say(subscribe=[["deal", 2]], more="x" * 70_000)
    assert browser.ended() == 1009


def test_what_is_not_understood_closes(live: Live, token: str) -> None:
    said: tuple[str | bytes, ...] = ("", "[]", '{"subscribe": 1}', '{"subscribe": [["deal", -1]]}', b"\xff")
    for each in said:
        browser = live.open(token)
        browser.wire.send(each)
        assert browser.ended() == 4400


def test_it_costs_little_when_nothing_happens(live: Live, token: str) -> None:
    for _ in range(5):
        live.open(token).watch(("deals", 0))
    time.sleep(0.4)
    before = psutil.Process().cpu_times()
    time.sleep(1.0)
    after = psutil.Process().cpu_times()
    assert (after.user + after.system) - (before.user + before.system) < 0.1


def test_closing_leaves_nothing_behind(live: Live, token: str) -> None:
    hub = live.hub
    browser = live.open(token)
    browser.watch(("deal", 12), ("deals", 0))
    assert len(hub.sockets) == 1
    assert len(hub.watching) == 2
    browser.wire.close()
    with pytest.raises(ConnectionClosed):
        browser.hear()
    end = time.monotonic() + 3
    while hub.open and time.monotonic() < end:
        time.sleep(0.01)
    assert (hub.open, len(hub.sockets), len(hub.watching)) == (0, 0, 0)
