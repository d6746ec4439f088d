"""Every unit of ours reads, and may do little: what `systemd-analyze` says of them, offline.

Whether they work with what they are denied is tried in test_boot.py.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from config.commands import RESTART_CODE
from drivers.virtual.demo_settings import REPO
from kiosk.terminal import FAREWELL_SECONDS
from screens import app

MACHINE = REPO / "config" / "deploy" / "machine"
FOLDER = Path("etc/systemd/system")
EXPOSURE = 2.3  # of 10: what systemd calls OK begins below 4
KINDS = (".service", ".socket", ".timer", ".path")
PARTS = sorted(path.name for path in MACHINE.iterdir())
UNITS = sorted(
    path for part in PARTS for path in (MACHINE / part / FOLDER).glob("kiosk*.*") if path.is_file()
)
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
DROP_INS = sorted(MACHINE.glob(f"*/{FOLDER}/*.service.d/*.conf"))
SHARED = [one for one in DROP_INS if one.parent.name.endswith("-.service.d")]  # by the beginning of a name


def named(path: Path) -> str:
    return path.name


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60)


def lines(name: str, key: str) -> list[str]:
    """What one of the terminal's units says under a key, each line that does."""
    text = (MACHINE / "terminal" / FOLDER / name).read_text("utf-8").replace("\\\n", "")
    return re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)


def test_there_are_units() -> None:
    assert {"kiosk-x.service", "kiosk-terminal.service", "kiosk-notice.service"} <= {
        one.name for one in UNITS
    }
    assert {unit.suffix for unit in UNITS} <= set(KINDS)


def test_starts_that_hang_come_to_the_notice_too() -> None:
    def number(key: str) -> float:
        return float(lines("kiosk-terminal.service", key)[0])

    hangs = number("TimeoutStartSec") + number("TimeoutAbortSec") + number("RestartSec")
    assert lines("kiosk-terminal.service", "TimeoutStartFailureMode") == ["abort"], "else TimeoutStopSec more"
    assert number("StartLimitBurst") * hangs < number("StartLimitIntervalSec")


