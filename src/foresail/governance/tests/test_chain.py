"""The chain as written down in the README, computed here a second time and by hand."""

import hashlib
import hmac
import json
from decimal import Decimal
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection, transaction

from foresail.governance.models import AuditRow, PersonKey
from foresail.governance.queries import GENESIS, head, verify
from foresail.governance.tests.making import tell, tell_of

pytestmark = pytest.mark.django_db

FIRST = (
    '{"actor":3,"at":"2026-03-02T09:00:00.000000Z",'
    '"before":"0000000000000000000000000000000000000000000000000000000000000000",'
    '"commitment":null,"key":"7","person":null,"personal":[],"sequence":1,"subject":"crm.Account",'
    '"values":{"amount":"1.50","stage":"赢单"},"verb":"renamed","version":1}'
)


def test_the_first_row_has_the_hash_computed_by_hand() -> None:
    tell(values={"stage": "赢单", "amount": Decimal("1.50")})
    assert head().sequence == 1
    assert head().hash == hashlib.sha256(FIRST.encode()).hexdigest()
    assert head().hash == "728228144fdd59e9c17395ecf306d26d57fb87dcf6fe46ab6dd127475b2b2902"


def test_the_second_row_covers_the_first_and_a_commitment() -> None:
    tell()
    first = head().hash
    tell_of("p1")
    row, key = AuditRow.objects.get(sequence=2), PersonKey.objects.get(person="p1").key
    assert key is not None
    assert row.sealed is not None
    assert row.commitment is not None
    box = bytes(row.sealed)
    inside = json.loads(AESGCM(bytes(key)).decrypt(box[:12], box[12:], b"foresail audit 1 2"))
    message = '{"name":"王芳","phone":"13800000000"}'.encode()
    commitment = hmac.digest(bytes.fromhex(inside["salt"]), message, hashlib.sha256)
    assert len(bytes.fromhex(inside["salt"])) == 32
    assert bytes(row.commitment) == commitment
    told = (
        f'{{"actor":3,"at":"2026-03-02T09:00:00.000000Z","before":"{first}","commitment":"{commitment.hex()}",'
        '"key":"7","person":"p1","personal":["name","phone"],"sequence":2,"subject":"crm.Account",'
        '"values":{"role":"buyer"},"verb":"renamed","version":1}'
    )
    assert bytes(row.hash) == hashlib.sha256(told.encode()).digest()


def test_personal_values_are_nowhere_in_the_open() -> None:
    tell_of("p1")
    with connection.cursor() as cursor:
        cursor.execute("SELECT governance_auditrow::text FROM governance_auditrow")
        (text,) = cursor.fetchone() or ("",)
    assert "buyer" in text
    for secret in ("王芳", "13800000000"):
        assert secret not in text
        assert secret.encode().hex() not in text


def test_the_same_values_of_two_rows_have_different_commitments() -> None:
    tell_of("p1")
    tell_of("p1")
    one, two = AuditRow.objects.order_by("sequence")
    assert one.commitment != two.commitment


@pytest.mark.parametrize(
    "value",
    [
        1e22,
        1e23,
        1.7976931348623157e308,
        5e-324,
        1e-7,
        -0.0,
        2.5,
        10**300,
        "\u007f\u2028\t",
        {"b": 1, "a": {}},
    ],
)
def test_what_the_database_gives_back_has_the_hash_of_what_was_given(value: Any) -> None:
    tell(values={"value": value})
    assert verify().broken is None


def test_an_empty_chain_holds() -> None:
    assert head() == GENESIS
    verdict = verify()
    assert (verdict.rows, verdict.head, verdict.broken) == (0, GENESIS, None)


def test_a_verb_rolled_back_leaves_no_row_and_no_gap() -> None:
    tell()
    with transaction.atomic():
        tell_of("p1")
        assert verify().rows == 2
        transaction.set_rollback(True)
    assert not PersonKey.objects.exists()
    tell()
    assert list(AuditRow.objects.order_by("sequence").values_list("sequence", flat=True)) == [1, 2]
    assert verify().broken is None
