"""The platform as a process: it says when it is ready, ends cleanly, and is killed without losing a case."""

from __future__ import annotations

import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
import tomli_w

from hall.platform.clock import china_now
from hall.platform.openapi import document
from hall.platform.serve import run_platform
from hall.platform.settings import ServerSettings
from tests.hall.platform.terminal import TOKEN, Terminal, proof

ROOT = Path(__file__).parents[3]


@contextmanager
def process(settings: ServerSettings) -> Iterator[tuple[subprocess.Popen[str], Terminal]]:
    """The platform as a child; killed at the end if it still runs."""
    told = {"data": str(settings.data), "port": 0, "tokens": [TOKEN]}
    path = settings.data / "settings.toml"
    path.write_text(tomli_w.dumps(told), "utf-8")
    child = subprocess.Popen(
        [sys.executable, "-m", "hall.platform.serve", path], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout is not None
        ready = child.stdout.readline()
        assert ready.startswith("platform ready http://127.0.0.1:"), ready
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with httpx.Client(base_url=ready.split()[-1], headers=headers, timeout=60) as http:
            yield child, Terminal(http)
    finally:
        child.kill()
        child.wait(60)
        if child.stdout is not None:
            child.stdout.close()


def test_it_ends_cleanly_when_told_to(settings: ServerSettings) -> None:
    with process(settings) as (child, terminal):
        assert terminal.http.get("/v1/health").json()["open"]
        child.send_signal(signal.SIGTERM)
        assert child.wait(60) == 0


def test_killed_in_the_middle_every_key_is_filed_once_or_never_seen(settings: ServerSettings) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    answered: dict[str, dict[str, Any]] = {}
    sent: dict[str, datetime] = {}
    for _ in range(2):
        with process(settings) as (child, terminal):
            subject = terminal.lay_card("zhang")
            threading.Timer(chance.uniform(0.02, 0.3), child.kill).start()
            try:
                while True:
                    key, now = str(uuid.uuid4()), china_now()
                    sent[key] = now
                    answered[key] = terminal.file(proof(subject, now), key).json()
            except httpx.HTTPError:
                pass  # killed: the last key has no answer

    with process(settings) as (_, terminal):
        subject = terminal.lay_card("zhang")
        for key, now in sent.items():
            asked = terminal.http.get(f"/v1/cases/by-key/{key}")
            if key in answered:
                assert asked.json() == answered[key]
            result = asked.json() if asked.status_code == 200 else None
            if result is None:
                assert asked.json()["code"] == "key_unknown"
                result = terminal.file(proof(subject, now), key).json()
            assert sha256(terminal.pdf(result)).hexdigest() == result["documents"][0]["sha256"]

    connection = sqlite3.connect(settings.data / "platform.db")
    keys = [row[0] for row in connection.execute("SELECT key FROM cases")]
    (papers,) = connection.execute("SELECT count(*) FROM documents").fetchone()
    connection.close()
    assert sorted(keys) == sorted(sent) and papers == len(keys)


def test_a_port_that_is_taken_is_said_before_anything_is_opened(settings: ServerSettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with pytest.raises(OSError):
            run_platform(settings.model_copy(update={"port": taken.getsockname()[1]}))
    assert not (settings.data / "platform.db").exists()


def test_the_printed_interface_is_the_one_that_is_served() -> None:
    kept = (ROOT / "docs" / "openapi-platform.yaml").read_text("utf-8")
    assert kept == document(), "run: python main.py hall openapi platform > docs/openapi-platform.yaml"
