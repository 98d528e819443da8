"""Codes as RFC 6238 has them, a window of one step, and no code twice."""

from datetime import UTC, datetime, timedelta

import pytest

from foresail.people import totp

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890", as in the RFC
VECTORS = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}


@pytest.mark.parametrize(("seconds", "code"), VECTORS.items())
def test_vectors_of_appendix_b(seconds: int, code: str) -> None:
    step = totp.step(datetime.fromtimestamp(seconds, tz=UTC))
    assert totp.code(secret=SECRET, step=step, digits=8) == code
    assert totp.code(secret=SECRET, step=step) == code[-6:]


@pytest.mark.parametrize(("seconds", "found"), [(-60, None), (-30, 10), (0, 10), (30, 10), (60, None)])
def test_one_step_to_either_side_is_taken(seconds: int, found: int | None) -> None:
    typed = totp.code(secret=SECRET, step=10)
    at = datetime.fromtimestamp(300, tz=UTC) + timedelta(seconds=seconds)
    assert totp.matching_step(secret=SECRET, typed=typed, at=at, after=-1) == found


def test_a_step_taken_is_not_taken_again_nor_one_before_it() -> None:
    at = datetime.fromtimestamp(300, tz=UTC)
    for step, after, found in [(10, 9, 10), (10, 10, None), (9, 10, None), (11, 10, 11)]:
        typed = totp.code(secret=SECRET, step=step)
        assert totp.matching_step(secret=SECRET, typed=typed, at=at, after=after) == found


def test_what_is_no_code_is_refused_without_an_error() -> None:
    at = datetime.fromtimestamp(300, tz=UTC)
    for typed in ("", "12345", "１２３４５６", "abcdef", "\x00"):
        assert totp.matching_step(secret=SECRET, typed=typed, at=at, after=-1) is None


def test_a_secret_has_160_bits_and_its_address_says_whose_it_is() -> None:
    secret = totp.new_secret()
    assert len(secret) == 32
    assert secret != totp.new_secret()
    assert totp.address(secret="AAAA", email="li@example.com") == (
        "otpauth://totp/Foresail%3Ali%40example.com?secret=AAAA&issuer=Foresail"
    )
