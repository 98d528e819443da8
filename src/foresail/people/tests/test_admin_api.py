"""What administrators do with people and the organisation, over HTTP; and that nobody else does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from foresail.core import clock
from foresail.core.changes import Change
from foresail.people import services
from foresail.people.models import Guarded, SecondStep, Session, Team, User
from foresail.people.roles import Role
from foresail.people.tests.browser import PASSWORD, Browser

Hire = Callable[..., User]


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch, at: datetime) -> list[datetime]:
    hands = [at]
    monkeypatch.setattr(clock, "now", lambda: hands[0])
    return hands


@pytest.fixture
def office(admin: User, at: datetime) -> Browser:
    """Where the administrator sits."""
    services.set_password(user=admin, password=PASSWORD, by=None, at=at)
    browser = Browser()
    assert browser.sign_in("ada@example.com").status_code == 200
    return browser


def post(browser: Browser, path: str, body: object = None) -> tuple[int, Any]:
    answer = browser.send("POST", f"/api{path}", {} if body is None else body)
    return answer.status_code, answer.json()


def test_somebody_is_added_and_chooses_a_password_on_the_page_of_the_link(
    office: Browser, at: datetime
) -> None:
    line = services.add_line(name="能源", by=None, at=at)
    east = services.add_team(name="华东", line=line, by=None, at=at)
    status, told = post(
        office,
        "/people",
        {
            "name": "吴敏",
            "email": "Wu@example.com",
            "team": east.pk,
            "roles": ["manager", "rep"],
            "language": "en",
        },
    )
    wu = User.objects.get(email="wu@example.com")
    assert status == 201
    assert told["person"] == {
        "id": wu.pk, "name": "吴敏", "email": "wu@example.com", "language": "en",
        "team": {"id": east.pk, "name": "华东"}, "line": {"id": line.pk, "name": "能源"},
        "roles": ["rep", "manager"], "manages": [], "active": True, "joined_at": "2026-03-02T09:00:00Z",
        "left_at": None, "last_seen_at": None, "sessions": 0, "second_step": False,
        "link_ends_at": "2026-03-05T09:00:00Z",
    }  # fmt: skip
    token = told["link"]["token"]
    assert told["link"]["ends_at"] == "2026-03-05T09:00:00Z"
    assert token not in office.get(f"/api/people/{wu.pk}").content.decode()

    guest = Browser()
    guest.get("/api/entry")
    greeted = {"name": "吴敏", "email": "wu@example.com", "language": "en"}
    assert post(guest, "/session/link/owner", {"token": token}) == (200, greeted)
    assert post(guest, "/session/link/owner", {"token": "x"})[0] == 404
    status, told = post(guest, "/session/link/use", {"token": token, "password": "123456789012"})
    assert (status, told["code"]) == (400, "password_too_weak")
    assert post(guest, "/session/link/use", {"token": token, "password": PASSWORD}) == (200, greeted)
    assert post(guest, "/session/link/use", {"token": token, "password": PASSWORD})[0] == 404
    assert "foresail_session" not in guest.cookies
    assert guest.sign_in("wu@example.com").status_code == 200


def test_a_link_is_not_used_from_another_sites_page(db: None) -> None:  # noqa: ARG001
    for path in ("owner", "use"):
        answer = Browser().send("POST", f"/api/session/link/{path}", {"token": "x", "password": "y"})
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_missing")


def test_people_are_found_filtered_and_paged(office: Browser, hire: Hire, at: datetime) -> None:
    line = services.add_line(name="能源", by=None, at=at)
    east = services.add_team(name="华东", line=line, by=None, at=at)
    below = services.add_team(name="华东一组", line=line, parent=east, by=None, at=at)
    for name in ("Bo", "Bo2", "Cai"):
        hire(name, Role.REP, team=below)
    hire("Bo3", Role.LEGAL, team=east)
    gone = hire("Du", Role.REP)
    services.deactivate_user(user=gone, by=None, at=at)

    def names(query: str) -> list[str]:
        return [one["name"] for one in office.get(f"/api/people?{query}").json()["items"]]

    assert names("") == ["Ada", "Bo", "Bo2", "Bo3", "Cai", "Du"]
    assert names("q=bo") == ["Bo", "Bo2", "Bo3"]
    assert names("q=CAI@example") == ["Cai"]
    assert names(f"team={east.pk}") == ["Bo", "Bo2", "Bo3", "Cai"]
    assert names(f"team={east.pk}&role=rep") == ["Bo", "Bo2", "Cai"]
    assert names("team=0") == ["Ada", "Du"]
    assert names("active=false") == ["Du"]
    assert names("active=true&role=admin") == ["Ada"]
    assert names("q=%00") == ["Ada", "Bo", "Bo2", "Bo3", "Cai", "Du"]
    assert office.get("/api/people?role=king").status_code == 422

    seen, after = [], ""
    while True:
        page = office.get(f"/api/people?limit=2{after}").json()
        seen.append([one["name"] for one in page["items"]])
        assert page["total"] == 6
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == [["Ada", "Bo"], ["Bo2", "Bo3"], ["Cai", "Du"]]


def test_a_page_of_people_takes_as_many_queries_whatever_its_length(office: Browser, hire: Hire) -> None:
    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert office.get(path).status_code == 200
        return len(queries)

    hire("Bo", Role.REP)
    office.get("/api/people")
    paths = ("/api/people", "/api/organisation", "/api/roles")
    few = [count(path) for path in paths]
    for number in range(30):
        hire(f"P{number}", Role.REP, Role.MANAGER)
    assert [count(path) for path in paths] == few


def test_somebody_is_changed_all_at_once_or_not_at_all(
    office: Browser, li: User, admin: User, at: datetime, changes: list[Change]
) -> None:
    line = services.add_line(name="能源", by=None, at=at)
    east = services.add_team(name="华东", line=line, by=None, at=at)
    body = {
        "name": "李娜",
        "email": "lina@example.com",
        "team": east.pk,
        "roles": ["manager"],
        "language": "en",
    }
    changes.clear()
    told = office.send("PATCH", f"/api/people/{li.pk}", body).json()
    assert (told["name"], told["email"], told["team"]["name"], told["roles"], told["language"]) == (
        "李娜", "lina@example.com", "华东", ["manager"], "en",
    )  # fmt: skip
    assert [change.verb for change in changes] == ["change_user", "grant_role", "revoke_role"]
    assert office.send("PATCH", f"/api/people/{li.pk}", {"team": None}).json()["team"] is None
    changes.clear()
    # The name would be fine; that the last admin would go, is not.
    answer = office.send("PATCH", f"/api/people/{admin.pk}", {"name": "Eve", "roles": ["rep"]})
    assert (answer.status_code, answer.json()["code"]) == (400, "last_admin")
    admin.refresh_from_db()
    assert (admin.name, [grant.role for grant in admin.grants.all()]) == ("Ada", ["admin"])


def test_somebody_leaves_comes_back_and_is_helped(office: Browser, li: User, at: datetime) -> None:
    services.create_session(user=li, address="192.0.2.1", agent="", at=at)
    assert office.get(f"/api/people/{li.pk}").json()["sessions"] == 1
    assert post(office, f"/people/{li.pk}/sign-out")[1]["sessions"] == 0
    SecondStep.objects.create(user=li, secret="JBSWY3DPEHPK3PXP", confirmed_at=at)
    assert office.get(f"/api/people/{li.pk}").json()["second_step"] is True
    assert post(office, f"/people/{li.pk}/reset-second-step")[1]["second_step"] is False
    status, told = post(office, f"/people/{li.pk}/reset-second-step")
    assert (status, told["code"]) == (400, "second_step_off")
    status, told = post(office, f"/people/{li.pk}/reset-password")
    assert (status, len(told["link"]["token"])) == (200, 43)
    told = post(office, f"/people/{li.pk}/deactivate")[1]
    assert (told["active"], told["left_at"], told["link_ends_at"]) == (False, "2026-03-02T09:00:00Z", None)
    status, told = post(office, f"/people/{li.pk}/deactivate")
    assert (status, told["code"]) == (400, "user_inactive")
    told = post(office, f"/people/{li.pk}/reactivate")[1]
    assert (told["person"]["active"], told["person"]["left_at"]) == (True, None)
    assert told["link"]["ends_at"] == (at + timedelta(hours=72)).isoformat().replace("+00:00", "Z")


def test_the_last_admin_stays(office: Browser, admin: User) -> None:
    status, told = post(office, f"/people/{admin.pk}/deactivate")
    assert (status, told["code"]) == (400, "last_admin")
    assert office.get("/api/me").status_code == 200


def test_lines_and_teams_are_built_and_shown(office: Browser, li: User, at: datetime) -> None:
    status, energy = post(office, "/organisation/lines", {"name": "能源"})
    assert status == 201
    status, east = post(
        office, "/organisation/teams", {"name": "华东", "line": energy["id"], "manager": li.pk}
    )
    assert status == 201
    below = post(office, "/organisation/teams", {"name": "一组", "line": energy["id"], "parent": east["id"]})[
        1
    ]
    services.change_user(user=li, team=Team.objects.get(pk=below["id"]), by=None, at=at)
    assert office.get("/api/organisation").json() == {
        "lines": [
            {
                "id": energy["id"],
                "name": "能源",
                "teams": [
                    {
                        "id": east["id"],
                        "name": "华东",
                        "manager": {"id": li.pk, "name": "Li"},
                        "members": 0,
                        "below": [
                            {"id": below["id"], "name": "一组", "manager": None, "members": 1, "below": []}
                        ],
                    }
                ],
            }
        ],
        "teamless": 1,
    }
    assert (
        office.send("PATCH", f"/api/organisation/lines/{energy['id']}", {"name": "电力"}).json()["name"]
        == "电力"
    )
    team = f"/api/organisation/teams/{below['id']}"
    changed = office.send("PATCH", team, {"name": "二组", "parent": None, "manager": li.pk})
    assert (changed.status_code, changed.json()["name"]) == (200, "二组")
    shown = office.get("/api/organisation").json()["lines"][0]
    assert [(node["name"], node["manager"]) for node in shown["teams"]] == [
        ("二组", {"id": li.pk, "name": "Li"}),
        ("华东", {"id": li.pk, "name": "Li"}),
    ]
    refused = office.send("PATCH", team, {"name": "华东"})
    assert (refused.status_code, refused.json()["code"]) == (409, "name_taken")


def test_only_an_empty_team_is_removed(
    office: Browser, li: User, deals: type[Guarded], at: datetime, changes: list[Change]
) -> None:
    line = services.add_line(name="能源", by=None, at=at)
    east, west = (services.add_team(name=name, line=line, by=None, at=at) for name in ("华东", "西部"))
    below = services.add_team(name="一组", line=line, parent=east, by=None, at=at)
    deal: models.Model = deals.objects.create(owner=None, team=west, line=line)  # type: ignore[attr-defined]
    services.change_user(user=li, team=below, by=None, at=at)
    changes.clear()
    for team in (east, west, below):
        answer = office.send("DELETE", f"/api/organisation/teams/{team.pk}")
        assert (answer.status_code, answer.json()["code"]) == (409, "team_not_empty")
    assert changes == []
    deal.delete()
    assert office.send("DELETE", f"/api/organisation/teams/{west.pk}").status_code == 204
    assert [(change.verb, change.key, change.values) for change in changes] == [
        ("remove_team", str(west.pk), {"name": "西部"})
    ]
    assert office.send("DELETE", f"/api/organisation/teams/{west.pk}").status_code == 404


def test_roles_are_shown_with_how_far_they_reach_and_who_holds_them(
    office: Browser, hire: Hire, admin: User, at: datetime
) -> None:
    reps = [hire(f"R{number}", Role.REP) for number in range(10)]
    services.deactivate_user(user=reps[0], by=None, at=at)
    told = office.get("/api/roles").json()
    by_key = {role["key"]: role for role in told["roles"]}
    assert list(by_key) == [role.value for role in Role]
    assert (by_key["rep"]["holders"], [one["name"] for one in by_key["rep"]["first"]]) == (
        9, [f"R{number}" for number in range(1, 9)],
    )  # fmt: skip
    assert by_key["admin"] == {
        "key": "admin", "zh": "系统管理员", "en": "administrator", "holders": 1,
        "first": [{"id": admin.pk, "name": "Ada"}],
        "scopes": {
            "see": "none", "change": "none", "export": "none", "assign": "none", "claim": "none", "delete": "none",
            "share": "none", "configure": "none",
            "administer": "all",
        },
    }  # fmt: skip
    assert [word["key"] for word in told["actions"]] == [
        "see", "change", "export", "assign", "claim", "delete", "share", "configure", "administer",
    ]  # fmt: skip
    assert [word["key"] for word in told["scopes"]] == ["none", "own", "team", "line", "all"]


def test_nobody_but_an_admin_does_any_of_it(
    li: User, hire: Hire, at: datetime, changes: list[Change]
) -> None:
    boss = hire("Boss", Role.MANAGER, Role.SALES_OPERATIONS)
    line = services.add_line(name="能源", by=None, at=at)
    team = services.add_team(name="华东", line=line, by=None, at=at)
    browser = Browser()
    assert browser.sign_in().status_code == 200
    changes.clear()
    new = {"name": "x", "email": "x@example.com", "line": line.pk, "roles": ["admin"]}
    for method, path in (
        ("GET", "people"), ("POST", "people"), ("GET", f"people/{boss.pk}"), ("PATCH", f"people/{li.pk}"),
        ("POST", f"people/{boss.pk}/deactivate"), ("POST", f"people/{boss.pk}/reactivate"),
        ("POST", f"people/{boss.pk}/reset-password"), ("POST", f"people/{boss.pk}/reset-second-step"),
        ("POST", f"people/{boss.pk}/sign-out"), ("GET", "organisation"), ("POST", "organisation/lines"),
        ("PATCH", f"organisation/lines/{line.pk}"), ("POST", "organisation/teams"),
        ("PATCH", f"organisation/teams/{team.pk}"), ("DELETE", f"organisation/teams/{team.pk}"), ("GET", "roles"),
    ):  # fmt: skip
        answer = browser.send(method, f"/api/{path}", None if method in {"GET", "DELETE"} else new)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed"), (method, path)
    assert (changes, Session.objects.filter(revoked_at=None).count()) == ([], 1)
