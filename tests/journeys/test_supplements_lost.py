"""Papers brought later, over a line that fails at the worst moment: they come once, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from hall.platform import handlers
from hall.platform.demo_seal import open_seal
from kiosk import filing
from kiosk import prompts as p
from kiosk.prompts import Chosen
from tests.hall.platform.paper_service import HANDLER, ID, lay_down
from tests.journeys.counter import Counter, open_counter
from tests.journeys.counter_judge import Seen
from tests.journeys.counter_stage import Row
from tests.journeys.test_papers_brought import CASH, in_turn, later

Post = Callable[..., Any]


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    folder = tmp_path_factory.mktemp("lost")
    authority = folder / "authority"
    authority.mkdir()
    open_seal(authority)
    services = lay_down(folder / "services")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(handlers._HANDLERS, ID, HANDLER)
        patch.setattr(filing, "ASK_AGAIN", (0.05, 0.05))
        with open_counter(folder / "counter", authority, folders=(services,)) as one:
            yield one


@pytest.fixture
def case_no(counter: Counter) -> str:
    """Tan's case, which lacks the diploma."""
    seen = counter.serve(Row(ID, "tan", CASH, ways=later()))
    assert seen.case is not None
    return str(seen.case["case_no"])


def bring(counter: Counter) -> Seen:
    choose = in_turn(Chosen("supplement"), Chosen("done"))
    return counter.serve(Row("ZH02", "tan", ways={p.ShowResult: choose, p.ChooseOne: in_turn(_first)}))


def _first(customer: object, prompt: p.ChooseOne) -> Chosen:
    return Chosen(prompt.options[0].value)


def lossy(counter: Counter, monkeypatch: pytest.MonkeyPatch, *, arrives: bool, times: int) -> list[str]:
    """So many posts of papers get no answer; with `arrives` the platform has them all the same."""
    client = counter.parts.platform._client
    real: Post = client.post
    lost: list[str] = []

    async def post(path: str, **told: Any) -> Any:
        if path.endswith("/supplements") and len(lost) < times:
            lost.append(told["headers"]["Idempotency-Key"])
            if arrives:
                await real(path, **told)
            raise httpx.ReadError("the line is gone")
        return await real(path, **told)

    monkeypatch.setattr(client, "post", post)
    return lost


def brought(counter: Counter, case_no: str) -> list[dict[str, Any]]:
    return counter.rows("SELECT * FROM supplements WHERE case_no = :case_no", case_no=case_no)


def state(counter: Counter, key: str) -> str:
    record = counter.parts.ledger.find(key)
    assert record is not None
    return record.state


@pytest.mark.parametrize("arrives", [True, False])
def test_an_answer_that_is_lost_brings_the_papers_once(
    counter: Counter, case_no: str, monkeypatch: pytest.MonkeyPatch, arrives: bool
) -> None:
    lost = lossy(counter, monkeypatch, arrives=arrives, times=1)
    seen = bring(counter)
    assert not [page for page in seen.trail if isinstance(page, p.Trouble)]
    (row,) = brought(counter, case_no)
    assert [row["key"]] == lost and state(counter, row["key"]) == "accepted"


def test_what_never_arrived_is_settled_later_and_closed_for_good(
    counter: Counter, case_no: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The citizen was told that it is not known; then the record is settled as after a kill."""
    with monkeypatch.context() as broken:
        lost = lossy(counter, broken, arrives=False, times=99)
        seen = bring(counter)
    told = [page.code for page in seen.trail if isinstance(page, p.Trouble)]
    assert told == ["platform_unclear"] and state(counter, lost[0]) == "unknown"
    record = counter.parts.ledger.find(lost[0])
    assert record is not None
    settling = filing.resolve(counter.parts.platform, counter.parts.ledger, record)
    assert asyncio.run_coroutine_threadsafe(settling, counter._loop).result(60)
    assert state(counter, lost[0]) == "refused" and brought(counter, case_no) == []
    bring(counter)
    assert len(brought(counter, case_no)) == 1, "under a key of its own they come another time"
