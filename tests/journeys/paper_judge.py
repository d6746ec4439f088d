"""Judges the virtual printers' paper by what a terminal wrote down, and the other way round.

Nothing printed twice, nothing confirmed that is absent, nothing failed that is present, and no paper of one
session comes out in a later one. Whose a paper is the paper itself tells: the name of its job, or its dots.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from config.identifiers import made_at
from config.settings import Settings
from kiosk.data.store import read_only
from tests.journeys.hall import Hall
from tests.journeys.paper_child import NEGATIVES
from tests.whose_paper import Owned, owned


@dataclass(frozen=True)
class Print:
    """One print as the terminal wrote it down."""

    id: str
    key: str
    session: str
    state: str
    document: str
    decided_by: str

    @property
    def fence(self) -> str:
        """What its negative is called by (see `kiosk/printing/printing.py`)."""
        return bytes(0x30 + byte % 64 for byte in bytes.fromhex(self.id.replace("-", ""))[-4:]).hex()


@dataclass(frozen=True)
class Piece:
    """A piece off the receipt roll."""

    number: int
    at: float
    cut: bool
    owned: Owned


class PaperJudge:
    """Over all that has come out so far, which nobody takes away."""

    def __init__(self, hall: Hall, settings: Settings) -> None:
        self._hall, self._settings = hall, settings
        self._pieces: dict[int, Piece] = {}  # cut off, by number
        self._unsure: set[str] = set()

    def judge(self, where: str) -> None:
        """Everything so far. AssertionError with `where` and what is wrong."""
        prints = self._prints()
        pages: list[dict[str, Any]] = self._hall.state()["a4_printer"]["pages"]
        pieces = self._look()
        self._certificates(where, prints, pages)
        self._receipts(where, prints, pieces)
        self._in_time(where, prints, pages, pieces)

    def all_ended(self) -> None:
        """After a quiet start: only what no device can tell is still open."""
        open_ = [one for one in self._prints().values() if one.state in ("intended", "sent")]
        assert open_ == [], f"still open: {open_}"

    def summary(self) -> str:
        """How the prints ended, in words."""
        ends = Counter((one.document, one.state) for one in self._prints().values())
        parts = sum(not one.owned.whole and not one.owned.blank for one in self._pieces.values())
        told = ", ".join(f"{document} {state} {count}" for (document, state), count in sorted(ends.items()))
        return f"{told}; {parts} parts of receipts were severed"

    def _certificates(self, where: str, prints: dict[str, Print], pages: list[dict[str, Any]]) -> None:
        on_paper = Counter(page["job_name"] for page in pages)
        for job, times in on_paper.items():
            assert job in prints, f"{where}: a page of nobody's: {job}"
            assert times == 1, f"{where}: {job} printed {times} times"
            assert prints[job].state != "failed", f"{where}: {job} failed, but is on paper"
        numbers = Counter(prints[job].key.partition("/")[0] for job in on_paper if not prints[job].decided_by)
        twice = [number for number, times in numbers.items() if times > 1]
        assert not twice, f"{where}: printed twice without a decision: {twice}"
        for one in prints.values():
            if one.document == "certificate" and one.state == "confirmed":
                assert one.id in on_paper, f"{where}: {one.id} confirmed, but not on paper"

    def _receipts(self, where: str, prints: dict[str, Print], pieces: list[Piece]) -> None:
        by_fence = {one.fence: one for one in prints.values()}
        whole: Counter[str] = Counter()
        for piece in pieces:
            assert piece.owned.prints or piece.owned.blank, f"{where}: piece {piece.number} is of two prints"
            if piece.owned.whole and piece.cut:
                whole.update(piece.owned.prints)
        for fence, times in whole.items():
            assert times == 1, f"{where}: receipt {by_fence[fence].id} printed {times} times"
            assert by_fence[fence].state != "failed", f"{where}: {by_fence[fence].id} failed, but is on paper"
        for one in prints.values():
            if one.document != "certificate" and one.state == "confirmed":
                assert whole[one.fence], f"{where}: {one.id} confirmed, but not whole on paper"

    def _in_time(
        self, where: str, prints: dict[str, Print], pages: list[dict[str, Any]], pieces: list[Piece]
    ) -> None:
        """Each paper came out before the next session began. A slip for staff names no citizen."""
        by_fence = {one.fence: one for one in prints.values()}
        starts = sorted(made_at(session) for session in {one.session for one in prints.values()})
        came = [
            (datetime.fromisoformat(page["at"]).timestamp(), [prints[page["job_name"]]]) for page in pages
        ]
        came += [(piece.at, [by_fence[f] for f in piece.owned.prints]) for piece in pieces if piece.cut]
        for at, owners in came:
            if not owners or any(one.document == "staff" for one in owners):
                continue
            begun = max(start for start in starts if start <= at)
            assert any(made_at(one.session) == begun for one in owners), (
                f"{where}: a {owners[0].document} of a former session came out {at - begun:.2f} s after the"
                " next had begun"
            )

    def _look(self) -> list[Piece]:
        told: list[dict[str, Any]] = self._hall.state()["receipt_printer"]["receipts"]
        folder = self._settings.data.parent / NEGATIVES
        negatives = {file.name: file.read_bytes() for file in folder.glob("*")}
        hanging = []
        for one in told:
            if one["number"] in self._pieces:
                continue
            url = f"{self._hall.bench}/paper/receipt/{one['number']}.png"
            png = httpx.get(url, timeout=10.0, trust_env=False).raise_for_status().content
            piece = Piece(one["number"], one.get("at", 0.0), one["cut"], owned(png, negatives))
            if one["cut"]:
                self._pieces[one["number"]] = piece
            else:
                hanging.append(piece)
        return [*self._pieces.values(), *hanging]

    def _prints(self) -> dict[str, Print]:
        with read_only(self._settings.data) as read:
            rows = read.execute(
                "SELECT id, key, session, state, document, decided_by FROM records WHERE kind = 'print'"
            ).fetchall()
        return {row[0]: Print(*row) for row in rows}
