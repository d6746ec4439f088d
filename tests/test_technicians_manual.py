"""Every command of docs/technicians.md is typed by a test: here at a terminal and a hall, or in deploy/."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from config.faults import faults
from config.words import words
from drivers.virtual import demo_settings
from drivers.virtual.demo_settings import REPO, DemoSettings
from drivers.virtual.processes import Child, Command
from kiosk.technician import menu
from tests import manual_commands as manual
from tests.hall.secure_hall import SecureHall, desk

MAIN = str(REPO / "main.py")
EXAMINES = ("doctor",)  # these end with 1 when something is not ready, as on a machine that is none yet


class Place:
    """A terminal with the bench's devices, its program running or stopped, and a hall that enrols it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.token = folder, folder / "token"
        hall = SecureHall(folder)
        stack.callback(hall.close)
        hall.certify("330100/h1/K003")  # another machine, which is going to be lost
        self.server = folder / "hall.toml"
        self.server.write_text(
            f'data = "{hall.settings.data}"\narea = "330100"\nhall = "h1"\n'
            f"[machines]\nenrolled_only = true\nbroker_port = {hall.broker.port}\n"
            f'broker_folder = "{hall.broker.folder}"\n'
        )
        self.desk = stack.enter_context(desk(hall.settings, hall.authority, folder / "desk"))
        ports = demo_settings.choose_ports(0)
        changes = {"identity.hall": "h1", "data": str(folder / "terminal"), "link.port": hall.broker.port}
        self.settings = demo_settings.write_terminal(DemoSettings(data=folder, changes=changes), ports)
        self.bench = f"http://127.0.0.1:{ports.bench}"
        wires = ("--port", ports.bench, *demo_settings.wires(ports), "--folder", folder / "bench")
        stack.enter_context(self._child("bench", "demo", "bench", *wires))
        self.program = self._child("terminal", "terminal", "--settings", self.settings)
        stack.callback(self.program.stop)

    def act(self, device: str, action: str, **arguments: str) -> None:
        """A person's hand at the bench."""
        told = {"device": device, "action": action, **arguments}
        httpx.post(f"{self.bench}/act", json=told, timeout=60, trust_env=False).raise_for_status()

    def types(self, line: str) -> None:
        """One line of the manual, with this place's names for the examples."""
        if line.startswith("sudo systemctl "):
            return self._tells_systemd(shlex.split(line)[2:])
        said = shlex.split(line)[2:]
        if said[0] == "hall":
            said += ["--settings", str(self.server)]
        if said[0] == "move":
            text = self.settings.read_text("utf-8")
            self.settings.write_text(text.replace('kiosk = "K001"', 'kiosk = "K002"'), "utf-8")
        put = ("https://desk.example", self.desk), ("/var/lib/kiosk/", f"{self.folder}/")
        for example, here in put:
            said = [one.replace(example, here) for one in said]
        if "--card" in said:
            self.act("id_card_reader", "put", person="zhang")
        try:
            self._main(line, said)
        finally:
            if "--card" in said:
                self.act("id_card_reader", "take")

    def _main(self, line: str, said: list[str]) -> None:
        environment = {**os.environ, "KT_SETTINGS": str(self.settings)}
        ran = subprocess.run(
            [sys.executable, MAIN, *said], capture_output=True, text=True, timeout=150, env=environment
        )
        told = ran.stdout + ran.stderr
        assert ran.returncode in ((0, 1) if said[0] in EXAMINES else (0,)), f"{line}\n{told}"
        assert told.strip() and "Traceback" not in told, f"{line}\n{told}"
        if said[:3] in (["hall", "machine", "token"], ["hall", "machine", "move"]):
            self.token.write_text(ran.stdout.splitlines()[2], encoding="utf-8")

    def _tells_systemd(self, said: list[str]) -> None:
        """What `systemctl` does with the program; the rest of it is for a booted machine."""
        if said[:1] in (["stop"], ["restart"]) and said[1] == "kiosk-terminal":
            self.program.stop(60)
        if said[:1] in (["start"], ["restart"]) and said[1] == "kiosk-terminal":
            self.program.launch()
            self.program.wait_ready(90)

    def _child(self, name: str, *arguments: object) -> Child:
        argv = (sys.executable, MAIN, *(str(one) for one in arguments))
        unseen = {"SDL_VIDEODRIVER": "offscreen"}
        return Child(
            Command(name, argv, ready=f"^{name} ready", environment=unseen), self.folder / f"{name}.log"
        )


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with ExitStack() as stack:
        one = Place(tmp_path, stack)
        one.program.launch()
        one.program.wait_ready(90)
        yield one


@pytest.mark.timeout(900)  # some thirty programs, one after the other: a busy machine takes minutes
def test_what_the_program_is_told_works_as_it_stands_there(place: Place) -> None:
    """From the first doctor to the end of a terminal, in the manual's order."""
    typed = [line for line in manual.commands() if line.startswith(("sudo kiosk ", "sudo systemctl "))]
    assert len(typed) > 25
    for line in typed:
        if line != "sudo kiosk back":  # changes releases: tests/deploy/test_install_otherwise.py
            place.types(line)
    assert list(place.folder.glob("support-*.tar.gz")) and (place.folder / "found.toml").is_file()


def test_no_command_is_left_that_no_test_types() -> None:
    from tests.deploy import bare_root, test_boot, test_install, test_install_otherwise

    typed = {*manual.with_kiosk(), "make bundle"}
    typed |= {f"{manual.INSTALL}{shlex.join(one)}" for one in manual.on_a_bare_machine()}
    typed |= {f"sudo {one}" for one in manual.on_a_running_system()}
    assert {shlex.join(shlex.split(one)) for one in manual.commands()} == {
        shlex.join(shlex.split(one)) for one in typed
    }
    whole = manual.on_a_bare_machine()
    assert ["terminal", *bare_root.TOLD] in whole and ["check"] in whole and len(whole) == 2
    assert "on_a_running_system" in Path(test_boot.__file__).read_text("utf-8")
    otherwise = Path(test_install_otherwise.__file__).read_text("utf-8")
    assert '"kiosk", "back"' in otherwise
    assert "*TOLD" in Path(test_install.__file__).read_text("utf-8")
    assert '"check"' in Path(test_install.__file__).read_text("utf-8")
    made = subprocess.run(["make", "-n", "bundle"], cwd=REPO, capture_output=True, text=True, check=True)
    assert "config/deploy/bundle.sh" in made.stdout, "what tests/deploy/bare_root.py makes its bundle with"


def test_every_page_of_the_technicians_mode_is_told_in_the_words_of_the_screen() -> None:
    table = manual.MANUAL[manual.MANUAL.index("| On the screen |") :]
    for part in menu.PARTS:
        assert words(f"technician.part_{part.value}").zh in table, part.value
    assert words("screen.work_leave").zh in manual.MANUAL
    for act in ("test", "change_paper", "change_toner", "change_ribbon", "blanks", "camera"):
        assert words(f"technician.act_{act}").zh in manual.MANUAL, act
    for act in (*menu.ACTIONS, "changed", "keep", "take_down", "stick"):
        assert words(f"technician.act_{act}").zh in manual.MANUAL, act


def test_what_the_manual_calls_by_name_is_there() -> None:
    assert {"terminal_store_failed"} <= set(faults())
    for picture in re.findall(r'src="([^"]+)"', manual.MANUAL):
        assert (REPO / "docs" / picture).is_file(), picture
    for number in re.findall(r"exit codes: (.+?)\.", manual.MANUAL)[0].split(", "):
        assert re.match(r"\d+ |anything else", number), number
