"""The hall's API against its own document: a program invents requests, right ones and wrong ones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx

from hall import openapi, store
from hall.settings import HallSettings
from tests.hall.fleet import fill
from tests.peers.desk import account, desk, token

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "ignored_auth",
)
SECONDS = 20


def test_whatever_is_asked_the_answer_is_one_that_the_document_knows(tmp_path: Path) -> None:
    settings = HallSettings(data=tmp_path / "hall", area="330101", hall="donghu")
    store.migrate(settings)
    engine = store.open_store(settings)
    fill(engine)
    engine.dispose()
    known = token(settings, account(settings))
    document = tmp_path / "openapi.yaml"
    document.write_text(openapi.document(), encoding="utf-8")
    with desk(settings) as address:
        command = [
            *(Path(sys.executable).with_name("schemathesis"), "run", document, "--url", address),
            *("-H", f"Authorization: {known['Authorization']}", "--checks", ",".join(CHECKS)),
            *("--exclude-path", "/metrics"),  # open to programs of this computer, which the test is
            *("--phases", "examples,coverage,fuzzing", "--mode", "all", "--max-examples", "5"),
            *("--max-time", SECONDS, "--seed", "1", "--generation-deterministic"),
            *("--request-timeout", "30", "--workers", "2", "--no-color"),
        ]
        done = subprocess.run(
            [str(word) for word in command],
            capture_output=True,
            text=True,
            timeout=240,
            cwd=tmp_path,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-1000:]
        assert "test cases" in done.stdout.lower(), "something was asked"
        with httpx.Client(base_url=address, headers=known, trust_env=False) as client:
            assert client.get("/api/terminals").status_code == 200, "the desk outlived it"
