"""A page like the terminal's home in Chromium: same places, words and colours, a second page behind it."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from drivers.virtual.broker import find
from drivers.virtual.processes import Child, Command, ProcessError
from tests.bench.surroundings import SIZE

GROUND = "F4F2EE"
_STYLE = f"""
body {{ margin: 0; background: #{GROUND}; font-family: 'Noto Sans CJK SC', sans-serif; color: #1d2733;
  overflow: hidden; user-select: none }}
div {{ position: absolute; box-sizing: border-box }}
.button {{ background: #fff; border-radius: 21px; box-shadow: 0 2px 8px #0002 }}
.button:active {{ background: #cbdaf1 }}
.grey {{ background: #e6e4df; color: #6b7178 }}
.text {{ font-size: 21px; white-space: nowrap }}
"""
_SCRIPT = """
const show = name => { for (const one of ['first', 'second'])
  document.getElementById(one).style.display = one == name ? 'block' : 'none' };
document.addEventListener('click', event => {
  const touched = event.target.closest('.button');
  if (touched) show(touched.dataset.name == 'home' ? 'first' : 'second') });
"""
_FLAGS = (
    "--kiosk",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-translate",
    "--disable-breakpad",
    "--password-store=basic",
    "--force-device-scale-factor=1",
    "--noerrdialogs",
)


def write_page(path: Path, home: Sequence[dict[str, Any]], next_page: Sequence[dict[str, Any]]) -> None:
    """Writes the page from what a terminal's outline tells of its home and of the page behind a tile."""
    pages = (("first", "block", home), ("second", "none", next_page))
    body = "\n".join(
        f'<div id="{name}" style="display:{shown}">{"".join(map(_element, items))}</div>'
        for name, shown, items in pages
    )
    head = f'<meta charset="utf-8"><style>{_STYLE}</style>'
    path.write_text(f"<!doctype html><html><head>{head}</head><body>{body}<script>{_SCRIPT}</script></body>")


def browser(name: str, display: str, folder: Path, address: str) -> Child:
    """Chromium in kiosk mode on that display, not yet launched; its profile is kept in `folder`.

    ProcessError when Chromium is not installed.
    """
    program = find("chromium")
    if program is None:
        raise ProcessError("chromium is not installed: apt-get install chromium")
    place = (
        f"--user-data-dir={folder / 'profile'}",
        f"--window-size={SIZE[0]},{SIZE[1]}",
        "--window-position=0,0",
    )
    command = Command(name, (program, *_FLAGS, *place, address), environment={"DISPLAY": display})
    return Child(command, folder / f"{name}.log")


def _element(item: dict[str, Any]) -> str:
    x, y, width, height = item["rect"]
    look = item["role"] if item["enabled"] else "grey"
    words = html.escape(item["text"]) if item["role"] == "text" else ""
    style = f"left:{x}px;top:{y}px;width:{width}px;height:{height}px"
    if look == "text":
        style += ";pointer-events:none"
    return f'<div class="{look}" data-name="{html.escape(item["name"])}" style="{style}">{words}</div>'
