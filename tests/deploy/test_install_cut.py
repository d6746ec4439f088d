"""install.sh cut off again and again, and with a network in the bundle's place: the same comes out."""

from __future__ import annotations

import os
import random
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy import bare_root
from tests.deploy.bare_root import KEPT, Root

STICK = "/run/stick"
INSTALL = [
    "bash",
    f"{STICK}/install.sh",
    "terminal",
    "--cards",
    "--terminal",
    "330100/h1/K001",
    "--phone",
    "1",
]
SEED = int(os.environ.get("KILL_SEED") or random.SystemRandom().randrange(10**8))
# Where it is cut: after a line that begins so, at some moment of as many seconds.
MOMENTS = (
    ("install: packages: installing", 12.0),
    ("install: release", 14.0),
    ("install: release", 30.0),
    ("install: files of the system", 0.1),
    ("install: user kiosk", 0.05),
)


def cut(root: Root, after: str, seconds: float) -> list[str]:
    """Pulls the plug: everything in there is killed at once. The lines that it had said by then."""
    whole = root.command(INSTALL, {STICK: bare_root.bundle()}, network=False)
    said: list[str] = []
    with subprocess.Popen(whole, stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL) as process:
        assert process.stdout
        plug = threading.Timer(bare_root.SECONDS, process.kill)
        plug.start()
        for line in process.stdout:
            said.append(line.strip())
            if line.startswith(after):
                plug.cancel()
                plug = threading.Timer(seconds, process.kill)
                plug.start()
                after = "-"  # once
        plug.cancel()
    return said


@pytest.fixture(scope="module")
def as_it_should_be(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The tree of a machine that was installed in one go, from the stick."""
    with bare_root.bare(tmp_path_factory.mktemp("whole")) as root:
        told = root.run(*INSTALL, lent={STICK: bare_root.bundle()})
        assert told.returncode == 0, told.stderr
        yield root.tree()


def difference(one: list[str], other: list[str]) -> list[str]:
    return sorted(set(one) ^ set(other))


def test_cut_off_at_five_moments_it_completes_to_the_same_machine(
    as_it_should_be: list[str], tmp_path: Path
) -> None:
    drawn = random.Random(SEED)
    with bare_root.bare(tmp_path) as root:
        for after, within in MOMENTS:
            moment = drawn.uniform(0, within)
            said = cut(root, after, moment)
            assert any(line.startswith(after) for line in said), (SEED, said)
            link = root.layer / "opt/kiosk/current"
            assert not link.is_symlink() or (root.layer / "opt/kiosk" / link.readlink() / ".whole").exists()
        told = root.run(*INSTALL, lent={STICK: bare_root.bundle()})
        assert told.returncode == 0, (SEED, told.stdout, told.stderr)
        assert difference(root.tree(), as_it_should_be) == [], SEED
        after = root.above(tmp_path / "again")
        assert after.run(*INSTALL, lent={STICK: bare_root.bundle()}).returncode == 0
        assert after.changed() == [], SEED


def test_from_a_clone_and_the_network_it_is_the_same_machine_and_the_compiler_is_gone(
    as_it_should_be: list[str], tmp_path: Path
) -> None:
    """The clone is a copy without git, and pyscard is built in there; only its build differs a little."""
    clone = bare_root.copy_of_clone(tmp_path / "clone")
    assert bare_root.version(clone) == bare_root.version(bare_root.REPO)
    debs = tmp_path / "archives"  # what the bundle has fetched already need not be fetched once more
    debs.mkdir()
    for deb in (bare_root.bundle() / "debs").glob("*.deb"):
        (debs / deb.name).hardlink_to(deb)
    (debs / "partial").mkdir()
    with bare_root.bare(tmp_path / "root") as root:
        told = root.run(
            *("bash", "/run/clone/config/deploy/install.sh", *INSTALL[2:]),
            lent={"/run/clone": clone, "/var/cache/apt/archives": debs, **network()},
            network=True,
            write="/var/cache/apt/archives",
        )
        assert told.returncode == 0, told.stdout + told.stderr
        assert "building pyscard; the compiler goes again" in told.stdout
        other = difference(root.tree(), as_it_should_be)
        assert [line for line in other if "pyscard" not in line and "smartcard" not in line] == []
        after = root.above(tmp_path / "again")
        again = after.run(
            "bash", "/run/clone/config/deploy/install.sh", *INSTALL[2:], lent={"/run/clone": clone}
        )
        assert again.returncode == 0, again.stderr
        assert after.changed() == [], "what is complete asks for no network"


def network() -> dict[str, Path]:
    """How this machine reaches packages, lent to the root."""
    lent = {"/etc/resolv.conf": Path("/etc/resolv.conf").resolve()}
    if certificates := os.environ.get("PIP_CERT"):
        lent[certificates] = Path(certificates)
    return lent


def test_what_was_kept_for_these_tests_is_no_mount(as_it_should_be: list[str]) -> None:
    """Mounts live and end with the run that made them."""
    mounts = Path("/proc/self/mounts").read_text("utf-8")
    assert str(KEPT) not in mounts and "/whole" not in mounts
