"""A bare Debian 12 in which install.sh runs: debootstrap's root, and a layer above it of what a run changes.

Every command has mount, process and (unless it is told otherwise) network of its own: nothing is mounted
outside, nothing outlives it, and what lies in the layer is exactly what was changed. Only root can do this.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
KEPT = REPO / "build" / "deploy-tests"  # a base and a bundle, made once
SECONDS = 900.0  # of patience for one run
_MEMORY = Path("/dev/shm")
MEMORY = 8 << 30  # bytes; a machine is one and a half
KEEP_SECONDS = 7200.0  # a bundle may be in the hands of another worker
# Of the machine's own: how it reaches packages. Nothing else of its environment goes in.
TRUSTED = "/run/trusted.pem"  # lent: the roots that PIP_CERT names
OURS = re.compile(r"(PIP_.*|.*_proxy)", re.IGNORECASE)

INSIDE = """
set -e
mount -t overlay overlay -o "lowerdir=$BELOW,upperdir=$LAYER,workdir=$WORK" "$AT"
mount -t proc proc "$AT/proc"
mount -t sysfs -o ro sysfs "$AT/sys" 2>/dev/null || true
for folder in run tmp; do mount -t tmpfs tmpfs "$AT/$folder"; done
while [ "$1" != -- ]; do
  if [ -d "$2" ]; then mkdir -p "$AT$1"; else mkdir -p "$(dirname "$AT$1")"; : >>"$AT$1"; fi
  mount --bind "$2" "$AT$1"
  [ "$3" = write ] || mount -o remount,bind,ro "$AT$1"
  shift 3
