"""Paying: an order before the QR code, one end for every order, and no money that serves nothing.

A payment in a journey's hands is *held*. Whatever is open and not held, after a crash or because the citizen
has gone, is settled: closed if unpaid, given back if no case came of it. A second charge cannot happen,
since each attempt has an order of its own and the former one is closed before.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from typing import Protocol

import structlog

from config.identifiers import uuid7
from config.platform_api import ORDER_USED, CaseResult, Order, OrderRequest
from kiosk.data.ledger import Ledger, OpenRecord
from kiosk.data.records import State
from kiosk.platform import Platform, PlatformError
from mqtt.messages import PaymentEnded

POLL_SECONDS = 1.0
GRACE_SECONDS = 15.0  # after an order's end, how long we still ask a platform that does not answer
_CODES = {"refused": "payment_refused", "expired": "payment_expired", "closed": "payment_closed"}
_log = structlog.get_logger("kiosk.payment")


class PaymentChannel(Protocol):
    """Where money is taken: the platform's own orders, or an adapter to a province's payment provider.

    Each method answers within its own time-out or raises PlatformError: `platform_refused` when the other
    side said no, anything else when it is not known what happened. The same key is always the same order.
    """

    async def create_order(self, key: str, order: OrderRequest) -> Order:
        """Opens an order; a second time it answers with the order as it stands."""

    async def order_by_key(self, key: str) -> Order | None:
        """How the order stands; None when the key was never seen."""

    async def close_order(self, key: str) -> Order | None:
        """Makes it unpayable, unless it is paid already. None: never seen, and refused from now on."""

    async def refund_order(self, key: str) -> Order:
        """Gives the money back, once however often it is asked. Refused ORDER_USED after an accepted case."""


_FITS: type[PaymentChannel] = Platform


class Payments:
    """Takes payments to their end. One for the terminal."""

    def __init__(self, channel: PaymentChannel, ledger: Ledger) -> None:
        self._channel, self._ledger = channel, ledger
        self._held: dict[str, asyncio.Lock] = {}  # by the order's key

    def begin(self) -> str:
        """The key of a new payment, held until `finish` or `give_up`."""
        key = uuid7()
        self._held[key] = asyncio.Lock()
        return key

    async def open(self, key: str, session: str, order: OrderRequest) -> Order:
        """The order of a payment begun, its record first. PlatformError when there is none."""
        async with self._held[key]:
            record = await self._ledger.intend("payment", key, session, order.service, fen=order.fen)
            await self._ledger.sent(record)
            opened = await self._channel.create_order(key, order)
        if (opened.key, opened.fen) != (key, order.fen):
            raise PlatformError("platform_down", "another order than was asked for")
        return opened

    async def ended(self, order: Order) -> Order:
        """Waits until the order is no longer open. PlatformError when nobody tells how it ended.

        One that the other side never ends, or has forgotten, comes back open when its time is over.
        """
        end = time.monotonic() + order.valid_seconds + GRACE_SECONDS
        while order.state == "open":
            await asyncio.sleep(POLL_SECONDS)
            over = time.monotonic() > end
            try:
                order = await self._channel.order_by_key(order.key) or order
            except PlatformError:
                if over:
                    raise
            else:
                if over:
                    break
        return order

    async def note(self, key: str, order: Order) -> None:
        """Records how the order ended."""
        async with self._held[key]:
            record = await asyncio.to_thread(self._ledger.find, key)
            if record is not None:
                await self._note(record, order)

    async def finish(self, key: str, filing: Awaitable[CaseResult]) -> CaseResult:
        """Files the case that was paid for. Without one the money goes back, before this returns or raises.

        Not so while it is unclear whether the case was filed: then that is found out first.
        """
        try:
            return await filing
        finally:
            await self.give_up(key)

    async def give_up(self, key: str) -> None:
        """The journey is done with this payment: settles it now, or later if the platform does not answer.

        A second time does nothing.
        """
        lock = self._held.get(key)
        if lock is None:
            return
        try:
            async with lock:
                record = await asyncio.to_thread(self._ledger.find, key)
                if record is not None:
                    await self._settle(record)
        finally:
            self._held.pop(key, None)

    async def resolve(self, record: OpenRecord) -> None:
        """Settles what a stop, or a platform that did not answer, left open."""
        if record.key in self._held:
            return
        now = await asyncio.to_thread(self._ledger.find, record.key)  # a journey may have ended it meanwhile
        if now is not None:
            await self._settle(now)

    async def _settle(self, record: OpenRecord) -> None:
        if record.state == "intended":  # given up before its first byte: nothing to tell
            await self._ledger.advance(record, "failed", None)
            return
        try:
            if record.state in ("sent", "unknown"):
                record = await self._note(record, await self._channel.close_order(record.key))
            if record.state == "paid":
                await self._use_or_refund(record)
        except PlatformError as error:
            _log.info("payment still open", record=record.id, code=error.code, reason=error.reason)
            if record.state == "sent":
                await self._advance(record, "unknown", "", "payment_unclear")

    async def _use_or_refund(self, record: OpenRecord) -> None:
        """What was paid has served its case, or goes back; a case whose end is open is waited for."""
        case = await asyncio.to_thread(self._ledger.find, case_key(record.key))
        if case is not None and case.state in ("intended", "sent", "unknown"):
            return
        if case is not None and case.state == "accepted":
            await self._ledger.advance(record, "settled", None)
            return
        try:
            order = await self._channel.refund_order(record.key)
        except PlatformError as error:
            if error.reason != ORDER_USED:
                raise
            await self._ledger.advance(record, "settled", None)
            return
        await self._advance(record, "refunded", order.order_no)

    async def _note(self, record: OpenRecord, order: Order | None) -> OpenRecord:
        """The record as it stands after what the order says."""
        if order is None:
            return await self._advance(record, "refused", "", "payment_closed")
        if order.state == "refunded" and record.state == "unknown":
            return await self._advance(record, "refunded", order.order_no)
        if order.state in ("paid", "refunded"):
            return await self._advance(record, "paid", order.order_no)
        if order.state in _CODES:
            return await self._advance(record, "refused", order.order_no, _CODES[order.state])
        return record

    async def _advance(self, record: OpenRecord, state: State, order_no: str, code: str = "") -> OpenRecord:
        message = PaymentEnded(
            session=record.session,
            service=record.service,
            key=record.key,
            state=state,  # type: ignore[arg-type]  # the four that are told are a part of the record's
            fen=record.fen,
            order_no=order_no,
            code=code,
        )
        await self._ledger.advance(record, state, message)
        return OpenRecord(
            record.id, record.kind, record.key, record.session, record.service, state, fen=record.fen
        )


def case_key(key: str) -> str:
    """The key of the case that an order pays for: one order, one case, by name."""
    return f"{key}-case"
