"""When the terminal cannot start: a line for the technician, a code for systemd, a page for people."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import ends
from config.faults import fault
from config.words import words
from drivers.virtual import demo_settings, display
from drivers.virtual.demo_settings import DemoSettings, Ports
from drivers.virtual.processes import Child, Command
from kiosk import last_end, notice
from kiosk.data.store import Store
from kiosk.enrolment.enrolled_settings import RETIRED
from tests.smoke.window import Outline, Window

REPO = Path(__file__).resolve().parents[2]
HERE = {"zh": "二楼服务台旁", "en": "Beside the desk on the second floor"}


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("display")
    with Child(display.screen(540, 960), folder / "display.log") as xvfb:
        yield display.number(xvfb)


@pytest.fixture
def near() -> Iterator[Path]:
    """A folder whose name is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="kt-") as folder:
        yield Path(folder)


def settings(folder: Path) -> Path:
    """A demo terminal's settings, with no device at all."""
    changes = {
        "devices": {},
        "identity.elsewhere": HERE,
        "screen.outline_socket": str(folder / "o"),
        "screen.width": 540,
        "screen.height": 960,
    }
    return demo_settings.write_terminal(
        DemoSettings(data=folder, changes=changes), Ports(broker=9, platform=9)
    )


def start(file: Path, screen: str, *before: str) -> subprocess.CompletedProcess[str]:
    """`main.py terminal` to its end."""
    command = [*before, sys.executable, str(REPO / "main.py"), "terminal", "--settings", str(file)]
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DISPLAY", "SDL_VIDEODRIVER")
    }
    environment |= {"DISPLAY": screen} if screen else {}
    return subprocess.run(command, capture_output=True, text=True, timeout=90, env=environment)


def one_line(ended: subprocess.CompletedProcess[str], code: str) -> str:
    """The line that says why; nothing else of Python's may stand beside it."""
    assert "Traceback" not in ended.stderr, ended.stderr
    (line,) = [one for one in ended.stderr.splitlines() if one.startswith(f"{code}: ")]
    assert line.endswith(fault(code).technician.en)
    return line


class Shown:
    """`main.py notice` as systemd starts it, on a screen."""

    def __init__(self, file: Path, screen: str) -> None:
        self.folder = file.parent
        self.mouth = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.mouth.bind(str(self.folder / "n"))
        self.mouth.settimeout(60)
        argv = (sys.executable, str(REPO / "main.py"), "notice", "--settings", str(file))
        said = {"DISPLAY": screen, "NOTIFY_SOCKET": str(self.folder / "n"), "SDL_VIDEODRIVER": "x11"}
        command = Command("notice", argv, ready="^notice ready", environment=said, stop_signal=signal.SIGTERM)
        self.child = Child(command, self.folder / "notice.log")
        self.window = Window(screen, self.folder / "o")

    def __enter__(self) -> Outline:
        self.child.launch()
        self.child.wait_ready(60)
        assert b"READY=1" in self.mouth.recv(4096), "systemd hears that the page stands"
        return self.window.page("OutOfService")

    def __exit__(self, *_: object) -> None:
        code = self.child.stop(20)
        self.mouth.close()
        assert code == ends.DONE, self.child.tail()


def test_a_corrupt_store_is_told_noted_and_shown_to_the_citizen_kindly(near: Path, screen: str) -> None:
    file = settings(near)
    data = near / "terminal"
    Store(data).close()
    (data / "terminal.sqlite").write_bytes(b"this is no database" * 500)
    ended = start(file, screen)
    assert ended.returncode == ends.OF_FAULT["terminal_store_failed"]
    assert str(data) in one_line(ended, "terminal_store_failed")
    assert last_end.read(data) == "terminal_store_failed"
    assert set(json.loads((data / last_end.FILE).read_text())) == {"code", "at"}, (
        "a code, and nothing of anybody"
    )
    with Shown(file, screen) as page:
        assert words("journey.locked").zh in page.text
        assert fault("terminal_store_failed").citizen.zh in page.text
        assert "12345" in page.text.replace(" ", "")


