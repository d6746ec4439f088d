"""What a visit left, and whether that is what its row promises."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from config.words import Words
from kiosk import prompts as p
from kiosk.prompts import Prompt
from tests.journeys.counter_stage import Row


@dataclass
class Seen:
    """What a visit left: pages, papers, the platform's row."""

    trail: list[Prompt]
    papers: list[bytes]
    slips: list[str]
    case: dict[str, Any] | None
    outcome: str

    def words(self) -> str:
        """All Chinese that was shown, without blanks."""
        return "".join("".join(_spoken(prompt)) for prompt in self.trail)


def judge(row: Row, seen: Seen) -> None:
    """Everything that the row promises."""
    said = seen.words()
    if row.refused:
        assert _plain(row.refused) in said, f"never told; the last words: {said[-300:]}"
        assert seen.case is None or json.loads(seen.case["result"])["state"] == "refused"
        return
    pages = [type(prompt).__name__ for prompt in seen.trail]
    assert "Trouble" not in pages, [prompt.what.zh for prompt in seen.trail if isinstance(prompt, p.Trouble)]
    for wanted in row.told:
        assert _plain(wanted) in said, f"{wanted} was never told"
    if row.paper:
        assert seen.papers, "no paper came out"
        printed = _plain(written(seen.papers[-1]))
        for wanted in row.paper:
            assert _plain(wanted) in printed, f"{wanted} does not stand on the paper: {printed[:600]}"
    if row.slip:
        assert seen.slips, "no receipt came out"
        for wanted in row.slip:
            assert _plain(wanted) in _plain(seen.slips[-1]), f"{wanted} is not on {seen.slips[-1]}"
    if row.stored:
        assert seen.case is not None, "no case was filed"
        told = {
            **seen.case,
            **json.loads(seen.case["result"]),
            **json.loads(seen.case["submission"])["values"],
        }
        for key, value in row.stored.items():
            assert told.get(key) == value, f"{key} is {told.get(key)!r}, not {value!r}"
    if row.outcome:
        assert seen.outcome == row.outcome


def written(pdf: bytes) -> str:
    """The text of a PDF."""
    made = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, timeout=60, check=True
    )
    return made.stdout.decode()


def _spoken(value: Any) -> Iterator[str]:
    """Every Chinese text in a prompt, depth first."""
    if isinstance(value, Words):
        yield _plain(value.zh)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _spoken(one)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from _spoken(getattr(value, name))


def _plain(words: str) -> str:
    return re.sub(r"\s+", "", words)
