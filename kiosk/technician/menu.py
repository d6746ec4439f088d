"""What the technician's mode offers, as data: the devices, then the parts of the machine, each with its page.

A part that works and a part that does not look different in the list; what is known at once is told there,
what takes a while to find out stands behind the touch.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from config.words import Words, words
from kiosk.prompts import Condition, WorkLine, WorkList
from kiosk.technician import device_pages, machine_pages, notice, power, reports, touch
from kiosk.technician.workshop import Shift, action

LEAVE = "leave"
DEVICE = "device:"
Act = Callable[[Shift], Awaitable[None]]
Told = Callable[[Shift], tuple[Words, Condition]]


@dataclass(frozen=True)
class Part:
    """A line of the list: its words are the row `part_…` of `locale/technician.toml`."""

    value: str
    told: Told
    act: Act


PARTS = (
    Part("notice", notice.told, notice.attend),
    Part("hours", notice.told_hours, notice.attend_hours),
    Part("network", machine_pages.told_network, machine_pages.network),
    Part("touch", touch.told, touch.attend),
    Part("versions", machine_pages.told_versions, machine_pages.versions),
    Part("log", machine_pages.told_log, machine_pages.log),
    Part("journal", machine_pages.told_journal, machine_pages.check_journal),
)
# Beneath the list: at most five, and leaving.
ACTIONS: dict[str, Act] = {"report": reports.report, "bundle": reports.bundle, "power": power.attend}


def page(shift: Shift, at: str = "") -> WorkList:
    """The list as it stands now; `at` is what he comes back from."""
    devices = [device_pages.line(shift, name, f"{DEVICE}{name}") for name in device_pages.names(shift)]
    parts = [WorkLine(one.value, words(f"technician.part_{one.value}"), *one.told(shift)) for one in PARTS]
    return WorkList(
        words("technician.title", actor=shift.actor),
        (*devices, *parts),
        (*(action(name) for name in ACTIONS), action(LEAVE)),
        words("technician.waiting"),
        at,
    )


def act(chosen: str) -> Act:
    """What is done when this was touched. KeyError for what the list does not have."""
    if chosen.startswith(DEVICE):
        return partial(device_pages.attend, name=chosen.removeprefix(DEVICE))
    return (ACTIONS | {one.value: one.act for one in PARTS})[chosen]
