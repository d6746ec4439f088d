"""Words for people: every row there is has all its languages, and every row that code asks for is there."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as some

from config import rules
from config.materials import Source
from config.service import Holder, Means
from config.words import LANGUAGES, Words, joined, same, words

REPO = Path(__file__).resolve().parents[2]
LOCALE = REPO / "config" / "locale"
SECTIONS = sorted(path.stem for path in LOCALE.glob("*.toml"))

# Functions of the rooms that take a row's name, or a part of it, as one of their words.
ASKS = {
    "own": ("screens", "screen."),
    "_own": ("screens", "screen."),
    "t": ("hall", "desk."),
    "Refused": ("hall", "platform."),
    "row": ("hall", "platform.row_"),
    "option": ("kiosk", "journey.way_"),
}
# The names that are put together in code, and what may stand in the gap.
GAPS = {
    "bring.had_",
    "doctor.",
    "doctor.ask_",
    "doctor.part_",
    "doctor.rotation_",
    "doctor.state_",
    "doctor.tried_",
    "bring.way_",
    "identify.agent_",
    "identify.kind_",
    "identify.means_",
    "identify.way_",
    "journey.way_",
    "journey.next_",
    "journey.hint_",
    "journey.face_point_",
    "rules.",
    "screen.card_",
    "spoken.digit_",
    "staff_slip.document_",
    "desk.kind_",
    "desk.part_",
    "desk.supply_",
    "technician.act_",
    "technician.act_change_",
    "technician.availability_",
    "technician.part_",
    "technician.notice_",
    "technician.hours_",
    "technician.how_",
    "technician.camera_",
    "technician.count_",
    "technician.sheets_",
    "technician.supply_",
    "technician.supply_of_",
    "ways.",
}

# Of a finding:
REPORT_LINES = {"not_ready", "attention", "ready", "tried", "found", "untried", "fault", "to_do"}


@cache
def rows(section: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = tomllib.loads((LOCALE / f"{section}.toml").read_text(encoding="utf-8"))
    return found


@cache
def sources(room: str) -> dict[str, ast.Module]:
    """The modules of a room by path."""
    return {
        str(path.relative_to(REPO)): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted((REPO / room).rglob("*.py"))
    }


def calls(*rooms: str) -> Iterator[tuple[str, str, ast.Call]]:
    """Every call in these rooms: where, the function's last name, the call."""
    for room in rooms:
        for path, tree in sources(room).items():
            for node in ast.walk(tree):
                if isinstance(node, ast.Call):
                    name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
                    yield f"{path}:{node.lineno}", name, node


