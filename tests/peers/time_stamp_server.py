"""An RFC 3161 authority: `openssl ts -reply`, a child for each stamp, behind the smallest HTTP front."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.peers import openssl

CONFIGURATION = """
[tsa]
default_tsa = ours
[ours]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/signer.pem
signer_key = {folder}/signer.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


@dataclass
class TimeStampServer:
    """A running authority.

    `mood` is well, down, slow, babbling, refusing, dripping, or replaying (the stamp of something else).
    """

    url: str
    root: Path  # PEM of its root
    mood: str = "well"
    asked: int = 0


@contextmanager
def time_stamp_server(folder: Path) -> Iterator[TimeStampServer]:
    """The authority with keys of its own in `folder`, for as long as the block runs."""
    folder.mkdir(parents=True, exist_ok=True)
    openssl.authority(folder, "Stamp")
    usage = ("extendedKeyUsage=critical,timeStamping", "keyUsage=critical,digitalSignature")
    openssl.certified(folder, "Stamp", ("rsa:2048",), "basicConstraints=CA:false", *usage)
    (folder / "serial").write_text("01")
    (folder / "ts.cnf").write_text(CONFIGURATION.format(folder=folder))
    server = TimeStampServer("", folder / "root.pem")
    turn = threading.Lock()  # openssl counts in a file

    class Front(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server.asked += 1
            query = self.rfile.read(int(self.headers["Content-Length"]))
            if (mood := server.mood) == "slow":
                return self._say_nothing()
            with turn:
                answer = b"\x30\x03" if mood == "babbling" else _reply(folder, query, mood)
            self.send_response(503 if mood == "down" else 200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            try:
                for place in range(0, len(answer), 50 if mood == "dripping" else len(answer)):
                    self.wfile.write(answer[place : place + 50] if mood == "dripping" else answer)
                    time.sleep(0.1 if mood == "dripping" else 0)
            except OSError:
                self.close_connection = True  # who asked has given up

        def _say_nothing(self) -> None:
            """As long as it is slow; then whoever asked has gone."""
            while server.mood == "slow":
                time.sleep(0.02)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Front) as http:
        server.url = f"http://127.0.0.1:{http.server_port}/"
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.mood = "well"
            http.shutdown()
            thread.join(60)


def _reply(folder: Path, query: bytes, mood: str) -> bytes:
    asked, answer = folder / "query.tsq", folder / "answer.tsr"
    # A digest that the configuration does not admit: openssl answers with a proper rejection.
    asked.write_bytes({"refusing": _query_by_md5, "replaying": _another}.get(mood, lambda: query)())
    subprocess.run(
        ["openssl", "ts", "-reply", "-config", folder / "ts.cnf", "-queryfile", asked, "-out", answer],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return answer.read_bytes()


def _another() -> bytes:
    return openssl.run("ts", "-query", "-digest", "0" * 64, "-sha256", "-cert")


def _query_by_md5() -> bytes:
    return openssl.run("ts", "-query", "-digest", "0" * 32, "-md5", "-cert")
