"""Given the rules of a terminal, or of the hall's machine, what comes through the wire, by real packets."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from drivers.virtual.demo_settings import REPO

DEPLOY = REPO / "config/deploy/machine"
TERMINAL = DEPLOY / "terminal/etc/kiosk/firewall.nft"
HALL = DEPLOY / "hall/etc/kiosk/firewall.nft"
IN_A_NETWORK_OF_ITS_OWN = ("unshare", "--map-root-user", "--net")  # a plain user may, too
Told = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def told() -> Told:
    """What came through to a machine with each of the rules, and to one with none; all three at once."""
    rules = {"terminal": [str(TERMINAL)], "hall": [str(HALL)], "none": []}
    with ThreadPoolExecutor() as three:
        return dict(zip(rules, three.map(_through, rules.values()), strict=True))


def _through(rules: list[str]) -> dict[str, Any]:
    argv = (*IN_A_NETWORK_OF_ITS_OWN, sys.executable, "-m", "tests.locked.wire", *rules)
    done = subprocess.run(argv, cwd=REPO, stdout=subprocess.PIPE, timeout=200, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("version", [4, 6])
def test_no_port_of_a_terminal_says_anything(told: Told, version: int) -> None:
    """To the first packet of a connection to each of the 65535; without the rules every port does."""
    assert len(told["none"][f"answering {version}"]) > 60000
    assert told["terminal"][f"answering {version}"] == []


@pytest.mark.parametrize("version", [4, 6])
def test_the_halls_machine_has_broker_and_desk_and_no_other_port(told: Told, version: int) -> None:
    assert told["hall"][f"answering {version}"] == [443, 8883]


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("machine", ["terminal", "hall"])
def test_what_the_machine_asks_is_answered(told: Told, machine: str, version: int) -> None:
    """By TCP, by UDP, by an error of ICMP; and its own programs reach each other."""
    there = told[machine]
    assert there[f"asks {version}"] == "answered"
    assert there[f"asks by UDP {version}"] == "answered"
    assert there[f"nobody there {version}"] == "refused"
    assert there[f"alone {version}"] is True


@pytest.mark.parametrize("machine", ["terminal", "hall"])
def test_a_datagram_that_nobody_asked_for_is_not_heard(told: Told, machine: str) -> None:
    for version in (4, 6):
        assert told["none"][f"unasked {version}"] == ["unasked"]
        assert told[machine][f"unasked {version}"] == []


@pytest.mark.parametrize("machine", ["terminal", "hall"])
def test_an_address_is_offered_by_a_server_of_the_network_only(told: Told, machine: str) -> None:
    assert told["none"]["offer 4"] == ["offer", "no server"]
    assert told["none"]["offer 6"] == ["offer", "from afar"]
    assert told[machine]["offer 4"] == told[machine]["offer 6"] == ["offer"]


@pytest.mark.parametrize("machine", ["terminal", "hall"])
def test_a_ping_is_answered_and_a_flood_is_not(told: Told, machine: str) -> None:
    for version in (4, 6):
        assert told[machine][f"one ping {version}"] == 1
        assert 0 < told[machine][f"many pings {version}"] < 100
        assert told["none"][f"many pings {version}"] == 200


@pytest.mark.parametrize("rules", [TERMINAL, HALL], ids=["terminal", "hall"])
def test_loading_twice_is_loading_once(rules: Path) -> None:
    """One table of ours, made anew; rules of others stay."""
    twice = (
        f"nft add table inet others && nft -f {rules} && nft list ruleset > one && nft -f {rules} &&"
        " nft list ruleset > two && diff one two && nft list table inet others"
    )
    inside = (*IN_A_NETWORK_OF_ITS_OWN, "--mount", "sh", "-ec", f"mount -t tmpfs none /mnt; cd /mnt; {twice}")
    done = subprocess.run(inside, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_ports_of_the_hall_are_those_of_its_manual() -> None:
    """docs/hall.md tells terminals to come to 8883; the desk's HTTPS is behind 443."""
    assert "define open = { 8883, 443 }" in HALL.read_text("utf-8")
    assert "port = 8883" in (REPO / "docs/hall.md").read_text("utf-8")
