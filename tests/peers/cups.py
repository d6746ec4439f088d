"""A print server of our own for a test: Debian's cupsd as a child on a free port, nothing of the system's.

It never runs as root: cupsd insists on another user for its filters, and a folder that this user can reach.
So a test that runs as root starts it as `nobody`, in a folder that is given to him; a plain user starts it
as himself. Both are then the same server.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from drivers.virtual.processes import Child, Command, accepts
from tests.peers.broker import free_port

DEPLOY = Path(__file__).parents[2] / "config" / "deploy"
DROP_IN = DEPLOY / "cups-empty-spool.conf"
PLAIN_USER, PLAIN_GROUP = "nobody", "nogroup"
_LPADMIN_SECONDS = 60.0
_PROGRAMS = {"cupsd": "cups-daemon", "lpadmin": "cups-client", "setpriv": "util-linux"}

_POLICY = re.compile(r"<Policy default>.*</Policy>", re.DOTALL)
_OPEN_POLICY = """<Policy default>
  JobPrivateAccess all
  JobPrivateValues none
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
"""
_FOR_TESTS = """
DefaultEncryption Never
LogLevel debug
JobKillDelay 2
DirtyCleanInterval 0
"""

_FILES = """
ServerRoot {folder}/root
ServerBin /usr/lib/cups
DataDir /usr/share/cups
RequestRoot {folder}/spool
CacheDir {folder}/cache
StateDir {folder}/state
TempDir {folder}/temp
ServerKeychain {folder}/root/ssl
ErrorLog {folder}/error.log
AccessLog {folder}/access.log
PageLog {folder}/page.log
FatalErrors config
"""


class Cups:
    """A running print server. `kill` is kill -9 of it and of all it started; `start` again keeps its jobs.

    It has the terminal's own settings, but for its port and that whoever asks may make a queue;
    `keeps_files`: it keeps what it printed for a day, as Debian sets it up.
    """

    def __init__(self, *, keeps_files: bool = False) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="kt-cups-"))
        self._root = os.geteuid() == 0
        for name in ("root", "root/ssl", "root/ppd", "spool", "spool/tmp", "cache", "state", "temp"):
            (self.folder / name).mkdir(mode=0o700, exist_ok=True)
        self._write("cupsd.conf", _settings(keeps_files) + _FOR_TESTS)
        self._write("cups-files.conf", _FILES)
        if self._root:
            for path in (self.folder, *self.folder.rglob("*")):
                shutil.chown(path, PLAIN_USER, PLAIN_GROUP)
        self._child = Child(self._command(), Path(self.folder) / "output.log")

    def start(self) -> None:
        """Starts it as a terminal's CUPS is started and waits until it listens. ProcessError with its words
        when it does not."""
        self._empty_spool()
        self._child.launch()
        self._child.wait_ready(60)

    def kill(self) -> None:
        """kill -9 in the middle of whatever it does, filters and backends too."""
        with contextlib.suppress(psutil.NoSuchProcess):
            everybody = [psutil.Process(self._child.pid)]
            everybody += everybody[0].children(recursive=True)
            for one in everybody:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()
            psutil.wait_procs(everybody[1:], 30)
        self._child.kill9()

    def end(self) -> None:
        """Ends it for good; nothing of it is left on disk."""
        if self._child.pid:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def pause(self) -> None:
        """It keeps its port and says nothing any more (SIGSTOP)."""
        self._child.pause()

    def resume(self) -> None:
        """It goes on where it was."""
        self._child.resume()

    def queue(self, name: str, device: str) -> str:
        """Makes a driverless queue (`-m everywhere`) towards the printer at `device`; its address.

        RuntimeError with lpadmin's words.
        """
        told = [_program("lpadmin"), "-h", f"127.0.0.1:{self.port}", "-p", name, "-E", "-v", device]
        environment = {**os.environ, "TMPDIR": str(self.folder), "HOME": str(self.folder)}
        made = subprocess.run(
            [*told, "-m", "everywhere"],
            capture_output=True,
            text=True,
            timeout=_LPADMIN_SECONDS,
            env=environment,
        )
        if made.returncode:
            raise RuntimeError(f"lpadmin: {made.stderr}\n{self.log()}")
        return f"ipp://127.0.0.1:{self.port}/printers/{name}"

    def log(self) -> str:
        """The last of what it wrote about its work."""
        with contextlib.suppress(OSError):
            return (self.folder / "error.log").read_text(errors="replace")[-4000:]
        return ""

    @property
    def listening(self) -> bool:
        """True while somebody takes connections on its port."""
        return accepts(self.port)

    def _empty_spool(self) -> None:
        """By the very line that stands in the terminal's drop-in for the service."""
        [line] = [one for one in DROP_IN.read_text().splitlines() if one.startswith("ExecStartPre=")]
        command = line.partition("=")[2].replace("/var/spool/cups", str(self.folder / "spool"))
        subprocess.run(shlex.split(command), check=True, timeout=60)

    def _command(self) -> Command:
        server = [_program("cupsd"), "-f", "-c", f"{self.folder}/cupsd.conf"]
        server += ["-s", f"{self.folder}/cups-files.conf"]
        if self._root:  # who changes his user is no longer ended with his owner, so it is asked for again
            user = [f"--reuid={PLAIN_USER}", f"--regid={PLAIN_GROUP}", "--clear-groups", "--pdeathsig=TERM"]
            server = [_program("setpriv"), *user, *server]
        bus = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent"}  # the system's is none of its business
        return Command("cupsd", server, port=self.port, environment=bus)

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text.format(port=self.port, folder=self.folder), encoding="ascii")
        (self.folder / name).chmod(0o600)


def _settings(keeps_files: bool) -> str:
    text = _POLICY.sub(_OPEN_POLICY, (DEPLOY / "cupsd.conf").read_text(encoding="ascii"))
    lines = [line for line in text.splitlines() if not line.startswith(("#", "Listen /", "LogLevel"))]
    text = "\n".join(lines).replace("127.0.0.1:631", "127.0.0.1:{port}")
    kept = text.replace("PreserveJobFiles No", "PreserveJobFiles 86400")
    assert kept != text
    return kept if keeps_files else text


@contextmanager
def cups(*, keeps_files: bool = False) -> Iterator[Cups]:
    """A print server for as long as the block runs."""
    running = Cups(keeps_files=keeps_files)
    try:
        running.start()
        yield running
    finally:
        running.end()


def _program(name: str) -> str:
    found = shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if found is None:
        package = _PROGRAMS[name]
        raise RuntimeError(f"{name} is not installed: apt-get install --no-install-recommends {package}")
    return found
