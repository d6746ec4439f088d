"""For every test: no example of a property test fails for being slow to make or to try, a failing one can
be repeated, and a test that is skipped proves nothing, so it fails.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester", "tests.peers.postgres"]

# In CI the examples are always the same, as the kills are: a red run can be repeated.
settings.register_profile(
    "hall",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("hall")

MAY_BE_SKIPPED = "emupos:"  # needs Python ≥ 3.13, which Debian 12 has not; everything else can be installed


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, so that the workers end together: those that kill or unplug take minutes in one
    file, which one worker has."""

    def short(item: pytest.Item) -> tuple[bool, bool]:
        long_file = item.path.stem.endswith(("kills", "unplugging"))
        return not long_file, item.path.parent.name not in ("chaos", "deploy", "journeys")

    items.sort(key=short)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """A skipped test fails, with the reason why it was to be skipped."""
    outcome: Any = yield
    _no_skip(outcome.get_result())


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    """So does a whole file that is skipped."""
    outcome: Any = yield
    _no_skip(outcome.get_result())


def _no_skip(report: Any) -> None:
    if report.outcome != "skipped" or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2].removeprefix("Skipped: ")
    if not reason.startswith(MAY_BE_SKIPPED):
        report.outcome = "failed"
        report.longrepr = f"a skipped test proves nothing: {reason}"
