"""The desk as a process of its own: it says where it is, and ends at once when told, whoever looks at it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx

from hall import settings
from tests.peers.desk import account, token

CODE = """
import sys
from pathlib import Path
from hall import serve, settings
serve.run_{0}(settings.load(Path(sys.argv[1])))
"""


def start(what: str, folder: Path, port: int = 0) -> subprocess.Popen[str]:
    """`desk` or `ingest` as a child with settings in `folder`."""
    file = folder / "hall.toml"
    file.write_text(
        f'data = "{folder}/data"\narea = "a"\nhall = "h"\n[broker]\nport = 1\n[desk]\nport = {port}\n'
    )
    code = CODE.format(what)
    return subprocess.Popen(
        [sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_the_desk_ends_cleanly_with_a_page_open(tmp_path: Path) -> None:
    child = start("desk", tmp_path)
    try:
        assert child.stdout is not None
        line = child.stdout.readline()
        assert line.startswith("desk ready http://127.0.0.1:")
        address = line.split()[-1]
        told = settings.load(tmp_path / "hall.toml")
        who = token(told, account(told))
        with httpx.stream("GET", f"{address}/events", headers=who, trust_env=False, timeout=60) as events:
            assert next(events.iter_lines()).startswith("retry:")
            child.send_signal(signal.SIGTERM)
            _, said = child.communicate(timeout=60)
        assert child.returncode == 0 and "Traceback" not in said
    finally:
        child.kill()


def test_a_desk_whose_port_is_taken_says_which_and_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        child = start("desk", tmp_path, port)
        try:
            _, said = child.communicate(timeout=60)
        finally:
            child.kill()
    assert child.returncode == 1
    assert (
        f"desk.port {port} cannot be used" in said and "end the program" in said and "Traceback" not in said
    )


def test_without_a_broker_the_ingest_waits_says_why_and_ends_when_told(tmp_path: Path) -> None:
    child = start("ingest", tmp_path)
    try:
        assert child.stderr is not None
        said = child.stderr.readline()
        assert "link_down" in said and "no broker at 127.0.0.1:1" in said
        child.send_signal(signal.SIGTERM)
        out, _ = child.communicate(timeout=60)
        assert child.returncode == 0 and out == ""
    finally:
        child.kill()
