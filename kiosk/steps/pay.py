"""Paying by QR code: after the confirmation, with paper and devices ready, before anything is filed."""

from __future__ import annotations

from config.platform_api import Order, OrderRequest
from config.words import words
from kiosk.platform import PlatformError
from kiosk.prompts import Pay, Working
from kiosk.session import Outcome
from kiosk.stage import ask_or
from kiosk.steps.confirm import devices_ready
from kiosk.visit import Leave, Visit

USUAL_ORDER = 2  # seconds, told while the citizen waits


async def pay(visit: Visit) -> None:
    """Asks until the fee is paid; the session holds the payment's key afterwards. Each try is a new order."""
    while True:
        await devices_ready(visit)
        order = await _attempt(visit)
        if order is not None and order.state == "paid":
            visit.session.payment = order.key
            return
        if order is None:
            code = "platform_down"
        else:
            code = "payment_refused" if order.state == "refused" else "payment_expired"
        await visit.tell_trouble(code, "again", "back", "home")


async def _attempt(visit: Visit) -> Order | None:
    """One order, to its end; None when none could be opened.

    Whatever else ends this, home or time-out too, the order is closed, and what was paid by then goes back.
    """
    payments = visit.backstage.payments
    key = payments.begin()
    try:
        order = await _open(visit, key)
        if order is not None:
            order = await _shown(visit, order)
            await visit.shielded(payments.note(key, order))
            if order.state == "paid":
                return order
    except BaseException:
        visit.backstage.doings.start(payments.give_up(key))
        raise
    await visit.shielded(payments.give_up(key))
    return order


async def _open(visit: Visit, key: str) -> Order | None:
    """The order; None when the platform gave none, which then cannot be paid either."""
    fee, session = visit.service.fee, visit.session
    assert fee is not None
    request = OrderRequest(
        service=visit.service.id,
        terminal=visit.backstage.settings.identity.kiosk,
        subject=session.subject.subject if session.subject else None,
        fen=visit.fee,
        values=dict(session.values) if fee.field else {},
    )
    visit.show(Working(words("journey.opening_order"), USUAL_ORDER))
    try:
        return await visit.shielded(visit.backstage.payments.open(key, session.id, request))
    except PlatformError as error:
        if error.code != "platform_refused":
            return None
        await visit.shielded(visit.backstage.payments.give_up(key))
        await visit.tell_refusal(error, "back", "home")
        raise


async def _shown(visit: Visit, order: Order) -> Order:
    """Shows the code until the payment has ended."""
    fee = visit.service.fee
    assert fee is not None
    prompt = Pay(
        question=words("journey.pay_question"),
        what=fee.words,
        fen=order.fen,
        code=order.code,
        seconds=order.valid_seconds,
        note=words("journey.pay_note"),
    )
    paying = visit.backstage.payments.ended(order)
    try:
        # The order's own end is the time-out: a warning laid over the code would keep phones from reading it.
        with visit.clock.hold():
            ended = await ask_or(visit.stage, prompt, visit.place, paying)
    except PlatformError:
        visit.session.outcome = Outcome.FAILED
        visit.backstage.doings.start(visit.backstage.payments.give_up(order.key))
        await visit.tell_trouble("payment_unclear", "home")
        raise Leave(Outcome.FAILED) from None
    assert isinstance(ended, Order), "nothing on this page answers but the payment"
    return ended


def give_back(visit: Visit) -> None:
    """The journey ends without its case: what was paid goes back. Nothing to do when nothing was."""
    key, visit.session.payment = visit.session.payment, ""
    if key:
        visit.backstage.doings.start(visit.backstage.payments.give_up(key))
