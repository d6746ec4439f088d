"""What a technician does to the account of blanks: look, enter a pack, say what became of a sheet.

The store has one writer. While a terminal runs on the data folder that is the terminal, so the account is
changed between two runs, and can be looked at any time.
"""

from __future__ import annotations

from collections.abc import Callable

from config.devices import Kind
from config.settings import Settings
from kiosk.data import stock
from kiosk.data.stock import Account, Fate, StockError
from kiosk.data.store import Store, StoreError, Transaction, in_use, read_only


def show(settings: Settings) -> int:
    """Prints the account of each special-paper printer; 0."""
    try:
        with read_only(settings.data) as read:
            names = sorted({*_printers(settings), *stock.devices(read)})
    except StoreError:  # nothing has ever run here
        names = _printers(settings)
    for name in names:
        print(described(account(settings, name)))
    if not names:
        print("this terminal has no special-paper printer")
    return 0


def account(settings: Settings, name: str) -> Account:
    """The account of one printer as it stands, also while a terminal runs; empty before anything ran."""
    try:
        with read_only(settings.data) as read:
            return stock.account(read, name)
    except StoreError:
        return Account(name)


def load(settings: Settings, device: str, count: int, first: str) -> int:
    """Enters a pack; 0, or 1 with the reason why not."""
    return _change(settings, device, lambda tx, name: stock.load(tx, name, count, first))


def withdraw(settings: Settings, device: str) -> int:
    """Writes off the blanks that are taken out; 0, or 1 with the reason why not."""
    return _change(settings, device, stock.withdraw)


def settle(settings: Settings, device: str, fate: Fate) -> int:
    """Says what became of the sheet in doubt; 0, or 1 with the reason why not."""
    return _change(settings, device, lambda tx, name: stock.settle(tx, name, fate))


def described(said: Account) -> str:
    """One account in a line or two, for a technician."""
    counts = ", ".join(
        f"{count} {state}"
        for state, count in (
            ("blank", said.blank),
            ("used", said.used),
            ("spoiled", said.spoiled),
            ("under way", said.taken),
            ("in doubt", said.doubtful),
            ("withdrawn", said.withdrawn),
        )
        if count or state in ("blank", "used", "spoiled")
    )
    following = f"; the next is {said.next_number}" if said.next_number else ""
    doubt = f"\n  to settle: sheet {said.doubtful_number}" if said.unclear else ""
    return f"{said.device}: {counts}{following}{doubt}"


def _change(settings: Settings, device: str, work: Callable[[Transaction, str], object]) -> int:
    printers = _printers(settings)
    name = device or (printers[0] if len(printers) == 1 else "")
    if name not in printers:
        print(f"say which printer: --device {' or '.join(printers) or '(there is none in the settings)'}")
        return 1
    if in_use(settings.data):
        print("the terminal is running and keeps the account itself: stop it, then say this again")
        return 1
    store = Store(settings.data)
    try:
        now = store.write_sync(lambda tx: _done(tx, name, work))
    except StockError as error:
        print(error)
        return 1
    finally:
        store.close()
    print(described(now))
    return 0


def _done(tx: Transaction, name: str, work: Callable[[Transaction, str], object]) -> Account:
    work(tx, name)
    return stock.account(tx, name)


def _printers(settings: Settings) -> list[str]:
    return sorted(name for name, one in settings.devices.items() if one.kind is Kind.SPECIAL_PRINTER)
