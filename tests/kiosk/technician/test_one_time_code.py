"""Six digits as RFC 6238 has them, and good once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.technician.one_time_code import STEP_SECONDS, address, code, new_secret, plain, step_of

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "digits"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_vectors_of_rfc_6238_appendix_b_in_their_last_six_digits(seconds: int, digits: str) -> None:
    assert code(SECRET, seconds // STEP_SECONDS) == digits
    assert step_of(SECRET, digits, float(seconds)) == seconds // STEP_SECONDS


def test_the_clocks_may_be_half_a_minute_apart_and_no_more() -> None:
    now = 1_000_000.0
    step = int(now // STEP_SECONDS)
    taken = [away for away in range(-3, 4) if step_of(SECRET, code(SECRET, step + away), now) is not None]
    assert taken == [-1, 0, 1]


@given(st.integers(0, 10**7), st.integers(-1, 1))
def test_a_code_that_was_used_is_never_taken_again(step: int, away: int) -> None:
    now = step * STEP_SECONDS + 12.0
    used = step_of(SECRET, code(SECRET, max(0, step + away)), now)
    if used is not None:
        for later in (now, now + STEP_SECONDS, now + 2 * STEP_SECONDS):
            assert step_of(SECRET, code(SECRET, used), later, after=used) is None


@given(st.text(max_size=12))
def test_whatever_else_is_typed_is_no_code(said: str) -> None:
    steps = range(33332, 33335)
    fits = said in {code(SECRET, step) for step in steps}
    assert (step_of(SECRET, said, 33333 * 30.0) is not None) == fits


def test_a_secret_is_twenty_bytes_that_nobody_has_and_stands_in_the_address_that_apps_scan() -> None:
    secret = new_secret()
    assert len(plain(secret)) == 20 and secret != new_secret()
    assert address(secret, "1001", "K001").startswith("otpauth://totp/Kiosk%3A1001%20K001?secret=" + secret)
