"""Orders: what a citizen pays before his case is filed. A test payment; no money moves.

A key is one order. A paid order serves one accepted case or is refunded; both are decided in one
transaction, so that no moment lets it be both.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from config.platform_api import ORDER_USED, Order, OrderRequest
from hall.platform.authorisations import holder_for
from hall.platform.clock import as_utc
from hall.platform.door import PartsHere
from hall.platform.handlers import handler
from hall.platform.office import Asking
from hall.platform.parts import Parts
from hall.platform.refusals import Refused
from hall.platform.store import next_value
from hall.platform.tables import orders, payers, withdrawn

routes = APIRouter(prefix="/v1/orders", tags=["orders"])

Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=8, max_length=128)]


@routes.post("")
def open_order(request: OrderRequest, parts: PartsHere, idempotency_key: Key = None) -> Order:
    """Opens an order. The same key with the same body gets the order as it stands.

    Refused: `key_missing` (422), `key_reused` (409), `key_withdrawn` (410), `platform_closed` (409),
    `service_unknown` (404), `subject_unknown` (410), `fee_wrong` (422).
    """
    if idempotency_key is None:
        raise Refused("key_missing", 422)
    digest = hashlib.sha256(request.model_dump_json().encode()).hexdigest()
    with parts.store.transaction() as transaction:
        row = _row(transaction, idempotency_key)
        if row is not None:
            if row.digest != digest:
                raise Refused("key_reused", 409)
            return _order(parts, row)
        if transaction.execute(select(withdrawn.c.key).where(withdrawn.c.key == idempotency_key)).first():
            raise Refused("key_withdrawn", 410)
        parts.require_open()
        service, now = parts.service(request.service), parts.now()
        holder = holder_for(parts, request.subject, service.id) if request.subject else None
        if price_of(Asking(parts, service, holder, now, request.values)) != request.fen:
            raise Refused("fee_wrong", 422)
        transaction.execute(
            insert(orders).values(
                key=idempotency_key,
                digest=digest,
                order_no=f"P{now:%Y%m%d}{next_value(transaction, f'order:{now:%Y%m%d}'):06}",
                code=secrets.token_urlsafe(12),
                service=request.service,
                terminal=request.terminal,
                fen=request.fen,
                state="open",
                opened_at=as_utc(now),
                expires_at=as_utc(now + timedelta(seconds=parts.settings.order_seconds)),
            )
        )
        if holder is not None:
            transaction.execute(insert(payers).values(key=idempotency_key, citizen=holder.number))
        return _order(parts, _known(transaction, idempotency_key))


@routes.get("/by-key/{key}")
def order_by_key(key: str, parts: PartsHere) -> Order:
    """How an order stands. Refused `key_unknown` (404) when it never arrived."""
    with parts.store.reading() as connection:
        return _order(parts, _known(connection, key))


@routes.post(
    "/by-key/{key}/close",
    response_model=Order,
    responses={204: {"description": "Never seen: a late arrival under this key is refused"}},
)
def close_order(key: str, parts: PartsHere) -> Order | Response:
    """Nobody can pay it from now on. One that is paid already stays so."""
    with parts.store.transaction() as transaction:
        row = _row(transaction, key)
        if row is None:
            transaction.execute(upsert(withdrawn).values(key=key).on_conflict_do_nothing())
            return Response(status_code=204)
        state = _state(parts, row)
        if state == "open":
            state = "closed"
        if state != row.state:
            _set(transaction, key, state=state)
        return _order(parts, _known(transaction, key))


@routes.post("/by-key/{key}/refund")
def refund_order(key: str, parts: PartsHere) -> Order:
    """Gives the money back; a second time changes nothing.

    Refused: `key_unknown` (404), `order_used` (409) when a case was accepted on it, `order_unpaid` (409).
    """
    with parts.store.transaction() as transaction:
        row = _known(transaction, key)
        if row.case_key is not None:
            raise Refused(ORDER_USED, 409)
        if row.state == "paid":
            _set(transaction, key, state="refunded", refunded_at=as_utc(parts.now()))
        elif row.state != "refunded":
            raise Refused("order_unpaid", 409)
        return _order(parts, _known(transaction, key))


def price_of(asking: Asking) -> int:
    """What this costs, in fen; 0 where nothing is paid. Refused `fee_wrong` for a form that has no price."""
    fee = asking.service.fee
    if fee is None:
        return 0
    if not fee.field:
        return fee.fen
    price = handler(asking.service.id).price
    if price is None or not asking.values.get(fee.field):
        raise Refused("fee_wrong", 422)
    return price(asking)


def check_paid(transaction: Connection, asking: Asking, key: str) -> None:
    """Has the service's fee been paid with this order, and for this citizen?

    Refused `payment_missing` or `order_used`.
    """
    fen = price_of(asking)
    if not fen:
        return
    row = _row(transaction, key) if key else None
    whose = transaction.scalar(select(payers.c.citizen).where(payers.c.key == key))
    citizen = asking.subject.number if asking.subject else None
    wanted = (asking.service.id, fen, "paid")
    if row is None or (row.service, row.fen, row.state) != wanted or whose != citizen:
        raise Refused("payment_missing", 422)
    if row.case_key is not None:
        raise Refused(ORDER_USED, 409)


def use(transaction: Connection, key: str, case_key: str) -> None:
    """The order has served its case: it is refunded no more."""
    _set(transaction, key, case_key=case_key)


def settle(parts: Parts, code: str, state: str) -> Order | None:
    """What the payer chose at the cashier: `paid` or `refused`. None for a code that names no order.

    An order that is open no longer stays as it is.
    """
    with parts.store.transaction() as transaction:
        row = transaction.execute(select(orders).where(orders.c.code == code)).one_or_none()
        if row is None:
            return None
        if _state(parts, row) == "open":
            paid_at = as_utc(parts.now()) if state == "paid" else None
            _set(transaction, row.key, state=state, paid_at=paid_at)
        return _order(parts, _known(transaction, row.key))


def by_code(parts: Parts, code: str) -> tuple[Order, str] | None:
    """The order that a QR code names, with its service's id."""
    with parts.store.reading() as connection:
        row = connection.execute(select(orders).where(orders.c.code == code)).one_or_none()
    return (_order(parts, row), row.service) if row is not None else None


