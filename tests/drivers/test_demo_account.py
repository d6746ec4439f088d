"""The demo's account at the desk: made once, kept for its owner, made anew when the store lost it."""

from __future__ import annotations

import stat
from pathlib import Path

from drivers.virtual import demo_account
from drivers.virtual.demo import MAIN


def test_the_demo_makes_its_account_once_and_again_when_it_was_lost(tmp_path: Path) -> None:
    settings = f'data = "{tmp_path}/hall"\narea = "a"\nhall = "h"\n'
    (tmp_path / "hall.toml").write_text(settings, encoding="utf-8")
    first = demo_account.ensure(tmp_path, MAIN)
    kept = tmp_path / demo_account.NAME
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600 and len(first.password) >= 10
    assert first.token.startswith("kt_") and "\n" not in first.token
    assert demo_account.ensure(tmp_path, MAIN) == first == demo_account.read(tmp_path)
    kept.unlink()
    second = demo_account.ensure(tmp_path, MAIN)
    assert second.name == first.name and second.password != first.password, "the store knew the name"
