"""Ratings from terminals: each case and visit once, one follow-up, whoever tries to count twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from config.rating_api import NewRating
from hall.platform.settings import ServerSettings
from hall.platform.store import SCHEMA, Store
from tests.hall.platform.papers import NOW
from tests.hall.platform.terminal import Terminal, proof
from tests.hall.platform.test_verification_page import state


def case(terminal: Terminal, who: str = "li") -> str:
    return str(terminal.file(proof(terminal.lay_card(who), NOW)).json()["case_no"])


def rate(terminal: Terminal, **told: Any) -> httpx.Response:
    return terminal.post("/v1/ratings", NewRating(**{"service": "SB01", "stars": 4, **told}))


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json().get("code", ""))


def test_a_case_is_rated_once_then_followed_up_once_wherever(terminal: Terminal) -> None:
    case_no = case(terminal)
    assert code(rate(terminal, case_no=case_no, number=2)) == (409, "rating_too_early")
    assert code(rate(terminal, case_no=case_no, codes=("412",), text="好")) == (200, "")
    assert code(rate(terminal, case_no=case_no, codes=("412",), text="好")) == (200, ""), "an answer was lost"
    assert code(rate(terminal, case_no=case_no, stars=1)) == (409, "rated_already")
    page = terminal.http.get(f"/r/{case_no}")
    assert state(page) == "again" and "?number=2" in page.text, "the page of the receipt knows of it"
    assert "?number=2" not in terminal.http.post(f"/r/{case_no}", data={"stars": "2", "number": "2"}).text
    assert state(terminal.http.get(f"/r/{case_no}?number=2")) == "again"
    assert code(rate(terminal, case_no=case_no, number=2)) == (409, "rated_already")


def test_by_the_receipt_first_then_a_follow_up_by_the_receipt(terminal: Terminal) -> None:
    case_no = case(terminal)
    early = terminal.http.post(f"/r/{case_no}", data={"stars": "2", "number": "2"})
    assert state(early) == "again", "no follow-up before the first"
    assert state(terminal.http.post(f"/r/{case_no}", data={"stars": "2"})) == "done"
    follow = terminal.http.get(f"/r/{case_no}", params={"number": "2", "stars": "5"})
    assert 'name="number" value="2"' in follow.text
    assert state(terminal.http.post(f"/r/{case_no}", data={"stars": "5", "number": "2"})) == "done"
    assert state(terminal.http.post(f"/r/{case_no}", data={"stars": "5", "number": "3"})) == "bad"


def test_terminals_that_rate_at_the_same_moment_make_one_rating(terminal: Terminal) -> None:
    case_no = case(terminal)
    with ThreadPoolExecutor(5) as hands:
        answers = list(hands.map(lambda stars: rate(terminal, case_no=case_no, stars=stars), range(1, 6)))
    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409, 409]


def test_one_sees_ones_own_cases_and_what_may_still_be_said_of_them(terminal: Terminal) -> None:
    first, second, others = case(terminal), case(terminal), case(terminal, "zhang")
    rate(terminal, case_no=first)
    mine = terminal.http.get("/v1/ratings/open", params={"subject": terminal.lay_card("li")}).json()["items"]
    assert {(one["case_no"], one["number"]) for one in mine} == {(first, 2), (second, 1)}
    assert others not in str(mine)
    rate(terminal, case_no=first, number=2)
    mine = terminal.http.get("/v1/ratings/open", params={"subject": terminal.lay_card("li")}).json()["items"]
    assert [one["case_no"] for one in mine] == [second]
    assert terminal.http.get("/v1/ratings/open", params={"subject": "nobody"}).status_code == 410


def test_the_receipt_s_number_leads_to_its_case_and_names_nobody(terminal: Terminal) -> None:
    case_no = case(terminal)
    found = terminal.http.get(f"/v1/ratings/cases/{case_no.lower()}").json()
    assert (found["case_no"], found["service"], found["number"]) == (case_no, "SB01", 1)
    assert set(found) == {"case_no", "service", "name", "filed", "number"}
    assert code(terminal.http.get("/v1/ratings/cases/330100SB0199999999AAAAAA")) == (404, "rating_no_case")
    assert code(rate(terminal, case_no="330100SB0199999999AAAAAA")) == (404, "rating_no_case")


@pytest.mark.parametrize(
    "told",
    [
        {"case_no": "1", "visit": "2", "stars": 4},
        {"stars": 4},
        {"visit": "v", "stars": 4, "number": 2},
        {"visit": "v", "stars": 0},
        {"visit": "v", "stars": 4, "text": "长" * 151},
        {"visit": "v", "stars": 4, "codes": ["510"]},
    ],
)
def test_what_is_no_rating_is_refused(standing: Terminal, told: dict[str, Any]) -> None:
    assert standing.http.post("/v1/ratings", json={"service": "SB01", **told}).status_code == 422


def test_a_file_of_the_release_before_keeps_its_ratings(settings: ServerSettings) -> None:
    file = settings.data / "platform.db"
    store = Store(file)
    with store.transaction() as tx:
        tx.execute(text("DROP TABLE ratings"))
        tx.execute(
            text(
                "CREATE TABLE ratings (case_no VARCHAR PRIMARY KEY, stars INTEGER NOT NULL, codes VARCHAR"
                " NOT NULL, text VARCHAR NOT NULL, given_at DATETIME NOT NULL)"
            )
        )
        tx.execute(text("INSERT INTO ratings VALUES ('C1', 2, '[]', '慢', '2026-11-01 00:00:00')"))
        tx.execute(text("PRAGMA user_version = 4"))
    store.close()
    store = Store(file)
    with store.transaction() as tx:
        assert tuple(tx.execute(text("SELECT * FROM ratings")).one())[:6] == (
            "C1",
            1,
            2,
            "[]",
            "慢",
            "receipt",
        )
        assert tx.execute(text("PRAGMA user_version")).scalar_one() == SCHEMA
    store.close()
