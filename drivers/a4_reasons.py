"""Reasons of printers and jobs, as IPP spells them, and the faults that they mean.

From RFC 8011, 5.4.12, and PWG 5100.9 (the printer MIB's alerts as keywords): all that a technician can mend.
What is left out asks for nobody, such as `configuration-change`, `power-up`, `identify-printer-requested`.
"""

from __future__ import annotations

_SUFFIXES = ("-report", "-warning", "-error")

# Worst first: of several troubles the first is told to the citizen.
_TABLE = """
a4_jam            media-jam media-path-jam media-path-input-jam media-path-output-jam output-media-tray-jam
                  input-pick-error media-path-failure media-path-pick-roller-failure
                  media-path-input-feed-error media-path-output-feed-error output-media-tray-feed-error
a4_cover_open     cover-open door-open interlock-open
a4_output_full    output-area-full media-path-output-full media-path-media-tray-full
a4_output_missing output-tray-missing media-path-media-tray-missing output-mailbox-missing
a4_tray_missing   input-tray-missing input-tray-position-failure input-tray-elevation-failure
a4_paper_out      media-empty media-needed media-path-input-empty media-path-input-request
                  input-manual-input-request input-media-size-change input-cannot-feed-size-selected
a4_toner_out      toner-empty marker-supply-empty marker-supply-missing developer-empty marker-ink-empty
                  marker-toner-missing marker-toner-cartridge-missing marker-print-cartridge-missing
                  marker-print-cartridge-empty marker-ribbon-empty marker-developer-empty
a4_waste_full     marker-waste-full marker-waste-toner-receptacle-full marker-waste-ink-receptacle-full
                  marker-waste-missing
a4_worn_out       opc-life-over marker-opc-life-over fuser-over-temp fuser-under-temp
                  marker-fuser-thermistor-failure marker-fuser-timing-failure
                  media-path-pick-roller-life-over media-path-pick-roller-missing
a4_spool_full     spool-area-full interpreter-resource-unavailable
a4_failed         paused moving-to-paused stopped shutdown deactivated hold-new-jobs power-down
device_offline    offline connecting-to-device timed-out subunit-offline
a4_paper_low      media-low
a4_toner_low      toner-low marker-supply-low developer-low marker-print-cartridge-almost-empty
                  marker-toner-almost-empty marker-ink-almost-empty marker-ribbon-almost-empty
a4_service_soon   marker-waste-almost-full marker-waste-toner-receptacle-almost-full opc-near-eol
                  marker-opc-life-almost-over media-path-pick-roller-life-warn output-area-almost-full
                  media-path-media-tray-almost-full
"""
PASSING = ("a4_paper_low", "a4_toner_low", "a4_service_soon")  # it prints all the same


def _table(text: str) -> dict[str, tuple[str, ...]]:
    rows: dict[str, tuple[str, ...]] = {}
    code = ""
    for line in text.strip().splitlines():
        words = line.split()
        if not line.startswith(" "):
            code, *words = words
        rows[code] = (*rows.get(code, ()), *words)
    return rows


REASONS = _table(_TABLE)  # code → reasons
_CODES = {reason: code for code, reasons in REASONS.items() for reason in reasons}


def bare(reason: str) -> str:
    """A reason without its `-report`, `-warning` or `-error`."""
    suffix = next((one for one in _SUFFIXES if reason.endswith(one)), "")
    return reason.removesuffix(suffix)


def fault_of(reason: str) -> str:
    """The fault that one reason means; empty for what asks for nobody.

    One that no table has and that calls itself an error is `a4_failed`: the printer's panel says more.
    """
    known = _CODES.get(reason) or _CODES.get(bare(reason), "")
    return known or ("a4_failed" if reason.endswith("-error") else "")


def faults_of(reasons: set[str]) -> list[str]:
    """The faults that these reasons mean, worst first."""
    codes = {fault_of(reason) for reason in reasons}
    return [code for code in REASONS if code in codes]
