"""Nothing leaks: every role, every endpoint of the API, every record, read and written.

The endpoints come from the OpenAPI, so a new one is covered without a word here; one that takes a kind of
record not known yet fails until RECORDS says what to try. Every text of a record carries its mark, and an answer
may hold only the marks of what the one rule lets the person see.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from conftest import contract
from foresail.people import services as people
from foresail.people.areas import AREAS
from foresail.people.models import User
from foresail.people.roles import SPECIALISTS, TABLE, Action, Role, Scope
from foresail.people.rules import may, scope
from foresail.people.services import keys as key_services
from foresail.site.api import api
from tests.journeys.world import AT, IN_PATHS, MARK, PASSING, RECORDS, World

pytestmark = pytest.mark.django_db

ROLES = [role for role in Role if role not in SPECIALISTS or role is Role.LEGAL] + [None]
"""None: somebody who is signed in and has no role. Specialists share one row of the table, so one stands for them."""

OPEN_TO_ALL = {
    "get /api/entry", "post /api/session", "post /api/session/link/owner", "post /api/session/link/use",
    "get /api/sign-in", "get /api/sign-in/back", "post /api/sign-in/provider-sign-out",
}  # fmt: skip
"""Reached by who is not signed in."""


TO_READ = dict.fromkeys(AREAS, "read")
TO_WRITE = {area: "write" if offered.writable else "read" for area, offered in AREAS.items()}
"""What keys may do."""
WITH_KEYS = (Role.REP, Role.SALES_OPERATIONS)
"""A rep's rights are narrow; sales operations may everything, but through a key not administer."""
WRITES = re.compile(
    r"\s*(WITH\b.*?\b)?(INSERT|UPDATE|DELETE|COPY|MERGE|TRUNCATE)\b", re.IGNORECASE | re.DOTALL
)

API = contract()


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in API["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


OPERATIONS = list(operations())
IDS = [f"{method} {path}" for method, path, _ in OPERATIONS]


@pytest.fixture(scope="module", autouse=True)
def _inside(built: World) -> None:
    """Let everybody sign in, and have their keys, once: what a test itself does is undone."""
    for role in ROLES:
        built.client(built.users[role])
    for role, areas in itertools.product(WITH_KEYS, (TO_READ, TO_WRITE)):
        built.program(built.users[role], areas)


def test_the_contract_leaves_no_endpoint_out() -> None:
    reached = {
        f"{method.lower()} /api" + re.sub(r"\{\w+:", "{", f"/{router.prefix}{rule}").replace("//", "/")
        for router in api._get_bound_routers()
        for rule, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    }
    assert reached == set(IDS)


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=IDS)
def test_nobody_comes_in_without_signing_in(
    world: World, method: str, path: str, operation: dict[str, Any]
) -> None:
    if f"{method} {path}" in OPEN_TO_ALL:
        return
    target, body, _ = next(attempts(world, path, operation))  # who asks is looked at before what for
    answer, changed_something = watched(world, lambda: call(Client(), method, target, body))
    assert answer.status_code == 401, (target, answer.content[:300])
    assert answer.json()["zh"]
    assert not MARK.search(said(answer))
    assert not changed_something


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=IDS)
def test_every_role_sees_and_changes_only_its_own(
    world: World, method: str, path: str, operation: dict[str, Any]
) -> None:
    if method != "get" and path.startswith(("/api/session", "/api/me")) and "{" not in path:
        return  # about oneself alone
    for role in ROLES:
        user = world.users[role]
        seen, changed = reach(world, user, path)
        client = world.client(user)
        # Who may all has nothing to be kept from: that no record breaks anything, one shows.
        everything = seen if method == "get" else seen & changed
        once = everything >= set(world.all_marks)
        for target, body, marks in itertools.islice(attempts(world, path, operation), 1 if once else None):
            refused = method != "get" and bool(marks - changed)
            ask = partial(call, client, method, target, body)
            answer, changed_something = watched(world, ask) if refused else (ask(), False)
            text = said(answer)
            leaked = set(MARK.findall(text)) - seen - sent(target, body)
            told = f"{role}: {method} {target} {body} -> {answer.status_code} {text[:300]}"
            assert answer.status_code < 500, told
            assert not leaked, told
            if marks - seen:
                assert answer.status_code in {403, 404, 422, 400}, told
            if refused:
                assert answer.status_code in {400, 403, 404, 409, 422}, told
                assert not changed_something, told


