"""What printers say of themselves over IPP, as a state: reasons of every kind, levels, halted ones."""

from __future__ import annotations

import pytest

from config.devices import Availability, Supply
from config.faults import faults
from drivers.a4_reasons import REASONS, fault_of
from drivers.a4_state import printer_state
from drivers.special_words import state_of_special


def _state(*reasons: str, **attributes: object) -> tuple[str, ...]:
    return printer_state({"printer-state": 3, "printer-state-reasons": list(reasons)} | attributes).faults


def test_reasons_with_a_suffix_levels_and_a_halted_printer_are_understood() -> None:
    jammed = printer_state({"printer-state": 5, "printer-state-reasons": ["media-jam-error", "paused"]})
    assert jammed.faults == ("a4_jam", "a4_failed")
    refusing = printer_state({"printer-state": 3, "printer-is-accepting-jobs": False})
    assert refusing.faults == ("a4_failed",)
    worn = printer_state(
        {"printer-state": 3, "marker-types": ["toner", "wasteToner"], "marker-levels": [4, 2]}
    )
    assert (worn.supplies["toner"], worn.faults) == (Supply.LOW, ("a4_toner_low",))
    fresh = printer_state(
        {"printer-state": 4, "marker-types": ["toner", "wasteToner"], "marker-levels": [80, 2]}
    )
    assert (fresh.supplies["toner"], fresh.availability) == (Supply.FULL, Availability.BUSY)
    assert printer_state({}).availability is Availability.UNKNOWN


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("output-area-full", "a4_output_full"),
        ("input-tray-missing", "a4_tray_missing"),
        ("marker-waste-full-error", "a4_waste_full"),
        ("fuser-over-temp", "a4_worn_out"),
        ("interlock-open", "a4_cover_open"),
        ("spool-area-full", "a4_spool_full"),
        ("media-path-jam-error", "a4_jam"),
        ("opc-near-eol-warning", "a4_service_soon"),
        ("output-tray-missing", "a4_output_missing"),
        ("a-makers-own-trouble-error", "a4_failed"),
    ],
)
def test_a_reason_has_the_fault_whose_remedy_mends_it(reason: str, code: str) -> None:
    assert _state(reason) == (code,)
    assert faults()[code].technician.zh


@pytest.mark.parametrize("reason", ["none", "configuration-change", "power-up", "a-makers-own-hint-report"])
def test_what_asks_for_nobody_is_no_fault(reason: str) -> None:
    assert _state(reason) == ()


def test_no_reason_means_two_faults_and_the_suffix_changes_none() -> None:
    every = [reason for reasons in REASONS.values() for reason in reasons]
    assert len(every) == len(set(every))
    assert all(fault_of(f"{reason}-error") == fault_of(reason) for reason in every)


def test_a_full_output_tray_stops_the_printer_and_a_worn_drum_does_not_yet() -> None:
    full = printer_state({"printer-state": 3, "printer-state-reasons": "output-area-full-error"})
    assert (full.availability, full.ready) == (Availability.FAULT, False)
    worn = printer_state({"printer-state": 3, "printer-state-reasons": "opc-near-eol-warning"})
    assert worn.ready


def test_levels_are_told_in_percent_by_tray_and_colour() -> None:
    state = printer_state(
        {
            "printer-state": 3,
            "printer-supply": [
                b"class=supplyThatIsConsumed;type=toner;maxcapacity=2000;level=700;colorantname=black;",
                b"class=supplyThatIsConsumed;type=toner;maxcapacity=100;level=80;colorantname=cyan;",
                b"class=receptacleThatIsFilled;type=wasteToner;maxcapacity=100;level=5;",
                b"class=supplyThatIsConsumed;type=opc;maxcapacity=100;level=4;",
            ],
            "printer-input-tray": [
                b"type=sheetFeedAutoRemovableTray;maxcapacity=250;level=100;name=main;",
                b"type=sheetFeedAutoRemovableTray;maxcapacity=500;level=500;name=lower;",
                b"type=sheetFeedManual;maxcapacity=1;level=-2;name=by-pass;",
            ],
            "printer-impressions-completed": 12345,
        }
    )
    assert state.levels == {
        "toner": 35,
        "toner:black": 35,
        "toner:cyan": 80,
        "paper": 80,
        "paper:main": 40,
        "paper:lower": 100,
    }
    assert (state.supplies["toner"], state.faults) == (Supply.FULL, ())
    assert "12345 impressions in its life" in state.detail
    assert state_of_special(state).levels["ribbon:cyan"] == 80


def test_levels_that_a_printer_cannot_tell_are_left_out() -> None:
    told = {
        "printer-state": 3,
        "printer-supply": b"class=supplyThatIsConsumed;type=toner;maxcapacity=-2;level=-3;",
        "printer-input-tray": b"type=sheetFeedAutoRemovableTray;maxcapacity=-2;level=-2;name=auto",
    }
    assert printer_state(told).levels == {}
    assert printer_state(told).supplies["toner"] is Supply.UNKNOWN
