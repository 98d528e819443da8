"""The one language of conditions: filters, triggers and decision tables ask in it.

A condition is JSON. `parse` makes it a typed tree or refuses it; `holds` judges values in Python, and `to_q`
finds rows in PostgreSQL. Both choose the same; a property test holds them together.

    {"all": [{"field": "amount", "op": "gte", "value": "100000.00"}, {"not": {"field": "stage", "op": "in", "value": ["quote"]}}]}

Texts are compared as `core.folding` folds them; choices exactly. Days are those of the user's zone.
"""

from foresail.core.conditions.context import Context
from foresail.core.conditions.custom import custom_field
from foresail.core.conditions.errors import ConditionInvalid
from foresail.core.conditions.evaluation import holds, values_of
from foresail.core.conditions.field import OPERATORS, Choice, Field, Kind, Refers
from foresail.core.conditions.parsing import parse
from foresail.core.conditions.query import to_q
from foresail.core.conditions.schema import ConditionField, ConditionJson, field_shape
from foresail.core.conditions.tree import (
    ALWAYS,
    AllOf,
    AnyOf,
    Condition,
    Leaf,
    NotOf,
    fields_of,
    leaves,
    to_json,
)
from foresail.core.conditions.wording import describe

__all__ = [
    "ALWAYS",
    "OPERATORS",
    "AllOf",
    "AnyOf",
    "Choice",
    "Condition",
    "ConditionField",
    "ConditionInvalid",
    "ConditionJson",
    "Context",
    "Field",
    "Kind",
    "Leaf",
    "NotOf",
    "Refers",
    "custom_field",
    "describe",
    "field_shape",
    "fields_of",
    "holds",
    "leaves",
    "parse",
    "to_json",
    "to_q",
    "values_of",
]
