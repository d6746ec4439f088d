"""Devices that need no time and keep what they did: for journeys whose point is the service, not the wire.

They have the drivers' methods. What a real driver does with a real device is shown by `tests/drivers` and by
the journeys at a whole hall (`hall.py`).
"""

from __future__ import annotations

import dataclasses
import io
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from PIL import Image, ImageDraw

from config.devices import Availability, DeviceState, Kind
from config.people import Person
from config.print_layout import PLAIN, PrintLayout
from config.settings import DeviceSettings
from drivers.a4_job import JobState
from drivers.device import Device
from drivers.document_camera import Look, Page
from drivers.id_card import IdCard
from drivers.receipt_text import Line

READY = DeviceState(availability=Availability.ONLINE)


class Ready:
    """A device that is there and has nothing to do."""

    def open(self) -> None: ...
    def close(self) -> None: ...
    def reset(self) -> None: ...

    def status(self) -> DeviceState:
        return READY

    def counts(self) -> Mapping[str, int]:
        return {}


class CardReader(Ready):
    """`lay` puts somebody's card down; it is read once and then taken away."""

    def __init__(self) -> None:
        self._laid = threading.Event()
        self._person: Person | None = None

    def lay(self, person: Person) -> None:
        self._person = person
        self._laid.set()

    def find_card(self, timeout: float) -> bool:
        return self._laid.wait(timeout)

    def read_card(self, timeout: float = 2.0, fingerprint: bool = False) -> IdCard:
        self._laid.clear()
        assert self._person is not None
        return card_of(self._person)

    def wait_removed(self, timeout: float) -> bool:
        return True


class PagePrinter(Ready):
    """Of A4 pages or of blanks: every job is out at once. `papers` are the PDFs in order."""

    def __init__(self) -> None:
        self.papers: list[bytes] = []
        self._jobs: dict[str, int] = {}

    def submit(self, pdf: bytes, job_name: str, layout: PrintLayout = PLAIN) -> int:
        self.papers.append(pdf)
        self._jobs[job_name] = len(self.papers)
        return len(self.papers)

    def job(self, job: int) -> JobState:
        return JobState("completed", sheets=1)

    def find(self, job_name: str) -> int | None:
        return self._jobs.get(job_name)

    def cancel(self, job: int) -> None: ...


class ReceiptPrinter(Ready):
    """Prints its own type. `slips` are the texts of the papers, in order."""

    def __init__(self) -> None:
        self.slips: list[str] = []

    def takes_text(self, lines: Sequence[Line]) -> bool:
        return True

    def print_text(self, lines: Sequence[Line], job: bytes, timeout: float = 30.0) -> None:
        self.slips.append("\n".join(_words(line) for line in lines))

    def clear(self) -> bool:
        return True

    def cuts(self, timeout: float = 5.0) -> int | None:
        return None

    def cut(self, timeout: float = 5.0, mark: Any = None) -> None: ...


class DocumentCamera(Ready):
    """A sheet lies there; once it is taken it is lifted, and then there is another."""

    def __init__(self) -> None:
        self._sheets = 1
        self._lifted = False

    def look(self) -> Look:
        picture = _sheet(self._sheets, (160, 226))
        lifted, self._lifted = self._lifted, False
        wide, high = float(picture.width), float(picture.height)
        corners = () if lifted else ((0.0, 0.0), (wide, 0.0), (wide, high), (0.0, high))
        advice = "page_not_found" if lifted else ""
        return Look(picture.width, picture.height, picture.tobytes(), advice, corners)

    def capture(self, timeout: float, shape: str = "free") -> Page:
        made = io.BytesIO()
        self._sheets, self._lifted = self._sheets + 1, True
        _sheet(self._sheets, (620, 877)).save(made, "JPEG")
        return Page(made.getvalue(), 620, 877)


class CodeScanner(Ready):
    """`hold` holds a code before it."""

    def __init__(self) -> None:
        self._codes: list[str] = []
        self._held = threading.Event()

    def hold(self, code: str) -> None:
        self._codes.append(code)
        self._held.set()

    def read_code(self, timeout: float, fresh: bool = True) -> str | None:
        if not self._held.wait(timeout):
            return None
        self._held.clear()
        return self._codes.pop(0)


MAKES: dict[Kind, type[Device]] = {
    Kind.ID_CARD_READER: CardReader,
    Kind.A4_PRINTER: PagePrinter,
    Kind.SPECIAL_PRINTER: PagePrinter,
    Kind.RECEIPT_PRINTER: ReceiptPrinter,
    Kind.DOCUMENT_CAMERA: DocumentCamera,
    Kind.CODE_SCANNER: CodeScanner,
}
# No rating or signature pad: the screen asks. No camera for faces: another way is taken.
KINDS = (*MAKES, Kind.LOCKER, Kind.FINGERPRINT_READER)


def settings(kinds: Iterable[Kind] = KINDS) -> dict[str, DeviceSettings]:
    """One device of each kind, named after it, polled as often as may be."""
    return {kind: DeviceSettings(kind=kind, driver="none", poll_seconds=0.1) for kind in kinds}


def make(kind: Kind) -> Device:
    """A device of this kind."""
    return MAKES.get(kind, Ready)()


def card_of(who: Person) -> IdCard:
    """A citizen's card as a reader reads it."""
    return IdCard(
        card="resident",
        name=who.name,
        sex=who.sex,
        nation=who.nation,
        birth=who.birth,
        address=who.address,
        number=who.number,
        issuer=who.issuer,
        valid_from=who.valid_from,
        valid_to=who.valid_to,
    )


def _sheet(number: int, size: tuple[int, int]) -> Image.Image:
    """A sheet with a pattern of its own."""
    picture = Image.new("RGB", size, "white")
    pen, across = ImageDraw.Draw(picture), size[0]
    for place in range(8):
        if number >> place & 1:
            pen.rectangle(
                (across // 8, size[1] * place // 8, across * 7 // 8, size[1] * (place + 1) // 8), "black"
            )
    return picture


def _words(line: Line) -> str:
    return " ".join(str(getattr(line, part.name)) for part in dataclasses.fields(line))
