"""The HTTP interface, put together from those of the rooms; `foresail openapi` describes it."""

from __future__ import annotations

import json
from typing import Any, Final

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from pydantic_core import to_json

from foresail.advice.api import router as advice
from foresail.advice.suggestions_api import router as suggestions
from foresail.advice.triggers_api import router as triggers
from foresail.conversations.api import router as conversations
from foresail.crm.api import router as crm
from foresail.crm.beside_api import router as beside
from foresail.crm.consents_api import router as consents
from foresail.crm.exports_api import router as exports
from foresail.crm.imports_api import router as imports
from foresail.crm.pool_api import router as pool
from foresail.crm.quality_api import router as quality
from foresail.crm.records_api import router as records
from foresail.crm.shaping_api import router as shaping
from foresail.crm.sharing_api import router as sharing
from foresail.crm.verbs_api import router as verbs
from foresail.crm.views_api import router as views
from foresail.drafts.api import router as drafts
from foresail.forecast.api import router as forecast
from foresail.governance.api import router as governance
from foresail.governance.collecting_api import router as collecting
from foresail.governance.leaving_api import router as leaving
from foresail.incentives.api import router as incentives
from foresail.notices.api import router as notices
from foresail.people.admin_api import router as people_admin
from foresail.people.api import router as people
from foresail.people.http import KeyAuth, SessionAuth
from foresail.people.keys_api import router as keys
from foresail.people.single_sign_on_api import router as single_sign_on
from foresail.signals.api import router as signals
from foresail.signals.files_api import router as signal_files
from foresail.signals.interest_api import router as interest
from foresail.site import entry, jobs_api, problems
from foresail.timeline.api import router as timeline


class _Objects(Parser):
    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """Return the object in the body: none of our routes takes anything else.

        Raises ValueError, also for characters that no database keeps.
        """
        found = json.loads(request.body)
        if not isinstance(found, dict):
            raise TypeError("A body is an object.")
        _require_keepable(found)
        return found


def _require_keepable(value: object) -> None:
    match value:
        case str():
            value.encode()  # refuses half a pair of surrogates
            if "\0" in value:
                raise ValueError("A text holds a NUL.")
        case dict():
            for each in (*value, *value.values()):
                _require_keepable(each)
        case list():
            for each in value:
                _require_keepable(each)


class _Json(BaseRenderer):
    """JSON as pydantic writes it: Chinese as it is, in a third of the time."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return to_json(data)


PROBLEM: Final = {
    "description": "Refused",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class _Api(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return a name that says room and verb, whatever file holds it: `crm_open_deal`."""
        room = (operation.tags or ["site"])[0]
        return f"{room}_{operation.view_func.__name__}"

    def get_openapi_schema(self, **how: Any) -> OpenAPISchema:
        """Return the description, in which each operation promises a Problem for whatever it does not name."""
        schema = super().get_openapi_schema(**how)
        for methods in schema["paths"].values():
            for operation in methods.values():
                operation["responses"].setdefault("default", PROBLEM)
        return schema


api = _Api(
    title="Foresail",
    version="1",
    description="先见 Foresail: what its web app uses, open to others.",
    auth=SessionAuth(),
    parser=_Objects(),
    renderer=_Json(),
    docs_url=None,
    openapi_url=None,
)
problems.add_handlers(api)

for router in (
    entry.router,
    people,
    people_admin,
    keys,
    single_sign_on,
    governance,
    leaving,
    drafts,
    imports,
    notices,
    shaping,
    jobs_api.router,
    collecting,
    signals,
    interest,
    signal_files,
    advice,
    triggers,
    suggestions,
):
    api.add_router("", router)

# What programs with an API key may reach, by area. All else is for sessions alone.
OPEN_TO_KEYS: Final = (
    ("crm", crm),
    ("crm", verbs),
    ("crm", records),
    ("crm", beside),
    ("crm", sharing),
    ("crm", exports),
    ("crm", views),
    ("crm", quality),
    ("crm", consents),
    ("crm", pool),
    ("timeline", timeline),
    ("conversations", conversations),
    ("forecast", forecast),
    ("forecast", incentives),
)
for area, router in OPEN_TO_KEYS:
    api.add_router("", router, auth=[KeyAuth(area), SessionAuth()])
