"""What e-certificates the citizens hold."""

from __future__ import annotations

from datetime import date

import pytest

from config.certificate import TYPES, check_number
from config.people import people, person
from hall.platform.registers import certificates
from tests.hall.platform.terminal import Terminal

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize("key", list(people()))
def test_each_citizen_holds_certificates_with_true_numbers_and_names(key: str) -> None:
    items = certificates.held(person(key), TODAY)
    for one in items:
        assert check_number(one.identifier) and TYPES[one.type] in one.identifier
        assert person(key).number not in one.identifier and one.name.zh
        assert one.valid_until is None or one.valid_until >= TODAY
    assert len({one.identifier for one in items}) == len(items)
    assert ("identity" in {one.type for one in items}) == (key != "zhou"), "hers has expired"


def test_no_two_citizens_hold_one_number_and_all_rows_are_of_somebody() -> None:
    numbers = [one.identifier for key in people() for one in certificates.held(person(key), TODAY)]
    assert len(set(numbers)) == len(numbers)
    assert {one.holder for one in certificates.load().certificate} <= people().keys()


def test_the_soonest_to_expire_stands_first_with_the_service_that_renews_it(standing: Terminal) -> None:
    answer = standing.http.get("/v1/certificates", params={"subject": standing.lay_card("he")}).json()
    first, second = answer["items"][:2]
    assert (first["type"], first["valid_until"], first["renew"]) == ("driving", "2026-12-30", "")
    assert (second["type"], second["valid_until"], second["renew"]) == ("identity", "2027-01-15", "GA03")


def test_a_stranger_holds_none_and_an_unknown_handle_is_refused(standing: Terminal) -> None:
    stranger = standing.identify("zhang", number="330100197001010014", birth=date(1970, 1, 1)).json()
    answer = standing.http.get("/v1/certificates", params={"subject": stranger["subject"]})
    assert answer.json() == {"items": []}
    answer = standing.http.get("/v1/certificates", params={"subject": "nobody"})
    assert (answer.status_code, answer.json()["code"]) == (410, "subject_unknown")
