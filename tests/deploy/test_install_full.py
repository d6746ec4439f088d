"""A disk that is full while install.sh works: it says so and what to do, and completes when there is room."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy import bare_root
from tests.deploy.bare_root import Root

pytestmark = pytest.mark.timeout(1500)  # the first of these tests waits for an installation
INSTALLER = "config/deploy/install.sh"
PROGRAMS = "/usr/local/lib/kiosk"


def small_disk(folder: str, holds: str) -> str:
    """A line that puts an empty disk of this size over a folder; it is gone with the run."""
    return f"mount -t tmpfs -o {holds} small {folder}"


def test_files_of_the_system_are_whole_or_not_there_and_all_are_there_in_the_end(machine: Root) -> None:
    """The disk ends in the middle of `stick`; nobody takes half a program for the whole."""
    switch = f"bash /opt/kiosk/current/{INSTALLER} switch"
    told = machine.run(
        *("bash", "-c"),
        f"sha256sum {PROGRAMS}/* >/tmp/before; {small_disk(PROGRAMS, 'size=20k')}\n"
        f"{switch} 2>&1; echo ended $?; ls -m {PROGRAMS}; mount -o remount,size=1m {PROGRAMS}\n"
        f"{switch} 2>&1; echo ended $?; sha256sum --check --quiet /tmp/before",
    )
    first, second = told.stdout.split("ended 1\n")
    assert "No space left on device" in first
    assert "FAILED: cut off before its end" in first and "is a disk full? df -h" in first
    assert second.startswith("screen-await, screen-cookie, screen-ready, stick.kiosk-new\n")
    assert "files of the system: 3 put in place" in second and "ended 0" in second, told.stdout
    assert told.returncode == 0, "each as it was before\n" + told.stdout + told.stderr


@pytest.mark.parametrize(
    ("holds", "why", "remedy"),
    [
        ("size=100m", "/opt/kiosk/releases has 100 MB free, and 1000 are needed", "make room"),
        ("size=2g,nr_inodes=300", "the code could not be laid in /opt/kiosk/releases/", "is the disk full?"),
    ],
    ids=["known before", "found on the way"],
)
def test_no_room_for_a_release_is_said_and_the_one_in_use_stays(
    machine: Root, tmp_path: Path, holds: str, why: str, remedy: str
) -> None:
    """The clone's is another release, which wants a place beside the one in use."""
    clone = bare_root.copy_of_clone(tmp_path / "clone")
    line = f"{small_disk('/opt/kiosk/releases', holds)}; exec bash /run/clone/{INSTALLER} terminal"
    told = machine.run("bash", "-c", line, lent={"/run/clone": clone})
    assert told.returncode == 1 and why in told.stderr, told.stdout + told.stderr
    assert remedy in told.stderr
    assert "opt/kiosk/current" not in machine.changed()
