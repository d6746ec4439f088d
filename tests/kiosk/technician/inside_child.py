"""A terminal with a technician inside, in a process of its own, to be killed: prints `inside` and waits."""

from __future__ import annotations

import asyncio
import ctypes
import signal
import sys
from pathlib import Path
from typing import Any

from tests.kiosk.technician.room import Hands, key, receive_until_over, terminal

PR_SET_PDEATHSIG = 1  # prctl(2)


async def main(folder: Path) -> None:
    """Until it is killed."""

    def inside(prompt: Any) -> None:
        print("inside", flush=True)

    stage = Hands(ways=[key, inside])
    async with terminal(folder, stage) as one:
        await receive_until_over(one, stage, seconds=300.0)


if __name__ == "__main__":
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # never outlive the test
    asyncio.run(main(Path(sys.argv[1])))
