"""Who watches the A4 printer's tray. What is done about paper in it stands in `left_paper.py`."""

from __future__ import annotations

import asyncio


class Tray:
    """The watch over what lies in the tray; None when nothing of which we know does."""

    def __init__(self) -> None:
        self.watching: asyncio.Task[None] | None = None

    @property
    def watched(self) -> bool:
        """True while somebody's paper lies there."""
        return self.watching is not None and not self.watching.done()
