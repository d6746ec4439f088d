"""Display and touch: what X has, against the settings and `/etc/kiosk/screen.conf`.

A window that is not full-screen is somebody's desk: there nothing is demanded of screen and touch.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from config.settings import ScreenSettings
from config.words import Words, joined, same, words
from kiosk.doctor.parts import part
from kiosk.readiness import x_tools
from kiosk.readiness.finding import Finding
from kiosk.readiness.x_tools import NoDisplay, Output, Pointer, Rotation, ScreenConf


def examine(screen: ScreenSettings, conf: Path = x_tools.SCREEN_CONF) -> Iterator[Finding]:
    """The display, and its touch."""
    if not screen.full_screen and "DISPLAY" not in os.environ:
        yield part("display", words("doctor.window_only"))
        return
    environment, told = x_tools.display_environment(), x_tools.screen_conf(conf)
    try:
        outputs = x_tools.ask_outputs(environment)
        devices = x_tools.ask_pointers(environment)
    except NoDisplay as none:
        if none.missing:
            untried = words("doctor.untried_program", program=same(none.missing))
            yield replace(part("display", words("doctor.not_looked_at")), untried=untried)
        else:
            silent = words("doctor.display_silent", display=environment["DISPLAY"])
            yield part("display", silent, "display_missing")
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
        return part("display", words("doctor.no_screen"), "display_missing")
    size = f"{shown.width}x{shown.height}"
    said = [words("doctor.shown", output=shown.name, size=size, rotation=_turned(shown.rotation))]
    codes = []
    if others := [one.name for one in outputs if one != shown and one.width]:
        said.append(words("doctor.shown_also", outputs=", ".join(others)))
    if conf is not None and conf.output and conf.output != shown.name:
        codes.append("display_missing")
        said.append(words("doctor.conf_output", output=conf.output))
    wanted = (screen.width, screen.height)
    if screen.full_screen and wanted != (shown.width, shown.height):
        lies = (wanted[0] > wanted[1]) != (shown.width > shown.height)
        codes.append("display_rotated" if lies else "display_size")
        said.append(words("doctor.size_wanted", size=f"{wanted[0]}x{wanted[1]}"))
    elif conf is not None and conf.rotation != shown.rotation:
        codes.append("display_rotated")
        said.append(words("doctor.conf_rotation", rotation=_turned(conf.rotation)))
    return part("display", joined(said), *codes)


def _touch(
    screen: ScreenSettings, devices: Sequence[Pointer], shown: Output | None, conf: ScreenConf
) -> Finding:
    panels = [one for one in devices if (one.name == conf.touch if conf.touch else one.direct)]
    there = [one.name for one in devices if one.direct]
    if not panels:
        missing = [words("doctor.panel_not_named", name=conf.touch)] if conf.touch else []
        named = words("doctor.panels", names=", ".join(there)) if there else words("doctor.no_panel")
        wanted = "touch_missing" if screen.full_screen or conf.touch else ""
        return part("touch", joined([*missing, named]), wanted)
    said = [words("doctor.panels", names=", ".join(one.name for one in panels))]
    codes = []
    if len({one.name for one in panels}) > 1:
        codes.append("touch_several")
    rotation = shown.rotation if shown is not None else "normal"
    for one in panels:
        if one.matrix and (is_turned := x_tools.turned(one.matrix)) != rotation:
            codes.append("touch_rotated")
            told = {"turned": _turned(is_turned), "rotation": _turned(rotation)}
            said.append(words("doctor.panel_turned", name=one.name, **told))
    return part("touch", joined(said), *codes)


def _turned(rotation: Rotation | None) -> Words:
    return words(f"doctor.rotation_{rotation or 'mirror'}")
