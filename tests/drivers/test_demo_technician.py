"""The demo's technician: registered once, so that whoever tries the demo can enter the technician's mode."""

from __future__ import annotations

import stat
from pathlib import Path

from drivers.virtual import demo_settings, demo_technician
from drivers.virtual.demo_settings import REPO, DemoSettings, Ports
from kiosk.technician import people

MAIN = REPO / "main.py"


def test_he_is_registered_once_and_anew_when_his_file_is_gone(tmp_path: Path) -> None:
    settings = demo_settings.write_terminal(DemoSettings(data=tmp_path), Ports())
    first = demo_technician.ensure(tmp_path, settings, MAIN)
    kept = tmp_path / demo_technician.NAME
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    (known,) = people.read(tmp_path / "technicians.toml")
    assert (known.number, known.secret) == (first.number, first.secret)
    assert demo_technician.ensure(tmp_path, settings, MAIN) == first == demo_technician.read(tmp_path)
    (tmp_path / "technicians.toml").unlink()
    second = demo_technician.ensure(tmp_path, settings, MAIN)
    assert second != first and people.read(tmp_path / "technicians.toml")[0].secret == second.secret
