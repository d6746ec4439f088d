"""Each service, played through its prompts by citizens of a table, against the real platform."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.catalogue_files import load_catalogue
from hall.platform.demo_seal import open_seal
from tests.journeys.counter import Counter, open_counter
from tests.journeys.counter_judge import judge
from tests.journeys.counter_stage import Row

FILES = sorted(path.stem for path in Path(__file__).parent.glob("services_*.py"))
ROWS = {name: importlib.import_module(f"tests.journeys.{name}").ROWS for name in FILES}


# The customer's table: eight themes, fifty-three items.
ITEMS = {
    "SB": 9,
    "YB": 6,
    "GJ": 4,
    "BD": 3,
    "GA": 6,
    "SW": 3,
    "SJ": 4,
    "JY": 2,
    "JT": 1,
    "MZ": 4,
    "SF": 2,
    "ZH": 9,
}
THE_53 = [f"{kind}{number:02}" for kind, many in ITEMS.items() for number in range(1, many + 1)]


def test_the_catalogue_has_every_item_of_the_table() -> None:
    assert len(THE_53) == 53
    assert set(THE_53) <= load_catalogue().services.keys()


@pytest.mark.parametrize("service", THE_53)
def test_each_item_is_played_by_two_citizens_and_by_one_who_hears_no(service: str) -> None:
    rows = [row for name in FILES for row in ROWS[name] if row.service == service]
    served = [(row.person, tuple(row.values.items())) for row in rows if not row.refused]
    assert len(set(served)) >= 2, "two citizens with different data"
    assert any(row.refused for row in rows), "a refusal, or nothing found"
    for row in rows:
        assert row.refused or row.paper or row.slip or row.told, "the output itself is looked at"


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
