"""Given the pages before and around a journey, when they are touched, then one gets where one meant to."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from kiosk.prompts import Chosen, Prompt, StaffSaid
from screens.outline import outline
from tests.screens import paper_prompts as papers
from tests.screens import prompts as p
from tests.screens import way_prompts as ways
from tests.screens import who_prompts as who
from tests.screens.glass import Glass


def show(glass: Glass, prompt: Prompt) -> None:
    glass.present(p.HOME, p.NOWHERE)
    glass.present(prompt, p.at(3))


def keys(characters: str, kind: str = "digit") -> list[str]:
    return [f"{kind}:{character}" for character in characters]


@pytest.mark.parametrize(
    ("prompt", "touches", "answer"),
    [
        (ways.HOME, ["way:search"], Chosen("search")),
        (ways.HOME_NOTICE, ["way:resume"], Chosen("resume")),
        (ways.GUIDE, ["way:agent"], Chosen("agent")),
        (ways.GUIDE, ["start"], Chosen("start")),
        (ways.SIXTY, ["page:next"] * 4 + ["service:SB29"], Chosen("SB29")),
        (ways.EIGHT, ["choice:5"], Chosen("5")),
        (who.HOLD_CODE, ["other"], Chosen("other")),
        (who.PIN, ["other"], Chosen("other")),
        (who.PIN, [*keys("12345"), "digit:delete", *keys("99"), "confirm"], Chosen("123499")),
        (who.STAFF, ["other"], Chosen("other")),
        (
            who.STAFF,
            ["same", *keys("1007"), "next", *keys("2468"), "confirm"],
            StaffSaid("1007", "2468"),
        ),
        (
            who.STAFF,
            ["same", *keys("1"), "field:pin", *keys("24"), "field:number", *keys("7"), "next", "confirm"],
            StaffSaid("17", "24"),
        ),
        (papers.MATERIALS, ["next"], Chosen("next")),
        (papers.MATERIALS, ["change:household"], Chosen("change:household")),
        (papers.MONTHS, ["page:next", "choice:print"], Chosen("print")),
        (papers.PREVIEW, ["page:next", "choice:print"], Chosen("print")),
        (papers.SHOW_CODE, ["choice:here"], Chosen("here")),
    ],
)
def test_touches_become_the_answer(glass: Glass, prompt: Any, touches: list[str], answer: object) -> None:
    show(glass, prompt)
    for name in touches:
        assert glass.answer() is None
        glass.touch(name)
    assert glass.answer() == answer


def test_four_ways_stand_two_by_two_and_none_alone(glass: Glass) -> None:
    show(glass, ways.HOME)
    items = outline(glass.scene)["items"]
    tops = [item["rect"][1] for item in items if item["name"].startswith("way:")]
    assert len(tops) == 4 and {tops.count(top) for top in tops} == {2}


# ── search ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("typed", "first"),
    [("SYDJ", "SB05"), ("CB", "SB01"), ("GJJ", "GJ04"), ("12345", "ZH08"), ("PENS", ""), ("RENT", "GJ04")],
)
def test_a_service_is_found_by_initials_and_by_words(glass: Glass, typed: str, first: str) -> None:
    show(glass, ways.FIND)
    for name in keys(typed, "key"):
        glass.touch(name)
    found = [name for name in glass.names() if name.startswith("service:")]
    assert found[:1] == ([f"service:{first}"] if first else [])


def test_a_service_is_found_by_how_it_is_read(glass: Glass) -> None:
    show(glass, ways.FIND)
    for name in keys("ZUFANG", "key"):
        glass.touch(name)
    glass.touch("service:GJ04")
    assert glass.answer() == Chosen("GJ04")


def test_nothing_found_says_what_to_do_and_one_back_finds_again(glass: Glass) -> None:
    show(glass, ways.FIND)
    for name in keys("SYX", "key"):
        glass.touch(name)
    assert "没有找到这样的事项" in glass.words()
    assert any("工作人员" in word for word in glass.words())
    glass.touch("key:delete")
    assert "service:SB05" in glass.names()
    glass.touch("key:clear")
    assert "service:SB01" in glass.names()


# ── what nobody else is to see ──────────────────────────────────────────────
@pytest.mark.parametrize(
    ("prompt", "touches"),
    [(who.PIN, keys("918273")), (who.STAFF, ["same", "field:pin", *keys("918273")])],
    ids=["card", "staff"],
)
def test_a_secret_number_is_nowhere_but_in_the_answer(
    glass: Glass, prompt: Prompt, touches: list[str]
) -> None:
    show(glass, prompt)
    before = None
    for name in touches:
        glass.touch(name)
        if name.startswith("digit:"):
            told = outline(glass.scene)
            texts = [(item["name"], item["text"], item["role"]) for item in told["items"]]
            assert before is None or texts == before, "the outline does not change with what is typed"
            before = texts
    assert "918273" not in json.dumps(outline(glass.scene))
    glass.present(who.PIN_WRONG, p.at(3))
    assert "confirm" not in glass.names(), "after a wrong one it begins anew"


def test_dots_show_how_many_digits_there_are(glass: Glass) -> None:
    show(glass, who.PIN)
    empty = glass.pixels()
    glass.touch("digit:5")
    one = glass.pixels()
    glass.touch("digit:delete")
    assert (empty != one).any()
    show(glass, who.PIN)
    glass.touch("digit:8")
    other = glass.pixels()
    box = slice(330, 470)  # the row of boxes, above the keys
    assert (one[box] == other[box]).all(), "5 and 8 look the same"


# ── tables ──────────────────────────────────────────────────────────────────
def diagnoses(glass: Glass) -> list[str]:
    return [word for word in glass.words() if word in ("上呼吸道感染", "高血压")]


def test_a_hidden_column_shows_when_touched_and_is_masked_after_a_while(
    glass: Glass, monkeypatch: pytest.MonkeyPatch
) -> None:
    from screens.pages import table

    show(glass, papers.VISITS)
    assert diagnoses(glass) == []
    assert "上呼吸道感染" not in str(outline(glass.scene))
    glass.touch("reveal:0:2")
    assert diagnoses(glass) == ["上呼吸道感染"]
    assert 5 <= table._SHOWN <= 20
    glass.touch("page:next")
    monkeypatch.setattr(table, "_SHOWN", 0.05)
    glass.touch("page:previous")
    glass.touch("reveal:0:2")
    until = time.monotonic() + 30
    while diagnoses(glass) and time.monotonic() < until:
        glass.turn()
    assert diagnoses(glass) == []


def test_turning_the_page_masks_again(glass: Glass) -> None:
    show(glass, papers.VISITS)
    glass.touch("reveal:0:2")
    glass.touch("page:next")
    assert diagnoses(glass) == []
    glass.touch("page:previous")
    assert diagnoses(glass) == []


def test_every_line_of_a_table_can_be_reached(glass: Glass) -> None:
    show(glass, papers.MONTHS)
    seen = set(glass.words())
    while "page:next" in glass.names():
        glass.touch("page:next")
        seen |= set(glass.words())
    assert {line[0].zh for line in papers.MONTHS.lines} <= seen


def test_a_wide_table_is_columns_and_a_narrow_one_cards(glass: Glass) -> None:
    def heads() -> int:
        return glass.words().count("日期")

    show(glass, papers.VISITS)
    narrow = heads()
    glass.scene.resize(1920, 1080)
    wide = heads()
    shown = len([word for word in glass.words() if word.startswith("2026-")])
    glass.scene.resize(540, 960)
    assert wide == 1 < shown, "one row of heads over several lines"
    assert narrow == len([word for word in glass.words() if word.startswith("2026-")])


# ── documents ───────────────────────────────────────────────────────────────
def test_a_touch_enlarges_the_page_where_it_was_and_another_shows_it_whole(glass: Glass) -> None:
    show(glass, papers.PREVIEW)
    whole = glass.pixels()
    glass.touch("document")
    larger = glass.pixels()
    glass.touch("document")
    assert (larger != whole).any()
    again = glass.pixels()
    clock = slice(80, None)
    assert (again[clock] == whole[clock]).all()


def test_a_page_is_made_into_a_texture_once(glass: Glass) -> None:
    show(glass, papers.PREVIEW)
    turn: Any = glass.scene._turn
    first = turn.memory["texture"][1]
    turn.redraw()
    assert turn.memory["texture"][1] is first
    glass.touch("page:next")
    assert "2 / 2" in glass.words()
    assert turn.memory["texture"][1] is not first