@pytest.fixture(scope="module", params=[part for part in PARTS if part != "common"])
def root(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with systemd's units, those of one kind of machine, and something to run where they name it."""
    at = tmp_path_factory.mktemp(request.param)
    own = Path("/usr/lib/systemd/system")
    shutil.copytree(own, at / own.relative_to("/"), symlinks=True, ignore=shutil.ignore_patterns("*.wants"))
    for folder in (MACHINE / "common" / FOLDER, MACHINE / request.param / FOLDER):
        shutil.copytree(folder, at / FOLDER, symlinks=True, dirs_exist_ok=True)
    for unit in ours(at):
        for program in re.findall(r"^Exec\w+=[+!@:-]*(/\S+)", unit.read_text("utf-8"), re.MULTILINE):
            place = at / program.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text("#!/bin/sh\n")
            place.chmod(0o755)
    return at


def ours(root: Path) -> list[Path]:
    return sorted(unit for unit in (root / FOLDER).glob("kiosk*.*") if unit.is_file())


def test_what_a_service_could_do_if_it_fell_is_little(root: Path) -> None:
    services = [unit for unit in ours(root) if unit.suffix == ".service"]
    assert len(services) > 5
    for unit in services:
        asked = ("security", "--offline=true", f"--root={root}", unit.name.replace("@.", "@1."))
        told = analyze(*asked, "--no-pager").stdout
        (exposure,) = re.findall(r"Overall exposure level for \S+: ([\d.]+)", told)
        assert float(exposure) <= EXPOSURE, f"{unit.name}: {exposure}\n{told}"


def test_systemd_understands_every_line(root: Path) -> None:
    names = [unit.name.replace("@.", "@1.") for unit in ours(root)]
    done = analyze("verify", "--man=no", f"--root={root}", *names)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("shared", SHARED, ids=named)
def test_what_many_units_share_no_unit_says_again(shared: Path) -> None:
    """systemd reads it after the unit: what the unit said otherwise would be lost, a list would be mixed."""
    units = [unit for unit in SERVICES if unit.name.startswith(beginning(shared))]
    assert len(units) > 4
    for unit in units:
        assert settings(shared) & settings(unit) == set(), unit.name
    for other in SHARED:
        if other != shared and beginning(shared).startswith(beginning(other)):
            assert settings(shared) & settings(other) == set()
            assert shared.name != other.name, "of one name only the first would be read"


def beginning(shared: Path) -> str:
    return shared.parent.name.removesuffix(".service.d")


def settings(unit: Path) -> set[str]:
    return set(re.findall(r"^(\w+)=", unit.read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("unit", UNITS, ids=named)
def test_a_unit_says_in_its_first_line_what_it_is(unit: Path) -> None:
    assert unit.read_text("utf-8").startswith(f"# {unit.name}: ")


@pytest.mark.parametrize("file", DROP_INS, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_a_drop_in_says_in_its_first_line_what_it_is(file: Path) -> None:
    assert file.read_text("utf-8").startswith(f"# {file.parent.name}/{file.name}: ")


@pytest.mark.parametrize("script", sorted(MACHINE.glob("*/usr/local/lib/kiosk/*")), ids=named)
def test_every_program_that_units_call_can_be_run_and_no_link_is_dead(script: Path) -> None:
    assert script.stat().st_mode & 0o111, f"{script} cannot be run"


def test_each_path_of_ours_that_a_unit_names_is_there() -> None:
    """Programs under /usr/local that no tree brings would fail only on the machine."""
    for unit in SERVICES:
        tree = unit.parents[3]
        for program in re.findall(
            r"^Exec\w+=[+!@:-]*/(usr/local/\S+)", unit.read_text("utf-8"), re.MULTILINE
        ):
            assert (tree / program).exists() or (MACHINE / "common" / program).exists(), (
                f"{unit.name}: {program}"
            )


def test_the_terminal_is_started_again_as_it_asks_and_has_time_to_end_what_is_under_way() -> None:
    assert lines("kiosk-terminal.service", "RestartForceExitStatus") == [str(RESTART_CODE)]
    assert lines("kiosk-terminal.service", "SuccessExitStatus") == [str(RESTART_CODE)]
    (stop,) = lines("kiosk-terminal.service", "TimeoutStopSec")
    assert float(stop) > app.JOIN_SECONDS > FAREWELL_SECONDS


def test_only_one_file_flags_the_x_server() -> None:
    """Of several ServerFlags sections it takes the last one only; the others would be silently lost."""
    folder = MACHINE / "terminal" / "etc" / "X11" / "xorg.conf.d"
    flags = [file.name for file in folder.glob("*.conf") if '"ServerFlags"' in file.read_text("utf-8")]
    assert flags == ["20-kiosk-input.conf"]


# The kernel has the first two itself. Printers on a parallel port are where their module is, or nowhere.
MODULES = {
    "ttyS": "",
    "input": "",
    "lp": "",
    "drm": "drm",
    "alsa": "snd",
    "video4linux": "videodev",
    "usb_device": "usbcore",
    "usb": "usblp",
    "ttyUSB": "usbserial",
    "ttyACM": "cdc_acm",
}


def test_every_kind_of_device_that_a_unit_may_use_is_known_to_the_kernel_before_one_is_plugged_in() -> None:
    text = (MACHINE / "terminal" / "etc" / "modules-load.d" / "kiosk.conf").read_text("utf-8")
    loaded = {line for line in text.splitlines() if line and not line.startswith("#")} | {""}
    allowed = {
        kind
        for unit in ("kiosk-x.service", "kiosk-terminal.service", "kiosk-notice.service")
        for line in lines(unit, "DeviceAllow")
        for kind in re.findall(r"^char-(\w+) rw$", line)
    }
    assert {kind for kind in allowed if MODULES[kind] not in loaded} == set()
    assert allowed == set(MODULES)
