"""A bare Debian 12 and a stick, no network: install.sh makes it a terminal; again, and nothing is touched."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.deploy import bare_root
from tests.deploy.bare_root import REPO, STICK, TOLD, Root, from_stick

pytestmark = pytest.mark.timeout(1500)  # a busy machine takes minutes for one installation
WRAPPER = "/usr/local/sbin/kiosk"


def test_the_second_run_changes_no_byte_and_no_time(machine: Root) -> None:
    told = from_stick(machine, "terminal", *TOLD)
    assert told.returncode == 0, told.stderr
    assert machine.changed() == []
    assert told.stdout.count("(skipped)") >= 8


def test_a_stick_that_is_whole_says_so(machine: Root) -> None:
    stick = bare_root.bundle()
    told = machine.run("bash", f"{STICK}/install.sh", "check", lent={STICK: stick})
    assert told.returncode == 0 and told.stdout.strip(), told.stderr


def test_the_commands_of_the_technician_are_there(machine: Root) -> None:
    assert "doctor" in machine.run(WRAPPER).stdout
    checked = machine.run(WRAPPER, "catalogue", "check")
    assert checked.returncode == 0 and "8 papers" in checked.stdout


def test_the_doctor_of_a_fresh_terminal_says_what_is_not_ready(machine: Root) -> None:
    settings = machine.layer / "etc/kiosk/terminal.toml"
    told = machine.run(WRAPPER, "doctor")
    assert told.returncode == 1, told.stderr
    assert "未就绪" in told.stdout and "330100/h1/K001" in told.stdout
    assert "platform.url 没有填写" in told.stdout and "没有列出设备" in told.stdout
    assert not settings.exists(), "the doctor leaves the settings alone"


def test_the_settings_say_what_was_told_and_name_what_is_still_missing(
    installed: Root, machine: Root
) -> None:
    text = (installed.layer / "etc/kiosk/terminal.toml").read_text("utf-8")
    assert 'kiosk = "K001"' in text and 'hall_name.zh = "示例市政务服务大厅"' in text
    told = from_stick(machine, "terminal", *TOLD).stdout
    assert "still empty, fill in: url public" in told
    assert 0 < told.index("technician add") < told.index("reboot, which locks"), "or nobody gets in again"


def test_settings_of_the_technician_stay_as_they_are(machine: Root) -> None:
    own = "# mine\n"
    machine.run("sh", "-c", f"printf '{own}' > /etc/kiosk/terminal.toml")
    assert from_stick(machine, "terminal", "--phone", "1").returncode == 0
    assert (machine.layer / "etc/kiosk/terminal.toml").read_text() == own


def test_what_somebody_broke_is_put_right_and_nothing_else(machine: Root) -> None:
    machine.run(
        "sh",
        "-c",
        "echo > /etc/systemd/system/kiosk-x.service; rm /opt/kiosk/current; chmod 777 /usr/local/sbin/kiosk",
    )
    told = from_stick(machine, "terminal")
    assert "files of the system: 2 put in place" in told.stdout and "release" in told.stdout
    files = [name for name in machine.changed() if not (machine.layer / name).is_dir()]
    assert files == ["etc/systemd/system/kiosk-x.service", "opt/kiosk/current", "usr/local/sbin/kiosk"]
    assert machine.run("cat", "/etc/systemd/system/kiosk-x.service").stdout.startswith("# kiosk-x.service")


def test_the_user_has_no_password_no_shell_and_may_write_only_its_own(machine: Root) -> None:
    assert machine.run("getent", "shadow", "kiosk").stdout.split(":")[1].startswith("!")
    assert machine.run("su", "-", "kiosk", "-c", "true").returncode != 0
    groups = machine.run("id", "-nG", "kiosk").stdout.split()
    assert sorted(groups) == ["audio", "dialout", "kiosk", "lp", "plugdev", "video"]
    writable = "find / -xdev \\( -path /proc -o -path /sys \\) -prune -o ! -type l -writable -print"
    found = machine.run("sh", "-c", writable, user="kiosk").stdout.splitlines()
    known = ("/var/lib/kiosk", "/dev/", "/tmp", "/run", "/var/tmp", "/var/lock")
    assert [path for path in found if not path.startswith(known)] == []
    assert machine.run("cat", "/etc/kiosk/terminal.toml", user="kiosk").returncode == 0
    assert machine.run("cat", "/etc/kiosk/terminal.toml", user="nobody").returncode != 0


def test_no_compiler_no_hall_no_tests_and_no_virtual_devices_are_there(machine: Root) -> None:
    programs = machine.run("sh", "-c", "command -v gcc cc swig make git mosquitto Xvfb ippeveprinter sudo")
    assert programs.stdout == ""
    release = machine.run("find", "/opt/kiosk/current/", "-maxdepth", "2", "-printf", "%P\n").stdout.split()
    assert "main.py" in release and "kiosk/terminal.py" in release
    assert not {"tests", "drivers/virtual", "docs/pictures", ".git"} & set(release)
    listed = machine.run("/opt/kiosk/current/.venv/bin/python", "-m", "pip", "list").stdout.lower()
    assert "kivy" in listed and "pyscard" in listed
    assert not {"fastapi", "sqlalchemy", "uvicorn", "typst", "pytest"} & set(listed.split())


def test_what_the_screens_need_loads_as_the_terminals_user(machine: Root) -> None:
    """Every shared library of every compiled part is found: libGL, the card library, the fonts."""
    loads = (
        "import sys; sys.path.insert(0, '/opt/kiosk/current')\n"
        "import cv2, numpy, lxml.etree, cryptography.fernet, smartcard.scard, usb.core, serial\n"
        "import ctypes, glob, kivy.core.text, kivy.graphics\n"
        "for part in glob.glob(kivy.__path__[0] + '/**/*.so', recursive=True): ctypes.CDLL(part)\n"
        "for name in ('GL.so.1', 'EGL.so.1', 'usb-1.0.so.0', 'pcsclite.so.1'): ctypes.CDLL('lib' + name)\n"
        "from config import assets, pinyin\n"
        "for name in assets.FONTS: assets.font(name)\n"
        "for name in assets.FACE_MODELS: assets.face_model(name)\n"
        "from kiosk.software import software\n"
        "print(software(), assets.pinyin_table().stat().st_size > 9000)\n"
    )
    home = ["env", "HOME=/tmp", "KIVY_NO_ARGS=1"]
    told = machine.run(*home, "/opt/kiosk/current/.venv/bin/python", "-c", loads, user="kiosk")
    assert told.returncode == 0, told.stderr
    assert told.stdout.split() == [(bare_root.bundle() / "VERSION").read_text().strip(), "True"]


def test_units_that_belong_somewhere_are_enabled_and_no_other(machine: Root) -> None:
    trees = [REPO / "config/deploy/machine" / name / "etc/systemd/system" for name in ("common", "terminal")]
    units = [
        unit for tree in trees for unit in tree.glob("kiosk*.*") if unit.is_file() and "@" not in unit.name
    ]
    assert len(units) > 5
    for unit in units:
        told = machine.run("systemctl", "is-enabled", unit.name).stdout.strip()
        assert told == ("enabled" if "[Install]" in unit.read_text() else "static"), unit.name


@pytest.mark.parametrize("kind", ["debs/*libgl1_*.deb", "install/release.sh"])
def test_a_damaged_stick_is_named_by_its_file_before_anything_is_touched(
    bare: Root, kind: str, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    shutil.copytree(
        bare_root.bundle(), stick, copy_function=lambda source, target: Path(target).hardlink_to(source)
    )
    (damaged,) = stick.glob(kind)
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.unlink()  # it is a link to the whole one
    damaged.write_bytes(content)
    told = from_stick(bare, "terminal", stick=stick)
    assert told.returncode == 1
    assert f"damaged or missing in {STICK}: {damaged.relative_to(stick)}" in told.stderr
    assert "to do:  copy the bundle onto the stick again" in told.stderr
    assert bare.changed() == []
