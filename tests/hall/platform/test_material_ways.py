"""Papers that need not be brought: which ways are open to whom, and which claims are believed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from config.platform_api import MaterialsKnown, Query, Submission
from hall.platform import handlers
from hall.platform.settings import ServerSettings
from tests.hall.platform.conftest import Clock, serving
from tests.hall.platform.paper_service import HANDLER, ID, lay_down
from tests.hall.platform.terminal import TOKEN, Terminal
from tests.hall.platform.test_materials import leave

SIGNED = "M117 200L700 300"
CASH = {"paid": "cash"}
BANK = {"paid": "bank", "card_no": "6222020000000000000"}


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, authority: Path, clock: Clock) -> Iterator[Terminal]:
    """One platform for all of them: nobody here turns its clock."""
    folder = tmp_path_factory.mktemp("ways")
    shutil.copytree(authority, folder / "platform")
    settings = ServerSettings(
        data=folder / "platform", port=0, tokens=(TOKEN,), catalogue=(lay_down(folder / "services"),)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(handlers._HANDLERS, ID, HANDLER)
        with serving(settings, clock) as terminal:
            yield terminal


def ways(desk: Terminal, subject: str, values: dict[str, Any] = CASH) -> MaterialsKnown:
    answer = desk.post(f"/v1/services/{ID}/materials", Query(service=ID, subject=subject, values=values))
    assert answer.status_code == 200, answer.text
    return MaterialsKnown.model_validate_json(answer.content)


def household(desk: Terminal, subject: str) -> str:
    """The identifier of his household book."""
    offered = ways(desk, subject).ways["household"]
    return next(way for way in offered if way.source == "certificate").certificates[0].identifier


def page(desk: Terminal, subject: str) -> str:
    return str(leave(desk, subject).json()["material"])


def file(desk: Terminal, clock: Clock, subject: str, **told: Any) -> httpx.Response:
    """Zhang's case with everything as it may be, and changes."""
    usual: dict[str, Any] = {
        "service": ID,
        "terminal": "K001",
        "subject": subject,
        "means": "card",
        "values": CASH,
        "waived": ("record",),
        "cited": told["cited"] if "cited" in told else {"household": household(desk, subject)},
        "later": ("diploma",),
        "submitted_at": clock(),
    }
    return desk.file(Submission(**{**usual, **told}))


def code(answer: httpx.Response) -> str:
    return "accepted" if answer.status_code == 200 else str(answer.json()["code"])


# ── what is open ────────────────────────────────────────────────────────────
def test_each_citizen_is_offered_what_is_open_to_him(desk: Terminal) -> None:
    """Zhang is insured and has an e-certificate of his household; Sun, a student, has no insurance record."""
    zhang, sun = ways(desk, desk.lay_card("zhang")), ways(desk, desk.lay_card("sun"))
    assert [way.source for way in zhang.ways["record"]] == ["data", "scan"]
    assert [way.source for way in sun.ways["record"]] == ["scan"]
    assert [way.source for way in zhang.ways["household"]] == ["certificate", "letter", "upload"]
    assert [way.source for way in zhang.ways["diploma"]] == ["upload", "scan", "later"]
    assert zhang.until is not None and zhang.until.isoformat() == "2026-12-07"


def test_a_paper_that_the_answers_do_not_ask_for_is_not_named(desk: Terminal) -> None:
    subject = desk.lay_card("zhang")
    assert "card_copy" not in ways(desk, subject, CASH).ways
    assert "card_copy" in ways(desk, subject, BANK).ways


def test_of_nobody_nothing_is_told(desk: Terminal) -> None:
    answer = desk.post(f"/v1/services/{ID}/materials", Query(service=ID, values=CASH))
    assert code(answer) == "subject_missing"


# ── what is believed ────────────────────────────────────────────────────────
def test_a_case_with_every_paper_had_by_a_way_that_is_open_is_accepted(desk: Terminal, clock: Clock) -> None:
    assert code(file(desk, clock, desk.lay_card("zhang"))) == "accepted"


def test_a_paper_that_no_office_has_cannot_be_waived(desk: Terminal, clock: Clock) -> None:
    sun = desk.lay_card("sun")
    letter = {"cited": {}, "letters": {"household_promise": 3}, "signature": SIGNED}
    assert code(file(desk, clock, sun, **letter)) == "material_missing"
    brought = {"waived": (), "materials": {"record": (page(desk, sun),)}}
    assert code(file(desk, clock, sun, **letter, **brought)) == "accepted"


def test_only_ones_own_certificate_may_be_cited(desk: Terminal, clock: Clock) -> None:
    zhang, tan = desk.lay_card("zhang"), desk.lay_card("tan")
    for cited in (household(desk, tan), "1.2.156.3005.2.GUESSED", "1.2.156.3005.2"):
        assert code(file(desk, clock, zhang, cited={"household": cited})) == "certificate_not_held"


@pytest.mark.parametrize(
    "changes",
    [
        {"later": ()},  # nobody says how the diploma is had
        {"later": ("diploma", "household")},  # two ways for one paper, and one that is not open
        {"later": ("diploma", "record")},
        {"waived": ("record", "diploma")},
        {"waived": ("record", "card_copy")},  # not asked for, since it is paid in cash
        {"cited": {}},
        {"later": ("diploma", "unheard_of")},
    ],
)
def test_a_claim_too_few_or_too_many_is_refused(
    desk: Terminal, clock: Clock, changes: dict[str, Any]
) -> None:
    assert code(file(desk, clock, desk.lay_card("zhang"), **changes)) == "material_missing"


# ── commitments ─────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("letters", "signature", "told"),
    [
        ({"household_promise": 3}, SIGNED, "accepted"),
        ({"household_promise": 3}, "", "signature_missing"),
        ({"household_promise": 2}, SIGNED, "letter_old"),
        ({"household_promise": 3, "other": 1}, SIGNED, "letter_missing"),
        ({}, SIGNED, "material_missing"),
    ],
)
def test_a_commitment_stands_for_a_paper_when_it_is_signed_as_it_reads_today(
    desk: Terminal, clock: Clock, letters: dict[str, int], signature: str, told: str
) -> None:
    answer = file(desk, clock, desk.lay_card("zhang"), cited={}, letters=letters, signature=signature)
    assert code(answer) == told


# ── the form ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"paid": "bank", "card_no": "6222020000000000000"}, "accepted"),
        ({"paid": "bank", "card_no": "6222020000000000001"}, "form_invalid"),
        ({"paid": "bank"}, "form_invalid"),
        ({"paid": "cash", "card_no": "6222020000000000000"}, "field_unknown"),
        ({"paid": "cash", "region": "330000"}, "accepted"),
        ({"paid": "cash", "region": "339999"}, "form_invalid"),
        ({"paid": "cash", "employer": "示例市云杉软件有限公司"}, "accepted"),
        ({"paid": "cash", "employer": "示例市青禾农机厂"}, "form_invalid"),  # another's, though it is locked
    ],
)
def test_a_field_counts_where_it_is_asked_and_only_there(
    desk: Terminal, clock: Clock, values: dict[str, str], told: str
) -> None:
    later = ("diploma", "card_copy") if values["paid"] == "bank" else ("diploma",)
    answer = file(desk, clock, desk.lay_card("zhang"), values=values, later=later)
    assert code(answer) == told
