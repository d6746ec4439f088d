"""Orders at the platform: one for a key, paid at the cashier, and never both served and given back."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from config.platform_api import OrderRequest, Submission
from hall.platform.settings import ServerSettings
from tests.hall.platform.conftest import Clock, serving
from tests.hall.platform.terminal import Terminal
from tests.journeys.paid_service import FEE, PAID, SIGNED, TEXTS, UNKNOWN_HOLDER


@pytest.fixture
def paying(settings: ServerSettings, clock: Clock) -> Iterator[Terminal]:
    """A platform that offers a service with a fee."""
    folder = settings.data.parent / "services"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    with serving(settings.model_copy(update={"catalogue": (folder,)}), clock) as terminal:
        yield terminal


def opened(terminal: Terminal, key: str, fen: int = FEE, service: str = UNKNOWN_HOLDER) -> Any:
    request = OrderRequest(service=service, terminal="K001", fen=fen)
    return terminal.post("/v1/orders", request, **{"Idempotency-Key": key})


def pay(terminal: Terminal, order: dict[str, Any], choice: str = "pay") -> str:
    """Touches a button of the cashier's page; what the page says then."""
    page = terminal.http.post(f"{order['code']}/{choice}")
    assert page.status_code == 200
    return page.text.partition('data-state="')[2].partition('"')[0]


def case_for(clock: Clock, key: str) -> Submission:
    return Submission(service=UNKNOWN_HOLDER, terminal="K001", payment=key, submitted_at=clock())


def act(terminal: Terminal, key: str, verb: str) -> Any:
    return terminal.post(f"/v1/orders/by-key/{key}/{verb}")


@pytest.fixture
def key() -> str:
    return str(uuid.uuid4())


def test_an_order_is_paid_used_once_and_then_not_refunded(paying: Terminal, clock: Clock, key: str) -> None:
    order = opened(paying, key).json()
    assert (order["state"], order["fen"], order["valid_seconds"]) == ("open", FEE, 180)
    assert opened(paying, key).json()["order_no"] == order["order_no"], "the same key is the same order"
    assert "5.00" in paying.http.get(order["code"]).text
    unpaid = paying.file(case_for(clock, key))
    assert (unpaid.status_code, unpaid.json()["code"]) == (422, "payment_missing")
    assert pay(paying, order) == "paid"
    assert pay(paying, order, "refuse") == "paid", "what is paid is no longer refused"
    assert paying.file(case_for(clock, key)).json()["state"] == "accepted"
    again = paying.file(case_for(clock, key))
    assert (again.status_code, again.json()["code"]) == (409, "order_used")
    refund = act(paying, key, "refund")
    assert (refund.status_code, refund.json()["code"]) == (409, "order_used")


def test_what_one_citizen_paid_serves_no_other(paying: Terminal, clock: Clock, key: str) -> None:
    zhang, wang = paying.lay_card("zhang"), paying.lay_card("wang")
    request = OrderRequest(service=PAID, terminal="K001", subject=zhang, fen=FEE)
    pay(paying, paying.post("/v1/orders", request, **{"Idempotency-Key": key}).json())

    def case(subject: str) -> Submission:
        told = {"service": PAID, "terminal": "K001", "subject": subject, "means": "card", "payment": key}
        return Submission(**told, submitted_at=clock())

    assert paying.file(case(wang)).json()["code"] == "payment_missing"
    again = paying.lay_card("zhang")  # another handle, the same citizen
    assert paying.file(case(again)).json()["state"] == "accepted"


def test_what_was_refunded_serves_no_case(paying: Terminal, clock: Clock, key: str) -> None:
    pay(paying, opened(paying, key).json())
    assert act(paying, key, "refund").json()["state"] == "refunded"
    assert act(paying, key, "refund").json()["state"] == "refunded", "twice is once"
    assert paying.file(case_for(clock, key)).json()["code"] == "payment_missing"


def test_a_closed_or_late_order_takes_no_money(paying: Terminal, clock: Clock, key: str) -> None:
    order = opened(paying, key).json()
    assert act(paying, key, "close").json()["state"] == "closed"
    assert pay(paying, order) == "closed"
    assert act(paying, key, "refund").json()["code"] == "order_unpaid"
    late = opened(paying, key + "-2").json()
    clock.pass_by(seconds=181)
    assert pay(paying, late) == "expired"
    assert act(paying, key + "-2", "close").json()["state"] == "expired"


def test_closing_comes_too_late_for_what_is_paid(paying: Terminal, key: str) -> None:
    pay(paying, opened(paying, key).json())
    assert act(paying, key, "close").json()["state"] == "paid"


def test_a_key_closed_before_its_order_came_is_refused_when_it_comes(paying: Terminal, key: str) -> None:
    assert act(paying, key, "close").status_code == 204
    late = opened(paying, key)
    assert (late.status_code, late.json()["code"]) == (410, "key_withdrawn")


def test_an_amount_that_the_service_does_not_cost_is_refused(paying: Terminal, key: str) -> None:
    assert opened(paying, key, fen=1).json()["code"] == "fee_wrong"
    assert opened(paying, key, service="ZH03").json()["code"] == "fee_wrong"
    opened(paying, key)
    other = OrderRequest(service=UNKNOWN_HOLDER, terminal="K002", fen=FEE)
    assert paying.post("/v1/orders", other, **{"Idempotency-Key": key}).json()["code"] == "key_reused"


def test_the_cashier_knows_no_order_that_was_guessed(paying: Terminal) -> None:
    assert paying.http.get("/pay/guessed").status_code == 404
    assert paying.http.post("/pay/guessed/pay").status_code == 404


def test_a_service_that_must_be_signed_takes_no_case_without_ink(paying: Terminal, clock: Clock) -> None:
    subject = paying.lay_card("zhang")
    for signature, code in (("", "signature_missing"), ("<svg onload=…>", "signature_missing")):
        told = Submission(
            service=SIGNED,
            terminal="K001",
            subject=subject,
            means="card",
            signature=signature,
            submitted_at=clock(),
        )
        assert paying.file(told).json()["code"] == code
