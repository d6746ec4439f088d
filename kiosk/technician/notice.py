"""Out of service, and when it is open: what the technician sets here beside what the hall set from afar.

Each has a notice of his own, and citizens wait while either stands. A technician's hours hold until the end
of a day; then the hall's hold again. Both are shown, whoever set them (docs/decisions/119).
"""

from __future__ import annotations

from datetime import date

from config.configuration import hours_read, objection
from config.words import Words, same, words
from kiosk.prompts import Condition, Field, FieldKind, FillForm, Option, Row, WorkSheet
from kiosk.remote.configuration import HoursHere
from kiosk.technician.workshop import Ended, Shift, action

REASONS = ("repair", "supplies", "network", "moved")  # rows `notice_…`: what the citizen reads
HALF_HOURS = tuple(f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(0, 1440, 30))


def told(shift: Shift) -> tuple[Words, Condition]:
    """In the list: whether citizens are received."""
    doors = shift.shop.doors
    if doors.notice("technician") is not None:
        return words("technician.notice_here"), Condition.ATTENTION
    if doors.notice("hall") is not None:
        return words("technician.notice_of_hall"), Condition.ATTENTION
    return words("technician.notice_none"), Condition.READY


async def attend(shift: Shift) -> None:
    """Shows both notices; puts up his own, takes down either."""
    while True:
        chosen = await shift.choose(_sheet(shift))
        if chosen == "back":
            return
        if chosen in REASONS:
            await shift.does("notice_set", "technician", _put_up(shift, chosen))
        elif chosen == "take_down":
            await shift.does("notice_lifted", "technician", _take_down(shift))
        elif await shift.sure(
            words("technician.act_lift_hall"), "lift_hall", words("technician.how_lift_hall")
        ):
            await shift.does("notice_lifted", "hall", _take_down_of_hall(shift))


def _sheet(shift: Shift) -> WorkSheet:
    doors = shift.shop.doors
    here, hall = doors.notice("technician"), doors.notice("hall")
    none = words("technician.notice_none")
    rows = (
        Row(words("technician.notice_here"), here or none),
        Row(words("technician.notice_of_hall"), hall or none),
    )
    put_up = tuple(Option(one, words(f"technician.notice_{one}")) for one in REASONS)
    actions = (action("take_down"),) if here is not None else put_up
    actions += (action("lift_hall"),) if hall is not None else ()
    _, how = told(shift)
    return WorkSheet(words("technician.part_notice"), rows, (*actions, action("back")), how)


async def _put_up(shift: Shift, reason: str) -> Ended:
    await shift.shop.doors.lock(words(f"technician.notice_{reason}"), "technician")
    return Ended("", reason)


async def _take_down(shift: Shift) -> Ended:
    await shift.shop.doors.unlock("technician")
    return Ended()


async def _take_down_of_hall(shift: Shift) -> Ended:
    await shift.shop.doors.unlock("hall")
    return Ended()


# ── hours ───────────────────────────────────────────────────────────────────
def told_hours(shift: Shift) -> tuple[Words, Condition]:
    """In the list: the hours that hold now."""
    configuration = shift.shop.configuration
    here = configuration.hours_here
    return _hours(configuration.hours), Condition.ATTENTION if here is not None else Condition.READY


async def attend_hours(shift: Shift) -> None:
    """Other hours for today, or the hall's again."""
    while True:
        chosen = await shift.choose(_hours_sheet(shift))
        if chosen == "back":
            return
        if chosen == "hours_today":
            hours = await _asked(shift)
        else:
            hours = {"hours_always": "always"}.get(chosen, "")
        if hours or chosen == "hours_of_hall":
            await shift.does("hours_set", "hours", _set(shift, hours))


def _hours_sheet(shift: Shift) -> WorkSheet:
    configuration = shift.shop.configuration
    here = configuration.hours_here
    rows = [Row(words("technician.hours_of_the_hall"), _hours(configuration.hours_of_the_hall))]
    if here is not None:
        rows.insert(0, Row(words("technician.hours_here", until=here.until), _hours(here.hours)))
    actions = ["hours_today", "hours_always", *(["hours_of_hall"] if here is not None else []), "back"]
    note = words("technician.how_hours")
    _, how = told_hours(shift)
    return WorkSheet(words("technician.part_hours"), tuple(rows), tuple(map(action, actions)), how, note)


async def _asked(shift: Shift) -> str:
    """From when until when; empty when he fills in nothing."""
    times = tuple(Option(one, same(one)) for one in HALF_HOURS)
    fields = tuple(
        Field(key, FieldKind.CHOICE, words(f"technician.hours_{key}"), value, times)
        for key, value in (("begin", "09:00"), ("end", "17:00"))
    )
    form = FillForm(words("technician.hours_question"), fields, words("technician.act_hours_today"))
    filled = await shift.fill(form)
    hours = f"{filled.get('begin', '')}-{filled.get('end', '')}"
    return "" if objection("hours", hours) else hours


async def _set(shift: Shift, hours: str) -> Ended:
    here = HoursHere(hours, date.today().isoformat()) if hours else None
    await shift.shop.configuration.set_hours_here(here)
    shift.shop.doors.look()
    return Ended("", hours or "as the hall says")


def _hours(hours: str) -> Words:
    return words("technician.always") if hours == "always" else same(hours_read(hours))
