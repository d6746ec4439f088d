"""emupos, a receipt printer of another house, as our own child on free ports, with its hands by HTTP.

Set-up makes it in build/peers (config/deploy/peers.sh) where a Python 3.13 or newer is found.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.peers.broker import free_port

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "build" / "peers" / "emupos" / "bin" / "emupos"
SET_UP = ROOT / "config" / "deploy" / "peers.sh"
START_SECONDS = 60.0
_SETTINGS = """schema: 1
api: {{ host: 127.0.0.1, port: {api} }}
devices:
  - id: hall
    type: printer
    profile: epson-tm-t20iii
    receipts_dir: {folder}/receipts
    connections:
      - tcp: {{ port: {tcp} }}
  - id: line
    type: printer
    profile: epson-tm-t20iii
    receipts_dir: {folder}/line-receipts
    connections:
      - serial: {{ pty: true }}
"""


@dataclass(frozen=True)
class Emupos:
    """Two running printers: `hall` on TCP, `line` on a serial line; `ports` by their names."""

    ports: dict[str, str]
    client: httpx.Client

    def fault(self, printer: str, fault: str, *, so: bool = True) -> None:
        """paper-near-end, paper-out, cover-open or offline begins, or ends."""
        way = self.client.put if so else self.client.delete
        way(f"/devices/{printer}/faults/{fault}").raise_for_status()

    def receipts(self, printer: str) -> list[str]:
        """The names of what was printed and cut, oldest first."""
        told = self.client.get(f"/devices/{printer}/receipts").raise_for_status().json()
        return [one["id"] for one in sorted(told, key=lambda one: one["completed_at"])]

    def image(self, printer: str, receipt: str = "latest") -> bytes:
        """A receipt as PNG."""
        return self.client.get(f"/devices/{printer}/receipts/{receipt}/image").raise_for_status().content

    def text(self, printer: str, receipt: str = "latest") -> str:
        """What a receipt says, where it was printed as text."""
        return self.client.get(f"/devices/{printer}/receipts/{receipt}/text").raise_for_status().text


@contextmanager
def emupos(folder: Path) -> Iterator[Emupos]:
    """The printers for as long as the block runs; skips by name where no Python 3.13 was found at set-up."""
    _require()
    api, tcp = free_port(), free_port()
    settings = folder / "emupos.yaml"
    settings.write_text(_SETTINGS.format(api=api, tcp=tcp, folder=folder), encoding="utf-8")
    log = folder / "emupos.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [PROGRAM, "run", "--config", settings],
            stdout=out,
            stderr=subprocess.STDOUT,
            env={"PATH": "/usr/bin:/bin", "TMPDIR": str(folder), "HOME": str(folder)},
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{api}/api/v1", timeout=60.0, trust_env=False) as client:
            _wait(client, process, log)
            ports = {"hall": f"127.0.0.1:{tcp}", "line": str(folder / "emupos" / "line")}
            yield Emupos(ports, client)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(30)


def _require() -> None:
    if PROGRAM.exists():
        return
    if subprocess.run(["bash", SET_UP, "--ready"], timeout=60).returncode:
        raise RuntimeError("emupos is not there though a Python for it is: run `make setup`")
    pytest.skip("emupos: it needs Python 3.13 or newer, and none was found at set-up")


def _wait(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            client.get("/health").raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.05)
    raise RuntimeError(f"emupos did not start:\n{log.read_text(errors='replace')[-2000:]}")
