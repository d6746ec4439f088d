"""A sealing service as a process of its own: it holds a key, gets digests, and lets openssl sign.

`python -m tests.peers.sealing_service FOLDER` prints its port. `FOLDER/mood` says how it behaves: well,
down, slow, refusing, babbling, endless, dripping, packed, elsewhere, or foreign (it signs with another key
than it says).
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.peers import openssl

TOKEN = "seal-token"
REPO = Path(__file__).parents[2]


@dataclass(frozen=True)
class SealingService:
    """A running service."""

    url: str
    folder: Path
    process: subprocess.Popen[str]

    def behave(self, mood: str) -> None:
        """From the next request on."""
        (self.folder / "mood").write_text(mood)

    @property
    def log(self) -> str:
        """Every body that it was sent."""
        return (self.folder / "asked").read_text()


@contextlib.contextmanager
def sealing_service(folder: Path, key: tuple[str, ...] = ("rsa:2048",)) -> Iterator[SealingService]:
    """The service with a new key, as our child; it dies with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    openssl.authority(folder, "Sealing service")
    openssl.certified(
        folder, "示例签章服务（样张）", key, "keyUsage=critical,digitalSignature,nonRepudiation"
    )
    (folder / "mood").write_text("well")
    (folder / "asked").write_text("")
    command = [sys.executable, "-m", "tests.peers.sealing_service", str(folder)]
    with subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            yield SealingService(f"http://127.0.0.1:{port}", folder, process)
        finally:
            process.kill()


def _answer(folder: Path, path: str, body: bytes) -> dict[str, str]:
    if path == "/v1/seal":
        return {name: (folder / f"{file}.pem").read_text() for name, file in _SHOWN}
    told = json.loads(body)
    assert told["algorithm"] == "sha256"
    key = "root.key" if (folder / "mood").read_text() == "foreign" else "signer.key"
    digest = base64.b64decode(told["digest"])
    signature = openssl.run(
        "pkeyutl", "-sign", "-inkey", folder / key, "-pkeyopt", "digest:sha256", content=digest
    )
    return {"signature": base64.b64encode(signature).decode()}


_STATUS = {"down": 503, "elsewhere": 302}
_SHOWN = (("certificate", "signer"), ("root", "root"))


def _outlast(folder: Path) -> None:
    """Not a word as long as it is slow: then whoever asked has gone."""
    while (folder / "mood").read_text() == "slow":
        time.sleep(0.02)


def _serve(folder: Path) -> None:
    class Front(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve(b"")

        def do_POST(self) -> None:
            self._serve(self.rfile.read(int(self.headers["Content-Length"])))

        def _serve(self, body: bytes) -> None:
            mood = (folder / "mood").read_text()
            with (folder / "asked").open("ab") as asked:
                asked.write(self.path.encode() + b" " + body + b"\n")
            if mood == "slow":
                return _outlast(folder)
            known = self.headers["Authorization"] == f"Bearer {TOKEN}" and mood != "refusing"
            status = _STATUS.get(mood, 200 if known else 403)
            told = _answer(folder, self.path, body) if status == 200 else {"code": "not_allowed"}
            content = b"[]" if mood == "babbling" else json.dumps(told).encode()
            if mood == "endless":
                content = b" " * 1_000_000 + content
            if mood == "packed":
                content = gzip.compress(content)
            self.send_response(status)
            if mood == "packed":
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Location", self.path)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(OSError):  # who asked has given up
                for piece in (content[i : i + 4] for i in range(0, len(content), 4)):
                    self.wfile.write(piece if mood == "dripping" else content)
                    if mood != "dripping":
                        break
                    time.sleep(0.1)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Front) as http:
        print(http.server_port, flush=True)
        http.serve_forever()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
