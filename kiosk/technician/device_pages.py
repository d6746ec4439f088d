"""One device in full: its state on all axes, what it has used up, its last faults; and what can be done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from config.devices import Availability, DeviceState, Kind, as_missed
from config.faults import any_fault
from config.words import Words, joined, same, words
from kiosk.devices.counted import counted
from kiosk.prompts import Condition, Option, Row, WorkLine, WorkSheet
from kiosk.readiness import device_trial, finding
from kiosk.readiness.finding import Finding
from kiosk.readiness.workplace import Allowed
from kiosk.technician import blanks, camera, finding_page, locks, supplies
from kiosk.technician.fault_rows import fault_rows
from kiosk.technician.workshop import Ended, Shift, action

FAULTS_SHOWN = 5
TEST_SECONDS = 30  # that one usually takes at most
Act = Callable[[Shift, str], Awaitable[None]]


def names(shift: Shift) -> list[str]:
    """The devices of the settings, in their order."""
    return list(shift.shop.backstage.devices.states())


def line(shift: Shift, name: str, value: str) -> WorkLine:
    """The device in the list."""
    _, state = _state(shift, name)
    told = words(f"technician.availability_{state.availability}")
    if codes := _codes(shift, name, state):
        told = joined([told, any_fault(codes[0]).name])
    return WorkLine(
        value,
        device_trial.title_of(name, shift.shop.backstage.settings.devices[name]),
        told,
        condition(state, codes),
    )


def condition(state: DeviceState, codes: list[str]) -> Condition:
    """Ready, or what somebody must see to."""
    if state.availability is Availability.UNKNOWN:
        return Condition.UNKNOWN
    if state.availability is Availability.ABSENT and not codes:
        return Condition.UNKNOWN  # optional, and not there
    if not state.ready or not finding.harmless(codes):
        return Condition.NOT_READY
    return Condition.ATTENTION if codes else Condition.READY


async def attend(shift: Shift, name: str) -> None:
    """Its page, until he goes back."""
    while True:
        chosen = await shift.choose(sheet(shift, name))
        if chosen == "back":
            return
        await ACTS[chosen](shift, name)


def sheet(shift: Shift, name: str) -> WorkSheet:
    """All that is known of it."""
    _, state = _state(shift, name)
    codes = _codes(shift, name, state)
    rows = [Row(words("technician.state"), words(f"technician.availability_{state.availability}"))]
    rows += fault_rows(codes)
    rows += [_supply(shift, name, part, state) for part in state.supplies]
    counts = shift.shop.counters.counts(name)
    if counts:
        rows.append(Row(words("technician.counts"), counted(counts)))
    if state.detail:
        rows.append(Row(words("technician.detail"), same(state.detail)))
    rows += [Row(words("technician.earlier"), told) for told in last_faults(shift, name)]
    note = any_fault(codes[0]).technician if codes else None
    return WorkSheet(
        device_trial.title_of(name, shift.shop.backstage.settings.devices[name]),
        tuple(rows),
        _actions(shift, name),
        condition(state, codes),
        note,
    )


def last_faults(shift: Shift, name: str) -> list[Words]:
    """Its last faults, the newest first, by name, each with `2026-11-22 09:30`."""
    raised = shift.shop.backstage.ledger.last(
        "FaultRaised", lambda body: body.get("device") == name, FAULTS_SHOWN
    )
    return [joined([any_fault(str(body["code"])).name, same(_when(at))]) for at, body in raised]


def _when(stamp: str) -> str:
    """A journal's time in the hall's own."""
    return f"{datetime.fromisoformat(stamp).astimezone():%Y-%m-%d %H:%M}"


def _actions(shift: Shift, name: str) -> tuple[Option, ...]:
    """As many as fit this device: a page has room for eight."""
    kind, state = _state(shift, name)
    acts = ["test"]
    acts += [f"change_{part}" for part in supplies.of(shift.shop.backstage.settings.devices[name], state)]
    acts += ["doors"] if locks.has(shift.shop.backstage.settings.devices[name]) else []
    acts += ["blanks"] if kind is Kind.SPECIAL_PRINTER else []
    acts += ["camera"] if kind in camera.KINDS else []
    return (*(action(act) for act in acts), action("back"))


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
    return Row(_supply_words(part), Words(*(" · ".join([level[one], *more]) for one in ("zh", "en"))))


def _supply_words(part: str) -> Words:
    if part in (*supplies.PARTS, "blanks"):
        return words(f"technician.supply_of_{part}")
    return words("technician.supply_of_other", part=part)


# ── what can be done ────────────────────────────────────────────────────────
async def _test(shift: Shift, name: str) -> None:
    """Tries it with its real verbs. What does not work is a fault, told to the hall, until a test passes."""
    await show_tried(shift, name, Allowed(paper=True, person=True))


async def show_tried(shift: Shift, name: str, allowed: Allowed) -> None:
    """Tries it and shows what was found, with the remedy; again, told like the first, until he goes back."""
    await show_found(shift, name, await tried(shift, name, allowed), allowed)


async def show_found(shift: Shift, name: str, found: Finding, allowed: Allowed) -> Finding:
    """Shows what was found of it, here or in a report, until he goes back; what was found at last."""
    while (chosen := await shift.choose(_found(shift, name, found))) in ("again", "doors"):
        if chosen == "doors":
            await locks.attend(shift, name)
        else:
            found = await tried(shift, name, allowed)
    return found


def _found(shift: Shift, name: str, found: Finding) -> WorkSheet:
    """What comes next after something was found is to mend it and try again. Doors have a list of theirs.

    What was left out is told with what to touch here, where a report says what to type.
    """
    acts, main = ["again"], "again" if found.codes or not found.ready else ""
    if locks.has(shift.shop.backstage.settings.devices[name]):
        acts.append("doors")
        found = replace(found, untried=found.untried and words("technician.untried_doors"))
    elif found.untried in _wants_a_hand():
        found = replace(found, untried=words("technician.untried_hand"))
    return replace(finding_page.sheet(found), actions=(*map(action, acts), action("back")), main=main)


def _wants_a_hand() -> tuple[Words, ...]:
    return words("doctor.untried_card"), words("doctor.untried_code"), words("doctor.untried_hand")


async def _change(shift: Shift, name: str, part: str) -> None:
    """A supply was changed; then a test slip, if he wants one."""
    if await supplies.change(shift, name, part):
        await show_tried(shift, name, Allowed(paper=True))


async def tried(shift: Shift, name: str, allowed: Allowed) -> Finding:
    """The finding of one device, tried with what is allowed, and told."""
    stage = shift.shop.backstage
    findings: list[Finding] = []
    title = device_trial.title_of(name, stage.settings.devices[name])
    shift.busy(words("technician.testing", device=title), TEST_SECONDS)

    async def work() -> Ended:
        place = device_trial.at_terminal(stage, lambda asked: shift.busy(asked, TEST_SECONDS))
        found = await device_trial.try_device(place, name, allowed)
        findings.append(found)
        return Ended("" if found.ready else next(iter(found.codes), "device_other"), found.found.en)

    await shift.does("device_tested", name, work())
    (found,) = findings
    _, state = stage.devices.states()[name]
    news = not found.ready and not set(found.codes) <= set(state.faults)  # else its state tells it already
    stage.set_fault("device_test_failed", news, name)
    return found


ACTS: dict[str, Act] = {
    "test": _test,
    **{f"change_{part}": partial(_change, part=part) for part in supplies.PARTS},
    "blanks": blanks.attend,
    "doors": locks.attend,
    "camera": camera.attend,
}
