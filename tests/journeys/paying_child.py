"""A terminal's money alone, in a process of its own, to be killed: payments and filing on a real store.

`python -m tests.journeys.paying_child SETTINGS --at POINT --then file|leave`
Opens an order, pays it as a phone would, and files the case or leaves. The parent settles what is left.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import signal
from datetime import UTC, datetime
from pathlib import Path

import httpx

from config import settings as terminal_settings
from config.platform_api import OrderRequest, Submission
from config.settings import Settings
from kiosk.data.ledger import Ledger
from kiosk.data.store import Store
from kiosk.data.vault import Vault
from kiosk.filing import file_case
from kiosk.payment import Payments, case_key
from kiosk.platform import Platform
from mqtt.topics import TerminalPath
from tests.journeys import points
from tests.journeys.paid_service import FEE, UNKNOWN_HOLDER

PR_SET_PDEATHSIG = 1  # prctl(2)


def main() -> None:
    """Runs until it is killed at the point, or to its end."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # never outlive the test
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("settings", type=Path)
    parser.add_argument("--at", choices=points.MONEY_POINTS, required=True)
    parser.add_argument("--then", choices=("file", "leave"), required=True)
    told = parser.parse_args()
    points.reach(told.at, points.kill_self)
    asyncio.run(pay(terminal_settings.load(told.settings), told.then == "file"))


async def pay(settings: Settings, file: bool) -> None:
    """One payment, as the steps of a journey make it."""
    kiosk = settings.identity.kiosk
    store, platform = Store(settings.data), Platform(settings.platform)
    ledger = Ledger(store, Vault(settings.data), TerminalPath("330100", "demo", kiosk))
    payments = Payments(platform, ledger)
    key = payments.begin()
    order = await payments.open(
        key, "s1", OrderRequest(service=UNKNOWN_HOLDER, terminal=kiosk, subject=None, fen=FEE)
    )
    async with httpx.AsyncClient(trust_env=False, timeout=60) as phone:
        (await phone.post(f"{order.code}/pay")).raise_for_status()
    if not file:
        await payments.give_up(key)
        return
    await payments.note(key, await payments.ended(order))
    submission = Submission(
        service=UNKNOWN_HOLDER, terminal=kiosk, payment=key, submitted_at=datetime.now(UTC)
    )
    await payments.finish(key, file_case(platform, ledger, "s1", submission, case_key(key)))


if __name__ == "__main__":
    main()
