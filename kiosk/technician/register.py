"""`main.py technician add|list|remove`: who may enter the technician's mode, registered at the terminal.

The secret is shown once, as a QR code for an authenticator app on the technician's phone, and never again.
"""

from __future__ import annotations

import contextlib
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from config.settings import Settings
from drivers import registry
from drivers.device import DeviceError
from kiosk import card_readers
from kiosk.card_readers import Card
from kiosk.data.store import in_use
from kiosk.technician import one_time_code, people
from kiosk.technician.people import PeopleError, Technician

CARD_SECONDS = 30.0
FIND_SECONDS, PAUSE_SECONDS = 0.5, 0.3
HINT = 'put the line `people = "/var/lib/kiosk/technicians.toml"` into [technician] of the settings'


class NotRegistered(Exception):
    """It cannot be done; the text says why and what to do."""


def add(
    settings: Settings, number: str, card: bool, anew: bool, until: date | None, out: TextIO | None = None
) -> None:
    """Registers a technician, or with `card` or `anew` gives one who is there a card or a new secret.

    NotRegistered, PeopleError, OSError.
    """
    path = _path(settings)
    known = {one.number: one for one in people.read(path)}
    before = known.get(number)
    if before is not None and not (card or anew or until):
        raise NotRegistered(f"{number} is there already: --card adds a card, --anew gives a new secret")
    digest = people.card_digest(settings.data, _read_card(settings, out)) if card else ""
    fresh = before is None or anew
    cards = before.cards if before is not None else ()
    if digest and any(digest in one.cards for one in known.values() if one.number != number):
        raise NotRegistered("this card is another technician's: remove it there first")
    made = _checked(
        number=number,
        secret=one_time_code.new_secret() if before is None or anew else before.secret,
        cards=tuple(dict.fromkeys([*cards, *([digest] if digest else [])])),
        until=until or (before.until if before is not None else None),
    )
    people.write(path, tuple({**known, number: made}.values()))
    if fresh:
        _show(settings, made, out)
    print(f"{path}: {_described(made)}", file=out)


def remove(settings: Settings, number: str, out: TextIO | None = None) -> None:
    """Takes a technician off the list. NotRegistered when he is not on it; PeopleError, OSError."""
    path = _path(settings)
    known = people.read(path)
    if number not in {one.number for one in known}:
        raise NotRegistered(f"there is no technician {number}")
    people.write(path, tuple(one for one in known if one.number != number))
    print(f"{path}: {number} may not enter any more", file=out)


def show(settings: Settings, out: TextIO | None = None) -> None:
    """Lists them: numbers, how many cards, until when. NotRegistered, PeopleError."""
    known = people.read(_path(settings))
    for one in sorted(known, key=lambda one: one.number):
        print(_described(one), file=out)
    if not known:
        print("nobody is registered: main.py technician add NUMBER", file=out)


def _path(settings: Settings) -> Path:
    if settings.technician.people is None:
        raise NotRegistered(f"the settings name no file of technicians: {HINT}")
    return settings.technician.people


def _checked(**told: Any) -> Technician:
    try:
        return Technician(**told)
    except ValueError:
        raise NotRegistered("a technician's number has 2 to 10 digits") from None


def _described(one: Technician) -> str:
    cards = {0: "no card", 1: "1 card"}.get(len(one.cards), f"{len(one.cards)} cards")
    return f"{one.number}  {cards}  {f'until {one.until}' if one.until else 'without an end'}"


def _show(settings: Settings, made: Technician, out: TextIO | None) -> None:
    """On the terminal that asked, once: neither a log nor a file has it."""
    import segno

    address = one_time_code.address(made.secret, made.number, settings.identity.kiosk)
    print("Scan this with an authenticator app now; it is not shown again.\n", file=out)
    segno.make(address, error="m", micro=False).terminal(out=out, compact=True)
    print(
        f"\nor type it: {' '.join(made.secret[at : at + 4] for at in range(0, len(made.secret), 4))}",
        file=out,
    )


# ── his card ────────────────────────────────────────────────────────────────
def _read_card(settings: Settings, out: TextIO | None) -> Card:
    """The card that is laid on a reader of the settings within half a minute. NotRegistered."""
    if in_use(settings.data):
        raise NotRegistered("the terminal is running and has the readers: stop it, then say this again")
    chosen = [one for one in settings.devices.values() if one.kind in card_readers.KINDS]
    if not chosen:
        raise NotRegistered("the settings have no card reader")
    print("Lay the card on the reader.", file=out, flush=True)
    opened: list[Any] = []
    why = ""
    with contextlib.ExitStack() as closing:
        for one in chosen:
            try:
                reader: Any = registry.make(one)
                closing.callback(reader.close)
                reader.open()
            except DeviceError as error:
                why = error.code
            else:
                opened.append(reader)
        return _first(opened, why)


def _first(readers: list[Any], why: str) -> Card:
    end = time.monotonic() + CARD_SECONDS
    while readers and time.monotonic() < end:
        for reader in readers:
            try:
                if reader.find_card(FIND_SECONDS):
                    card: Card = reader.read_card(FIND_SECONDS)
                    return card
            except DeviceError as error:
                why = error.code
                time.sleep(PAUSE_SECONDS)  # one that is gone says so at once
    raise NotRegistered(f"no card was read{f' ({why})' if why else ''}: try again")


def run(settings: Settings, told: Any) -> int:
    """What the command line asks for; 0, or 1 with the reason why not."""
    try:
        if told.deed == "add":
            add(settings, told.number, told.card, told.anew, told.until)
        elif told.deed == "remove":
            remove(settings, told.number)
        else:
            show(settings)
    except NotRegistered as why:
        print(why, file=sys.stderr)
    except PeopleError as why:
        print(
            f"{settings.technician.people}: {why.detail}; nobody can enter until that is put right",
            file=sys.stderr,
        )
    except OSError as error:
        print(f"{settings.technician.people}: {error.strerror}; nothing was changed", file=sys.stderr)
    else:
        return 0
    return 1
