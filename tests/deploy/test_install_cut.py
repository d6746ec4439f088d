"""install.sh cut off again and again, and with a network in the bundle's place: the same comes out."""

from __future__ import annotations

import os
import random
import re
import subprocess
import threading
from pathlib import Path

import pytest

from tests.deploy import bare_root
from tests.deploy.bare_root import KEPT, STICK, TOLD, TRUSTED, Root, from_stick

# On a busy machine one installation takes minutes, and a first one waits for Debian and for PyPI.
pytestmark = pytest.mark.timeout(1500)
INSTALL = ("bash", f"{STICK}/install.sh", "terminal", *TOLD)
CLONE = ("bash", "/run/clone/config/deploy/install.sh", "terminal", *TOLD)
SEED = int(os.environ.get("KILL_SEED") or random.SystemRandom().randrange(10**8))
# Where it is cut: after a line that begins so, at some moment of as many seconds.
OF_PYSCARD = re.compile("pyscard|smartcard")
MOMENTS = (
    ("install: packages: installing", 12.0),
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
def as_it_should_be(installed: Root) -> list[str]:
    """The tree of a machine that was installed in one go, from the stick."""
    with bare_root.room() as folder:
        return installed.above(folder).tree()


def difference(one: list[str], other: list[str]) -> list[str]:
    return sorted(set(one) ^ set(other))


def test_cut_off_at_four_moments_it_completes_to_the_same_machine(
    as_it_should_be: list[str], bare: Root
) -> None:
    drawn = random.Random(SEED)
    for after, within in MOMENTS:
        moment = drawn.uniform(0, within)
        said = cut(bare, after, moment)
        assert any(line.startswith(after) for line in said), (SEED, said)
        link = bare.layer / "opt/kiosk/current"
        assert not link.is_symlink() or (bare.layer / "opt/kiosk" / link.readlink() / ".whole").exists()
    told = from_stick(bare, "terminal", *TOLD)
    assert told.returncode == 0, (SEED, told.stdout, told.stderr)
    assert difference(bare.tree(), as_it_should_be) == [], SEED
    again = bare.above(bare.folder)
    assert from_stick(again, "terminal", *TOLD).returncode == 0
    assert again.changed() == [], SEED


def test_from_a_clone_and_the_network_it_is_the_same_machine_and_the_compiler_is_gone(
    as_it_should_be: list[str], machine: Root, tmp_path: Path
) -> None:
    """The clone is a copy without git, and pyscard is built in there: nothing else may differ.

    Debian's packages are there already but for the compiler's, which saves unpacking them once more.
    """
    machine.run("rm", "-r", "/opt/kiosk")
    clone = bare_root.copy_of_clone(tmp_path / "clone")
    debs = tmp_path / "archives"  # what the bundle has fetched already need not be fetched once more
    (debs / "partial").mkdir(parents=True)
    for deb in (bare_root.bundle() / "debs").glob("*.deb"):
        (debs / deb.name).hardlink_to(deb)
    lent = {"/run/clone": clone, "/var/cache/apt/archives": debs, **network()}
    told = machine.run(*CLONE, lent=lent, network=True, write="/var/cache/apt/archives")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "building pyscard; the compiler goes again" in told.stdout
    other = [line for line in difference(machine.tree(), as_it_should_be) if not OF_PYSCARD.search(line)]
    assert other == []
    again = machine.above(machine.folder)
    told = again.run(*CLONE, lent={"/run/clone": clone})
    assert told.returncode == 0, told.stderr
    assert again.changed() == [], "what is complete asks for no network"


def test_the_code_is_told_alike_with_git_and_without(tmp_path: Path) -> None:
    """A clone that lost its git on the way makes the same release."""
    clone = bare_root.copy_of_clone(tmp_path / "clone")
    plain = bare_root.version(clone)
    subprocess.run(["git", "init", "-q", str(clone)], check=True, timeout=60)
    subprocess.run(["git", "add", "--all", "--force"], cwd=clone, check=True, timeout=60)
    assert bare_root.version(clone) == plain


def network() -> dict[str, Path]:
    """How this machine reaches packages, lent to the root."""
    lent = {"/etc/resolv.conf": Path("/etc/resolv.conf").resolve()}
    if certificates := os.environ.get("PIP_CERT"):
        lent[TRUSTED] = Path(certificates)
    return lent


def test_what_was_kept_for_these_tests_is_no_mount(as_it_should_be: list[str]) -> None:
    """Mounts live and end with the run that made them."""
    mounts = Path("/proc/self/mounts").read_text("utf-8")
    assert str(KEPT) not in mounts and "kiosk-root-" not in mounts
