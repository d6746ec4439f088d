"""One terminal of a chaos run: the real store, journal, ledger, sender and link, without devices and screen.

It works through its transactions and goes on, after a kill, from what its own store says was done.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from config.settings import LinkSettings
from kiosk.data.ledger import Ledger, OpenRecord
from kiosk.data.store import Store
from kiosk.data.vault import Vault
from kiosk.link import sender as senders
from kiosk.link.sender import Sender
from mqtt import link as links
from mqtt import outbox
from mqtt.link import Link
from mqtt.messages import (
    CaseFiled,
    DocumentPrinted,
    FaultCleared,
    FaultRaised,
    RatingGiven,
    SessionEnded,
    SessionStarted,
)
from mqtt.topics import TerminalPath
from tests.chaos import broken
from tests.chaos.tally import PUBLISHED, Tally

Say = Callable[..., None]
UNSTORABLE = 2**70  # seconds: a number that no column holds; the hall must refuse it and go on
SERVICES = ("SB01", "YB02", "ZH02", "GJ03")


def live(order: dict[str, Any], say: Say) -> None:
    """Works until it is killed, or its parent dies."""
    broken.terminal(order.get("broken", ""))
    _hurry(*order["waits"])
    asyncio.run(_live(order, say))


def _hurry(first: float, longest: float) -> None:
    """The same waits as in a hall, in a shorter day; a line that breaks is a death at once."""
    outbox.FIRST_WAIT, outbox.LONGEST_WAIT = first, longest
    links.FIRST_WAIT, links.LONGEST_WAIT, links.WILL_DELAY = 0.2, 3.0, 0
    senders.PAUSE_AFTER_FAILURE = 0.2


async def _live(order: dict[str, Any], say: Say) -> None:
    folder = Path(order["folder"])
    path = TerminalPath("330100", "demo", order["name"])
    store = Store(folder)
    ledger = Ledger(store, Vault(folder), path)
    sender = Sender(store, path, keep_days=30)
    settings = LinkSettings(port=order["port"], keepalive_seconds=5)
    link = Link(settings, path, store.boot, "chaos", sender.listeners, asyncio.get_running_loop())
    _count(link, Tally(folder.parent / f"{order['name']}.tally"))
    sender.attach(link)
    say("ready", boot=store.boot)
    await ledger.end_broken_sessions()
    for record in ledger.open_records():
        await _settle(ledger, record)
    for number in range(1, order["transactions"] + 1):
        if ledger.find(_key(path, number)) is None:
            await _transact(ledger, path, number, order, store.boot)
            await asyncio.sleep(random.uniform(0, 2 * order["pace"]))
        say("done", number=number)
    await _tell_depth(store, say)


def _count(link: Link, tally: Tally) -> None:
    """Each message that is handed to the broker counts."""
    honest, turn = link.publish, threading.Lock()

    def publish(*arguments: Any, **more: Any) -> bool:
        handed_on = honest(*arguments, **more)
        with turn:
            tally.add(PUBLISHED, handed_on)
        return handed_on

    link.publish = publish  # type: ignore[method-assign]


def _key(path: TerminalPath, number: int) -> str:
    return f"{path.kiosk}-{number}"


async def _transact(
    ledger: Ledger, path: TerminalPath, number: int, order: dict[str, Any], boot: int
) -> None:
    """One citizen: a session, a case, perhaps a certificate and a rating, sometimes a fault."""
    key = _key(path, number)
    chance = random.Random(f"{order['seed']}/{key}")
    session, service = f"{key}-{boot}", chance.choice(SERVICES)
    await ledger.tell(session, SessionStarted(session))
    record = await ledger.intend("submission", key, session, service)
    await ledger.sent(record)
    accepted = await _settle(ledger, record)
    if accepted:
        page = await ledger.intend("print", "", session, service, document="certificate", device="a4_printer")
        await ledger.sent(page)
        await _settle(ledger, page)
    if chance.random() < 0.6:
        stars = chance.randint(1, 5)
        await ledger.tell(session, RatingGiven(session, service, f"case {key}", stars))
    if chance.random() < 0.2:
        await ledger.tell("", FaultRaised("device_jam", "a4_printer"))
        await ledger.tell("", FaultCleared("device_jam", "a4_printer"))
    seconds = UNSTORABLE if number % order["unstorable_every"] == 0 else chance.randint(20, 400)
    await ledger.tell(session, SessionEnded(session, "completed", service, seconds))


async def _settle(ledger: Ledger, record: OpenRecord) -> bool:
    """Brings a record to its end, now or after a kill: what the other side says depends on its key alone."""
    record = ledger.get(record.id)
    if record.kind == "print":
        if record.state == "intended":
            await ledger.advance(record, "failed", None)
            return False
        printed = DocumentPrinted(
            record.session, record.service, record.id, "certificate", "confirmed", "a4_printer", record.key
        )
        await ledger.advance(record, "confirmed", printed)
        return True
    if record.state == "intended":
        await ledger.sent(record)
    accepted = random.Random(record.key).random() < 0.9
    case = CaseFiled(
        record.session,
        record.service,
        record.key,
        "accepted" if accepted else "refused",
        f"case {record.key}" if accepted else "",
        "" if accepted else "not_eligible",
    )
    await ledger.advance(record, case.state, case)
    return accepted


async def _tell_depth(store: Store, say: Say) -> None:
    """Says how many messages are left to send, whenever that has changed."""
    told = None
    while True:
        with store.read() as read:
            now = outbox.depth(read)
        if now != told:
            say("left", number=now)
            told = now
        await asyncio.sleep(0.2)
