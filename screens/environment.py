"""Everything Kivy must be told before it is imported.

Kivy reads the process's environment and a configuration at import. A terminal
wants neither the technician's home folder nor a desktop's habits: no log files,
no settings page on F1, no leaving on Escape, one source of touches.
"""

from __future__ import annotations

import importlib.util
import logging
import os
from pathlib import Path

from screens import video


def prepare(kivy_home: Path, width: int, height: int, full_screen: bool) -> None:
    """Sets the environment and Kivy's configuration. To be called before any other import of Kivy.

    `width` and `height` are pixels; a window larger than the display is made to fit it, in proportion, and
    one that is to fill the screen has the display's own size.
    """
    kivy_home.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        KIVY_NO_ARGS="1",
        KIVY_NO_FILELOG="1",
        KIVY_USE_DEFAULTCONFIG="1",
        KIVY_HOME=str(kivy_home),
        KIVY_DATA_DIR=str(_own_data(kivy_home / "data")),
        KIVY_WINDOW="sdl2",  # the only ones that a terminal has; Kivy would look for all it knows
        KIVY_TEXT="sdl2",
        KIVY_IMAGE="sdl2",
        KIVY_LOG_MODE="PYTHON",  # Kivy's lines go to the program's own log
        SDL_VIDEO_ALLOW_SCREENSAVER="0",
        SDL_NO_SIGNAL_HANDLERS="1",  # SIGTERM is ours to handle
    )
    logging.getLogger("kivy").addFilter(_worth_telling)  # Kivy sets its own level again and again
    # Full screen is a window manager's work, and a terminal has none: there the window is as large from the
    # start. SDL would go on believing in a size that its window never got.
    size = video.whole(width, height) if full_screen else video.fitting(width, height)
    from kivy.config import Config

    values: dict[str, dict[str, object]] = {
        "graphics": {
            "width": size[0],
            "height": size[1],
            "fullscreen": "auto" if full_screen and not video.offscreen() else 0,
            "borderless": int(full_screen),
            "multisamples": 0,  # the default of 2 costs 38 ms a frame in software, against 11
            "maxfps": 0,  # the event-driven loop does the waiting; `loop.install` sets 60 when it cannot
            "resizable": int(not full_screen),
            "show_cursor": int(not full_screen),
            "allow_screensaver": 0,
        },
        "kivy": {
            "exit_on_escape": 0,
            "log_enable": 0,
            "log_level": "warning",
            "keyboard_mode": "system",
            "desktop": 1,
        },
    }
    for section, pairs in values.items():
        for key, value in pairs.items():
            Config.set(section, key, str(value))
    # Any further input source beside the mouse reports each touch of a touch screen twice.
    Config.remove_section("input")
    Config.add_section("input")
    Config.set("input", "mouse", "mouse,disable_multitouch")
    Config.remove_section("modules")
    Config.add_section("modules")


def _own_data(folder: Path) -> Path:
    """Kivy's data folder without the styles of its widgets: none is used here, and to read them took a
    tenth of the start."""
    folder.mkdir(exist_ok=True)
    (folder / "style.kv").touch()
    found = importlib.util.find_spec("kivy")
    assert found is not None and found.origin is not None
    for part in ("fonts", "glsl", "images", "logo"):
        link, theirs = folder / part, Path(found.origin).with_name("data") / part
        if not link.is_symlink() or link.readlink() != theirs:  # the first start, or that of a new release
            link.unlink(missing_ok=True)
            link.symlink_to(theirs)
    return folder


def _worth_telling(record: logging.LogRecord) -> bool:
    """Warnings and worse, but for those on a configuration file, which is none on purpose."""
    return record.levelno >= logging.WARNING and not record.getMessage().startswith("Config: ")
