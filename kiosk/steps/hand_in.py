"""Originals go into the locker: the compartment that the case has is opened; without it, the window."""

from __future__ import annotations

from config.devices import Kind
from config.words import words
from drivers.device import DeviceError
from kiosk.data import originals
from kiosk.prompts import Option, ShowResult
from kiosk.visit import Visit

OPEN_SECONDS = 10.0


async def hand_in(visit: Visit) -> None:
    """Opens the door and waits until somebody says that it is done. A door that stays shut is told."""
    case = visit.session.case
    assert case is not None and case.compartment
    opened = await visit.shielded(_open(visit, case.compartment))
    title = words("ways.locker_open", number=case.compartment) if opened else words("ways.locker_shut")
    note = words("ways.locker_open_note" if opened else "ways.locker_shut_note")
    done = Option("done", words("ways.locker_done" if opened else "journey.way_done"))
    await visit.choose(ShowResult(opened, title, note=note, actions=(done,)))


async def _open(visit: Visit, compartment: int) -> bool:
    devices = visit.backstage.devices
    if not devices.ready(Kind.LOCKER):
        return False
    ledger = visit.backstage.ledger
    await originals.put_by(ledger, compartment)
    try:
        await devices.call(Kind.LOCKER, "open_door", compartment, seconds=OPEN_SECONDS)
    except DeviceError as error:
        if error.code == "locker_not_opened":  # after any other it may have opened all the same
            await originals.not_put_by(ledger, compartment)
        return False
    return True
