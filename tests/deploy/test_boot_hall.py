"""The units of a hall under a real systemd: each process does its work within its limits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.deploy.booted import Machine, booted

pytestmark = pytest.mark.timeout(600)  # the first of these tests waits for a machine to boot
UNITS = "etc/systemd/system"
PROCESSES = ("broker", "ingest", "scheduler", "desk")
OWN = "/var/lib/kiosk-hall"


def keys(name: str) -> str:
    """A process's own certificate, as settings name it."""
    files = (f'{what} = "{OWN}/{name}/{what}.pem"' for what in ("authority", "certificate", "key"))
    return "{ " + ", ".join(files) + " }"


SETTINGS = f"""
data = "{OWN}/data"
area = "330101"
hall = "h1"
[broker]
host = "localhost"
port = 8883
tls = {keys("ingest-1")}
scheduler_tls = {keys("scheduler")}
[machines]
enrolled_only = true
broker_host = "localhost"
broker_folder = "{OWN}/broker"
"""
LIBRARY = "LD_LIBRARY_PATH=/opt/kiosk/python/lib"
FILES = {
    "etc/kiosk-hall/hall.toml": SETTINGS,
    f"{UNITS}/kiosk-test.target": "[Unit]\nRequires=basic.target\nAfter=basic.target\n",
    **{
        f"{UNITS}/kiosk-hall-{name}.service.d/test.conf": f"[Service]\nEnvironment={LIBRARY}\n"
        for name in (*PROCESSES, "backup")
    },
}


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Set up by hand, then started."""
    with booted(tmp_path_factory.mktemp("hall"), FILES, "hall", "kiosk-hall") as one:
        for command in (
            ("migrate",),
            ("machine", "process-certificate", "--name", "ingest-1", "--out", f"{OWN}/ingest-1"),
            ("machine", "process-certificate", "--name", "scheduler", "--out", f"{OWN}/scheduler"),
            ("broker-config", "--name", "localhost", "--user", "kiosk-hall", "--out", f"{OWN}/broker"),
        ):
            hall(one, *command)
        one.run("systemctl", "start", *(f"kiosk-hall-{name}" for name in PROCESSES))
        yield one


def hall(machine: Machine, *command: str) -> str:
    """One of the hall's commands as its user."""
    who = ("setpriv", "--reuid=kiosk-hall", "--regid=kiosk-hall", "--clear-groups", "env", LIBRARY)
    program = ("/opt/kiosk/current/.venv/bin/python", "/opt/kiosk/current/main.py", "hall", *command)
    return machine.run(*who, *program, "--settings", "/etc/kiosk-hall/hall.toml")


def said(machine: Machine, name: str) -> str:
    return machine.run("journalctl", "-u", f"kiosk-hall-{name}", "-o", "cat", "--no-pager")


def test_every_process_does_its_work(machine: Machine) -> None:
    machine.until(lambda: "ingest ready" in said(machine, "ingest"), "the ingest has no line to the broker")
    machine.until(lambda: "desk ready" in said(machine, "desk"), "no desk")
    page = machine.run(
        "/usr/bin/python3", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8080/login')"
    )
    assert "Error" not in page
    for name in PROCESSES:
        assert machine.state(f"kiosk-hall-{name}") == "active", said(machine, name)
        assert machine.show(f"kiosk-hall-{name}", "NRestarts") == "NRestarts=0", said(machine, name)


def test_the_scheduler_keeps_the_brokers_files_fresh(machine: Machine) -> None:
    """A revoked terminal's certificate reaches the broker: files of one user, and its signal."""
    before = machine.run("stat", "-c", "%Y %i", f"{OWN}/broker/told")
    hall(machine, "machine", "process-certificate", "--name", "ingest-2", "--out", f"{OWN}/ingest-2")
    machine.until(
        lambda: "user ingest-2" in machine.run("cat", f"{OWN}/broker/access.acl"), "the access list is old"
    )
    machine.until(
        lambda: machine.run("stat", "-c", "%Y %i", f"{OWN}/broker/told") != before, "the broker was not told"
    )
    assert machine.state("kiosk-hall-broker") == "active"


def test_a_copy_is_made_and_old_ones_go(machine: Machine) -> None:
    for day in range(10, 30):
        machine.run(
            "install", "-D", "-o", "kiosk-hall", "/dev/null", f"{OWN}/backups/hall-2020-01-{day}.copy"
        )
    machine.run("chown", "kiosk-hall:kiosk-hall", f"{OWN}/backups")
    assert machine.run("systemctl", "start", "kiosk-hall-backup.service") == "", said(machine, "backup")
    kept = [name for name in machine.run("ls", f"{OWN}/backups").split() if name.endswith(".copy")]
    assert len(kept) == 14
    assert not kept[-1].startswith("hall-2020")
    assert machine.run("ls", f"{OWN}/backups/{kept[-1]}.manifest").endswith(".manifest")


@pytest.mark.parametrize("name", PROCESSES)
def test_one_that_is_killed_comes_back(machine: Machine, name: str) -> None:
    unit = f"kiosk-hall-{name}"
    before = machine.show(unit, "MainPID")
    machine.run("systemctl", "kill", "--signal=KILL", unit)
    machine.until(
        lambda: (
            machine.state(unit) == "active" and machine.show(unit, "MainPID") not in (before, "MainPID=0")
        ),
        f"{name} does not come back",
    )


def stands(machine: Machine, name: str) -> None:
    """Who has lost another process may just be coming back."""
    machine.until(lambda: machine.state(f"kiosk-hall-{name}") == "active", f"no {name}")


def test_nobody_of_rank_runs_a_hall(machine: Machine) -> None:
    for name in PROCESSES:
        stands(machine, name)
        process = machine.show(f"kiosk-hall-{name}", "MainPID").removeprefix("MainPID=")
        assert machine.run("stat", "-c", "%U", f"/proc/{process}") == "kiosk-hall"
