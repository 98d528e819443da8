"""What an installation holds already is brought along when its tables change."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.db import connection

from foresail.core.search import key_of_piece
from foresail.crm.models import Account, Deal
from foresail.crm.queries import search
from foresail.crm.tests.conftest import Company

pytestmark = pytest.mark.django_db
keys_as_numbers: Any = import_module("foresail.crm.migrations.0096_keys_as_numbers")


def test_search_finds_what_was_kept_as_texts(company: Company) -> None:
    pieces = ["上", "海", "上海", "^s", "^sh", "sha", "\\", '"']
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in keys_as_numbers.TABLES:
            cursor.execute(
                f"DROP INDEX {table}_keys; ALTER TABLE crm_{table} ALTER keys TYPE text[] USING '{{}}';"
                f"CREATE INDEX {table}_keys ON crm_{table} USING gin (keys)"
            )
        cursor.execute("UPDATE crm_account SET keys = %s WHERE id = %s", [pieces, company.account.pk])
    with connection.schema_editor() as editor:
        keys_as_numbers.to_numbers(None, editor)
    assert Account.objects.get(pk=company.account.pk).keys == [key_of_piece(piece) for piece in pieces]
    assert search(user=company.ops, q="上海").accounts == [company.account]
    assert search(user=company.ops, q="sha").accounts == [company.account]
    assert Deal.objects.get(pk=company.deal.pk).keys == []
