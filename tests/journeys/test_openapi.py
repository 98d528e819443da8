"""What openapi.json promises holds: schemathesis makes requests of every kind that it allows, and reads the answers.

Asked as somebody who may everything, so that no answer is a refusal for want of the right; most requests name
records that are there.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from conftest import contract
from foresail.people import services as people
from foresail.people.roles import Role
from tests.journeys.world import AT, RECORDS, World

pytestmark = pytest.mark.django_db

EXAMPLES = 4
TOKEN = "0123456789abcdef0123456789abcdef"
"""Of the check of forms, which asks that a cookie and a header agree."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

API = contract()
SCHEMA = schemathesis.openapi.from_dict(API)
SCHEMA.app = get_wsgi_application()
OPERATIONS = [
    (method, path)
    for path, methods in API["paths"].items()
    for method in methods
    if (method, path) != ("delete", "/api/session")  # ends what the others need
]


@pytest.fixture(autouse=True)
def _in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what is uploaded in memory: werkzeug's client closes no file that the server opened."""
    handlers = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
    monkeypatch.setattr(django_settings, "FILE_UPLOAD_HANDLERS", handlers)


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Keep the connection in which a test is undone, as Django's own client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def cookies(world: World) -> dict[str, str]:
    user = world.users[Role.SALES_OPERATIONS]
    people.grant_role(user=user, role=Role.ADMIN, by=None, at=AT)
    _, token = people.create_session(user=user, address="127.0.0.1", agent="test", at=datetime.now(UTC))
    return {"foresail_session": token, "csrftoken": TOKEN}


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{m} {p}" for m, p in OPERATIONS])
def test_every_answer_is_one_that_was_promised(
    world: World, cookies: dict[str, str], method: str, path: str
) -> None:
    operation = SCHEMA[path][method]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), data=st.data())
    def ask(case: schemathesis.Case[Any], data: st.DataObject) -> None:
        for name in case.path_parameters or {}:
            known = world.records(RECORDS[name]) if name in RECORDS else []
            keys = [case.path_parameters[name], *(key for key, _ in known)]
            case.path_parameters[name] = data.draw(st.sampled_from(keys))
        undone = transaction.atomic()
        undone._from_testcase = True  # type: ignore[attr-defined]  # what asks for a transaction of its own may have it inside this one
        with undone:
            answer = case.call(cookies=cookies, headers={"X-CSRFToken": TOKEN})
            transaction.set_rollback(True)
        case.validate_response(answer, checks=CHECKS)

    ask()
