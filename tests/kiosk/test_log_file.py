"""The log that the hall may ask for: bounded, of the last hours, and without what an error says."""

from __future__ import annotations

import asyncio
import gc
import gzip
import io
import json
import logging
import random
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import structlog

from config.people import people
from kiosk import log_file
from tests.journeys.traces import search

ZHANG = people()["zhang"]
_log = structlog.get_logger("kiosk.test")


def lines(folder: Path, hours: float = 1.0, now: float | None = None, **more: Any) -> list[dict[str, Any]]:
    pack = log_file.packed(folder, hours, time.time() if now is None else now, **more)
    return [json.loads(line) for line in gzip.decompress(pack).decode().splitlines()]


def test_what_is_logged_in_either_way_is_kept_and_afterwards_no_more(tmp_path: Path) -> None:
    with log_file.kept(tmp_path):
        _log.info("device", device="a4_printer", faults=[])
        logging.getLogger("screens.app").warning("a page failed: %s", "ValueError")
        logging.getLogger("somebody").info("not of ours")
    _log.info("after the end")
    logging.getLogger("screens.app").warning("after the end")
    told = lines(tmp_path)
    assert [(one["level"], one["event"]) for one in told] == [
        ("info", "device"),
        ("warning", "a page failed: ValueError"),
    ]
    assert told[0]["device"] == "a4_printer"
    assert (tmp_path / "logs").stat().st_mode & 0o777 == 0o700


def test_of_an_error_only_type_and_place_are_kept(tmp_path: Path) -> None:
    with log_file.kept(tmp_path):
        for log in (_log, logging.getLogger("screens.app")):
            try:
                raise ValueError(f"{ZHANG.name} {ZHANG.number}")
            except ValueError:
                log.exception("failed")
        _log.warning("odd", what=ZHANG)
    assert search(tmp_path / "logs", [ZHANG.name, ZHANG.number, ZHANG.phone]) == []
    first, second, odd = lines(tmp_path)
    assert first["error"] == second["error"] == "ValueError"
    assert first["where"].startswith("test_log_file.py:")
    assert odd["what"] == type(ZHANG).__name__


def test_what_asyncio_spells_out_of_a_failed_task_or_callback_is_not_kept(tmp_path: Path) -> None:
    async def fails() -> None:
        raise ValueError(f"{ZHANG.name} {ZHANG.number}")

    async def nobody_waits() -> None:
        task = asyncio.ensure_future(fails())
        asyncio.get_running_loop().call_soon(int, ZHANG.name)
        await asyncio.sleep(0.01)
        del task
        gc.collect()

    gc.collect()  # what tests before this one have left says its word now, and not in this log
    with log_file.kept(tmp_path):
        asyncio.run(nobody_waits())
    assert sorted(one["error"] for one in lines(tmp_path)) == ["ValueError", "ValueError"], "both are told"
    assert search(tmp_path / "logs", [ZHANG.name, ZHANG.number]) == []


def test_a_file_of_the_log_that_does_not_read_costs_its_own_lines(tmp_path: Path) -> None:
    with log_file.kept(tmp_path):
        _log.info("still here")
    (tmp_path / "logs" / f"{log_file.FILE}.1").mkdir()
    assert [one["event"] for one in lines(tmp_path)] == ["still here"]


def test_only_the_hours_asked_for_are_brought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    with log_file.kept(tmp_path), monkeypatch.context() as clock:
        for ago in (3, 2, 1, 0):
            clock.setattr(time, "time", lambda ago=ago: now - ago * 3600)
            _log.info(f"{ago} hours ago")
    assert [one["event"] for one in lines(tmp_path, 1.5, now)] == ["1 hours ago", "0 hours ago"]
    assert len(lines(tmp_path, 100, now)) == 4


def test_the_disk_holds_no_more_than_its_share_and_the_newest_is_brought(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_file, "FILE_BYTES", 20_000)
    noise = random.Random(5)
    with log_file.kept(tmp_path):
        for number in range(1500):
            _log.info(f"line {number}", noise=noise.randbytes(40).hex())
    files = list((tmp_path / "logs").iterdir())
    assert len(files) == log_file.OLDER_FILES + 1
    assert all(file.stat().st_size <= 20_000 for file in files)
    told = lines(tmp_path)
    assert told[-1]["event"] == "line 1499"
    numbers = [int(one["event"].split()[1]) for one in told]
    assert numbers == list(range(numbers[0], 1500)), "in order, without a gap"
    few = lines(tmp_path, most=5000)
    assert 0 < len(few) < len(told) and few[-1]["event"] == "line 1499"


def test_two_threads_that_speak_at_once_never_share_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []

    class Journal(io.StringIO):
        def write(self, text: str) -> int:
            written.append(text)
            return len(text)

    with log_file.kept(tmp_path):
        monkeypatch.setattr(sys, "stdout", Journal())
        _log.info("device", device="a4_printer")
        monkeypatch.undo()
    assert len(written) == 1 and written[0].endswith("\n"), "what is written in pieces is torn by another's"


def test_a_terminal_that_has_logged_nothing_brings_an_empty_file(tmp_path: Path) -> None:
    assert lines(tmp_path) == []
