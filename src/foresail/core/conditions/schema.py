"""Wire shapes: a condition, described in the OpenAPI, and the fields that it may ask of."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, RootModel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from foresail.core.api import Schema
from foresail.core.conditions import field as fields
from foresail.core.conditions.field import Kind, Refers

Scalar: TypeAlias = str | bool | int | float


class ConditionAll(Schema):
    """Holds if all parts do; without parts it always holds."""

    model_config = ConfigDict(extra="forbid")
    all: list[ConditionNode]


class ConditionAny(Schema):
    """Holds if one of the parts does; without parts it never holds."""

    model_config = ConfigDict(extra="forbid")
    any: list[ConditionNode]


class ConditionNot(Schema):
    """Holds if its part does not."""

    model_config = ConfigDict(extra="forbid")
    part: ConditionNode = Field(alias="not")


class ConditionTest(Schema):
    """One test of one field; `empty` and `filled` take no value. Amounts are texts of digits, days are texts."""

    model_config = ConfigDict(extra="forbid")
    field: str
    op: str
    value: Scalar | list[str | int | float] | None = None


class ConditionNode(RootModel[ConditionAll | ConditionAny | ConditionNot | ConditionTest]):
    """A condition: all, any, not, or the test of one field."""


for _model in (ConditionAll, ConditionAny, ConditionNot, ConditionNode):
    _model.model_rebuild()


class _Described:
    """Lets any JSON object through, for `parse` tells better what is wrong with it; described as it must be."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.dict_schema(core_schema.str_schema(), core_schema.any_schema())

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(ConditionNode.__pydantic_core_schema__)


ConditionJson: TypeAlias = Annotated[dict[str, Any], _Described]
"""The type of a condition in a schema. Hand it to `parse`; answer with `to_json`."""


class ConditionChoice(Schema):
    key: str
    zh: str
    en: str


class ConditionField(Schema):
    """A field that may be asked of, with what may be asked."""

    key: str
    kind: Kind
    label_zh: str
    label_en: str
    operators: list[str]
    choices: list[ConditionChoice]
    refers: Refers | None


def field_shape(field: fields.Field) -> ConditionField:
    return ConditionField(
        key=field.key,
        kind=field.kind,
        label_zh=field.label_zh,
        label_en=field.label_en,
        operators=list(field.operators),
        choices=[ConditionChoice(key=one.key, zh=one.zh, en=one.en) for one in field.choices],
        refers=field.refers if field.kind == "reference" else None,
    )
