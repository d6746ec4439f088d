"""Display and touch: what X has, against the settings and `/etc/kiosk/screen.conf`.

A window that is not full-screen is somebody's desk: there nothing is demanded of screen and touch.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from config.settings import ScreenSettings
from config.words import same, words
from kiosk import x_tools
from kiosk.doctor.parts import part
from kiosk.readiness import Finding
from kiosk.x_tools import NoDisplay, Output, Pointer, ScreenConf


def examine(screen: ScreenSettings, conf: Path = x_tools.SCREEN_CONF) -> Iterator[Finding]:
    """The display, and its touch."""
    if not screen.full_screen and "DISPLAY" not in os.environ:
        yield part("display", "a window, and no display here")
        return
    environment, told = x_tools.display_environment(), x_tools.screen_conf(conf)
    try:
        outputs = x_tools.ask_outputs(environment)
        devices = x_tools.ask_pointers(environment)
    except NoDisplay as none:
        if none.missing:
            untried = words("doctor.untried_program", program=same(none.missing))
            yield replace(part("display", "not looked at"), untried=untried)
        else:
            yield part("display", f"{environment['DISPLAY']} does not answer", "display_missing")
        return
    shown = the_output(outputs, told or ScreenConf())
    yield _display(screen, outputs, shown, told)
    yield _touch(screen, devices, shown, told or ScreenConf())


def the_output(outputs: Sequence[Output], conf: ScreenConf) -> Output | None:
    """The citizen's: the one of screen.conf, else the primary, else the first that is on."""
    lit = [one for one in outputs if one.width]
    named = [one for one in lit if one.name == conf.output]
    primary = [one for one in lit if one.primary]
    return next(iter([*named, *primary, *lit]), None)


def _display(
    screen: ScreenSettings, outputs: Sequence[Output], shown: Output | None, conf: ScreenConf | None
) -> Finding:
    if shown is None:
        return part("display", "no output has a screen", "display_missing")
    said = [f"{shown.name} {shown.width}x{shown.height} {shown.rotation}"]
    codes = []
    if others := [one.name for one in outputs if one != shown and one.width]:
        said.append(f"also on: {', '.join(others)}")
    if conf is not None and conf.output and conf.output != shown.name:
        codes.append("display_missing")
        said.append(f"screen.conf names {conf.output}")
    wanted = (screen.width, screen.height)
    if screen.full_screen and wanted != (shown.width, shown.height):
        lies = (wanted[0] > wanted[1]) != (shown.width > shown.height)
        codes.append("display_rotated" if lies else "display_size")
        said.append(f"settings want {wanted[0]}x{wanted[1]}")
    elif conf is not None and conf.rotation != shown.rotation:
        codes.append("display_rotated")
        said.append(f"screen.conf says {conf.rotation}")
    return part("display", "; ".join(said), *codes)


def _touch(
    screen: ScreenSettings, devices: Sequence[Pointer], shown: Output | None, conf: ScreenConf
) -> Finding:
    panels = [one for one in devices if (one.name == conf.touch if conf.touch else one.direct)]
    there = [one.name for one in devices if one.direct]
    if not panels:
        named = f"none of the name {conf.touch}; " if conf.touch else ""
        said = f"{named}direct touch: {', '.join(there) or 'none'}"
        return part("touch", said, "touch_missing" if screen.full_screen or conf.touch else "")
    said = f"{', '.join(one.name for one in panels)}"
    codes = []
    if len({one.name for one in panels}) > 1:
        codes.append("touch_several")
    rotation = shown.rotation if shown is not None else "normal"
    for one in panels:
        if one.matrix and (is_turned := x_tools.turned(one.matrix)) != rotation:
            codes.append("touch_rotated")
            said += f"; {one.name} is turned {is_turned or 'as in a mirror'}, the screen {rotation}"
    return part("touch", said, *codes)
