"""The two touches of the frame that leave a prompt. Knows nothing of Kivy, so both threads may use it."""

from __future__ import annotations

from enum import Enum


class Leave(Enum):
    """Back to the step before, or home."""

    BACK = "back"
    HOME = "home"
