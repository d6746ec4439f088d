"""What an office does with what a citizen files or asks: one line of a table each.

A `Case` is filed over HTTP; of its outcome are compared: the state, rows of the result by their label, the
texts that stand on the sealed paper, and words of the message. `Asked` is the same for a question.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from config.platform_api import Query, QueryResult, Submission
from config.platform_body import Value
from config.service import Service
from tests.hall.platform.conftest import Clock
from tests.hall.platform.terminal import Terminal

SIGNATURE = "M10 10L200 80L20 140L180 20"


@dataclass(frozen=True)
class Case:
    """One submission. `state` is that of the result, or the code of a refusal to take it in."""

    service: str
    who: str
    values: Mapping[str, Value]
    state: str = "accepted"
    rows: Mapping[str, str] = field(default_factory=dict)
    paper: tuple[str, ...] = ()
    says: str = ""
    refers: bool = False
    decided: bool = True
    sends: Mapping[str, Any] = field(default_factory=dict)  # what else the terminal sends: letters, payment

    def __str__(self) -> str:
        return f"{self.service}-{self.who}-{self.state}"


@dataclass(frozen=True)
class Asked:
    """One question."""

    service: str
    who: str
    values: Mapping[str, Value]
    found: bool = True
    rows: Mapping[str, str] = field(default_factory=dict)
    table: tuple[tuple[int, tuple[str, ...]], ...] = ()  # number of the line (-1: the last), its first cells
    lines: int | None = None
    says: str = ""

    def __str__(self) -> str:
        return f"{self.service}-{self.who}-{'found' if self.found else 'none'}"


def filed(
    terminal: Terminal, clock: Clock, services: Mapping[str, Service], case: Case, subject: str = ""
) -> dict[str, Any]:
    """Files it as a terminal would: signed, with the letters of the service; `subject`: for another."""
    service = services[case.service]
    told: dict[str, Any] = {
        "service": case.service,
        "terminal": "K001",
        "subject": subject or terminal.lay_card(case.who),
        "means": "face" if service.level >= 2 else "card",
        "values": dict(case.values),
        "letters": dict.fromkeys(service.letters, 1),
        "signature": SIGNATURE if service.signed else "",
        "submitted_at": clock.time,
    }
    answer: dict[str, Any] = terminal.file(Submission(**{**told, **case.sends})).json()
    return answer


def judge(terminal: Terminal, case: Case, answer: dict[str, Any]) -> None:
    """Everything that the line promises."""
    assert answer.get("state", answer.get("code")) == case.state, answer
    assert case.says in answer["message"]["zh"]
    if "state" not in answer:
        return
    assert answer["decided"] is case.decided
    assert (answer["referral"] is not None) is case.refers
    rows = {row["label"]["zh"]: row["value"]["zh"] for row in answer["rows"]}
    assert case.rows.items() <= rows.items(), rows
    if not case.paper:
        assert not answer["documents"]
        return
    paper = plain(terminal.pdf(answer))
    for text in (*case.paper, *case.rows.values()):
        assert text.replace(" ", "") in paper, f"{text} does not stand on {paper[:900]}"


def judge_answer(terminal: Terminal, asked: Asked) -> None:
    """Asks, and compares rows and lines of the table."""
    subject = terminal.lay_card(asked.who) if asked.who else None
    query = Query(service=asked.service, subject=subject, values=dict(asked.values))
    answer = QueryResult.model_validate_json(terminal.post("/v1/queries", query).content)
    assert answer.found is asked.found
    if not asked.found:
        assert answer.title.zh == "查无记录" and answer.note is not None and answer.referral is not None
        assert asked.says in answer.note.zh
    rows = {row.label.zh: row.value.zh for row in answer.rows}
    assert asked.rows.items() <= rows.items(), rows
    table = answer.table.rows if answer.table else ()
    assert asked.lines is None or len(table) == asked.lines
    for number, cells in asked.table:
        assert tuple(cell.zh for cell in table[number])[: len(cells)] == cells


def plain(pdf: bytes) -> str:
    """The text of a paper without its blanks."""
    told = subprocess.run(
        ["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True, timeout=60
    )
    return "".join(told.stdout.decode().split())
