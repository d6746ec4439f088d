"""The units of a terminal under a real systemd: it comes up, comes back, and covers for itself.

The machine is this one with the terminal's files laid over it, in namespaces of its own; its screen is Xorg
with the driver that draws into memory, started by kiosk-x.service as its user, within all that it is denied.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.virtual.demo_settings import REPO
from tests import manual_commands
from tests.deploy.booted import Machine, booted
from tests.deploy.sandbox_probe import REFUSED, WORKS

pytestmark = pytest.mark.timeout(600)  # the first of these tests waits for a machine to boot
UNITS = Path("etc/systemd/system")
MADE = REPO / "config" / "deploy" / "machine" / "terminal" / UNITS
SETTINGS = """
data = "/var/lib/kiosk/terminal"
[identity]
area = "330100"
hall = "h1"
kiosk = "K001"
hall_name = { zh = "示例大厅", en = "Sample Hall" }
help_phone = "12345"
[link]
host = "127.0.0.1"
port = 1
[platform]
url = "http://127.0.0.1:1"
public = "http://127.0.0.1:1"
token = "x"
trust = "/etc/kiosk/root.pem"
"""
# The only differences to a machine in a hall: no virtual terminal, a screen in memory, a terminal that hangs
# on demand, and less patience.
LIBRARY = "Environment=LD_LIBRARY_PATH=/opt/kiosk/python/lib\n"
HANGS = "/opt/kiosk/current/.venv/bin/python -m tests.journeys.hanging_terminal 600 /etc/kiosk/terminal.toml"
DUMMY = """
Section "Device"
    Identifier "memory"
    Driver "dummy"
    VideoRam 16384
EndSection
Section "Screen"
    Identifier "memory"
    Device "memory"
    DefaultDepth 24
    SubSection "Display"
        Modes "800x600"
    EndSubSection
EndSection
"""


def xorg() -> str:
    """How kiosk-x.service starts Xorg, but for the virtual terminal."""
    line = re.search(r"^ExecStart=((?:.*\\\n)*.*)$", (MADE / "kiosk-x.service").read_text(), re.MULTILINE)
    assert line
    return line[1].replace("\\\n", "").replace("vt7 -keeptty ", "")


FILES = {
    "etc/kiosk/terminal.toml": SETTINGS,
    "etc/X11/xorg.conf.d/99-memory.conf": DUMMY,
    f"{UNITS}/kiosk-test.target": "[Unit]\nRequires=basic.target\nAfter=basic.target\n"
    "Wants=kiosk-x.service kiosk-terminal.service kiosk-reboot.path\n",
    f"{UNITS}/kiosk-x.service.d/test.conf": "[Service]\nStandardInput=null\nTTYPath=/dev/console\n"
    f"TTYReset=no\nTTYVHangup=no\nExecStart=\nExecStart={xorg()}\n",
    f"{UNITS}/kiosk-terminal.service.d/test.conf": "[Unit]\nStartLimitBurst=2\n[Service]\n"
    f"{LIBRARY}ExecStart=\nExecStart={HANGS}\n"
    "ExecStartPre=\nExecStartPre=/usr/local/lib/kiosk/screen-await 12\n"
    "WatchdogSec=6\nTimeoutAbortSec=20\nRestartSec=0.2\n",
    f"{UNITS}/kiosk-notice.service.d/test.conf": f"[Service]\n{LIBRARY}",
    f"{UNITS}/kiosk-retry.timer.d/test.conf": "[Timer]\nOnActiveSec=\nOnUnitActiveSec=\nOnActiveSec=4\n"
    "OnUnitActiveSec=4\n",
    # Restarting the computer is told, not done.
    f"{UNITS}/reboot.target": "[Unit]\nDescription=Told\n",
}
TERMINAL, NOTICE, SCREEN, RETRY = (
    "kiosk-terminal.service",
    "kiosk-notice.service",
    "kiosk-x.service",
    "kiosk-retry.timer",
)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with booted(tmp_path_factory.mktemp("machine"), FILES) as one:
        stands(one)
        yield one


@pytest.fixture(autouse=True)
def starts_anew(machine: Machine) -> None:
    """No test's bad starts count in the next one."""
    machine.run("systemctl", "reset-failed", TERMINAL)


