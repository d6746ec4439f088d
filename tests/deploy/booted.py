"""A machine with a real systemd as process 1, in namespaces of its own; only root can make one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from drivers.virtual.demo_settings import REPO
from tests.deploy.bare_root import Root

PATIENCE = 120.0  # seconds; a busy machine takes one to boot
CGROUPS = (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup"))  # where version 2 is: hybrid, or alone


@dataclass(frozen=True)
class Machine:
    """A booted one; `init` is its process 1 as this machine counts."""

    init: int

    def run(self, *command: str, seconds: float = PATIENCE) -> str:
        """What a command says in there, to be asked about; its exit code does not matter."""
        told = subprocess.run(self._inside(*command), capture_output=True, text=True, timeout=seconds)
        return (told.stdout + told.stderr).strip()

    def write(self, path: str, text: str) -> None:
        """Writes a file in there."""
        subprocess.run(
            self._inside("sh", "-c", f"cat > {path}"), input=text, text=True, check=True, timeout=PATIENCE
        )

    def state(self, unit: str) -> str:
        """As `systemctl is-active` says it."""
        return self.run("systemctl", "is-active", unit)

    def show(self, unit: str, *what: str) -> str:
        """Properties at one moment, `Name=value` a line."""
        return self.run("systemctl", "show", "-p", ",".join(what), unit)

    def until(self, true: Callable[[], object], why: str, seconds: float = PATIENCE) -> None:
        """Waits; what the machine has logged stands in the failure."""
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                raise AssertionError(
                    f"{why}\n{self.run('journalctl', '-n', '80', '--no-pager', '-o', 'cat')}"
                )
            time.sleep(0.1)

    def _inside(self, *command: str) -> list[str]:
        return ["nsenter", "-t", str(self.init), "-m", "-p", "-n", "-i", "-u", "-r", "-w", *command]


@contextmanager
def booted(
    folder: Path, files: Mapping[str, str], part: str = "terminal", user: str = "kiosk"
) -> Iterator[Machine]:
    """Boots into kiosk-test.target; `files` are laid over all others before, by their path from the root."""
    root, laid = folder / "root", folder / "laid"
    root.mkdir()
    for path, text in files.items():
        (laid / path).parent.mkdir(parents=True, exist_ok=True)
        (laid / path).write_text(text)
    boot = Path(__file__).with_name("boot.sh")
    spaces = ["unshare", "--pid", "--mount", "--cgroup", "--uts", "--ipc", "--net", "--fork", "--kill-child"]
    source = [str(root), str(REPO), sys.prefix, sys.base_prefix, str(laid), part, user]
    try:
        with started(folder, [*spaces, str(boot), *source]) as machine:
            yield machine
    finally:
        shutil.rmtree(laid, ignore_errors=True)


@contextmanager
def booted_root(folder: Path, root: Root, lent: Mapping[str, Path]) -> Iterator[Machine]:
    """Boots what install.sh has made of a root, with all that it has enabled; what it writes stays there."""
    target = "[Unit]\nRequires=basic.target\nAfter=basic.target\n"
    root.run("sh", "-c", f"echo '{target}' > /etc/systemd/system/kiosk-test.target")
    program = str(Path(__file__).with_name("as_process_1.sh"))
    with started(folder, root.shown_to([program], lent, ["--cgroup", "--uts", "--ipc"])) as machine:
        yield machine


@contextmanager
def started(folder: Path, argv: Sequence[str]) -> Iterator[Machine]:
    """Runs the command, whose only child becomes systemd, in a control group of its own; to its end."""
    groups = next(one for one in CGROUPS if (one / "cgroup.procs").exists())
    group = Path(tempfile.mkdtemp(prefix="kiosk-test-", dir=groups))
    group.chmod(0o755)
    enter = f'echo $$ > {group}/cgroup.procs; exec "$@"'
    with (folder / "boot.log").open("wb") as log:
        outer = subprocess.Popen(["sh", "-c", enter, "sh", *argv], stdout=log, stderr=log)
    try:
        machine = Machine(_first_child(outer, folder / "boot.log"))
        machine.until(
            lambda: "running" in (up := machine.run("systemctl", "is-system-running")) or up == "degraded",
            "no boot",
        )
        yield machine
    finally:
        outer.send_signal(signal.SIGKILL)
        outer.wait(PATIENCE)
        _remove(group)


def _first_child(outer: subprocess.Popen[bytes], log: Path) -> int:
    """Process 1, once it is systemd."""
    end = time.monotonic() + PATIENCE
    children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children")
    while time.monotonic() < end and outer.poll() is None:
        for child in children.read_text().split():
            if Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                return int(child)
        time.sleep(0.05)
    raise AssertionError(f"systemd did not start: {log.read_text()}")


def _remove(group: Path) -> None:
    """The kernel empties a group whose process 1 has died; it may take a moment."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            for folder, _, _ in os.walk(group, topdown=False):
                os.rmdir(folder)
            return
        except OSError:
            time.sleep(0.05)
