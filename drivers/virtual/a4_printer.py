"""An A4 printer: Debian's ippeveprinter with paper, faults and hands.

The process speaks IPP and keeps the jobs; this class is its mechanism. Each job comes in over a
socket, takes its time, waits while paper, cover or jam want a hand, and ends as a page in memory.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import httpx
from ippx import IppClient, IppError, JobState

from drivers.virtual.a4_condition import HANDS, Condition, moved
from drivers.virtual.a4_process import PANEL, A4Process
from drivers.virtual.a4_sheets import Page, Work, work

_TICK = 0.05
_CANCEL_LOOK = 0.4  # seconds between looks whether the job was cancelled
_LONGEST_HEAD = 4096
_REASON_CANCELLED = "processing-to-stop-point"
_CANCEL_SIGNS = ["job-id", "job-state-reasons"]


class VirtualA4Printer:
    """One printer at `ipp://127.0.0.1:port/ipp/print`, working in `folder` (no document stays there).

    `page_seconds` is how long a sheet takes from start to tray. `duplex`: it prints two sides; `sides` is how
    it is set, for a job that does not say. `counting`: it tells how many pages of a job are out.
    """

    name = "a4_printer"

    def __init__(
        self,
        port: int,
        folder: Path,
        *,
        page_seconds: float = 2.0,
        duplex: bool = True,
        sides: str = "one-sided",
        counting: bool = True,
    ) -> None:
        self.port = port
        self.folder = folder
        self._process = A4Process(port, folder, duplex=duplex)
        self._page_seconds, self._sides, self._counting = page_seconds, sides, counting
        self._change = threading.Condition()
        self._hands = threading.Lock()  # one hand at a time
        self._condition = Condition()
        self._abort_next = False
        self._jam_next = False
        self._lose_page = False
        self._after_sheet = ""  # the hand that moves as soon as the next sheet is out
        self._printing: str | None = None  # job name under way
        self._pages: list[Page] = []
        self._count = 0
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None

    # ── the contract of a virtual device ─────────────────────────────────────

    def start(self) -> None:
        """Switches it on. OSError when the port is taken, or a program is missing (its package is named)."""
        listener = socket.socket(socket.AF_UNIX)
        listener.bind("\0" + self._process.line)
        listener.listen(4)
        listener.settimeout(_CANCEL_LOOK)
        self._listener = listener
        self._thread = threading.Thread(target=self._serve, args=(listener,), name="virtual-a4", daemon=True)
        self._thread.start()
        try:
            self._plug()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Switches it off: no process, thread, socket or document is left. May be called twice."""
        with self._change:
            listener, self._listener = self._listener, None
            self._change.notify_all()
        self._process.stop()
        if listener is not None:
            try:
                listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            listener.close()
        if self._thread is not None:
            self._thread.join(5)
            self._thread = None

    def state(self) -> dict[str, object]:
        """Power, paper, toner, cover, the job under way, and the pages without their content."""
        with self._change:
            now = self._condition
            return {
                "plugged": self._process.running,
                "paper": now.paper,
                "toner": now.toner,
                "jammed": now.jammed,
                "cover_open": now.cover_open,
                "printing": self._printing,
                "abort_next": self._abort_next,
                "jam_next": self._jam_next,
                "pages": [
                    {
                        "number": page.number,
                        "job_name": page.job_name,
                        "at": page.at.isoformat(),
                        "sheets": page.sheets,
                        "of": page.of,
                    }
                    for page in self._pages
                ],
            }

    def act(self, action: str, **arguments: object) -> None:
        """Moves its hands: paper_low, paper_out, refill, jam, jam_next, clear_jam, open_cover, close_cover,
        toner_low, toner_out, change_toner, take, abort_next, lose_page (the last of the next job),
        after_sheet(do=HAND) when the next sheet is out, unplug, plug."""
        if action == "after_sheet" and arguments.get("do") in HANDS:
            with self._change:
                self._after_sheet = str(arguments["do"])
            return
        if arguments:
            raise ValueError(f"{action} takes no argument like this")
        with self._hands:
            if action == "unplug":
                self._unplug()
            elif action == "plug":
                self._plug()
            elif action in HANDS:
                with self._change:
                    self._condition = moved(self._condition, action)
                    self._change.notify_all()
                self._tell_process()
            else:
                self._prepare(action)

    def paper(self) -> list[Page]:
        """The pages in the tray, oldest first."""
        with self._change:
            return list(self._pages)

    # ── hands ────────────────────────────────────────────────────────────────

    def _prepare(self, action: str) -> None:
        with self._change:
            if action == "take":
                self._pages.clear()
            elif action == "abort_next":
                self._abort_next = True
            elif action == "jam_next":
                self._jam_next = True
            elif action == "lose_page":
                self._lose_page = True
            else:
                raise ValueError(f"an A4 printer cannot {action!r}")

    def _plug(self) -> None:
        if not self._process.running:
            self._process.start()
            self._tell_process()

    def _unplug(self) -> None:
        """Power off: the process is killed and forgets its jobs, as a cheap printer does."""
        self._process.stop()
        with self._change:
            self._change.notify_all()

    def _tell_process(self) -> None:
        """Makes the process report our condition. During a job its command does that; an idle one knows only
        trays and toner by itself, so the rest is set by a job of our own that prints nothing."""
        if not self._process.running:
            return
        now = self._condition
        self._set_levels(now)
        with self._change:
            if self._printing is not None:
                return
        with self._client() as printer:
            if printer.get_jobs(which_jobs="not-completed"):
                return  # waits for paper: its command will tell when it starts
            if now.paper == "out":  # even our own job would wait for paper
                self._set_levels(replace(now, paper="full"))
            job = printer.print_job(b"%PDF-", document_format="application/pdf", job_name=PANEL)
            end = time.monotonic() + 3
            while not printer.get_job_attributes(job.job_id).is_terminal and time.monotonic() < end:
                time.sleep(0.01)
        if now.paper == "out":
            self._set_levels(now)

    def _set_levels(self, now: Condition) -> None:
        """By ippeveprinter's web forms. Source 1 is the tray, 3 the by-pass (-2: does not say)."""
        sheets = {"full": 250, "low": 10, "out": 0}[now.paper]
        trays = {"size1": "iso_a4_210x297mm", "type1": "stationery", "level1": str(sheets)}
        trays |= {"size3": "iso_a4_210x297mm", "type3": "stationery", "level3": "-2"}
        toner = {"full": 75, "low": 5, "out": 0}[now.toner]
        base = f"http://127.0.0.1:{self._process.port}"
        with httpx.Client(trust_env=False, verify=False, timeout=5) as browser:
            browser.get(f"{base}/media", params=trays)
            browser.get(f"{base}/supplies", params={"supply0": "25", "supply1": str(toner)})

    def _client(self) -> IppClient:
        return IppClient(f"ipp://127.0.0.1:{self._process.port}/ipp/print", timeout=5)

    # ── the mechanism ────────────────────────────────────────────────────────

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                line, _ = listener.accept()
            except TimeoutError:
                self._let_cancelled_go()
                continue
            except OSError:
                return
            with line:
                try:
                    self._job(line)
                except OSError:
                    pass  # the process was killed under us: the job is gone, as on a real printer
            with self._change:
                self._printing = None

    def _let_cancelled_go(self) -> None:
        """ippeveprinter holds a job before its command while the tray is empty, even a cancelled one. It is
        shown paper until its command runs, which then prints nothing."""
        with self._change:
            if self._condition.paper != "out" or not self._process.running:
                return
        if not self._hands.acquire(blocking=False):
            return  # a hand is about to change the paper anyway
        try:
            with self._client() as printer:
                waiting = printer.get_jobs(which_jobs="not-completed", requested_attributes=_CANCEL_SIGNS)
            if any(_REASON_CANCELLED in job.state_reasons for job in waiting):
                self._set_levels(replace(self._condition, paper="low"))
        except (httpx.HTTPError, IppError):
            pass  # switched off just now
        finally:
            self._hands.release()

    def _job(self, line: socket.socket) -> None:
        line.settimeout(5)
        reader = line.makefile("rb")
        head = json.loads(reader.readline(_LONGEST_HEAD))
        pdf = reader.read(head["size"])
        if head["name"] == PANEL:
            line.sendall(f"state {self._condition.reasons()}\nexit 0\n".encode())
            return
        with self._change:
            self._printing = head["name"]
        code = self._print(line, work(head, pdf, self._sides))
        if self._condition.paper == "out":
            self._set_levels(self._condition)
        line.sendall(f"state {self._condition.reasons()}\nexit {max(code, 0)}\n".encode())

    def _print(self, line: socket.socket, job: Work) -> int:
        """Sheet by sheet. 0 printed, 1 aborted, -1 cancelled."""
        self._tell_counted(line, job, 0)
        with self._change:
            last, self._lose_page = job.sheets - int(self._lose_page), False
        for sheet in range(1, job.sheets + 1):
            code = self._print_sheet(line, job.job)
            if code:
                return code
            if sheet <= last:
                self._lay_down(job, sheet)
                self._tell_counted(line, job, sheet)
        return 0

    def _tell_counted(self, line: socket.socket, job: Work, sheets: int) -> None:
        if self._counting:
            told = f"job-impressions={job.pages} job-impressions-completed={job.impressions(sheets)}"
            line.sendall(f"attr {told}\n".encode())

    def _lay_down(self, job: Work, sheet: int) -> None:
        """Puts one more sheet of a job into the tray."""
        with self._change:
            known = self._pages[-1] if self._pages and sheet > 1 else None
            if known is not None and known.job_name == job.name:
                self._pages[-1] = replace(known, sheets=sheet)
            else:
                self._count += 1
                at, extent = datetime.now().astimezone(), (sheet, job.sheets, job.sides, job.copies)
                self._pages.append(Page(self._count, job.name, job.pdf, at, *extent, job.media))
            hand, self._after_sheet = self._after_sheet, ""
            if hand:
                self._condition = moved(self._condition, hand)

    def _print_sheet(self, line: socket.socket, job_id: int) -> int:
        """Takes the time that a sheet takes. 0 printed, 1 aborted, -1 cancelled."""
        told, done, looked = "", 0.0, time.monotonic()
        while True:
            with self._change:
                if self._abort_next:
                    self._abort_next = False
                    return 1
                if self._jam_next and done >= self._page_seconds / 2:
                    self._jam_next = False
                    self._condition = replace(self._condition, jammed=True)
                now = self._condition
            if now.reasons() != told:
                told = now.reasons()
                line.sendall(f"state {told}\n".encode())
            if now.jammed:
                done = 0.0  # after the jam the page is printed anew
            if time.monotonic() - looked > _CANCEL_LOOK:
                looked = time.monotonic()
                if self._is_cancelled(job_id):
                    return -1
            if not now.stopped:
                if done >= self._page_seconds:
                    return -1 if self._is_cancelled(job_id) else 0
                done += _TICK
            with self._change:
                self._change.wait(_TICK)
                if self._listener is None or not self._process.running:
                    raise OSError("switched off")

    def _is_cancelled(self, job_id: int) -> bool:
        try:
            with self._client() as printer:
                job = printer.get_job_attributes(job_id)
        except (httpx.HTTPError, IppError) as error:
            raise OSError(str(error)) from None
        return job.state is JobState.CANCELED or _REASON_CANCELLED in job.state_reasons
