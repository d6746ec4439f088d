"""One device in full: its state on all axes, what it has used up, its last faults; and what can be done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from config.devices import Availability, DeviceState, Kind, as_missed
from config.faults import any_fault
from config.words import Words, same, words
from drivers.device import DeviceError
from kiosk import readiness
from kiosk.command_desk import NotDone
from kiosk.device_test import test_device
from kiosk.prompts import Condition, Option, Row, WorkLine, WorkSheet
from kiosk.technician.workshop import Shift, option

FAULTS_SHOWN = 5
TEST_SECONDS = 30  # that one usually takes at most
Act = Callable[[Shift, str], Awaitable[None]]


def names(shift: Shift) -> list[str]:
    """The devices of the settings, in their order."""
    return list(shift.shop.backstage.devices.states())


def line(shift: Shift, name: str, value: str) -> WorkLine:
    """The device in the list."""
    kind, state = _state(shift, name)
    told = words(f"technician.availability_{state.availability}")
    if codes := _codes(shift, name, state):
        told = Words(*(f"{told[one]} · {codes[0]}" for one in ("zh", "en")))
    return WorkLine(value, title(kind, name), told, condition(state, codes))


def title(kind: Kind, name: str) -> Words:
    """How people call it, and its name in the settings where that says more."""
    known = words(f"desk.kind_{kind}")
    return known if name == kind else Words(f"{known.zh} {name}", f"{known.en} {name}")


def condition(state: DeviceState, codes: list[str]) -> Condition:
    """Ready, or what somebody must see to."""
    if state.availability is Availability.UNKNOWN:
        return Condition.UNKNOWN
    if state.availability is Availability.ABSENT and not codes:
        return Condition.UNKNOWN  # optional, and not there
    if not state.ready or not readiness.harmless(codes):
        return Condition.NOT_READY
    return Condition.ATTENTION if codes else Condition.READY


async def attend(shift: Shift, name: str) -> None:
    """Its page, until he goes back. GoBack."""
    while True:
        chosen = await shift.choose(sheet(shift, name))
        if chosen == "back":
            return
        await ACTS[chosen](shift, name)


def sheet(shift: Shift, name: str) -> WorkSheet:
    """All that is known of it."""
    kind, state = _state(shift, name)
    codes = _codes(shift, name, state)
    rows = [Row(words("technician.state"), words(f"technician.availability_{state.availability}"))]
    rows += [Row(words("technician.fault"), same(code)) for code in codes]
    rows += [_supply(shift, name, part, state) for part in state.supplies]
    counts = shift.shop.counters.counts(name)
    if counts:
        rows.append(
            Row(words("technician.counts"), same(" · ".join(f"{k} {v}" for k, v in sorted(counts.items()))))
        )
    if state.detail:
        rows.append(Row(words("technician.detail"), same(state.detail)))
    rows += [Row(words("technician.earlier"), same(told)) for told in last_faults(shift, name)]
    note = any_fault(codes[0]).technician if codes else None
    return WorkSheet(title(kind, name), tuple(rows), _actions(shift, name), condition(state, codes), note)


def last_faults(shift: Shift, name: str) -> list[str]:
    """Its last faults, the newest first, as `code 2026-11-22 09:30`."""
    raised = shift.shop.backstage.ledger.last(
        "FaultRaised", lambda body: body.get("device") == name, FAULTS_SHOWN
    )
    return [f"{body['code']} {_when(at)}" for at, body in raised]


def _when(stamp: str) -> str:
    """A journal's time in the hall's own."""
    return f"{datetime.fromisoformat(stamp).astimezone():%Y-%m-%d %H:%M}"


def _actions(shift: Shift, name: str) -> tuple[Option, ...]:
    return (*(option(act) for act in ACTS), option("back"))


def _state(shift: Shift, name: str) -> tuple[Kind, DeviceState]:
    kind, state = shift.shop.backstage.devices.states()[name]
    return kind, as_missed(state, shift.shop.backstage.settings.devices[name].optional)


def _codes(shift: Shift, name: str, state: DeviceState) -> list[str]:
    """Its own faults, and those that others found of it."""
    told = next((one.faults for one in shift.shop.health.report().devices if one.name == name), [])
    return list(dict.fromkeys([*state.faults, *told]))


def _supply(shift: Shift, name: str, part: str, state: DeviceState) -> Row:
    level = words(f"technician.supply_{state.supplies[part]}")
    more = [f"{state.levels[part]} %"] if part in state.levels else []
    day = shift.shop.counters.runs_out(name).get(part, "")
    more += [f"→ {day}"] if day[:1].isdigit() else []
    label = words("technician.supply", part=part)
    return Row(label, Words(*(" · ".join([level[one], *more]) for one in ("zh", "en"))))


# ── what can be done ────────────────────────────────────────────────────────
async def _test(shift: Shift, name: str) -> None:
    """Tries it with its real verbs; what does not work is a fault until a test finds that it does."""
    stage = shift.shop.backstage
    kind, _ = _state(shift, name)
    shift.busy(words("technician.testing", device=title(kind, name)), TEST_SECONDS)
    try:
        found = await shift.does("device_tested", name, test_device(stage, name))
    except (DeviceError, NotDone) as error:
        stage.set_fault("device_test_failed", True, name)
        await _tell_found(shift, name, error.code, error.detail, Condition.NOT_READY)
        return
    stage.set_fault("device_test_failed", False, name)
    await _tell_found(shift, name, "", found, Condition.READY)


async def _tell_found(shift: Shift, name: str, code: str, found: str, how: Condition) -> None:
    kind, _ = _state(shift, name)
    rows = [Row(words("technician.found"), same(found or code))]
    rows += [Row(words("technician.fault"), same(code))] if code else []
    note = any_fault(code).technician if code else None
    await shift.choose(WorkSheet(title(kind, name), tuple(rows), (option("back"),), how, note))


ACTS: dict[str, Act] = {"test": _test}
