"""What the screens' tests share: the window, in the state that each test may expect."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.screens.glass import Glass, the_glass


@pytest.fixture
def glass() -> Iterator[Glass]:
    """In Chinese, without a warning or a question left over."""
    glass = the_glass()
    glass.scene.warn(None)
    glass.scene.language = "zh"
    yield glass
    glass.scene.ask_aside(None)
