"""Given a finished support bundle and a stick, the bundle is on the stick; or it is said why not."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.faults import fault
from kiosk.technician import stick as ours
from kiosk.technician.stick import copy_to_stick
from tests.journeys.hall import until
from tests.locked.stick_bench import PROGRAM, Bench, on_it, program

NAME = f"support-{'a' * 36}-{'h' * 36}-{'k' * 36}-20261122T120000Z.tar.gz"  # the longest that there are


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = Bench(tmp_path)
    bench.lay_out()
    (tmp_path / NAME).write_bytes(os.urandom(300_000))
    return bench


@contextmanager
def machine(bench: Bench) -> Iterator[None]:
    """Waits for wishes as kiosk-stick.path does, and grants them with root's program."""
    module, ends = program(), threading.Event()

    def wait() -> None:
        while not ends.wait(0.02):
            if (bench.wishes / "wish").exists():
                module.serve(bench.wishes, bench.machine(module))

    waiting = threading.Thread(target=wait)
    waiting.start()
    try:
        yield
    finally:
        ends.set()
        waiting.join(60)


def asked(bench: Bench) -> str:
    """What the terminal is told; it leaves nothing behind in the folder."""
    with machine(bench):
        code = asyncio.run(copy_to_stick(bench.wishes, bench.root / NAME, 60))
    assert list(bench.wishes.iterdir()) == []
    assert code == "" or fault(code).technician.zh
    return code


@pytest.mark.parametrize(("fat", "partition"), [(12, True), (32, True), (12, False)])
def test_the_bundle_is_on_the_stick_and_the_driver_is_gone(bench: Bench, fat: int, partition: bool) -> None:
    stick = bench.stick(fat=fat, partition=partition)
    assert asked(bench) == ""
    assert on_it(stick, NAME) == (bench.root / NAME).read_bytes()
    assert bench.modprobed() == ["--ignore-install --all usb-storage uas", "--remove uas usb-storage"]


def test_a_driver_that_is_still_in_use_for_a_moment_goes_all_the_same(bench: Bench) -> None:
    bench.stick()
    (bench.root / "busy").touch()
    assert asked(bench) == ""
    assert len(bench.modprobed()) == 3
    assert list((bench.root / "sys/block").iterdir()) == []


def test_a_second_bundle_of_the_same_name_takes_the_place_of_the_first(bench: Bench) -> None:
    stick = bench.stick()
    assert asked(bench) == ""
    (bench.root / NAME).write_bytes(b"newer")
    assert asked(bench) == ""
    assert on_it(stick, NAME) == b"newer"


def test_the_disks_of_the_machine_itself_are_no_sticks(bench: Bench) -> None:
    """Neither one inside, nor one on USB that the system was started from."""
    inside = bench.disk("sda", 0, bus="0000:00:17.0/ata1")
    system = bench.stick("sdc", 32)
    bench.mounts("8:33")
    before = (inside.read_bytes(), system.read_bytes())
    assert asked(bench) == "stick_missing"
    assert (inside.read_bytes(), system.read_bytes()) == before


def test_a_disk_on_usb_whose_parts_another_layer_holds_is_no_stick(bench: Bench) -> None:
    """LVM, or a disk that is encrypted: what is mounted has other numbers then."""
    system = bench.stick("sdc", 32)
    (bench.root / "sys/later/sdc/sdc1/holders/dm-0").mkdir(parents=True)
    before = system.read_bytes()
    assert asked(bench) == "stick_missing"
    assert system.read_bytes() == before


def test_what_a_killed_terminal_left_of_a_bundle_goes_with_the_next_and_nothing_else(bench: Bench) -> None:
    bench.stick()
    for name in (f"{'0a' * 8}.gz", "somebody-elses.gz"):
        (bench.wishes / name).write_bytes(b"x")
    with machine(bench):
        assert asyncio.run(copy_to_stick(bench.wishes, bench.root / NAME, 60)) == ""
    assert [one.name for one in bench.wishes.iterdir()] == ["somebody-elses.gz"]


def test_with_two_sticks_it_writes_to_neither(bench: Bench) -> None:
    sticks = [bench.stick("sdb", 16), bench.stick("sdc", 32)]
    assert asked(bench) == "stick_several"
    assert [on_it(one, NAME) for one in sticks] == [b"", b""]


def test_a_stick_with_another_file_system_is_left_as_it_is(bench: Bench) -> None:
    file = bench.disk("sdb", 16)
    file.write_bytes(b"\xeb\x76\x90EXFAT   ".ljust(510, b"\0") + b"\x55\xaa")
    assert asked(bench) == "stick_unreadable"
    assert file.read_bytes()[:11] == b"\xeb\x76\x90EXFAT   "


