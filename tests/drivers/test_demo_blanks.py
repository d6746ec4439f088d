"""The demo's first pack of blanks: terminal and tray have the same, and no later start brings another."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from config import settings
from drivers.virtual import demo_blanks
from drivers.virtual.demo import MAIN
from drivers.virtual.demo_settings import DemoSettings, Ports, choose_ports, wires, write_terminal
from drivers.virtual.processes import Child, Command
from kiosk.printing import stock_desk


@pytest.fixture
def ports() -> Ports:
    return choose_ports(0)


@pytest.fixture
def bench(tmp_path: Path, ports: Ports) -> Iterator[Child]:
    argv = (sys.executable, "-m", "drivers.virtual.bench", "--fast", "--folder", str(tmp_path / "bench"))
    command = Command(
        "bench", (*argv, f"--port={ports.bench}", *wires(ports)), ready="^bench ready", folder=MAIN.parent
    )
    with Child(command, tmp_path / "bench.log") as child:
        yield child


def test_given_a_first_start_then_account_and_tray_hold_the_pack_and_keep_it(
    tmp_path: Path, ports: Ports, bench: Child, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = DemoSettings(data=tmp_path)
    terminal = settings.load(write_terminal(demo, ports))

    def tray() -> tuple[int, str]:
        state = httpx.get(f"http://127.0.0.1:{ports.bench}/state", trust_env=False).json()["special_printer"]
        return state["blanks"], state["next"]

    pack = demo_blanks.enter(demo, MAIN)
    assert pack is not None
    demo_blanks.lay(pack, ports.bench, lambda: None)
    account = stock_desk.account(terminal, "special_printer")
    assert (account.blank, account.next_number) == tray() == (demo_blanks.COUNT, demo_blanks.FIRST)

    bench.kill9()
    bench.restart()
    assert demo_blanks.enter(demo, MAIN) is None, "both remember"
    assert tray() == (demo_blanks.COUNT, demo_blanks.FIRST)

    (tmp_path / "bench" / "special-tray.json").unlink()  # the account still holds the old pack
    again = demo_blanks.enter(demo, MAIN)
    assert again is not None
    demo_blanks.lay(again, ports.bench, lambda: None)
    assert "50 blanks are left" in capsys.readouterr().err
    assert stock_desk.account(terminal, "special_printer") == account