def stands(machine: Machine, other_than: str = "") -> str:
    """Waits until the terminal's first page stands; its process, another than before."""

    def there() -> bool:
        told = machine.show(TERMINAL, "ActiveState", "MainPID").splitlines()
        return "ActiveState=active" in told and f"MainPID={other_than}" not in told

    machine.until(there, "the terminal does not stand")
    return machine.show(TERMINAL, "MainPID").removeprefix("MainPID=")


def test_the_terminal_says_when_its_page_stands_and_is_nobody_of_rank(machine: Machine) -> None:
    stands(machine)
    assert machine.show(TERMINAL, "StatusText") == "StatusText=Home stands"
    for unit in (TERMINAL, SCREEN):
        process = machine.show(unit, "MainPID").removeprefix("MainPID=")
        status = machine.run("cat", f"/proc/{process}/status")
        assert machine.run("stat", "-c", "%U", f"/proc/{process}") == "kiosk"
        assert re.search(r"^CapBnd:\t0+$", status, re.MULTILINE)
        assert re.search(r"^NoNewPrivs:\t1$", status, re.MULTILINE)


def test_the_page_fills_a_screen_of_another_shape_without_any_window_manager(machine: Machine) -> None:
    stands(machine)
    tree = machine.run("env", "DISPLAY=:0", "XAUTHORITY=/run/kiosk-x/cookie", "xwininfo", "-root", "-tree")
    assert "800x600+0+0  +0+0" in tree, tree


def test_an_idle_terminal_is_left_alone_by_the_watchdog(machine: Machine) -> None:
    before = stands(machine)
    time.sleep(9)  # one and a half of its watchdog's patience
    assert stands(machine) == before


def test_the_machine_itself_is_told(machine: Machine) -> None:
    asked = ("CtrlAltDelBurstAction", "RuntimeWatchdogUSec", "RebootWatchdogUSec", "DefaultLimitCORE")
    told = machine.run("systemctl", "show", "-p", ",".join(asked)).splitlines()
    assert {"CtrlAltDelBurstAction=none", "RuntimeWatchdogUSec=1min", "DefaultLimitCORE=0"} <= set(told), told
    assert "Storage=persistent" in machine.run("systemd-analyze", "cat-config", "systemd/journald.conf")
    assert "NAutoVTs=0" in machine.run("systemd-analyze", "cat-config", "systemd/logind.conf")


def test_only_who_has_the_cookie_reaches_the_screen(machine: Machine) -> None:
    asked = ("env", "DISPLAY=:0", "XAUTHORITY=/run/kiosk-x/cookie", "xset", "q")
    assert "timeout:  0" in machine.run("setpriv", "--reuid=kiosk", "--regid=kiosk", "--clear-groups", *asked)
    told = machine.run("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *asked)
    assert "unable to open display" in told


# A path in /dev each, with kind and numbers: what drivers open, and what nobody should.
NODES = {
    "serial": "c 4 67",
    "disk": "b 7 0",
    "memory": "c 1 1",
    "input": "c 13 64",
}


def limits() -> str:
    """A service that tries things within the limits of the terminal's."""
    text = (MADE / TERMINAL).read_text("utf-8").partition("[Service]")[2].partition("[Install]")[0]
    own = ("Type", "NotifyAccess", "Exec", "Restart", "SuccessExit", "Watchdog", "Timeout", "Standard")
    kept = [line for line in text.splitlines() if not line.startswith(own)]
    probe = "/opt/kiosk/current/.venv/bin/python -m tests.deploy.sandbox_probe"
    return "\n".join(
        ["[Service]", *kept, LIBRARY, "Type=oneshot", f"ExecStart={probe}", "StandardOutput=journal"]
    )


def test_drivers_work_within_the_limits_and_nothing_else_does(machine: Machine) -> None:
    machine.write(f"/{UNITS}/kiosk-probe.service", limits())
    for name, node in NODES.items():
        machine.run("mknod", "-m", "666", f"/dev/probe-{name}", *node.split())
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "start", "kiosk-probe.service")
    machine.until(lambda: _tried(machine), "nothing was tried")  # the journal may be behind
    tried = json.loads(_tried(machine))
    works = {act.__name__: tried[act.__name__] for act in WORKS}
    assert works == dict.fromkeys(works, "")
    assert [act.__name__ for act in REFUSED if not tried[act.__name__]] == []


