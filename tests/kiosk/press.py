"""A printer of sheets whose every job ends as the test says, and the parts of a terminal around it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from config.devices import Availability, DeviceState, Kind
from config.print_layout import PLAIN, PrintLayout
from config.settings import DeviceSettings
from drivers.a4_job import JobState
from drivers.device import DeviceError
from kiosk.backstage import Backstage
from tests.kiosk.small_visit import Script, backstage

# How a job ends: whole, spoiled on its way, refused before a sheet moved; or nobody hears of it any more,
# with the paper out or not; or it is so long on its way in that it waits there when nobody expects it, also
# when the printer hung up on who handed it over, or its driver made a mistake.
End = Literal["whole", "spoiled", "refused", "lost_out", "lost_in", "slow", "hung_up", "mistake"]


@dataclass
class Press:
    """The paper is the judge: `out` holds what lies in the tray, with the job's name."""

    ends: list[End] = field(default_factory=list)  # of the jobs to come; whole after the last
    out: list[tuple[str, bytes]] = field(default_factory=list)
    states: dict[str, JobState] = field(default_factory=dict)
    answers: bool = True
    late: int = 0  # how often it does not list a job yet

    def open(self) -> None: ...
    def close(self) -> None: ...

    def cancel(self, job: str) -> None:
        if self.states[job].state == "pending":
            self.states[job] = JobState("canceled")

    def status(self) -> DeviceState:
        return DeviceState(Availability.ONLINE)

    def submit(self, pdf: bytes, job_name: str, layout: PrintLayout = PLAIN) -> str:
        end = self.ends.pop(0) if self.ends else "whole"
        if end == "refused":
            raise DeviceError("a4_failed")
        if end in ("slow", "hung_up", "mistake"):
            self.states[job_name], self.late = JobState("pending"), 3
            if end == "mistake":
                raise KeyError
            raise DeviceError("device_timeout") if end == "slow" else DeviceError("device_offline", lost=True)
        if end in ("whole", "lost_out"):
            self.out.append((job_name, pdf))
        state: Literal["completed", "aborted", "unknown"] = "unknown"
        if end in ("whole", "spoiled"):
            state = "completed" if end == "whole" else "aborted"
        self.states[job_name] = JobState(state)
        return job_name

    def find(self, job_name: str) -> str | None:
        if not self.answers:
            raise DeviceError("device_timeout")
        self.late -= 1
        return job_name if self.late < 0 and job_name in self.states else None

    def job(self, job: str) -> JobState:
        return self.states[job]


@asynccontextmanager
async def terminal(folder: Path, press: Press) -> AsyncIterator[Backstage]:
    """The parts backstage with this printer, and it is ready."""
    one = DeviceSettings(kind=Kind.A4_PRINTER, driver="of the test", poll_seconds=0.05)
    async with backstage(folder, Script(), {"press": one}, lambda _: press) as parts:
        parts.devices.start()
        try:
            assert await parts.devices.becomes_ready(Kind.A4_PRINTER, 60)
            yield parts
        finally:
            await parts.devices.close()


def run(folder: Path, press: Press, play: object) -> None:
    """Plays `play(parts)` on a loop of its own."""

    async def whole() -> None:
        async with terminal(folder, press) as parts:
            await play(parts)  # type: ignore[operator]

    asyncio.run(whole())
