"""A rating after handling and later: stars to the hall, the citizen's own words to the platform alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hall.platform.demo_seal import open_seal
from kiosk import prompts as p
from kiosk.data import journal
from kiosk.prompts import Chosen, Rate, Rated
from tests.journeys.counter import Counter, open_counter
from tests.journeys.counter_judge import Seen
from tests.journeys.counter_stage import Row

WORDS = "王阿姨很耐心，就是等了很久"


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    keys = tmp_path_factory.mktemp("keys")
    open_seal(keys)
    with open_counter(tmp_path_factory.mktemp("ratings"), keys) as opened:
        yield opened


def told_hall(counter: Counter) -> list[dict[str, Any]]:
    """What the hall is told of ratings, in order."""
    ledger = counter.parts.ledger

    def look(read: Any) -> list[dict[str, Any]]:
        entries = [one for one in journal.entries(read) if one.type == "RatingGiven"]
        return [journal.body(read, ledger._vault, one) for one in entries]

    return ledger.look(look)


def leaves_words(folder: Path) -> list[str]:
    """Files of the terminal in which the words can be read."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if WORDS.encode() in path.read_bytes()]


def kept(counter: Counter, about: str) -> list[tuple[Any, ...]]:
    rows = counter.rows("SELECT * FROM ratings WHERE case_no = :about ORDER BY number", about=about)
    return [(row["number"], row["stars"], row["text"], row["channel"]) for row in rows]


def number(seen: Seen) -> str:
    """Of the case that came of a visit."""
    assert seen.case is not None
    return str(seen.case["case_no"])


def serve(counter: Counter, service: str, who: str, rated: Rated, **values: str) -> Seen:
    return counter.serve(Row(service, who, values, ways={Rate: rated}))


def test_after_handling_the_case_is_rated_once_with_words_that_leave_nothing_here(counter: Counter) -> None:
    seen = serve(counter, "SB02", "zhang", Rated(2, ("209",), WORDS))
    asked = [one for one in seen.trail if isinstance(one, Rate)]
    assert len(asked) == 1 and asked[0].write, "by itself, once, with room for words"
    assert seen.case is not None
    case_no = seen.case["case_no"]
    assert kept(counter, case_no) == [(1, 2, WORDS, "terminal")]
    last = told_hall(counter)[-1]
    assert (last["case_no"], last["stars"], last["codes"], last["number"]) == (case_no, 2, ["209"], 1)
    assert "text" not in last and leaves_words(counter.folder / "terminal") == []


def test_later_by_the_receipt_s_code_one_follow_up_and_no_more(counter: Counter) -> None:
    case_no = number(serve(counter, "SB02", "li", Rated(1, ("110",))))
    public = counter.parts.settings.platform.public
    seen = serve(
        counter, "ZH09", "wang", Rated(4, ("412",), "后来有人打电话来"), case_no=f"{public}/r/{case_no}"
    )
    assert seen.outcome == "completed"
    assert kept(counter, case_no) == [(1, 1, "", "terminal"), (2, 4, "后来有人打电话来", "terminal")]
    assert (told_hall(counter)[-1]["number"], told_hall(counter)[-1]["stars"]) == (2, 4)
    before = len(told_hall(counter))
    again = serve(counter, "ZH09", "li", Rated(5), case_no=case_no)
    assert any(isinstance(one, p.Trouble) for one in again.trail) and len(told_hall(counter)) == before


def test_a_case_that_was_rated_by_phone_meanwhile_counts_no_second_time(counter: Counter) -> None:
    seen = serve(counter, "SB02", "zhang", Rated(1), year="2024")
    case_no = number(seen)
    public = counter.parts.settings.platform.public
    page = httpx.post(
        f"{public}/r/{case_no}", data={"stars": "4", "number": "2"}, trust_env=False, timeout=60
    )
    assert page.status_code == 200 and kept(counter, case_no)[1][3] == "receipt"
    before = len(told_hall(counter))
    late = serve(counter, "ZH09", "zhang", Rated(5), case_no=case_no)
    assert "已经评价过" in late.words() and len(told_hall(counter)) == before


def test_a_visit_without_a_case_is_rated_once_too(counter: Counter) -> None:
    seen = serve(counter, "ZH02", "zhang", Rated(5, ("517",)))
    assert seen.case is None
    last = told_hall(counter)[-1]
    assert (last["case_no"], last["service"]) == ("", "ZH02")
    assert kept(counter, last["session"]) == [(1, 5, "", "terminal")]


def test_who_does_not_rate_is_not_counted_as_content(counter: Counter) -> None:
    before = len(told_hall(counter))
    counter.serve(Row("ZH02", "zhang", ways={Rate: Chosen("skip")}))
    assert len(told_hall(counter)) == before


def test_without_the_platform_the_stars_arrive_and_one_is_told_of_the_words(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kiosk.platform import Platform, PlatformError

    calls = []

    async def down(self: Platform, rating: Any) -> Any:
        calls.append(rating)
        raise PlatformError("platform_down")

    monkeypatch.setattr(Platform, "rate", down)
    tries = iter(["again", "done"])
    way: dict[type, Any] = {
        Rate: Rated(1, ("108",), WORDS),
        p.Trouble: lambda customer, prompt: Chosen(next(tries)),
    }
    before = len(told_hall(counter))
    seen = counter.serve(Row("ZH02", "zhang", ways=way))
    assert len(calls) == 2 and len(told_hall(counter)) == before + 1, "told once, though tried twice"
    assert "文字还没有送到" in seen.words()