def test_settings_with_a_broken_line_still_say_whom_to_call(near: Path, screen: str) -> None:
    file = settings(near)
    file.write_text(file.read_text("utf-8").replace("[link]", "[link\nport = = 3"), "utf-8")
    ended = start(file, screen)
    assert ended.returncode == ends.WRONG_INPUT and "terminal.toml: not valid TOML" in ended.stderr
    with Shown(file, screen) as page:
        assert fault("terminal_settings_broken").citizen.zh in page.text
        assert "12345" in page.text.replace(" ", "")


def test_no_display_a_second_terminal_and_a_lost_key_have_each_their_line_and_code(
    near: Path, screen: str
) -> None:
    file, data = settings(near), near / "terminal"
    ended = start(file, "")
    assert ended.returncode == ends.OF_FAULT["terminal_no_display"]
    one_line(ended, "terminal_no_display")
    store = Store(data)
    ended = start(file, screen)
    store.close()
    assert ended.returncode == ends.OF_FAULT["terminal_twice"]
    one_line(ended, "terminal_twice")
    (data / "master.key").write_bytes(b"torn")
    ended = start(file, screen)
    assert ended.returncode == ends.OF_FAULT["terminal_key_missing"]
    one_line(ended, "terminal_key_missing")
    assert (data / "master.key").read_bytes() == b"torn", "nothing is made anew over what may be restored"


def test_a_full_disk_is_told_though_nothing_can_be_noted_on_it(near: Path, screen: str) -> None:
    """In a mount namespace of its own, on a file system of 600 kB that is full."""
    file = settings(near)
    data = near / "terminal"
    data.mkdir()
    script, python = near / "full.sh", f"{sys.executable} -c"
    head = "import sys; from pathlib import Path; it = Path(sys.argv[1]);"
    script.write_text(
        f"""mount -t tmpfs -o size=600k none {data} || exit 99
        {python} '{head} from kiosk.data.store import Store; Store(it).close()' {data}
        dd if=/dev/zero of={data}/filler bs=1k 2>/dev/null
        {sys.executable} main.py terminal --settings {file}; echo exit $?
        {python} '{head} from kiosk.notice import known; print(known(it).page.note.zh)' {file}
        """,
        "utf-8",
    )
    environment = {**os.environ, "DISPLAY": screen, "SDL_VIDEODRIVER": "x11", "PYTHONIOENCODING": "utf-8"}
    ran = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", str(script)],
        capture_output=True,
        text=True,
        timeout=90,
        cwd=REPO,
        env=environment,
    )
    assert f"exit {ends.OF_FAULT['terminal_disk_full']}" in ran.stdout, ran.stdout + ran.stderr
    one_line(ran, "terminal_disk_full")
    assert fault("terminal_disk_full").citizen.zh in ran.stdout


def test_whatever_is_left_of_the_settings_there_is_a_page_with_words(near: Path) -> None:
    whole = settings(near).read_text("utf-8")
    page = notice.known(near / "terminal.toml").page
    assert page.note is None and page.elsewhere is not None and HERE["zh"] in page.elsewhere.zh
    file = near / "other.toml"
    for broken in (
        "",
        "\0",
        "[",
        "= 1\n",
        "[identity]\nhelp_phone = 3\nhall_name = []\ndata = 1",
        whole[: len(whole) // 3],
    ):
        file.write_text(broken, "utf-8")
        page = notice.known(file).page
        assert page.what and page.call.zh and page.note == fault("terminal_settings_broken").citizen
    file.write_bytes(b"\xff\xfe" + whole.encode("utf-16-le"))
    assert notice.known(file).page.call == words("journey.call_desk")
    file.unlink()
    assert notice.known(file).page.note == fault("terminal_settings_broken").citizen
    shutil.copy(near / "terminal.toml", file)
    (near / "terminal").mkdir(exist_ok=True)
    last_end.note(near / "terminal", last_end.CRASHED)
    assert notice.known(file).page.note == fault("terminal_crashed").citizen
    (near / "terminal" / last_end.FILE).write_text('{"code": "no such"}')
    assert notice.known(file).page.note is None
    (near / "terminal" / RETIRED).touch()
    assert notice.known(file).page.note == fault("terminal_settings_broken").citizen, "its keys are gone"
