"""Payments under a bank that may fail at every call and a terminal that may stop at every step.

The bank keeps its own books: each paid order must end with one case or one refund, whatever got lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from config.platform_api import ORDER_USED, CaseResult, Order, OrderRequest
from config.words import same
from kiosk.data.ledger import Ledger
from kiosk.data.store import Store
from kiosk.data.vault import Vault
from kiosk.payment import PaymentChannel, Payments, case_key
from kiosk.platform import PlatformError
from mqtt.topics import TerminalPath

T = TypeVar("T")
MOODS = ("fine", "fine", "lost", "answer lost", "stop")
REQUEST = OrderRequest(service="SB91", terminal="K001", fen=500)


class Stopped(BaseException):
    """The terminal is gone: nothing after this runs."""


@dataclass
class Bank:
    """Orders as the other side keeps them. `moods`: how each call goes; fine when there are no more."""

    moods: list[str]
    dead: bool = False  # the terminal has stopped: no call comes any more
    orders: dict[str, Order] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    refunds: list[str] = field(default_factory=list)

    async def create_order(self, key: str, order: OrderRequest) -> Order:
        def work() -> Order:
            if key in self.closed:
                raise PlatformError("platform_refused", "key_withdrawn")
            made = Order(key=key, order_no=key[:8], fen=order.fen, state="open", code="q", valid_seconds=0)
            return self.orders.setdefault(key, made)

        return self.call(work)

    async def order_by_key(self, key: str) -> Order | None:
        return self.call(lambda: self.orders.get(key))

    async def close_order(self, key: str) -> Order | None:
        def work() -> Order | None:
            self.closed.add(key)
            if key in self.orders and self.orders[key].state == "open":
                self._set(key, "closed")
            return self.orders.get(key)

        return self.call(work)

    async def refund_order(self, key: str) -> Order:
        def work() -> Order:
            if key in self.used:
                raise PlatformError("platform_refused", ORDER_USED)
            if self.orders[key].state == "paid":
                self._set(key, "refunded")
                self.refunds.append(key)
            return self.orders[key]

        return self.call(work)

    def pay(self, key: str) -> None:
        """The phone pays, if it still can."""
        if key in self.orders and self.orders[key].state == "open":
            self._set(key, "paid")

    def file(self, key: str) -> bool:
        """A case for this order: accepted when it is paid and free."""
        if self.orders[key].state != "paid" or key in self.used:
            return False
        self.used.add(key)
        return True

    def _set(self, key: str, state: str) -> None:
        self.orders[key] = replace_state(self.orders[key], state)

    def call(self, work: Callable[[], T]) -> T:
        """One call from the terminal, as this moment's mood will have it."""
        if self.dead:
            raise Stopped
        mood = self.moods.pop(0) if self.moods else "fine"
        if mood == "lost":
            raise PlatformError("platform_down")
        answer = work()
        if mood == "answer lost":
            raise PlatformError("platform_down")
        if mood == "stop":
            self.dead = True
            raise Stopped
        return answer


_FITS: type[PaymentChannel] = Bank


def replace_state(order: Order, state: str) -> Order:
    return Order.model_validate(order.model_dump() | {"state": state})


async def file(bank: Bank, ledger: Ledger, key: str) -> CaseResult:
    """Files the case as `kiosk/filing.py` does: a record before the first byte, unknown without an answer."""
    record = await ledger.intend("submission", case_key(key), "s", "SB91")
    await ledger.sent(record)
    try:
        accepted = bank.call(lambda: bank.file(key))
    except PlatformError:
        await ledger.advance(record, "unknown", None)
        raise
    await ledger.advance(record, "accepted" if accepted else "refused", None)
    if not accepted:
        raise PlatformError("platform_refused")
    return CaseResult(key=case_key(key), case_no="1", state="accepted", title=same("1"), message=same("1"))


async def journey(bank: Bank, ledger: Ledger, pays: bool, files: bool) -> None:
    """One citizen at the code: he pays or not, and stays or leaves."""
    payments = Payments(bank, ledger)
    key = payments.begin()
    try:
        await payments.open(key, "s", REQUEST)
        if pays:
            bank.pay(key)
        if files and (order := bank.orders[key]).state == "paid":
            await payments.note(key, order)
            await payments.finish(key, file(bank, ledger, key))
    except PlatformError:
        pass
    await payments.give_up(key)


async def start_again(bank: Bank, ledger: Ledger) -> None:
    """What a terminal does after its start: it asks after what is open, in any order, until nothing is."""
    payments = Payments(bank, ledger)
    for _ in range(3):
        for record in ledger.open_records():
            if record.kind == "payment":
                await payments.resolve(record)
            elif record.state == "intended":
                await ledger.advance(record, "failed", None)
            else:
                key = record.key.removesuffix("-case")
                await ledger.advance(record, "accepted" if key in bank.used else "refused", None)


async def outlived(work: Awaitable[None]) -> None:
    try:
        await work
    except Stopped:
        pass


@settings(max_examples=80, deadline=None)
@given(
    moods=st.lists(st.sampled_from(MOODS), max_size=8),
    citizens=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=3),
    late=st.booleans(),
)
def test_whatever_is_lost_each_paid_order_has_one_case_or_one_refund(
    moods: list[str], citizens: list[tuple[bool, bool]], late: bool
) -> None:
    asyncio.run(play(Bank(moods), citizens, late))


async def play(bank: Bank, citizens: Iterable[tuple[bool, bool]], late: bool) -> None:
    with TemporaryDirectory() as folder:
        store = Store(Path(folder))
        ledger = Ledger(store, Vault(Path(folder)), TerminalPath("330100", "demo", "K001"))
        for pays, files in citizens:
            await outlived(journey(bank, ledger, pays, files))
            if late:  # the phone pays what still can be paid, after the terminal has stopped or not
                for key in bank.orders:
                    bank.pay(key)
            bank.dead = False
            await outlived(start_again(bank, ledger))
            bank.dead = False
        bank.moods.clear()
        await start_again(bank, ledger)
        assert ledger.open_records() == []
        store.close()
    assert len(bank.refunds) == len(set(bank.refunds)), "given back twice"
    for key, order in bank.orders.items():
        assert order.state != "open", "somebody could still pay"
        assert (order.state == "paid") == (key in bank.used), f"{order.state}, used: {key in bank.used}"
