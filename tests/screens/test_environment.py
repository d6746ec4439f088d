"""Given a folder of our own for Kivy, then it finds there what it draws with, and no styles of widgets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = """
import json, sys
from pathlib import Path
from screens import environment
environment.prepare(Path(sys.argv[1]), 540, 960, False)
from kivy import kivy_shader_dir
from kivy.core.window import Window
from kivy.lang import Builder
styles = [rule for _, rule in Builder.rules if str(rule.ctx.filename).endswith("style.kv")]
print(json.dumps({"styles": len(styles), "size": Window.size,
                  "shader": (Path(kivy_shader_dir) / "default.fs").is_file()}))
"""


def _started(home: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(home)],
        cwd=_ROOT,
        env={**os.environ, "SDL_VIDEODRIVER": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_a_window_opens_without_the_styles_of_widgets(tmp_path: Path) -> None:
    assert _started(tmp_path / "kivy") == {"styles": 0, "size": [540, 960], "shader": True}


def test_the_links_of_a_release_that_has_gone_are_made_anew(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "glsl").symlink_to(tmp_path / "gone")
    (data / "fonts").symlink_to(_ROOT)
    assert _started(tmp_path)["shader"] is True
    assert (data / "fonts" / "Roboto-Regular.ttf").is_file()
