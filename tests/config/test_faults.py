"""The table of faults: whatever a driver or the terminal can say has its words and its remedy."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from config.devices import Kind
from config.faults import TABLE, Fault, Severity, any_fault, fault, faults, loaded
from config.toml_file import ConfigError
from config.words import LANGUAGES
from drivers import registry
from tests.config.test_words import calls, sources, texts

HALL_ONLY = {  # no citizen ever meets it
    "device_not_loaded",
    "link_gone",
    "link_refused",
    "link_turned_away",
    "link_numbers_reused",
    "unknown_command",
    "wrong_argument",
    "command_expired",
    "command_interrupted",
    "command_not_supported",
    "command_no_consent",
    "command_failed",
    "command_too_large",
    "command_queue_full",
    "catalogue_broken",
    "catalogue_unreachable",
    "catalogue_damaged",
    "catalogue_wrong_signature",
    "catalogue_unknown_key",
    "catalogue_old",
    "catalogue_too_large",
    "catalogue_needs_update",
    "catalogue_lost",
    "technician_refused",
    "touch_not_fitting",
    "touch_in_window",
    "touch_not_confirmed",
    "technician_locked_out",
    "technician_expired",
    "technician_people_broken",
    "fonts_missing",
    "settings_wrong",
    "memory_low",
    "disk_unwritable",
    "network_no_route",
    "network_no_name",
    "link_untrusted",
    "certificate_refused",
    "hall_unreachable",
    "platform_token",
    "platform_stranger",
    "platform_trust_missing",
    "clock_wrong",
    "clock_unsynchronised",
    "display_missing",
    "display_size",
    "display_rotated",
    "touch_missing",
    "touch_several",
    "touch_rotated",
}
# Where a code is said, and which of the arguments it is.
SAID = {
    "DeviceError": 0,
    "StoreError": 0,
    "VaultError": 0,
    "PlatformError": 0,
    "FaultRaised": 0,
    "set_fault": 0,
    "tell_trouble": 0,
    "fault": 0,
    "Printed": 1,
    "Refused": 0,
    "ReleaseError": 0,
    "part": 2,
}
_LIKE_A_CODE = re.compile(
    r"(device|id|card|code|io|locker|receipt|a4|camera"
    r"|face|page|speaker|special|terminal|link|sms|certificate|platform)_[a-z_]+"
)


def said() -> set[tuple[str, str]]:
    """Every code that code says outright, with the place."""
    found = set()
    for where, function, call in calls("drivers", "kiosk"):
        if function in SAID and len(call.args) > SAID[function]:
            found |= {(where, text) for text in texts(call.args[SAID[function]]) if text}
    return found


def test_every_code_that_is_said_stands_in_the_table() -> None:
    codes = said()
    assert len(codes) > 60, "the search itself has broken"
    assert {code for _, code in codes} >= {"id_no_card", "platform_unclear", "link_down"}
    missing = sorted(f"{where}: {code}" for where, code in codes if code not in faults())
    assert missing == []


def test_what_looks_like_a_code_in_a_driver_is_one() -> None:
    """Tables of a driver (status byte → code, reason → code) are reached by this."""
    others = {kind.value for kind in Kind} | set(registry.BUILT_IN)
    checked = 0
    for path, tree in sources("drivers").items():
        if path.startswith("drivers/virtual/"):
            continue
        for node in ast.walk(tree):
            for text in texts(node):
                if _LIKE_A_CODE.fullmatch(text) and text not in others:
                    assert text in faults(), f"{path}: {text}"
                    checked += 1
    assert checked > 80, "the search itself has broken"


@pytest.mark.parametrize("row", faults().values(), ids=lambda row: row.code)
def test_a_fault_tells_the_citizen_kindly_and_the_technician_what_to_do(row: Fault) -> None:
    for language in LANGUAGES:
        assert row.technician[language].strip()
        assert bool(row.citizen[language].strip()) == (row.code not in HALL_ONLY)
        assert "{" not in row.citizen[language] + row.technician[language]
        assert row.code not in row.citizen[language]
    if row.citizen.zh:
        assert row.citizen.zh.endswith(("。", "？"))
        assert not re.search(r"[A-Za-z]{3,}", row.citizen.zh), "English left in the Chinese"
    assert row.technician.zh.endswith("。")
    assert not re.search(r"[一-鿿]", row.citizen.en + row.technician.en), "Chinese left in the English"


@pytest.mark.parametrize("row", faults().values(), ids=lambda row: row.code)
def test_a_fault_has_a_name_that_is_neither_the_remedy_nor_the_citizens_words(row: Fault) -> None:
    assert re.search(r"[一-鿿]{2}", row.name.zh) and not re.search(r"[，。：；？]", row.name.zh)
    assert row.name.en.isascii() and row.name.en[0].isupper()
    assert "_" not in row.name.en, "a code is no name"
    for language in LANGUAGES:
        assert row.name[language] not in (row.citizen[language], row.technician[language])


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("", "a4_jam.name: say what is wrong"),
        ("name = 'jam'", "a4_jam.name: say what is wrong"),
        ("name = { zh = '卡纸' }", "a4_jam.name: say what is wrong"),
        ("name = { zh = '卡纸。', en = 'Jam' }", "a4_jam.name.zh: at most 14 characters"),
        ("name = { zh = '卡纸', en = 'The printer has jammed, remove the sheet' }", None),  # 40, just fits
        (
            "name = { zh = '卡纸', en = 'The printer has jammed, remove the sheet!' }",
            "a4_jam.name.en: at most 40",
        ),
        (
            "name = { zh = '凭条纸用完', en = 'Jam' }",
            "a4_jam.name.zh: receipt_paper_out is called so already",
        ),
        ("name = { zh = '卡纸', en = 'RECEIPT PRINTER: PAPER OUT' }", "a4_jam.name.en: receipt_paper_out is"),
    ],
)
def test_given_a_table_with_an_unfit_name_it_is_not_loaded_and_the_row_is_named(
    tmp_path: Path, name: str, told: str | None
) -> None:
    whole = TABLE.read_text("utf-8")
    changed = re.sub(r"(?<=\[a4_jam\]\n)name = .+", name, whole)
    assert changed != whole
    table = tmp_path / "faults.toml"
    table.write_text(changed, "utf-8")
    if told is None:
        assert loaded(table)["a4_jam"].name.zh == "卡纸"
        return
    with pytest.raises(ConfigError) as error:
        loaded(table)
    assert any(line.startswith(told) for line in error.value.problems), error.value.problems


def test_what_ends_a_whole_kind_of_service_calls_somebody_at_once() -> None:
    for code in ("platform_down", "terminal_screen_hung", "terminal_store_failed", "id_module_failed"):
        assert fault(code).severity is Severity.STOP
    for code in ("receipt_paper_low", "a4_toner_low", "id_no_card"):
        assert fault(code).severity is Severity.NOTICE


def test_an_outside_drivers_own_fault_is_called_by_its_code() -> None:
    assert (
        any_fault("vendor_overheated").name.zh
        == any_fault("vendor_overheated").name.en
        == "vendor_overheated"
    )


def test_a_code_nobody_knows_is_an_error_and_not_silence() -> None:
    with pytest.raises(KeyError):
        fault("nonsense")