def texts(node: ast.AST) -> Iterator[str]:
    """The literal texts that an argument may be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*texts(node.body), *texts(node.orelse))


def places(text: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_row_has_every_language_and_the_same_places_in_each(section: str) -> None:
    for name, row in rows(section).items():
        assert set(row) == set(LANGUAGES), f"{section}.{name}"
        assert all(row[language].strip() for language in LANGUAGES), f"{section}.{name} is empty"
        assert len({frozenset(places(text)) for text in row.values()}) == 1, f"{section}.{name} fills differ"


@pytest.mark.parametrize("section", SECTIONS)
def test_chinese_is_written_with_its_own_signs(section: str) -> None:
    """A half-width comma or a straight quotation mark between characters is a slip of the keyboard."""
    for name, row in rows(section).items():
        assert not re.search(r"[一-鿿][,;?!\"'()]|[,;?!\"'(][一-鿿]", row["zh"]), (
            f"{section}.{name}: {row['zh']}"
        )


def test_every_row_that_code_names_is_there_and_is_filled_as_it_wants() -> None:
    named = 0
    for where, function, call in calls("config", "kiosk", "screens", "hall", "drivers", "mqtt"):
        if function != "words" or not call.args:
            continue
        for key in texts(call.args[0]):
            section, _, name = key.partition(".")
            assert name in rows(section), f"{where}: no row {key}"
            given = {keyword.arg for keyword in call.keywords}
            assert None in given or given == places(rows(section)[name]["zh"]), (
                f"{where}: {key} is filled otherwise"
            )
            named += 1
    assert named > 60, "the search itself has broken"


@pytest.mark.parametrize("function", ASKS)
def test_every_row_that_is_asked_for_by_a_part_of_its_name_is_there(function: str) -> None:
    room, prefix = ASKS[function]
    section, _, start = prefix.partition(".")
    asked = 0
    for where, name, call in calls(room):
        if name == function and call.args:
            argument = call.args[1] if function == "_own" else call.args[0]
            for text in texts(argument):
                assert start + text in rows(section), f"{where}: no row {prefix}{text}"
                asked += 1
    assert asked, f"nobody calls {function} any more"


def test_every_row_that_a_desk_page_names_is_there() -> None:
    asked = 0
    for path in (REPO / "hall" / "desk" / "templates").glob("*.html"):
        for name in re.findall(r"\bt\(\s*['\"]([a-z0-9_]+)['\"]\s*[,)]", path.read_text(encoding="utf-8")):
            assert name in rows("desk"), f"{path.name}: no row desk.{name}"
            asked += 1
    assert asked > 50, "the search itself has broken"


def test_what_fills_a_gap_in_a_name_has_its_row() -> None:
    from config.devices import Availability, Kind, Supply
    from drivers.face import Hint
    from kiosk.printing.staff_slip import SORTS
    from kiosk.readiness import device_trial, trial_hands, x_tools
    from kiosk.ways_in import FREQUENT, PROGRESS, QUESTIONS, RESUME, SEARCH

    ways = {"again", "back", "home"}  # what is offered when a step names nothing or chooses beforehand
    for _, function, call in calls("kiosk"):
        if function == "tell_trouble":
            ways |= {text for argument in call.args[1:] for text in texts(argument)}
    assert {"window", "other", "done"} <= ways
    assert {f"way_{way}" for way in ways} <= rows("journey").keys()
    assert {f"next_{way}" for way in ways} <= rows("journey").keys()
    assert {f"hint_{hint}" for hint in get_args(Hint)} <= rows("journey").keys()
    assert {f"face_point_{n}" for n in (1, 2, 3)} <= rows("journey").keys()
    means = {f"means_{one}{more}" for one in get_args(Means) for more in ("", "_note")}
    kinds = {f"kind_{one}" for one in get_args(Holder)}
    others = {f"way_{one}" for one in ("app", "app_note", "typed", "typed_note", "card", "window")}
    agents = {f"agent_{one}{more}" for one in ("assist", "authorised") for more in ("", "_note")}
    assert means | kinds | others | agents <= rows("identify").keys()
    assert set(rules.RULES) | {"required"} == rows("rules").keys()
    assert {f"document_{one}" for one in (*SORTS, "other")} <= rows("staff_slip").keys()
    assert {SEARCH, QUESTIONS, FREQUENT, PROGRESS, RESUME} <= rows("ways").keys()
    parts = {
        text
        for _, name, call in calls("kiosk")
        if name == "part" and call.args
        for text in texts(call.args[0])
    }
    assert {"disk", "touch", "time", "broker"} <= parts
    assert {f"{row}_{part}" for part in parts for row in ("part", "tried")} <= rows("doctor").keys()
    assert {f"state_{one}" for one in Availability} <= rows("doctor").keys()
    assert {f"rotation_{one}" for one in (*x_tools.ROTATIONS, "mirror")} <= rows("doctor").keys()
    assert {f"supply_{one}" for one in Supply} <= rows("desk").keys()
    assert {f"part_{one}" for one in device_trial.SUPPLIES} <= rows("desk").keys()
    assert sum(trial_hands.asks(kind) is not None for kind in Kind) == 6, "asks() reads each row"
    assert rows("doctor").keys() >= REPORT_LINES
    sources = set(get_args(Source))
    assert {f"way_{source}" for source in sources} <= rows("bring").keys()
    assert {f"had_{source}" for source in sources - {"scan", "upload"}} <= rows("bring").keys()


def test_no_other_name_of_the_journey_is_put_together_in_code() -> None:
    """A new gap has to be thought of in the test above."""
    gaps = set()
    for _, function, call in calls("config", "kiosk"):
        if function == "words" and call.args and isinstance(call.args[0], ast.JoinedStr):
            start = call.args[0].values[0]
            gaps |= set(texts(start))
    assert gaps == GAPS


@pytest.mark.parametrize("section", ("doctor", "technician"))
def test_no_row_is_left_that_nobody_reads(section: str) -> None:
    read = {
        text
        for room in ("config", "kiosk", "screens", "hall")
        for tree in sources(room).values()
        for node in ast.walk(tree)
        for text in texts(node)
    }
    starts = tuple(gap for gap in GAPS if gap.startswith(f"{section}.") and not gap.endswith("."))
    unread = {name for name in rows(section) if f"{section}.{name}" not in read}
    assert {name for name in unread if not f"{section}.{name}".startswith(starts)} <= REPORT_LINES


# ── filling ─────────────────────────────────────────────────────────────────
def test_words_within_words_are_filled_language_by_language() -> None:
    told = words("rules.not_before", field=Words("起始年月", "From month"))
    assert told == Words("不能早于起始年月", "Must not be before “From month”")


def test_what_is_joined_is_joined_language_by_language_each_thing_once() -> None:
    online, empty = Words("在线", "online"), same("")
    assert joined([online, empty, same("640x480"), online]) == Words("在线 · 640x480", "online · 640x480")
    assert joined([]) == empty


@given(some.text())
def test_what_is_filled_in_stands_there_as_it_is(text: str) -> None:
    assert Words("（{x}）", "({x})").filled(x=text) == Words(f"（{text}）", f"({text})")
    assert same(text)["zh"] == same(text)["en"] == text


def test_a_row_or_language_that_is_not_there_is_named() -> None:
    with pytest.raises(KeyError, match=r"config/locale/journey\.toml has no row 'nonsense'"):
        words("journey.nonsense")
    with pytest.raises(KeyError, match="fr"):
        words("journey.start")["fr"]
