"""What queries can ask of any field, besides what Django knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler

if TYPE_CHECKING:
    Lookup = models.Lookup[Any]
else:
    Lookup = models.Lookup


class Among(Lookup):
    """`pk__among=keys` finds what `pk__in=keys` does. Thousands go as one array: written out one by one, they take both
    sides longer to read than to look up.
    """

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        field = self.lhs.output_field
        left, parameters = self.process_lhs(compiler, connection)
        wanted: Any = list(self.rhs)
        if all(type(value) is int for value in wanted):
            wanted = f"{{{','.join(map(str, wanted))}}}"  # as the database writes it: one by one takes ten times as long
        else:
            wanted = [field.get_db_prep_value(value, connection) for value in wanted]
        return f"{left} = ANY(%s)", [*parameters, wanted]


class AmongFew(Among):
    """The same where an index finds each: the database takes the list for a short one, however long it is.

    Else it reads a whole table for some thousands, which takes longer where little of it is asked for.
    """

    lookup_name = "among_few"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        sql, parameters = super().as_sql(compiler, connection)
        kind = f"{self.lhs.output_field.db_type(connection)}[]"
        return sql.replace("ANY(%s)", f"ANY((SELECT %s::{kind})::{kind})"), parameters


for _lookup in (Among, AmongFew):
    models.Field.register_lookup(_lookup)
    models.ForeignKey.register_lookup(_lookup)  # relations do not inherit what fields can
