"""Somebody who copies papers at ZH05, with hands at the table; and an independent look at what came out."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Mapping
from typing import Any

import cv2
import httpx
import numpy as np
from numpy.typing import NDArray

from config.faults import any_fault
from kiosk.prompts import Answer, Chosen, Filled, FillForm, ScanDocument, TakePaper
from tests.journeys.citizen import Citizen
from tests.journeys.hall import Hall

DPI = 150
Grey = NDArray[np.uint8]


class Papers:
    """Lays sheets under the camera in turn and answers each look at a page by a way of `ways`.

    A sheet `=name` is put there while the page before is still being looked at, and never lifted.
    """

    def __init__(self, *sheets: str, ways: tuple[str, ...]) -> None:
        self._sheets, self._ways = list(sheets), list(ways)
        self.hints: list[str] = []  # of the pages looked at

    async def scan(self, citizen: Citizen, prompt: ScanDocument) -> Answer | None:
        if prompt.actions:
            self.hints.append(prompt.hint.zh)
            if self._sheets and self._sheets[0].startswith("="):
                await citizen.do("document_camera", "put", sheet=self._sheets.pop(0)[1:])
                await asyncio.sleep(0.4)
                self._sheets.insert(0, "")
            return Chosen(self._ways.pop(0))
        if sheet := self._sheets.pop(0):
            await lifted(citizen)
            await citizen.do("document_camera", "put", sheet=sheet)
        return None

    @staticmethod
    async def take(citizen: Citizen, prompt: TakePaper) -> Answer | None:
        if prompt.device == "document_camera":
            await citizen.do("document_camera", "remove")
            return None  # the camera sees it
        return Chosen("taken")


async def lifted(citizen: Citizen) -> None:
    """Takes what lies under the camera, and waits until the terminal has seen the empty table."""
    await citizen.do("document_camera", "remove")
    await hinted(citizen, any_fault("page_not_found").citizen.zh)


async def hinted(citizen: Citizen, words: str) -> None:
    for _ in range(1200):  # a minute: on a busy computer pictures come slowly
        if words in citizen.last(ScanDocument).hint.zh:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"never said: {words}")


def copier(hall: Hall, papers: Papers, values: Mapping[str, str], **more: Any) -> Citizen:
    """A citizen who fills in `values`, the first option of the rest; `more` as Citizen's."""

    async def fill(citizen: Citizen, prompt: FillForm) -> Answer:
        filled = await citizen.fill(prompt)
        assert isinstance(filled, Filled)
        return Filled({**filled.values, **values})

    ways = {FillForm: fill, ScanDocument: papers.scan, TakePaper: papers.take, **more.pop("ways", {})}
    return Citizen(hall, service="ZH05", ways=ways, **more)


def tray(hall: Hall) -> list[dict[str, Any]]:
    """The jobs in the A4 printer's tray, each with its `pdf`."""
    jobs: list[dict[str, Any]] = hall.state()["a4_printer"]["pages"]
    for job in jobs:
        answer = httpx.get(f"{hall.bench}/paper/a4/{job['number']}.pdf", timeout=20.0, trust_env=False)
        job["pdf"] = answer.raise_for_status().content
    return jobs


def pages(pdf: bytes) -> list[Grey]:
    """Its pages as grey pictures of DPI, by Debian's pdftoppm."""
    drawn = subprocess.run(
        ["pdftoppm", "-gray", "-r", str(DPI), "-"], input=pdf, capture_output=True, timeout=60, check=True
    ).stdout
    found, at = [], 0
    while head := re.compile(rb"P5\s+(\d+)\s+(\d+)\s+255\s").match(drawn, at):
        width, height = int(head[1]), int(head[2])
        dots = np.frombuffer(drawn, np.uint8, width * height, head.end())
        found.append(dots.reshape(height, width))
        at = head.end() + width * height
    return found


def cards(page: Grey) -> list[tuple[float, float, float, float]]:
    """Where something as large as a card stands, from the top: x, y, width, height in millimetres."""
    tinted = (cv2.medianBlur(page, 31) < 242).astype(np.uint8)  # thin strokes on white are nearly gone
    outlines, _ = cv2.findContours(tinted, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    boxes = [cv2.boundingRect(outline) for outline in outlines]
    found = [_edges(page, *box) for box in boxes if box[2] * box[3] > (DPI / 25.4) ** 2 * 400]
    return sorted(found, key=lambda box: box[1])


def _edges(page: Grey, x: int, y: int, w: int, h: int) -> tuple[float, float, float, float]:
    """The rows and columns about there that are tinted for the most part; words leave most of them white."""
    part = page[y - 20 : y + h + 20, x - 20 : x + w + 20] < 242
    across = np.flatnonzero(part[40:-40].mean(axis=0) > 0.6)
    down = np.flatnonzero(part[:, 40:-40].mean(axis=1) > 0.6)
    left, top = x - 20 + across[0], y - 20 + down[0]
    k = 25.4 / DPI
    return left * k, top * k, (across[-1] + 1 - across[0]) * k, (down[-1] + 1 - down[0]) * k


def ink(page: Grey, x: float, y: float, w: float, h: float, darker: int = 205) -> float:
    """The share of a part of the page, in millimetres, that is darker than light paper."""
    k = DPI / 25.4
    part = page[round(y * k) : round((y + h) * k), round(x * k) : round((x + w) * k)]
    return float((part < darker).mean())
