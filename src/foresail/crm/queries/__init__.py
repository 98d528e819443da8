"""The other door: what there is, already limited to what the asking user may see; `reading` is for higher rooms."""

from foresail.crm.asking import condition_of
from foresail.crm.fields import record_type
from foresail.crm.holding import Holdings, holdings
from foresail.crm.queries.explaining import Explained, explain
from foresail.crm.queries.finding import Found, search
from foresail.crm.queries.listing import chosen as chosen_records
from foresail.crm.queries.listing import visible as visible_records
from foresail.crm.queries.paging import LONGEST_PAGE, Page
from foresail.crm.queries.reading import (
    DealFacts,
    all_deals,
    deal_keys,
    ended,
    facts_of,
    open_deals,
    sees_field,
    won_by_month,
)
from foresail.crm.queries.records import (
    account,
    accounts,
    changeable_deal,
    colleague,
    contact_of,
    contacts,
    deal,
    deals,
    line_for,
    may_configure,
    missing_roles,
    people_of,
    pipeline,
    pipelines,
    stage,
    task,
    tasks,
    tasks_of,
    team,
    visible_deals,
    why,
)
from foresail.crm.queries.views import Readable, readable, view, views

__all__ = [
    "LONGEST_PAGE",
    "DealFacts",
    "Explained",
    "Found",
    "Holdings",
    "Page",
    "Readable",
    "account",
    "accounts",
    "all_deals",
    "changeable_deal",
    "chosen_records",
    "colleague",
    "condition_of",
    "contact_of",
    "contacts",
    "deal",
    "deal_keys",
    "deals",
    "ended",
    "explain",
    "facts_of",
    "holdings",
    "line_for",
    "may_configure",
    "missing_roles",
    "open_deals",
    "people_of",
    "pipeline",
    "pipelines",
    "readable",
    "record_type",
    "search",
    "sees_field",
    "stage",
    "task",
    "tasks",
    "tasks_of",
    "team",
    "view",
    "views",
    "visible_deals",
    "visible_records",
    "why",
    "won_by_month",
]
