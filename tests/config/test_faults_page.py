"""docs/faults.md has every fault once, and says of each what it really stops."""

from __future__ import annotations

import re

from config.devices import Kind
from config.faults import fault, faults
from config.faults_page import _GREYS, document, groups


def test_every_fault_of_the_table_stands_in_the_page_once_under_a_heading() -> None:
    told = re.findall(r"^\| `(\w+)`<br>", document(), re.MULTILINE)
    assert sorted(told) == sorted(faults())
    assert f"| `a4_jam`<br>{fault('a4_jam').name.zh}<br>{fault('a4_jam').name.en} |" in document()
    assert all(heading and rows for heading, rows in groups())
    headings = re.findall(r"^## (.+)$", document(), re.MULTILINE)
    assert len(headings) == len(set(headings)) > 10


def test_a_row_has_both_languages_and_no_more_cells_than_its_table() -> None:
    rows = [line for line in document().splitlines() if line.startswith("| `")]
    for line in rows:
        assert line.count(" | ") == 4, line
        assert re.search(r"[\u4e00-\u9fff]", line) and re.search(r"[A-Za-z]{3}", line)


def test_what_is_said_to_grey_a_kind_is_a_fault() -> None:
    greys = {code: kind for kind, codes in _GREYS.items() for code in codes.split()}
    assert set(greys) <= set(faults())
    assert f"greys `{Kind.A4_PRINTER}`" in document() and "| closes |" in document()
    assert not {code for code in greys if faults()[code].closes}
