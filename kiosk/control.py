"""What staff ask of a running terminal: a Unix socket in its data folder, one line of JSON each way.

Only the terminal's own user can open it. A client says one thing and is answered once; what cannot be
understood is refused, and never harms the terminal.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

import msgspec
import structlog

from kiosk.backstage import Backstage
from kiosk.printing import reprint
from kiosk.printing.print_job import Printed
from kiosk.printing.reprint import Fate, Refused
from kiosk.readiness.finding import Finding
from kiosk.readiness.workplace import Allowed

FILE = "control.sock"
LONGEST = 256 * 1024  # bytes of a line: a readiness report has thirty findings
CLIENTS = 8  # at once; one more is turned away
LINE_SECONDS = 5.0  # for a client to say its line, and to take its answer
_log = structlog.get_logger("kiosk.control")


class Reprint(msgspec.Struct, frozen=True, tag="reprint", forbid_unknown_fields=True):
    """Print the document of this record again."""

    record: str


class Settle(msgspec.Struct, frozen=True, tag="settle", forbid_unknown_fields=True):
    """This print, whose end is unknown, ended so."""

    record: str
    fate: Fate


class Maintenance(msgspec.Struct, frozen=True, tag="maintenance", forbid_unknown_fields=True):
    """A technician begins to work on the terminal, or has ended: meanwhile the hall's commands wait."""

    begins: bool


class Examine(msgspec.Struct, frozen=True, tag="examine", forbid_unknown_fields=True):
    """Try this device with its real verbs. What may be used up: `kiosk/readiness/workplace.py: Allowed`."""

    device: str
    paper: bool = False
    person: bool = False
    doors: bool = False


class Report(msgspec.Struct, frozen=True, tag="report", forbid_unknown_fields=True):
    """The terminal was examined: tell the hall, and print it if that is wanted."""

    by: str
    findings: list[Finding]
    paper: bool = False


Asked = Reprint | Settle | Maintenance | Examine | Report


class Answer(msgspec.Struct, frozen=True):
    """What became of it: how the print ended, or the code of `config/faults.toml` why nothing was done."""

    state: Literal["", "confirmed", "failed", "unknown"] = ""
    code: str = ""
    record: str = ""
    finding: Finding | None = None  # of what was examined


class Control:
    """Owns the socket. `obey` does what is asked; an exception of it is answered, not raised."""

    def __init__(self, folder: Path, obey: Callable[[Asked], Awaitable[Answer]]) -> None:
        self._folder, self._obey = folder, obey
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listens. The store's lock says that no other terminal does, so an old socket may be removed."""
        (self._folder / FILE).unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            os.fchmod(listener.fileno(), 0o600)  # before it has a name that anybody could open
            with _name(self._folder) as name:  # Python 3.13 looks at the name once more
                listener.bind(name)
                self._server = await asyncio.start_unix_server(self._serve, sock=listener, limit=LONGEST)
        except BaseException:
            listener.close()
            raise

    async def close(self) -> None:
        """Lets go of all clients and removes the socket. What was begun goes on: it is the terminal's own."""
        if self._server is not None:
            self._server.close()
        for task in self._clients:
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        (self._folder / FILE).unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        try:
            with suppress(TimeoutError, OSError, asyncio.CancelledError):
                answer = await self._answer(reader)
                async with asyncio.timeout(LINE_SECONDS):
                    writer.write(msgspec.json.encode(answer) + b"\n")
                    await writer.drain()
        finally:
            self._clients.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> Answer:
        if len(self._clients) > CLIENTS:
            return Answer(code="terminal_not_understood")
        try:
            async with asyncio.timeout(LINE_SECONDS):
                line = await reader.readline()
            asked: Asked = msgspec.json.decode(line, type=Asked)
        except (ValueError, msgspec.MsgspecError):  # ValueError: longer than LONGEST
            return Answer(code="terminal_not_understood")
        try:
            return await self._obey(asked)
        except Exception as error:
            _log.error("not obeyed", error=type(error).__name__)
            return Answer(code="terminal_internal")


def obeying(
    stage: Backstage, serving: Callable[[], bool], maintain: Callable[[bool], Awaitable[None]] | None = None
) -> Callable[[Asked], Awaitable[Answer]]:
    """What a running terminal does. While a citizen is served nothing is printed that is not his."""

    async def obey(asked: Asked) -> Answer:
        if isinstance(asked, Maintenance):
            if maintain is not None:
                await maintain(asked.begins)
            return Answer()
        from kiosk.readiness import examination  # loaded behind home (reception.py: get_ready)

        if isinstance(asked, Examine):
            allowed = Allowed(asked.paper, asked.person, asked.doors)
            found = await examination.try_one(stage, asked.device, allowed, serving)
            return Answer(code=found) if isinstance(found, str) else Answer(finding=found)
        if isinstance(asked, Report):
            told = await examination.report(stage, asked.by, asked.findings, asked.paper)
            return Answer(told.state, told.code, told.record) if told is not None else Answer()
        if isinstance(asked, Reprint):
            doing = stage.doings.start(reprint.reprint(stage, asked.record, "staff", serving))
        else:
            doing = stage.doings.start(reprint.settle(stage, asked.record, asked.fate, "staff"))
        try:
            printed: Printed = await asyncio.shield(doing)
        except Refused as refused:
            return Answer(code=refused.code)
        return Answer(printed.state, printed.code, printed.record)

    return obey


def ask(folder: Path, asked: Asked, seconds: float) -> Answer | None:
    """Asks the terminal of this data folder; None when none runs there. TimeoutError after `seconds`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(seconds)
        try:
            with _name(folder) as name:
                line.connect(name)
            line.sendall(msgspec.json.encode(asked) + b"\n")
            with line.makefile("rb") as file:
                said = file.readline(LONGEST)
        except (FileNotFoundError, ConnectionError):
            return None
    return msgspec.json.decode(said, type=Answer) if said else None


@contextmanager
def _name(folder: Path) -> Iterator[str]:
    """The socket's name, however deep the folder lies: an address holds 107 bytes."""
    opened = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{opened}/{FILE}"
    finally:
        os.close(opened)
