"""A picture of every document, as it came out of the virtual printers: some after real journeys, and all of
the terminal's own papers on wide and narrow paper."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
from pathlib import Path

import httpx

from kiosk.prompts import Chosen, Consent, Filled, FillForm, ShowResult
from tests import shots_papers
from tests.journeys.citizen import Citizen, Way
from tests.journeys.conftest import serve_one
from tests.journeys.copier import Papers, copier
from tests.journeys.hall import Hall, open_hall

COPIES = (
    (
        "card",
        Papers("card", "card_back", ways=("other_side", "enough")),
        {"original": "card", "purpose": "other", "purpose_words": "办理𠮷宅过户"},
    ),
    (
        "paper",
        Papers("letter", ways=("turn", "turn", "turn", "enough")),
        {"original": "certificate", "purpose": "school"},
    ),
)


def take(folder: Path) -> list[Path]:
    """Plays one journey for each kind of paper, prints the others, and writes `folder`/documents/*.png."""
    documents = folder / "documents"
    documents.mkdir(parents=True, exist_ok=True)
    return [*shots_papers.take(documents), *_journeys(documents)]


def _journeys(documents: Path) -> list[Path]:
    with tempfile.TemporaryDirectory() as data, open_hall(Path(data)) as hall:
        _play(hall, Citizen(hall, person="chen", ways={Consent: Chosen("other")}))
        made = [_certificate(hall, documents / "certificate-sb01.png")]
        made.append(_receipt(hall, documents / "receipt-sb01.png"))
        _play(hall, Citizen(hall, person="chen", service="ZH02", ways={ShowResult: Chosen("print")}))
        made.append(_receipt(hall, documents / "receipt-zh02.png"))
        _play(hall, Citizen(hall, service="ZH03"))
        made.append(_receipt(hall, documents / "ticket-zh03.png"))
        nobody: dict[type, Way] = {
            ShowResult: Chosen("refer"),
            FillForm: Filled({"case_no": "330100SB0119990101000001"}),
        }
        _play(hall, Citizen(hall, person="chen", service="ZH02", ways=nobody))
        made.append(_receipt(hall, documents / "referral-zh02.png"))
        made += [_copy(hall, documents, *one) for one in COPIES]
    return made


def _copy(hall: Hall, documents: Path, name: str, papers: Papers, answers: dict[str, str]) -> Path:
    hall.act("a4_printer", "take")
    _play(hall, copier(hall, papers, answers))
    return _certificate(hall, documents / f"copy-{name}.png")


def _play(hall: Hall, citizen: Citizen) -> None:
    asyncio.run(serve_one(hall.settings("K001"), citizen, 90))


def _certificate(hall: Hall, picture: Path) -> Path:
    (page,) = hall.state()["a4_printer"]["pages"]
    pdf = _get(hall, f"paper/a4/{page['number']}.pdf")
    drawn = subprocess.run(
        ["pdftoppm", "-png", "-r", "110", "-singlefile", "-"],
        input=pdf,
        capture_output=True,
        timeout=30,
        check=True,
    )
    picture.write_bytes(drawn.stdout)
    return picture


def _receipt(hall: Hall, picture: Path) -> Path:
    """The last receipt; then it is taken from the printer."""
    last = hall.state()["receipt_printer"]["receipts"][-1]
    assert last["cut"], "the last receipt hangs from the printer"
    picture.write_bytes(_get(hall, f"paper/receipt/{last['number']}.png"))
    hall.act("receipt_printer", "tear")
    return picture


def _get(hall: Hall, path: str) -> bytes:
    return httpx.get(f"{hall.bench}/{path}", timeout=20.0, trust_env=False).raise_for_status().content
