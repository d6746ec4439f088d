"""A skipped test fails, but for the one peer that a Debian 12 cannot run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HOOKS = Path(__file__).with_name("conftest.py")


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    without_plugins = re.sub(r"^pytest_plugins = .*$", "", HOOKS.read_text("utf-8"), flags=re.MULTILINE)
    pytester.makeconftest(without_plugins)
    return pytester


def test_a_skip_for_any_reason_fails_the_run(suite: pytest.Pytester) -> None:
    suite.makepyfile("import pytest\ndef test_it(): pytest.skip('no pcscd here')")
    result = suite.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*a skipped test proves nothing: no pcscd here*"])


def test_a_whole_file_that_is_skipped_fails_it_too(suite: pytest.Pytester) -> None:
    suite.makepyfile("import pytest\npytest.importorskip('no_such_module')\ndef test_it(): pass")
    suite.runpytest_subprocess().assert_outcomes(errors=1)


def test_only_emupos_may_be_missing(suite: pytest.Pytester) -> None:
    suite.makepyfile("import pytest\ndef test_it(): pytest.skip('emupos: no Python 3.13 was found')")
    suite.runpytest_subprocess().assert_outcomes(skipped=1)