done
shift
"""


@dataclass(frozen=True)
class Root:
    """One machine: the layers below (the topmost first), its own layer, and where they are laid together."""

    below: tuple[Path, ...]
    folder: Path

    @property
    def layer(self) -> Path:
        """What was changed in here, and nothing else."""
        return self.folder / "layer"

    def above(self, folder: Path) -> Root:
        """A machine that begins as this one is now."""
        return made((self.layer, *self.below), folder / "above")

    def command(
        self, inside: Sequence[str], lent: Mapping[str, Path], network: bool, user: str = "", write: str = ""
    ) -> list[str]:
        """The command line for a run in here; `lent` are places in it that show folders of this machine."""
        own = [f"{name}={value}" for name, value in os.environ.items() if network and OURS.fullmatch(name)]
        own += [f"PIP_CERT={TRUSTED}"] if network and os.environ.get("PIP_CERT") else []
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        plain = ["setpriv", "--reuid", user, "--regid", _group(user), "--clear-groups"] if user else []
        there = f'exec chroot "$AT" env -i {path} HOME=/root "$@"'
        return self._apart([] if network else ["--net"], there, lent, write, [*own, *plain, *inside])

    def shown_to(
        self, program: Sequence[str], lent: Mapping[str, Path], spaces: Sequence[str] = ()
    ) -> list[str]:
        """The command line for a program of this machine's, whose last word is where the root lies."""
        return self._apart(["--net", *spaces], 'exec "$@" "$AT"', lent, "", program)

    def _apart(
        self, spaces: Sequence[str], start: str, lent: Mapping[str, Path], write: str, words: Sequence[str]
    ) -> list[str]:
        """In namespaces of its own, with the layers laid together, the script `start` is given the words."""
        binds = [
            part for at, what in lent.items() for part in (at, str(what), "write" if at == write else "ro")
        ]
        layers = {
            "BELOW": ":".join(map(str, self.below)),
            "LAYER": str(self.layer),
            "WORK": str(self.folder / "work"),
            "AT": str(self.folder / "at"),
        }
        apart = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"]
        return [
            *("env", *(f"{name}={value}" for name, value in layers.items())),
            *(*apart, *spaces),
            *("bash", "-c", f"{INSIDE}\n{start}", "run", *binds, "--", *words),
        ]

    def run(
        self,
        *inside: str,
        lent: Mapping[str, Path] | None = None,
        network: bool = False,
        user: str = "",
        write: str = "",
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command in here to its end."""
        whole = self.command(inside, lent or {}, network, user, write)
        return subprocess.run(
            whole, capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL
        )

    def changed(self) -> list[str]:
        """The paths that its runs have touched, if only their time."""
        return sorted(str(one.relative_to(self.layer)) for one in self.layer.rglob("*"))

    def tree(self) -> list[str]:
        """Every path with kind, mode, owner's name and content, as tree_of.py tells it."""
        whole = self.shown_to([sys.executable, str(Path(__file__).with_name("tree_of.py"))], {})
        told = subprocess.run(whole, capture_output=True, text=True, timeout=SECONDS, check=True)
        return told.stdout.splitlines()


def _group(user: str) -> str:
    return "nogroup" if user == "nobody" else user


def made(below: tuple[Path, ...], folder: Path) -> Root:
    """A machine on these layers, nothing of its own yet."""
    for name in ("layer", "work", "at"):
        (folder / name).mkdir(parents=True)
    return Root(below, folder)


@contextmanager
def bare() -> Iterator[Root]:
    """A bare Debian 12; all that was made of it is gone afterwards."""
    with room() as folder:
        yield made((base(),), folder)


@contextmanager
def room() -> Iterator[Path]:
    """A folder for layers."""
    for left in _MEMORY.glob("kiosk-root-*-*"):  # by a run that was killed
        if not Path("/proc", left.name.split("-")[2]).exists():
            remove(left)
    folder = Path(tempfile.mkdtemp(prefix=f"kiosk-root-{os.getpid()}-", dir=place()))
    try:
        yield folder
    finally:
        remove(folder)


def places() -> tuple[Path, Path]:
    """Where layers may lie."""
    return _MEMORY, Path(tempfile.gettempdir())


def place() -> Path:
    """In memory where there is enough of it, since fifty thousand files are written."""
    memory, disk = places()
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > MEMORY else disk


def remove(folder: Path) -> None:
    """Takes a machine away: some fifty thousand files, for which a program of the system is quicker."""
    subprocess.run(["rm", "-rf", "--one-file-system", str(folder)], check=True, timeout=SECONDS)


@contextmanager
def _alone() -> Iterator[None]:
    """Two workers at once: the second waits, then finds what the first has made."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def base() -> Path:
    """debootstrap's smallest root, from where this machine gets its own packages."""
    there = KEPT / "bookworm"
    with _alone():
        if not there.is_dir():
            draft = KEPT / ".bookworm"
            shutil.rmtree(draft, ignore_errors=True)
            sources = own_sources().read_text("utf-8")
            found = re.search(r"^URIs: (\S+)|^deb (?:\[.*\] )?(\S+)", sources, re.MULTILINE)
            assert found, "this machine's apt has no source of Debian packages"
            mirror = found[1] or found[2]
            command = ["debootstrap", "--variant=minbase", "bookworm", str(draft), mirror]
            told = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
            assert told.returncode == 0, told.stdout[-2000:] + told.stderr
            # It is thrown away: what a disk would have to be asked for need not be waited for.
            (draft / "etc/dpkg/dpkg.cfg.d/test").write_text("force-unsafe-io\n")
            if own_sources().suffix == ".sources":
                (draft / "etc/apt/sources.list").unlink()
                shutil.copy(own_sources(), draft / "etc/apt/sources.list.d/debian.sources")
            draft.rename(there)
    return there


def own_sources() -> Path:
    """Where this machine's Debian packages come from."""
    new = Path("/etc/apt/sources.list.d/debian.sources")
    return new if new.exists() else Path("/etc/apt/sources.list")


@cache
def bundle() -> Path:
    """A bundle of this clone as it was at the first call, made by `make bundle`'s own script."""
    with _alone():
        bundles = KEPT / "bundles"
        there = bundles / f"kiosk-{version(REPO)}"
        if not there.is_dir():
            for old in bundles.glob("kiosk-*"):
                if time.time() - old.stat().st_mtime > KEEP_SECONDS:  # nobody is at it any more
                    remove(old)
            command = ["bash", str(REPO / "config/deploy/bundle.sh"), str(bundles)]
            told = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
            assert told.returncode == 0, told.stdout[-2000:] + told.stderr[-2000:]
            there = bundles / re.findall(r"/(kiosk-\S+)$", told.stdout, re.MULTILINE)[-1]
        return there


def version(clone: Path, cards: str = "cards") -> str:
    """What install.sh calls a release of the code in this folder."""
    script = f". {REPO}/config/deploy/install/source.sh; source_version {clone} {cards!r}"
    return subprocess.check_output(["bash", "-c", script], text=True, timeout=60).strip()


def copy_of_clone(folder: Path) -> Path:
    """The clone as somebody carries it along: without git, without anything that was made in it."""
    listed = subprocess.check_output(
        ["bash", "-c", f". {REPO}/config/deploy/install/source.sh; source_list {REPO}"], text=True, timeout=60
    )
    for name in listed.splitlines():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPO / name, target, follow_symlinks=False)
    return folder


STICK = "/run/stick/kiosk bundle"  # as sticks are called: with a blank
TOLD = (
    "--terminal",
    "330100/h1/K001",
    "--hall-name",
    "示例市政务服务大厅",
    "--phone",
    "0571-12345",
    "--cards",
)


def from_stick(root: Root, *options: str, stick: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Runs the stick's own install.sh, without a network."""
    return root.run("bash", f"{STICK}/install.sh", *options, lent={STICK: stick or bundle()})