def test_a_full_stick_keeps_no_half_of_a_bundle(bench: Bench) -> None:
    stick = bench.stick()
    (bench.root / NAME).write_bytes(os.urandom(6 * 1024 * 1024))
    assert asked(bench) == "stick_full"
    assert on_it(stick, NAME) == b""
    assert bench.modprobed()[-1].startswith("--remove")


def test_a_broken_stick_is_told(bench: Bench) -> None:
    """Its file system says things that cannot be."""
    stick = bench.stick()
    with stick.open("r+b") as file:
        file.seek(11)
        file.write(b"\xff" * 25)  # the whole table of its sizes
    assert asked(bench) == "stick_failed"


def test_a_machine_without_that_service_is_told_after_a_while(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ours, "TAKEN_SECONDS", 0.3)
    assert asyncio.run(copy_to_stick(bench.wishes, bench.root / NAME, 60)) == "stick_unavailable"
    assert list(bench.wishes.iterdir()) == []


def test_a_technician_who_goes_away_leaves_nothing_in_the_folder(bench: Bench) -> None:
    async def leave() -> None:
        asking = asyncio.create_task(copy_to_stick(bench.wishes, bench.root / NAME, 60))
        await asyncio.to_thread(until, (bench.wishes / "wish").exists)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    asyncio.run(leave())
    assert list(bench.wishes.iterdir()) == []


# ── a terminal that somebody has taken over asks root for what it may not have ──
def wish(bench: Bench, **changes: str) -> None:
    said = {"wish": "ab12", "name": "x.zip", "laid": "laid.zip", "sha256": "0" * 64, **changes}
    (bench.wishes / "wish").write_text(json.dumps(said))


def granted(bench: Bench) -> str:
    module = program()
    module.serve(bench.wishes, bench.machine(module))
    assert not (bench.wishes / "wish").exists(), "it would be granted for ever"
    return str(json.loads((bench.wishes / "answer").read_text())["found"])


@pytest.mark.parametrize("link", ["symbolic", "hard"])
def test_no_link_leads_root_to_a_file_of_others(bench: Bench, link: str) -> None:
    secret = bench.root / "shadow"
    secret.write_text("root:secret")
    laid = bench.wishes / "laid.zip"
    laid.symlink_to(secret) if link == "symbolic" else laid.hardlink_to(secret)
    stick = bench.stick()
    wish(bench)
    assert granted(bench) == "failed"
    assert on_it(stick, "x.zip") == b""
    assert bench.modprobed() == [], "the driver is not loaded for that"


@pytest.mark.parametrize("where", ["name", "laid"])
@pytest.mark.parametrize("text", ["../shadow", "/etc/shadow", "-o", ".hidden", "a b", "x" * 161, "é.zip", ""])
def test_no_name_leads_out_of_the_folder_or_is_an_option(bench: Bench, where: str, text: str) -> None:
    (bench.wishes / "laid.zip").write_bytes(b"x")
    wish(bench, **{where: text})
    assert granted(bench) == "failed"
    assert bench.modprobed() == []


def test_a_bundle_that_changes_meanwhile_is_not_copied(bench: Bench) -> None:
    bench.stick()
    (bench.wishes / "laid.zip").write_bytes(b"other than was said")
    wish(bench)
    assert granted(bench) == "failed"


def test_the_answer_goes_through_no_link(bench: Bench) -> None:
    precious = bench.root / "passwd"
    precious.write_text("root:x:0:0")
    (bench.wishes / "answer").symlink_to(precious)
    wish(bench)
    assert granted(bench) == "failed"
    assert precious.read_text() == "root:x:0:0"


def test_a_pipe_in_place_of_a_wish_keeps_root_waiting_for_nothing(bench: Bench) -> None:
    os.mkfifo(bench.wishes / "wish")
    module = program()
    began = threading.Thread(target=module.serve, args=(bench.wishes, bench.machine(module)), daemon=True)
    began.start()
    began.join(60)
    assert not began.is_alive()
    assert list(bench.wishes.iterdir()) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"wish": "../x"}', "\0" * 5000])
def test_nonsense_is_no_wish(bench: Bench, text: str) -> None:
    (bench.wishes / "wish").write_text(text)
    module = program()
    module.serve(bench.wishes, bench.machine(module))
    assert list(bench.wishes.iterdir()) == []
    assert bench.modprobed() == []


def test_root_runs_it_without_what_the_caller_has_in_his_environment() -> None:
    first = PROGRAM.read_text("utf-8").splitlines()[0]
    assert first == "#!/usr/bin/python3 -I"
    assert os.access(PROGRAM, os.X_OK)
