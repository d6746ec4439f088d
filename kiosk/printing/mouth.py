"""Who watches the receipt printer's mouth. One paper lies there at most, so one watch is kept."""

from __future__ import annotations

import asyncio


class Mouth:
    """The watch over the paper that was printed last; None when there is none, or it is of no presenter.

    Whoever prints, or clears away what a stop left there, holds `lock` until the paper is watched.
    """

    def __init__(self) -> None:
        self.watching: asyncio.Task[bool] | None = None
        self.device = ""  # the printer whose mouth is watched
        self.lock = asyncio.Lock()

    @property
    def watched(self) -> bool:
        """True while somebody's paper may lie there."""
        return self.watching is not None and not self.watching.done()

    async def forget(self) -> None:
        """Ends the watch: it must not draw in the paper that comes next."""
        watching, self.watching = self.watching, None
        if watching is not None:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
