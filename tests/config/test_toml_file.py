"""A wrong file tells its reader where: the key, the line, what to do."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import BaseModel, ConfigDict

from config.toml_file import ConfigError, line_of, load


class Printer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    port: int
    name: str = ""


class Room(BaseModel):
    model_config = ConfigDict(extra="forbid")
    folder: Path = Path()
    printers: dict[str, Printer] = {}
    chairs: tuple[Printer, ...] = ()


def problems(folder: Path, text: str | bytes) -> list[str]:
    """What is told of a file with this text."""
    path = folder / "room.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(ConfigError) as told:
        load(path, Room)
    assert str(told.value).splitlines() == [f"{path}: {problem}" for problem in told.value.problems]
    return told.value.problems


def test_given_a_port_that_is_no_number_then_its_own_line_is_told(tmp_path: Path) -> None:
    text = "# a hall\n[printers.a4]\nport = 1\n\n[printers.receipt]\nname = 'x'\nport = 'nine'\n"
    (problem,) = problems(tmp_path, text)
    assert problem.startswith("printers.receipt.port: ")
    assert problem.endswith(", line 7")


def test_given_a_key_that_is_missing_then_the_line_of_its_table_is_told(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "[printers.a4]\nport = 1\n[printers.receipt]\nname = 'x'\n")
    assert problem == "printers.receipt.port: is missing, line 3"


def test_given_two_mistakes_then_both_are_told(tmp_path: Path) -> None:
    found = problems(tmp_path, "colour = 1\n[[chairs]]\nport = 1\n[[chairs]]\nport = 'x'\n")
    assert [problem.rpartition(", ")[2] for problem in found] == ["line 5", "line 1"]
    assert found[0].startswith("chairs.1.port: ")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"port = \n", "not valid TOML: Invalid value (at line 1, column 8)"),
        ("a = 1\nb = '取号'\n".encode("gb18030"), "not UTF-8 text, line 2; save the file as UTF-8"),
    ],
)
def test_given_a_file_that_is_no_toml_then_line_and_way_out_are_told(
    tmp_path: Path, raw: bytes, said: str
) -> None:
    assert problems(tmp_path, raw) == [said]


def test_given_no_file_or_a_folder_then_the_path_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"/none\.toml: there is no such file; check the path"):
        load(tmp_path / "none.toml", Room)
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path, Room)


def test_the_file_is_named_from_where_one_stands_or_as_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = tmp_path / "hall"
    hall.mkdir()
    (hall / "room.toml").write_text("x = 1")
    monkeypatch.chdir(tmp_path)
    for spelled in (hall / "room.toml", Path("hall/room.toml"), Path("hall/../hall/room.toml")):
        with pytest.raises(ConfigError, match=r"^hall/room\.toml: x: there is no such key"):
            load(spelled, Room)
    monkeypatch.chdir(hall)
    (tmp_path / "room.toml").write_text("x = 1")
    with pytest.raises(ConfigError, match=r"^\.\./room\.toml: x"):
        load(Path("../room.toml"), Room)


def test_given_a_byte_order_mark_and_windows_lines_then_the_file_reads_alike(tmp_path: Path) -> None:
    path = tmp_path / "room.toml"
    path.write_bytes(b"\xef\xbb\xbf[printers.a4]\r\nport = 1\r\nname = '''a\r\nb'''\r\n")
    assert load(path, Room).printers["a4"] == Printer(port=1, name="a\nb")


def test_given_here_in_the_text_then_it_is_the_files_own_folder(tmp_path: Path) -> None:
    (tmp_path / "room.toml").write_text("folder = '{here}/../data'")
    assert load(tmp_path / "room.toml", Room).folder == Path(f"{os.path.realpath(tmp_path)}/../data")


# ── lines ───────────────────────────────────────────────────────────────────
NESTED = """\
top = 1
# [shelf] is a comment, not a table
[shelf]
text = '''
top = 99
[[book]]
'''
"odd.key" = 2
list = [
  [3, 4],  # ] " '
  ["x = 5", "]"],
]
after = 6
[[book]]
title.zh = 7
[[book.page]]
number = 8
[[book.page]]
number = 9
[book.cover]
colour = 10
[[book]]
title = { zh = 11 }
[[book.page]]
number = 12
[shelf.deep.down]
leaf = 13
"""


@pytest.mark.parametrize(
    ("where", "line"),
    [
        (("top",), 1),
        (("shelf", "text"), 4),
        (("shelf", "odd.key"), 8),
        (("shelf", "list", 1, 0), 9),
        (("shelf", "after"), 13),
        (("book", 0, "title", "zh"), 15),
        (("book", 0, "title", "en"), 15),  # missing: beside the other language
        (("book", 0, "title"), 15),
        (("book", 0, "page", 1, "number"), 19),
        (("book", 0, "cover", "colour"), 21),
        (("book", 1, "title", "zh"), 23),
        (("book", 1, "page", 0, "number"), 25),
        (("book", 1, "price"), 22),
        (("shelf", "deep", "down", "leaf"), 27),
        (("shelf", "deep", "up"), 26),
        (("nowhere",), 0),
        ((), 0),
    ],
)
def test_the_line_is_that_of_the_deepest_part_the_text_spells(
    where: tuple[str | int, ...], line: int
) -> None:
    tomllib.loads(NESTED)
    assert line_of(NESTED, where) == line


KEYS = some.sampled_from(["a", "b", "port", "名", "a.b", "x-y"])
FILLERS = some.sampled_from(
    ["", "# [a]", "  # b = 1", "z{n} = '''\n[a]\nb = 3\n'''", 'z{n} = """\n[[a]]\n"""', "z{n} = [\n  [1],\n]",
     "z{n} = { y = [1] }", "z{n} = '\"'", 'z{n} = "[ \\" #"', "z{n} = [ # [\n 'x = 1',\n]"]
)  # fmt: skip


@given(some.lists(some.tuples(some.integers(0, 3), some.lists(KEYS, min_size=1, max_size=3), FILLERS)))
def test_whatever_stands_around_it_every_value_is_found_on_its_line(
    rows: list[tuple[int, list[str], str]],
) -> None:
    text = "".join(_spelled(number, row) for number, row in enumerate(rows, start=1000))
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # the same name twice: not TOML
    lines = text.splitlines()
    for where, value in _leaves(parsed):
        if isinstance(value, int) and value >= 1000:
            assert f"= {value} " in lines[line_of(text, where) - 1] + " "


def _spelled(number: int, row: tuple[int, list[str], str]) -> str:
    """A header or an entry whose value is a number of its own, and something distracting after it."""
    shape, keys, filler = row
    dotted = ".".join(f'"{key}"' if not key.isascii() or "." in key else key for key in keys)
    line = {0: f"[{dotted}]\nq = {number}", 1: f"[[{dotted}]]\nq = {number}"}.get(
        shape, f"{dotted} = {number}"
    )
    return f"{line}\n{filler.replace('{n}', str(number))}\n"


def _leaves(value: Any, where: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, dict):
        return [leaf for key, one in value.items() for leaf in _leaves(one, (*where, key))]
    if isinstance(value, list):
        return [leaf for at, one in enumerate(value) for leaf in _leaves(one, (*where, at))]
    return [(where, value)]
