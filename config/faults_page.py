"""docs/faults.md, made from config/faults.toml: codes and names, how soon, what it stops, what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from config.devices import Kind
from config.faults import Fault, Severity, faults
from config.words import LANGUAGES

_TABLE = Path(__file__).with_name("faults.toml")
_HEADING = re.compile(r"^# ── (.+?) ─+$|^\[(\w+)\]$", re.MULTILINE)
# With which a device is not ready, so that the services that need it are greyed.
_GREYS: Mapping[Kind | None, str] = {
    None: "device_absent device_offline device_stuck device_misconfigured",  # of whatever kind it is
    Kind.ID_CARD_READER: "id_module_failed",
    Kind.RECEIPT_PRINTER: "receipt_paper_out receipt_cover_open receipt_cutter receipt_failed",
    Kind.A4_PRINTER: "a4_paper_out a4_toner_out a4_cover_open a4_jam a4_failed a4_output_full"
    " a4_output_missing a4_tray_missing a4_waste_full a4_worn_out a4_spool_full paper_left",
    Kind.SPECIAL_PRINTER: "special_blank_out special_ribbon_out special_cover_open special_jam"
    " special_sheet_unclear special_failed",
}
_SOON = {Severity.STOP: "now", Severity.WARNING: "today", Severity.NOTICE: "this week"}
_HEAD = """# Every fault

Generated from `config/faults.toml` by `config/faults_page.py`; `make lint` compares. A code is the same for \
`kiosk doctor`, the technician's mode, the desk and the log; below it its name, as lists at the desk and at \
the machine call it.

- **Soon**: *now* a kind of service, or the terminal, is out · *today* something is impaired · *this week* a \
supply, or nothing to do at all.
- **Stops**: *closes* the terminal is out of service, with these words, until the fault is gone · *greys* \
services that need such a device cannot be chosen meanwhile, and say so with these words · a dash: what is \
under way is told of it, nothing else stops.
- A dash for the citizen: only staff meet it."""


def document() -> str:
    """The page."""
    return "\n".join(_lines()) + "\n"


def groups() -> list[tuple[str, list[Fault]]]:
    """The faults under the headings of the file, in its order."""
    found: list[tuple[str, list[Fault]]] = []
    for heading, code in _HEADING.findall(_TABLE.read_text("utf-8")):
        if heading:
            found.append((heading, []))
        else:
            found[-1][1].append(faults()[code])
    return found


def _lines() -> Iterator[str]:
    yield _HEAD
    for heading, rows in groups():
        yield f"\n## {heading[0].upper()}{heading[1:]}\n"
        yield "| Code and name | Soon | Stops | The citizen reads | What to do |"
        yield "|---|---|---|---|---|"
        for row in rows:
            citizen = "<br>".join(row.citizen[one] for one in LANGUAGES) if row.citizen.zh else "–"
            remedy = "<br>".join(row.technician[one] for one in LANGUAGES)
            name = "<br>".join(row.name[one] for one in LANGUAGES)
            told = (
                f"| `{row.code}`<br>{name} | {_SOON[row.severity]} | {_stops(row)} | {citizen} | {remedy} |"
            )
            yield told.replace("\n", " ")


def _stops(row: Fault) -> str:
    if row.closes:
        return "closes"
    for kind, codes in _GREYS.items():
        if row.code in codes.split():
            return f"greys `{kind}`" if kind is not None else "greys its kind"
    return "–"
