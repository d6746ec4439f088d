"""How far one job is, as the printer tells it, and whether all of its pages came out.

*Completed* is a printer's word; its counters may contradict it. A job that ended with fewer sheets than its
document has is not known to have come out whole, so it reads as `unknown` with `a4_pages_missing`, and staff
look into the tray. A counter that stands at 0 says nothing until this printer has been seen to count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from config.print_layout import PLAIN, PrintLayout
from drivers.a4_layout import sheets
from drivers.ipp_wire import all_of

State = Literal["pending", "processing", "completed", "canceled", "aborted", "held", "unknown"]

JOB_ATTRIBUTES = [
    "job-id",
    "job-name",
    "job-state",
    "job-state-reasons",
    "job-media-sheets-completed",
    "job-impressions-completed",
    "job-impressions",
]
_STATES: dict[int, State] = {  # RFC 8011, 5.3.7
    3: "pending",
    4: "held",
    5: "processing",
    6: "held",  # processing-stopped: waits for paper or a hand
    7: "canceled",
    8: "aborted",
    9: "completed",
}
MISSING = "a4_pages_missing"


@dataclass(frozen=True)
class JobState:
    """One job as the printer sees it. `reasons` are IPP keywords, or codes of `faults.toml`; `sheets` is how
    many are out, None where the printer does not count.

    `held` waits for something (paper, a hand), `unknown` is a job that the printer no longer knows, or one
    that it calls completed though pages are missing.
    """

    state: State
    reasons: tuple[str, ...] = ()
    sheets: int | None = None

    @property
    def ended(self) -> bool:
        """True when nothing more will come out."""
        return self.state in ("completed", "canceled", "aborted")

    @property
    def short(self) -> bool:
        """True when the printer is done with it and pages are missing."""
        return MISSING in self.reasons


@dataclass(frozen=True)
class Handed:
    """One of our jobs: its name, how it lies on paper, and its pages; None where they are not known."""

    name: str
    layout: PrintLayout = PLAIN
    pages: int | None = None


@dataclass(frozen=True)
class Told:
    """What the printer tells of a job. The counters are None where it has none."""

    state: State
    reasons: tuple[str, ...]
    sheets: int | None
    impressions: int | None
    wanted: int  # impressions of one copy, as the printer understood the document; 0: it does not say

    @property
    def counted(self) -> bool:
        """True when a counter moved."""
        return bool(self.sheets or self.impressions)


def told(group: Mapping[str, Any]) -> Told:
    """The attributes `JOB_ATTRIBUTES` of a job."""
    state, wanted = _number(group, "job-state"), _number(group, "job-impressions")
    return Told(
        _STATES.get(state, "unknown") if state is not None else "unknown",
        tuple(str(reason) for reason in all_of(group.get("job-state-reasons")) if reason != "none"),
        _number(group, "job-media-sheets-completed"),
        _number(group, "job-impressions-completed"),
        wanted or 0,
    )


def judged(job: Told, ours: Handed | None, counts: bool) -> JobState:
    """The job's state. `counts`: its counters are to be believed also where they stand at 0."""
    out = _sheets_out(job, ours)
    if job.state == "completed" and _short(job, ours, counts):
        return JobState("unknown", (MISSING, *job.reasons), out)
    return JobState(job.state, job.reasons, out)


def _short(job: Told, ours: Handed | None, counts: bool) -> bool:
    if not job.counted and not counts:
        return False
    pages, layout = (ours.pages or 0, ours.layout) if ours else (0, PLAIN)
    if job.sheets or (job.sheets is not None and job.impressions is None):
        return job.sheets < sheets(pages, layout)
    return job.impressions is not None and job.impressions < max(pages * layout.copies, job.wanted)


def _sheets_out(job: Told, ours: Handed | None) -> int | None:
    """By the counter of sheets; else by that of impressions, two of which share a sheet of two sides."""
    if job.sheets or not job.impressions:
        return job.sheets
    two = ours is not None and ours.layout.sides != "one-sided"
    return (job.impressions + 1) // 2 if two else job.impressions


def _number(group: Mapping[str, Any], name: str) -> int | None:
    value = group.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
