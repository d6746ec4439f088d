"""A terminal in a process of its own, with a core of a few lines.

`python -m tests.screens.small_terminal CORE` says on stdout, one JSON line each, what the core saw;
test_app.py reads it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from config.settings import ScreenSettings
from kiosk.prompts import Working
from kiosk.remote.in_view import masked
from kiosk.remote.screenshot import question
from kiosk.stage import GoBack, GoHome
from screens import environment
from screens.app import run
from tests.screens import prompts as p

WIDE_PAUSE = 0.6  # seconds between two keys that no scanner types: a busy machine types haltingly


def say(**told: Any) -> None:
    print(json.dumps(told, ensure_ascii=False), flush=True)


async def awake(stage: Any) -> None:
    """Until the drawing thread has answered a ping sent from now on."""
    stage.beat_age()
    asked = time.monotonic()
    while stage.beat_age() > time.monotonic() - asked:  # noqa: ASYNC110 - the stage has no event for it
        await asyncio.sleep(0.02)


async def journey(stage: Any, loop: asyncio.AbstractEventLoop) -> None:
    """Asks two prompts for ever; a touch meant for one must never answer the other."""
    stage.on_touch(lambda: say(touched=True))
    stage.on_gesture(lambda: say(gesture=threading.current_thread().name))
    while True:
        for prompt, place in ((p.HOME, p.NOWHERE), (p.GUIDE, p.at(1))):
            say(asks=type(prompt).__name__)
            try:
                say(answer=repr(await stage.ask(prompt, place)))
            except (GoBack, GoHome) as left:
                say(left=type(left).__name__)


async def fails(stage: Any, loop: asyncio.AbstractEventLoop) -> None:
    raise ValueError("on purpose")


async def returns(stage: Any, loop: asyncio.AbstractEventLoop) -> None:
    """Leaves its work to a task, as a core may; that task closes the window."""

    async def later() -> None:
        await asyncio.sleep(0.2)
        say(closing=True)
        stage.close()

    returns.task = loop.create_task(later())  # type: ignore[attr-defined]


async def cancelled_asks(stage: Any, loop: asyncio.AbstractEventLoop) -> None:
    """A cancelled `ask` leaves its prompt in view; an answer to it reaches nobody."""
    asking = asyncio.ensure_future(stage.ask(p.HOME, p.NOWHERE))
    await asyncio.sleep(0.3)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    say(cancelled=asking.cancelled())
    stage.answer(1, "too late")  # what the drawing thread would send for the first showing
    again = asyncio.ensure_future(stage.ask(p.GUIDE, p.at(1)))
    stage.answer(1, "too late")
    await asyncio.sleep(0.2)
    say(answered=again.done())
    again.cancel()
    stage.close()


async def hanging_window(stage: Any, loop: asyncio.AbstractEventLoop) -> None:
    """The drawing thread stands still for a while; the core goes on and knows it."""
    from kivy.clock import Clock

    stage.show(p.HOME, p.NOWHERE)
    await awake(stage)
    Clock.schedule_once(lambda _: time.sleep(2.0))
    oldest, end = 0.0, time.monotonic() + 10
    while oldest <= 0.5 and time.monotonic() < end:
        oldest = max(oldest, stage.beat_age())
        await asyncio.sleep(0.05)
    say(oldest=oldest)
    await awake(stage)
    say(recovered=True)
    stage.close()


async def bad_page(stage: Any, loop: asyncio.AbstractEventLoop) -> None:
    """A page that fails to draw does not end the window."""
    stage.show(replace(p.HOME, tiles=None), p.NOWHERE)  # type: ignore[arg-type]
    await asyncio.sleep(0.2)
    stage.show(p.HOME, p.NOWHERE)
    await awake(stage)
    say(still_there=True)
    stage.close()


async def many_calls(stage: Any, loop: asyncio.AbstractEventLoop) -> None:
    """Timers made after a long sleep are not early; calls of several threads all arrive."""
    from kivy.clock import Clock, mainthread

    stage.show(Working(p.SERVICE, 5), p.NOWHERE)
    await awake(stage)  # before that the loop may not be ours yet
    await asyncio.sleep(0.8)  # the window sleeps meanwhile
    fired: asyncio.Future[float] = loop.create_future()
    since = time.monotonic()
    Clock.schedule_once(lambda _: loop.call_soon_threadsafe(fired.set_result, time.monotonic() - since), 0.4)
    say(timer=await fired)
    count = 0

    @mainthread
    def called() -> None:
        nonlocal count
        count += 1

    threads = [threading.Thread(target=lambda: [called() for _ in range(300)]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    await asyncio.sleep(0.1)
    await awake(stage)
    say(calls=count)
    stage.close()


async def hears_codes(stage: Any, loop: asyncio.AbstractEventLoop) -> None:
    """Shows a page and says what a scanner has typed."""
    stage.on_code(lambda text: say(code=text, thread=threading.current_thread().name))
    stage.show(p.HOME, p.NOWHERE)


async def seen_by_the_desk(stage: Any, loop: asyncio.AbstractEventLoop) -> None:
    """A picture of home; a question that nobody answers; a picture without the page's contents."""
    stage.show(p.HOME, p.NOWHERE)
    home = await stage.picture()
    asking = asyncio.ensure_future(stage.ask(p.FORM, p.at(4)))
    aside = asyncio.ensure_future(stage.ask_aside(question()))
    await asyncio.sleep(0.2)
    aside.cancel()
    await asyncio.gather(aside, return_exceptions=True)
    form = await stage.picture()
    copy = await stage.picture((masked(p.FORM), p.at(4)))
    say(pngs=[one[:4] == b"\x89PNG" for one in (home, form, copy)], differ=len({home, form, copy}))
    stage.dress("en", "0571 8888")
    stage.show(p.HOME, p.NOWHERE)
    say(still_asking=not asking.done(), changed=await stage.picture() != home)
    asking.cancel()
    stage.close()


CORES = {
    core.__name__: core
    for core in (
        journey,
        fails,
        returns,
        cancelled_asks,
        hanging_window,
        bad_page,
        many_calls,
        hears_codes,
        seen_by_the_desk,
    )
}


def main() -> None:
    """CORE [SOCKET] [stock]: runs until the core or a signal ends it."""
    logging.basicConfig(level=logging.WARNING)
    core, socket, loop = (*sys.argv[1:], "", "")[:3]
    if loop == "stock":
        from screens import video

        def none() -> None:
            raise OSError("no event numbers")

        video.Waker = none  # type: ignore[assignment]
    settings = ScreenSettings(width=540, height=960, full_screen=False, outline_socket=socket)
    with tempfile.TemporaryDirectory() as home:
        if core == "hears_codes":
            environment.prepare(Path(home), settings.width, settings.height, settings.full_screen)
            from screens import scan_keys  # it needs the environment

            scan_keys.PAUSE = WIDE_PAUSE
        run(settings, p.HALL, CORES[core], Path(home), p.PHONE)
        say(threads=[thread.name for thread in threading.enumerate()])


if __name__ == "__main__":
    main()
