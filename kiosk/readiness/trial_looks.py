"""Trying what sees, speaks and switches: pictures judged, a word said, contacts, lights in turn, doors."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any

from config.devices import Kind
from config.words import Words, joined, words
from drivers.device import DeviceError
from kiosk.readiness.camera_sight import Sight, measure, reference
from kiosk.readiness.workplace import Allowed, Tried, Workplace

PICTURE_SECONDS = 15.0  # for a camera that slept
FROZEN_SECONDS = 5.0  # in which the driver tells pictures that do not change
PICTURES = 3  # that must differ
SAY_SECONDS = 6.0
LIGHT_SECONDS = 0.15  # so long each is lit
_LOOK_SECONDS = 0.1


def camera(kind: Kind) -> Callable[[Workplace, str, Allowed], Any]:
    """A trial for cameras of this kind."""

    async def look(place: Workplace, name: str, allowed: Allowed) -> Tried:
        """Some pictures, at which nobody looks: they change, they have light, they are in focus."""
        frame = await _living(place, kind, name)
        sight = await asyncio.to_thread(measure, frame.image)
        kept = reference(place.settings.data, name)
        codes = sight.judged(kept, kind)
        found = [_picture(sight)]
        found += [words("doctor.picture_kept", picture=_picture(kept))] if kept is not None else []
        return Tried(words("doctor.tried_picture"), joined(found), codes)

    return look


def _picture(sight: Sight) -> Words:
    return words(
        "doctor.picture",
        size=f"{sight.width}x{sight.height}",
        light=f"{sight.brightness:.0f}",
        contrast=f"{sight.contrast:.0f}",
        glare=f"{sight.glare:.1%}",
        edges=f"{sight.blur:.1f} ‰",
        sharpness=f"{sight.sharpness:.0f}",
    )


async def _living(place: Workplace, kind: Kind, name: str) -> Any:
    """A picture after others that differed from it, however slowly they come. DeviceError `camera_frozen`,
    `device_timeout`."""
    end, changed = time.monotonic() + PICTURE_SECONDS, 0
    number, before = -1, None
    while time.monotonic() < end:
        frame = await place.devices.call(kind, "latest", seconds=PICTURE_SECONDS, device=name)
        if frame is not None and frame.sequence != number:
            if before is None or (frame.image[::8, ::8] != before).any():
                end = time.monotonic() + FROZEN_SECONDS  # for the next that differs
                changed += before is not None
            number, before = frame.sequence, frame.image[::8, ::8].copy()
            if changed >= PICTURES - 1:
                return frame
        await asyncio.sleep(_LOOK_SECONDS)
    if before is None:
        raise DeviceError("device_timeout", f"{kind}.latest")
    raise DeviceError("camera_frozen", "pictures do not change")


async def speaker(place: Workplace, name: str, allowed: Allowed) -> Tried:
    """A word, said."""
    language = place.settings.screen.language
    said = (words("journey.aloud_test")[language], language, SAY_SECONDS)
    await place.devices.call(Kind.SPEAKER, "say", *said, seconds=2 * SAY_SECONDS, device=name)
    return Tried(words("doctor.tried_word"), words("doctor.word_said"))


async def board(place: Workplace, name: str, allowed: Allowed) -> Tried:
    """Contacts read, each light on and off; strikes only when doors may be opened."""
    options = place.settings.devices[name].options
    inputs = await place.devices.call(Kind.IO_BOARD, "inputs", seconds=5.0, device=name)
    contacts = " ".join(f"{contact}={int(closed)}" for contact, closed in sorted(inputs.items()))
    said = [words("doctor.contacts", contacts=contacts)] if contacts else []
    lights = list(options.get("lights", {}))
    for light in lights:
        await place.devices.call(Kind.IO_BOARD, "light", light, True, seconds=5.0, device=name)
        await asyncio.sleep(LIGHT_SECONDS)
        await place.devices.call(Kind.IO_BOARD, "light", light, False, seconds=5.0, device=name)
    said += [words("doctor.lit", lights=", ".join(lights))] if lights else []
    strikes = list(options.get("strikes", {}))
    if allowed.doors:
        for strike in strikes:
            await place.devices.call(Kind.IO_BOARD, "open_strike", strike, seconds=15.0, device=name)
        said += [words("doctor.opened", doors=", ".join(strikes))] if strikes else []
    untried = words("doctor.untried_doors") if strikes and not allowed.doors else None
    return Tried(words("doctor.tried_board"), joined(said) if said else None, untried=untried)


async def locker(place: Workplace, name: str, allowed: Allowed) -> Tried:
    """Every door's contact; each door opened only when that is allowed, and never on a citizen's papers."""
    doors = await place.devices.call(Kind.LOCKER, "all_states", seconds=10.0, device=name)
    shut = {number for number, state in doors.items() if state != "open"}
    said = words("doctor.doors", doors=len(doors), open=len(doors) - len(shut))
    if not allowed.doors:
        return Tried(words("doctor.tried_contacts"), said, untried=words("doctor.untried_doors"))
    kept = place.kept()
    left = shut if kept is None else shut & kept
    stuck = []
    for number in sorted(shut - left):
        try:
            await place.devices.call(Kind.LOCKER, "open_door", number, seconds=10.0, device=name)
        except DeviceError as error:
            if error.code != "locker_not_opened":
                raise
            stuck.append(number)
    if stuck:
        said = joined([said, words("doctor.doors_stuck", doors=_listed(stuck))])
    untried = words("doctor.untried_kept", doors=_listed(left)) if left else None
    return Tried(words("doctor.tried_doors"), said, ("locker_not_opened",) if stuck else (), untried)


def _listed(doors: Iterable[int]) -> str:
    return ", ".join(str(number) for number in sorted(doors))