def _tried(machine: Machine) -> str:
    told = machine.run("journalctl", "-u", "kiosk-probe", "-o", "cat", "--no-pager", "-t", "python")
    return next((line for line in told.splitlines() if line.startswith("{")), "")


def test_one_that_is_killed_comes_back(machine: Machine) -> None:
    before = stands(machine)
    machine.run("kill", "-KILL", before)
    assert stands(machine, before) != before


def test_one_that_ends_well_may_do_so_as_often_as_it_likes(machine: Machine) -> None:
    """More often than bad starts are borne: the hall, or a technician, wants it started again."""
    before = stands(machine)
    for _ in range(3):
        machine.run("kill", "-TERM", before)
        before = stands(machine, before)
    assert machine.state(NOTICE) == "inactive"


def test_one_whose_window_hangs_is_ended_by_the_watchdog_and_says_where_it_hung(machine: Machine) -> None:
    before = stands(machine)
    machine.run("kill", "-USR1", before)
    stands(machine, before)
    for told in ("Watchdog timeout", "Fatal Python error: Aborted", "hanging_terminal.py"):
        _logged(machine, told)


def _logged(machine: Machine, words: str) -> None:
    """The journal may be a little behind what it tells of."""
    machine.until(lambda: words in machine.run("journalctl", "--no-pager"), f"the journal has no {words!r}")


def test_a_screen_that_dies_comes_back_with_its_terminal(machine: Machine) -> None:
    before = stands(machine)
    machine.run("systemctl", "kill", "--kill-whom=main", "--signal=KILL", SCREEN)
    machine.until(lambda: machine.state(SCREEN) == "active", "the screen does not come back")
    assert stands(machine, before) != before


def test_a_screen_that_hangs_is_ended_and_comes_back_with_its_terminal(machine: Machine) -> None:
    before = stands(machine)
    hung = machine.show(SCREEN, "MainPID").removeprefix("MainPID=")
    machine.run("kill", "-STOP", hung)
    machine.until(lambda: hung not in machine.show(SCREEN, "MainPID"), "the screen hangs for ever", 120)
    assert stands(machine, before) != before
    _logged(machine, f"it hangs, and is ended: process {hung}")


def test_while_it_cannot_start_the_notice_stands_and_goes_when_it_is_back(machine: Machine) -> None:
    stands(machine)
    machine.write("/etc/kiosk/terminal.toml", "this is no TOML")
    machine.run("systemctl", "restart", "--no-block", TERMINAL)
    machine.until(lambda: machine.state(NOTICE) == "active", "no notice")
    machine.until(lambda: machine.state(RETRY) == "active", "nobody tries again")
    told = "systemd[1]: kiosk-retry.service: Deactivated successfully"
    machine.until(lambda: told in machine.run("journalctl", "--no-pager"), "nobody has tried again")
    assert machine.state(NOTICE) == "active"
    machine.write("/etc/kiosk/terminal.toml", SETTINGS)
    stands(machine)
    machine.until(lambda: machine.state(NOTICE) == "inactive", "the notice stays")
    assert machine.state(RETRY) == "inactive"


def test_what_the_manual_asks_systemd_works_as_it_stands_there(machine: Machine) -> None:
    stands(machine)
    asked = manual_commands.on_a_running_system()
    assert len(asked) > 5
    for line in asked:
        machine.run("systemctl", "reset-failed")
        told = machine.run("sh", "-c", f"{line}; echo ended $?")
        assert told.endswith("ended 0"), told
        if "status" not in line and "stop" not in line:
            stands(machine)


def test_what_stops_on_request_stays_stopped_and_is_no_failure(machine: Machine) -> None:
    machine.run("systemctl", "start", TERMINAL)
    stands(machine)
    machine.run("systemctl", "stop", TERMINAL)
    assert machine.state(TERMINAL) == "inactive"
    machine.run("systemctl", "start", TERMINAL)


def test_the_terminal_may_ask_for_a_restart_of_the_computer_and_is_granted_it_once(machine: Machine) -> None:
    stands(machine)
    machine.run("setpriv", "--reuid=kiosk", "--regid=kiosk", "--clear-groups", "touch", "/run/kiosk/reboot")
    machine.until(lambda: machine.state("reboot.target") == "active", "the machine is not restarted")
    assert "No such file" in machine.run("ls", "/run/kiosk/reboot")