def waiting(parts: Parts) -> list[str]:
    """The codes of orders that can be paid now, the newest first."""
    now = as_utc(parts.now())
    with parts.store.reading() as connection:
        found = connection.scalars(
            select(orders.c.code)
            .where(orders.c.state == "open", orders.c.expires_at > now)
            .order_by(orders.c.order_no.desc())
            .limit(20)
        )
        return [_address(parts, code) for code in found]


def _row(connection: Connection, key: str) -> Any:
    return connection.execute(select(orders).where(orders.c.key == key)).one_or_none()


def _known(connection: Connection, key: str) -> Any:
    row = _row(connection, key)
    if row is None:
        raise Refused("key_unknown", 404)
    return row


def _set(transaction: Connection, key: str, **values: Any) -> None:
    transaction.execute(update(orders).where(orders.c.key == key).values(**values))


def _state(parts: Parts, row: Any) -> str:
    lapsed = row.state == "open" and row.expires_at <= as_utc(parts.now())
    return "expired" if lapsed else str(row.state)


def _order(parts: Parts, row: Any) -> Order:
    state = _state(parts, row)
    left = (row.expires_at - as_utc(parts.now())).total_seconds() if state == "open" else 0
    return Order.model_validate(
        {
            "key": row.key,
            "order_no": row.order_no,
            "fen": row.fen,
            "state": state,
            "code": _address(parts, row.code),
            "valid_seconds": int(left),
        }
    )


def _address(parts: Parts, code: str) -> str:
    return f"{parts.public_url}/pay/{code}"
