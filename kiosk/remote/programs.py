"""A program of the machine's own, run to its end or ended: for what the settings name under `[remote]`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence


async def run(arguments: Sequence[str], seconds: float, **places: str) -> int:
    """Its exit code; `{name}` in an argument becomes that place's text. What it says is heard by nobody.

    No shell reads it. TimeoutError after `seconds`, OSError when there is no such program; then, and when
    cancelled, it is ended with all that it has started.
    """
    filled = [_filled(argument, places) for argument in arguments]
    process = await asyncio.create_subprocess_exec(
        *filled,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(seconds):
            return await process.wait()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


def _filled(argument: str, places: dict[str, str]) -> str:
    for name, text in places.items():
        argument = argument.replace(f"{{{name}}}", text)
    return argument
