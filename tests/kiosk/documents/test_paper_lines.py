"""A template and its values: what is printed, what is left out, and that both renderings say the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from config.catalogue_files import load_catalogue
from config.paper import Paper
from drivers.receipt_text import Code, Pair, Rule, Text, blocks, printable
from kiosk.documents.paper_lines import fill
from kiosk.documents.receipts import RULE, Line, Receipt, draw, text_lines

SAMPLE = Line("text", "样张 · 无效", bold=True, centre=True)


def paper(*lines: dict[str, object], document: str = "receipt") -> Paper:
    return Paper.model_validate({"document": document, "line": lines})


def test_a_value_stands_in_its_place_and_a_line_without_any_is_left_out() -> None:
    told = paper({"text": "编号 {case_no}"}, {"label": "费用", "value": "{fee}"}, {"text": "再见"})
    assert fill(told, {"case_no": "A1"}) == (Line("text", "编号 A1"), Line("text", "再见"), SAMPLE)


def test_a_line_with_one_of_two_values_stays() -> None:
    told = paper({"text": "{hall} {department}"})
    assert fill(told, {"hall": "大厅"})[0].text == "大厅 "


def test_a_condition_prints_its_line_only_then() -> None:
    told = paper({"text": "有", "when": "case_no"}, {"text": "无", "unless": "case_no"})
    assert fill(told, {"case_no": "A1"})[0].text == "有"
    assert fill(told, {"case_no": ""})[0].text == "无"
    rows = paper({"text": "有", "when": "rows"}, {"text": "无", "unless": "rows"})
    assert fill(rows, {}, {"rows": [{"label": "a", "value": "b"}]})[0].text == "有"
    assert fill(rows, {}, {"rows": []})[0].text == "无"


def test_a_repeated_line_is_there_for_each_entry_with_the_papers_own_values_beside() -> None:
    told = paper({"label": "{label}", "value": "{value} {terminal}", "each": "rows"})
    rows = [{"label": "一", "value": "1"}, {"label": "二", "value": "2"}]
    assert fill(told, {"terminal": "K001"}, {"rows": rows})[:2] == (
        Line("pair", "1 K001", "一"),
        Line("pair", "2 K001", "二"),
    )


def test_a_code_is_there_when_it_says_something_and_its_words_do_not_count() -> None:
    code = {"content": "{check_code}", "words": "核验 {case_no}"}
    told = paper({"code": code})
    assert fill(told, {"case_no": "A1"}) == (SAMPLE,)
    assert fill(told, {"check_code": "http://x", "case_no": "A1"})[0] == Line("code", "http://x", "核验 A1")


def test_a_code_too_long_to_be_drawn_is_left_out_and_the_paper_comes_all_the_same() -> None:
    told = paper({"code": {"content": "{rate_code}", "words": "评价"}}, {"text": "再见"})
    (end, _) = fill(told, {"rate_code": "http://x/" + "长" * 3000})
    assert end == Line("text", "再见")
    longest = Receipt(fill(told, {"rate_code": "长" * 200}))
    assert draw(longest, 384).size[1] > 384 // 2, "drawn on 58 mm too"


def test_rules_with_nothing_between_them_are_one_and_none_is_at_the_top() -> None:
    told = paper(
        {"rule": True}, {"text": "{fee}"}, {"rule": True}, {"text": "x"}, {"rule": True}, {"rule": True}
    )
    assert fill(told, {}) == (Line("text", "x"), RULE, SAMPLE)


def test_a_value_with_braces_is_printed_as_it_is() -> None:
    assert fill(paper({"text": "{case_no}"}), {"case_no": "{name}", "name": "张三"})[0].text == "{name}"


@given(
    some.text(min_size=2, max_size=12), some.text(some.sampled_from("0123456789X"), min_size=4, max_size=18)
)
def test_no_paper_shows_a_name_or_a_number_whole(name: str, number: str) -> None:
    told = paper({"text": "{name}"}, {"label": "号", "value": "{number}"})
    lines = fill(told, {"name": name, "number": number})
    assert lines[0].text[1:] == "*" * (len(name) - 1)
    assert number not in lines[1].text and "*" in lines[1].text


# ── both renderings ─────────────────────────────────────────────────────────
def told_by(lines: object) -> list[str]:
    """Every text of the printer's own lines, in order."""
    said: list[str] = []
    for line in lines:  # type: ignore[attr-defined]
        match line:
            case Text(text) | Code(text):
                said += [text] if text else []  # an empty line is white above a code
            case Pair(label, value):
                said += [label, value]
            case Rule():
                said.append("-")
    return said


@pytest.mark.parametrize("name", sorted(load_catalogue().papers))
def test_the_printers_own_type_says_the_same_lines_as_the_picture(name: str) -> None:
    everything = {
        place: place
        for place in ("hall", "terminal", "printed", "service", "pending", "case_no", "queue_no", "window")
    } | {"check_code": "http://x/v/1", "rate_code": "http://x/r/1", "big": "A1", "say": "K001"}
    one = load_catalogue().papers[name]
    known = {line for spec in one.line for line in [spec.each] if line}
    lists = {each: [{"label": "甲", "value": "乙", "when": "丙", "what": "丁"}] for each in known}
    lines = fill(one, {k: v for k, v in everything.items() if k in _names(one)}, lists)
    expected = [
        part
        for line in lines
        for part in (
            ["-"]
            if line == RULE
            else [line.label, line.text]
            if line.kind == "pair"
            else [line.text, *(one for one in (line.label, line.note) if one)]
        )
    ]
    own = text_lines(Receipt(lines))
    assert told_by(own) == expected
    assert printable(own)
    for across in (384, 576):
        assert blocks(own, across)


def _names(one: Paper) -> set[str]:
    from config.paper import values_of

    return set(values_of(one.document))
