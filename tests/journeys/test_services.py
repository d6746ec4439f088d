"""Each service, played through its prompts by citizens of a table, against the real platform."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from hall.platform.demo_seal import open_seal
from tests.journeys.counter import Counter, Row, judge, open_counter

FILES = sorted(path.stem for path in Path(__file__).parent.glob("services_*.py"))
ROWS = {name: importlib.import_module(f"tests.journeys.{name}").ROWS for name in FILES}


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authority")
    open_seal(folder)
    return folder


@pytest.fixture(scope="module")
def counters(tmp_path_factory: pytest.TempPathFactory, authority: Path) -> Iterator[dict[str, Counter]]:
    """One platform a file, opened when its first row is played."""
    from contextlib import ExitStack

    opened: dict[str, Counter] = {}

    class Opening(dict[str, Counter]):
        def __missing__(self, name: str) -> Counter:
            self[name] = stack.enter_context(open_counter(tmp_path_factory.mktemp(name), authority))
            return self[name]

    with ExitStack() as stack:
        opened = Opening()
        yield opened


@pytest.mark.parametrize(
    ("name", "row"), [pytest.param(name, row, id=str(row)) for name in FILES for row in ROWS[name]]
)
def test_each_citizen_of_the_table_leaves_with_what_is_his(
    name: str, row: Row, counters: dict[str, Counter]
) -> None:
    judge(row, counters[name].serve(row))
