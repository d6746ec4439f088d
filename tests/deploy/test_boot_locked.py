"""The stick and the firewall under a real systemd, within all that their units deny them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.booted import Machine, booted

UNITS = Path("etc/systemd/system")
BUNDLE = "support-330100-h1-K001-20261122T120000Z.tar.gz"
# Sticks are files here: only where the disks are told of is another place.
PROGRAM = """#!/usr/bin/python3 -I
import pathlib, sys, types
program = sys.modules["stick"] = types.ModuleType("stick")
exec(open("/usr/local/lib/kiosk/stick").read(), program.__dict__)
at = pathlib.Path("/bench")
machine = program.Machine(at / "block", at, appear_seconds=0.5, settle_seconds=0.1)
program.serve(pathlib.Path(sys.argv[1]), machine)
"""
LAY_OUT = """
mkdir -p /bench/block /bench/usb1/sdx && ln -s /bench/usb1/sdx /bench/block/sdx
echo 8192 > /bench/usb1/sdx/size && echo 8:240 > /bench/usb1/sdx/dev
truncate -s 4M /bench/sdx && /usr/sbin/mkfs.vfat /bench/sdx
install -d -o kiosk -g kiosk -m 700 /var/lib/kiosk/stick
"""
FILES = {
    f"{UNITS}/kiosk-test.target": "[Unit]\nRequires=basic.target\nAfter=basic.target\n"
    "Wants=kiosk-stick.path kiosk-firewall.service getty@tty1.service\n",
    f"{UNITS}/kiosk-stick.service.d/test.conf": "[Service]\nReadWritePaths=/bench\nExecStart=\n"
    "ExecStart=/usr/bin/python3 -I /usr/local/lib/kiosk/stick-test /var/lib/kiosk/stick\n",
    "usr/local/lib/kiosk/stick-test": PROGRAM,
}
# As the terminal's user, with the terminal's own code.
ASK = f"""
import asyncio, pathlib, sys
sys.path.insert(0, "/opt/kiosk/current")
from kiosk.technician.stick import copy_to_stick
bundle = pathlib.Path("/var/lib/kiosk/{BUNDLE}")
bundle.write_bytes(b"what helps" * 1000)
print("code:", asyncio.run(copy_to_stick(pathlib.Path("/var/lib/kiosk/stick"), bundle, 60)) or "none")
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with booted(tmp_path_factory.mktemp("machine"), FILES) as one:
        one.run("sh", "-ec", LAY_OUT)
        yield one


def asked(machine: Machine) -> str:
    user = ("setpriv", "--reuid=kiosk", "--regid=kiosk", "--clear-groups")
    return machine.run(*user, "/usr/bin/python3", "-B", "-c", ASK).splitlines()[-1]


def test_the_terminals_wish_is_granted_by_root_and_by_nobody_else(machine: Machine) -> None:
    machine.until(lambda: machine.state("kiosk-stick.path") == "active", "nobody waits for wishes")
    assert asked(machine) == "code: none"
    seen = machine.run("mtype", "-i", "/bench/sdx", f"::{BUNDLE}")
    assert seen == "what helps" * 1000
    assert machine.run("ls", "-A", "/var/lib/kiosk/stick") == ""
    machine.run("rm", "/bench/block/sdx")
    assert asked(machine) == "code: stick_missing", "and so each time"


def test_the_rules_stand_when_the_machine_does(machine: Machine) -> None:
    machine.until(lambda: machine.state("kiosk-firewall.service") == "active", "no firewall")
    rules = json.loads(machine.run("nft", "-j", "list", "table", "inet", "kiosk"))["nftables"]
    policies = {one["chain"]["name"]: one["chain"]["policy"] for one in rules if "chain" in one}
    assert policies == {"incoming": "drop", "passing": "drop"}
    machine.run("systemctl", "stop", "kiosk-firewall.service")
    assert "policy drop" in machine.run("nft", "list", "table", "inet", "kiosk"), "stopping it opens nothing"


def test_no_login_stands_on_the_screen(machine: Machine) -> None:
    assert machine.state("getty@tty1.service") == "inactive"
    assert "ConditionResult=no" in machine.show("getty@tty1.service", "ConditionResult")
    assert machine.run("systemctl", "is-enabled", "ctrl-alt-del.target") == "masked"