def watched(world: World, ask: Callable[[], Any]) -> tuple[Any, bool]:
    """Return the answer, and whether it left anything changed.

    The tables are compared only where something was written at all: most requests write nothing, and comparing
    takes longer than asking. What signing in and seeing a session write does not count.
    """
    before: list[str] = []

    def look(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if WRITES.match(str(sql)) and not before and not any(table in str(sql) for table in PASSING):
            before.append("")  # print itself asks the database
            before[0] = world.print()
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(look):
        answer = ask()
    return answer, bool(before) and world.print() != before[0]


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=IDS)
def test_a_key_does_what_it_is_for_and_never_more_than_its_owner(
    world: World, method: str, path: str, operation: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a rep, whose rights are narrow, and for who may everything but through a key not administer."""
    monkeypatch.setattr(key_services, "SEEN_EVERY", timedelta(days=1))  # or being seen would be a change
    open_to_keys = any("KeyAuth" in way for way in operation.get("security", ()))
    people.grant_role(user=world.users[Role.SALES_OPERATIONS], role=Role.ADMIN, by=None, at=AT)
    for role in WITH_KEYS:
        user = world.users[role]
        seen, changed = reach(world, user, path)
        for areas in (TO_READ,) if method == "get" else (TO_READ, TO_WRITE):
            program = world.program(user, areas)
            # What no key may do is refused before anybody looks at the record it names.
            refused = not open_to_keys or (method != "get" and areas is TO_READ)
            # Nor can it go beyond who may everything: that no record breaks anything, sessions have shown.
            once = refused or seen & changed >= set(world.all_marks)
            for target, body, marks in itertools.islice(
                attempts(world, path, operation), 1 if once else None
            ):
                ask = partial(call, program, method, target, body)
                answer, changed_something = watched(world, ask) if refused else (ask(), False)
                told = (
                    f"{role} {areas}: {method} {target} {body} -> {answer.status_code} {said(answer)[:300]}"
                )
                assert not set(MARK.findall(said(answer))) - seen - sent(target, body), told
                if f"{method} {path}" in OPEN_TO_ALL:
                    assert answer.status_code < 500, told
                elif refused:
                    assert (answer.status_code, answer.json()["code"]) == (403, "key_not_allowed"), told
                    assert not changed_something, told
                else:
                    assert answer.status_code < 500, told
                    if marks - seen or (method != "get" and marks - changed):
                        assert answer.status_code in {400, 403, 404, 409, 422}, told


@pytest.mark.parametrize("areas", [TO_READ, TO_WRITE], ids=["to read", "to write"])
def test_such_a_key_opens_what_it_is_for(world: World, areas: dict[str, str]) -> None:
    for role in WITH_KEYS:
        program = world.program(world.users[role], areas)
        assert program.get("/api/me").json()["email"] == world.users[role].email


def reach(world: World, user: User, path: str) -> tuple[set[str], set[str]]:
    """Return the marks of what `user` may see and change at `path`.

    In the pool, also what they may claim there; and an administrator ends any share, seeing nothing of it.
    """
    more = world.marks(user, Action.CLAIM) if path.startswith("/api/pool") else set()
    if path == "/api/shares/{share}" and scope(user=user, action=Action.ADMINISTER) is Scope.ALL:
        more = set(world.all_marks)
    return world.marks(user, Action.SEE) | more, world.marks(user, Action.CHANGE) | more


def said(answer: Any) -> str:
    """Return the answer as a reader sees it: in JSON a mark would be hidden behind escapes."""
    if answer.streaming:
        streamed: str = b"".join(answer.streaming_content).decode(errors="replace")
        return streamed
    if answer.content and answer.headers.get("Content-Type", "").startswith("application/json"):
        return json.dumps(answer.json(), ensure_ascii=False)
    text: str = answer.content.decode()
    return text


def sent(target: str, body: Any) -> set[str]:
    """What the caller said may be said back."""
    return set(MARK.findall(target + json.dumps(body, ensure_ascii=False, default=str)))


def test_lists_hold_exactly_what_the_rule_allows(world: World) -> None:
    for role in ROLES:
        user = world.users[role]
        seen = world.marks(user, Action.SEE)
        client = world.client(user)
        kinds = ("deal", "account", "contact", "lead")
        lists = [f"/api/{kind}s?limit=100" for kind in kinds[:3]] + [
            f"/api/records/{kind}?limit=100" for kind in kinds
        ]
        for path in lists:
            found = set(MARK.findall(said(client.get(path))))
            assert found == seen, (role, path)
        for mark in world.all_marks:
            answer = client.get("/api/search", {"q": mark}).json()
            hits = [len(answer[kind]) for kind in ("accounts", "contacts", "deals", "leads")]
            assert hits == ([1, 1, 1, 3] if mark in seen else [0, 0, 0, 0]), (role, mark)


def test_specialists_may_the_same() -> None:
    assert all(TABLE[role] == TABLE[Role.LEGAL] for role in SPECIALISTS)


def test_the_rule_of_a_list_is_the_rule_of_a_record(world: World) -> None:
    for role in ROLES:
        user = world.users[role]
        client = world.client(user)
        for deal, mark in world.deals:
            allowed = may(user=user, action=Action.SEE, record=world.deal(deal)).allowed
            assert allowed == (mark in world.marks(user, Action.SEE))
            assert client.get(f"/api/deals/{deal}").status_code == (200 if allowed else 404)


def attempts(world: World, path: str, operation: dict[str, Any]) -> Iterator[tuple[str, Any, set[str]]]:
    """Yield addresses with their bodies, and the marks of the records they name: each record in each place."""
    parameters = operation.get("parameters", [])
    in_path = [p["name"] for p in parameters if p["in"] == "path"]
    asked = {p["name"]: p for p in parameters if p["in"] == "query"}
    schema = body_schema(operation)
    named = [name for name in (schema or {}).get("properties", {}) if name in RECORDS]
    kinds = [(name, (RECORDS | IN_PATHS).get(name) or unknown(name, path)) for name in in_path]
    kinds += [(name, RECORDS[name]) for name in named]
    places = [(name, world.records(kind)) for name, kind in kinds]
    for chosen in combinations(places, world):
        target, marks = path, {mark for _, mark in chosen.values() if mark}
        for name in in_path:
            target = target.replace(f"{{{name}}}", str(chosen[name][0]))
        body = sample(schema, world, {name: chosen[name][0] for name in named}, marks) if schema else None
        for query in queries(asked, world):
            file = (
                {"file": SimpleUploadedFile("附件.txt", "文字".encode())} if takes_file(operation) else None
            )
            yield target + query, file or body, marks


def unknown(name: str, path: str) -> str:
    raise AssertionError(f"Say in RECORDS what kind of record {name!r} of {path} is.")


def combinations(
    places: list[tuple[str, list[tuple[int, str | None]]]], world: World
) -> Iterator[dict[str, tuple[int, str | None]]]:
    names = [name for name, _ in places]
    for row in itertools.product(*(records for _, records in places)):
        marks = {mark for _, mark in row if mark}
        # Of two records each with its own mark, all pairs would be many: those of one deal, and its neighbour's.
        if len(marks) <= 1 or marks == set(world.all_marks[:2]):
            yield dict(zip(names, row, strict=True))


def queries(asked: dict[str, Any], world: World) -> Iterator[str]:
    known = {
        "ids": ",".join(str(key) for key, _ in world.deals),
        "q": world.all_marks[-1],
        "account": str(world.accounts[-1][0]),
        "owner": str(world.owner_elsewhere),
        "about": str(world.owner_elsewhere),
        "kind": "deal",
        "record": world.last_number,
        "purpose": "intent",
    }
    required = {name: known.get(name, "1") for name, p in asked.items() if p.get("required")}
    yield "?" + "&".join(f"{k}={v}" for k, v in required.items()) if required else ""
    for name in asked:
        if name in known and name not in required:
            yield f"?{name}={known[name]}"


def body_schema(operation: dict[str, Any]) -> dict[str, Any] | None:
    content = operation.get("requestBody", {}).get("content", {})
    return resolve(content["application/json"]["schema"]) if "application/json" in content else None


def takes_file(operation: dict[str, Any]) -> bool:
    return "multipart/form-data" in operation.get("requestBody", {}).get("content", {})


def resolve(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        found: dict[str, Any] = API["components"]["schemas"][name]
        return found
    return schema


def sample(schema: dict[str, Any], world: World, given: dict[str, int], marks: set[str]) -> dict[str, Any]:
    """Return a body that would do something, if it were allowed."""
    return {
        name: given[name] if name in given else world.value(name, marks, plain(resolve(part)))
        for name, part in schema["properties"].items()
    }


def plain(schema: dict[str, Any]) -> Any:
    if "anyOf" in schema:
        return plain(resolve(schema["anyOf"][0]))
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    kind, form = schema.get("type"), schema.get("format")
    return {
        "string": {"date": "2026-12-01", "date-time": "2026-11-20T08:00:00Z"}.get(form or "", "text"),
        "integer": 1, "number": 1, "boolean": True, "array": [], "object": {},
    }.get(kind or "")  # fmt: skip


def call(client: Client, method: str, target: str, body: Any) -> Any:
    send = getattr(client, method)
    if isinstance(body, dict) and isinstance(body.get("file"), SimpleUploadedFile):
        return send(target, body)
    return (
        send(target)
        if method == "get" or body is None
        else send(target, body, content_type="application/json")
    )
