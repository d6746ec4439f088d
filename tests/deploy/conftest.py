"""Who makes machines must be root: for a plain user these tests are not chosen, and the run says so."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy import bare_root
from tests.deploy.bare_root import TOLD, Root
from tests.deploy.shared_root import shared

HERE = Path(__file__).parent
NEED_ROOT = (
    "test_boot.py",
    "test_boot_hall.py",
    "test_boot_locked.py",
    "test_install.py",
    "test_install_cut.py",
    "test_install_full.py",
    "test_install_otherwise.py",
)
WHY = "need root (mounts, chroot) and were not run: sudo .venv/bin/python -m pytest tests/deploy"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Takes them out of the choice, so that nobody reads a green run as proof of them."""
    if os.geteuid() == 0:
        return
    out = [item for item in items if item.path.parent == HERE and item.path.name in NEED_ROOT]
    items[:] = [item for item in items if item not in out]
    config.hook.pytest_deselected(items=out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The last lines of a plain user's run."""
    if os.geteuid() != 0:
        terminalreporter.write_line(f"tests/deploy: {', '.join(NEED_ROOT)} {WHY}")


@pytest.fixture(scope="session")
def installed() -> Iterator[Root]:
    """A machine on which a stick's install.sh ran once, without a network. Tests change `machine`."""

    def install(root: Root) -> None:
        told = bare_root.from_stick(root, "terminal", *TOLD)
        assert told.returncode == 0, told.stdout + told.stderr
        assert told.stderr == ""

    with shared(install) as root:
        yield root


@pytest.fixture
def machine(installed: Root) -> Iterator[Root]:
    """That machine, to be changed by one test."""
    with bare_root.room() as folder:
        yield installed.above(folder)


@pytest.fixture
def bare() -> Iterator[Root]:
    """A bare Debian 12, as debootstrap leaves it."""
    with bare_root.bare() as root:
        yield root
