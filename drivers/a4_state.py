"""What a printer tells of itself over IPP, as a state: faults, supplies, levels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.devices import Availability, DeviceState, Media, Supply
from drivers.a4_reasons import PASSING, bare, faults_of
from drivers.ipp_wire import all_of

STATUS_ATTRIBUTES = [
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    "printer-make-and-model",
    "printer-supply",
    "printer-supply-description",
    "printer-input-tray",
    "printer-impressions-completed",
    "printer-media-sheets-completed",
    "marker-levels",
    "marker-types",
    "marker-names",
]
_STOPPED = 5  # printer-state (RFC 8011, 5.4.11)
_PROCESSING = 4
_NEAR_PERCENT = 10
_MIB_CONSUMED = "supplyThatIsConsumed"


def printer_state(attributes: Mapping[str, Any]) -> DeviceState:
    """The summary of what Get-Printer-Attributes told."""
    reasons = {str(reason) for reason in all_of(attributes.get("printer-state-reasons"))}
    faults = faults_of(reasons)
    state = attributes.get("printer-state")
    halted = state == _STOPPED or attributes.get("printer-is-accepting-jobs") is False
    if halted and all(code in PASSING for code in faults):
        faults.insert(0, "a4_failed")
    levels = _levels(attributes)
    toner = _toner(levels, faults)
    if toner is Supply.LOW and "a4_toner_low" not in faults:
        faults.append("a4_toner_low")
    if any(code not in PASSING for code in faults):
        availability = Availability.OFFLINE if faults[0] == "device_offline" else Availability.FAULT
    elif state == _PROCESSING:
        availability = Availability.BUSY
    else:
        availability = Availability.ONLINE if state else Availability.UNKNOWN
    return DeviceState(
        availability,
        Media.JAMMED if "a4_jam" in faults else Media.NONE,
        {"paper": _paper(faults), "toner": toner},
        tuple(faults),
        _detail(attributes, {bare(reason) for reason in reasons}),
        levels=levels,
    )


def _paper(faults: list[str]) -> Supply:
    if "a4_paper_out" in faults or "a4_tray_missing" in faults:
        return Supply.OUT
    return Supply.LOW if "a4_paper_low" in faults else Supply.FULL


def _toner(levels: Mapping[str, int], faults: list[str]) -> Supply:
    if "a4_toner_out" in faults:
        return Supply.OUT
    if "a4_toner_low" in faults:
        return Supply.LOW
    if "toner" not in levels:
        return Supply.UNKNOWN
    return Supply.LOW if levels["toner"] <= _NEAR_PERCENT else Supply.FULL


def _levels(attributes: Mapping[str, Any]) -> dict[str, int]:
    """Percent by supply: `toner` is the lowest, `paper` of all trays together; each by name where several."""
    toners, trays = _toners(attributes), _trays(attributes)
    levels: dict[str, int] = {}
    if toners:
        levels["toner"] = min(toners.values())
    if trays:
        sheets, room = (sum(numbers) for numbers in zip(*trays.values(), strict=True))
        levels["paper"] = _percent(sheets, room)
    levels |= {f"toner:{name}": level for name, level in toners.items() if len(toners) > 1}
    levels |= {f"paper:{name}": _percent(*tray) for name, tray in trays.items() if len(trays) > 1}
    return levels


def _toners(attributes: Mapping[str, Any]) -> dict[str, int]:
    """Percent by colour: `printer-supply` (PWG 5100.13), else `marker-levels`. Below 0 is *not known*."""
    found: dict[str, int] = {}
    for number, fields in enumerate(map(_fields, all_of(attributes.get("printer-supply"))), 1):
        level, room = _number(fields, "level"), _number(fields, "maxcapacity")
        if fields.get("class") == _MIB_CONSUMED and _prints(fields.get("type", "")) and level >= 0:
            found[fields.get("colorantname", "") or str(number)] = (
                _percent(level, room) if room > 0 else level
            )
    if found:
        return found
    kinds, names = (all_of(attributes.get(f"marker-{what}")) for what in ("types", "names"))
    for at, level in enumerate(all_of(attributes.get("marker-levels"))):
        kind = str(kinds[at]) if at < len(kinds) else ""
        if isinstance(level, int) and level >= 0 and kind and _prints(kind):
            found[str(names[at]) if at < len(names) else str(at + 1)] = min(level, 100)
    return found


def _prints(kind: str) -> bool:
    """Whether a supply of this type is what the letters are made of, and no drum, fuser or waste box."""
    kind = kind.lower()
    return any(one in kind for one in ("toner", "ink", "ribbon")) and "waste" not in kind


def _trays(attributes: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Sheets and room of each tray that tells both (`printer-input-tray`, PWG 5100.13)."""
    found = {}
    for number, fields in enumerate(map(_fields, all_of(attributes.get("printer-input-tray"))), 1):
        level, room = _number(fields, "level"), _number(fields, "maxcapacity")
        if level >= 0 and room > 1:  # a by-pass takes one sheet by hand
            found[fields.get("name", "") or str(number)] = (level, room)
    return found


def _fields(value: Any) -> dict[str, str]:
    if not isinstance(value, bytes):
        return {}
    return dict(part.partition("=")[::2] for part in value.decode("utf-8", "replace").split(";") if part)


def _number(fields: Mapping[str, str], name: str) -> int:
    try:
        return int(fields.get(name, "-1"))
    except ValueError:
        return -1


def _percent(level: int, room: int) -> int:
    return max(0, min(100, level * 100 // room))


def _detail(attributes: Mapping[str, Any], keywords: set[str]) -> str:
    """Model, the printer's own reasons, and what its own counter says since it was made."""
    said = [str(attributes.get("printer-make-and-model", "")), *sorted(keywords - {"none"})]
    for name, words in (("impressions", "impressions"), ("media-sheets", "sheets")):
        number = attributes.get(f"printer-{name}-completed")
        if isinstance(number, int) and number > 0:
            said.append(f"({number} {words} in its life)")
    return " ".join(said).strip()
