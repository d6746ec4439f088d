"""schemathesis as a child: reads an OpenAPI document and invents requests, right ones and wrong ones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "ignored_auth",
)
# A body that is too large (413) is refused, too, which it does not count among the refusals by itself.
REFUSALS = '[checks.negative_data_rejection]\nexpected-statuses = ["4xx", "5xx"]\n'
SECONDS = 20  # it stops asking then; a quiet machine is through before
# Two threads of it that parse Python at once can fail in Python 3.11 ("AST constructor recursion depth
# mismatch"), which says nothing of what is tried.
WORKERS = "1"


def ask(address: str, document: str, token: str, folder: Path, *more: str) -> str:
    """What it has to complain of: empty when every answer is one that the document knows.

    `token` is what the program shows; `folder` takes its files; `more` are further options.
    """
    file = folder / "openapi.yaml"
    file.write_text(document, encoding="utf-8")
    (folder / "schemathesis.toml").write_text(REFUSALS, encoding="utf-8")
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "run", str(file), "--url", address),
        *("-H", f"Authorization: Bearer {token}", "--checks", ",".join(CHECKS)),
        *("--phases", "examples,coverage,fuzzing", "--mode", "all", "--max-examples", "5"),
        *("--max-time", str(SECONDS), "--seed", "1", "--generation-deterministic"),
        *("--request-timeout", "30", "--workers", WORKERS, "--no-color", *more),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, cwd=folder, check=False)
    if done.returncode == 0 and " generated" in done.stdout:
        return ""
    return done.stdout[-9000:] + done.stderr[-1000:]
