"""Who stands at the terminal: handles, photographs, codes by text message."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from PIL import Image

from config.identity_api import CodeCheck
from config.people import person
from tests.hall.platform.conftest import Clock
from tests.hall.platform.phones import Phones
from tests.hall.platform.terminal import Terminal, proof


def test_a_known_citizen_gets_a_handle_that_tells_nothing(standing: Terminal) -> None:
    answer = standing.identify("zhang").json()
    assert answer["known"] and answer["has_photograph"] and answer["phone"] == "138****0001"
    assert person("zhang").number not in answer["subject"]
    assert standing.lay_card("zhang") != answer["subject"]


def test_a_card_that_disagrees_with_the_register_is_nobody_we_know(standing: Terminal) -> None:
    answer = standing.identify("zhang", name="张冒名").json()
    assert not answer["known"] and not answer["has_photograph"] and not answer["phone"]


def test_an_expired_card_is_refused_with_words(standing: Terminal) -> None:
    answer = standing.identify("zhou")
    assert answer.status_code == 422 and answer.json()["code"] == "card_expired"
    assert "换领" in answer.json()["message"]["zh"]


def test_a_card_for_life_is_taken(standing: Terminal) -> None:
    assert person("wang").valid_to is None
    assert standing.identify("wang").json()["known"]


def test_a_card_is_good_on_its_last_day(terminal: Terminal, clock: Clock) -> None:
    assert terminal.identify("li", valid_to=clock.time.date()).status_code == 200
    assert terminal.identify("li", valid_to=date(2026, 11, 21)).status_code == 422


@pytest.mark.parametrize("key", ["zhang", "li"])
def test_the_photograph_on_file_is_a_jpeg(standing: Terminal, key: str) -> None:
    answer = standing.http.get(f"/v1/identity/{standing.lay_card(key)}/photograph")
    assert answer.headers["content-type"] == "image/jpeg"
    assert Image.open(BytesIO(answer.content)).format == "JPEG"


def test_no_photograph_on_file_is_said(standing: Terminal) -> None:
    answer = standing.http.get(f"/v1/identity/{standing.lay_card('chen')}/photograph")
    assert (answer.status_code, answer.json()["code"]) == (404, "photograph_none")


def test_the_code_on_the_phone_opens_the_way(terminal: Terminal, phones: Phones, clock: Clock) -> None:
    subject = terminal.lay_card("chen")
    by_code = proof(subject, clock.time, means="sms")
    assert terminal.file(by_code).json()["code"] == "means_insufficient"

    sent = terminal.post(f"/v1/identity/{subject}/codes").json()
    assert sent == {"sent_to": "138****0004", "digits": 6, "valid_seconds": 300}
    assert phones.texts[-1]["to"] == person("chen").phone and len(phones.code()) == 6

    right = terminal.post(f"/v1/identity/{subject}/codes/check", CodeCheck(code=phones.code()))
    assert right.json()["verified"]
    assert terminal.file(by_code).json()["state"] == "accepted"


def test_five_wrong_codes_end_it_even_for_the_right_one(terminal: Terminal, phones: Phones) -> None:
    subject = terminal.lay_card("zhang")
    terminal.post(f"/v1/identity/{subject}/codes")
    wrong = CodeCheck(code=f"{(int(phones.code()) + 1) % 1_000_000:06}")
    check = f"/v1/identity/{subject}/codes/check"
    left = [terminal.post(check, wrong).json()["tries_left"] for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    right = terminal.post(check, CodeCheck(code=phones.code())).json()
    assert right == {"verified": False, "tries_left": 0}


def test_a_code_lapses_after_five_minutes(terminal: Terminal, phones: Phones, clock: Clock) -> None:
    subject = terminal.lay_card("zhang")
    terminal.post(f"/v1/identity/{subject}/codes")
    clock.pass_by(minutes=5)
    answer = terminal.post(f"/v1/identity/{subject}/codes/check", CodeCheck(code=phones.code()))
    assert (answer.status_code, answer.json()["code"]) == (410, "code_expired")


def test_a_code_serves_once_and_only_its_own_session(terminal: Terminal, phones: Phones) -> None:
    subject, another = terminal.lay_card("zhang"), terminal.lay_card("li")
    terminal.post(f"/v1/identity/{subject}/codes")
    code = CodeCheck(code=phones.code())
    assert terminal.post(f"/v1/identity/{another}/codes/check", code).json()["code"] == "code_none"
    assert terminal.post(f"/v1/identity/{subject}/codes/check", code).json()["verified"]
    assert terminal.post(f"/v1/identity/{subject}/codes/check", code).json()["code"] == "code_none"


def test_laying_the_card_again_does_not_bring_more_codes(terminal: Terminal, clock: Clock) -> None:
    codes = []
    for _ in range(7):
        answer = terminal.post(f"/v1/identity/{terminal.lay_card('zhang')}/codes")
        again = terminal.post(f"/v1/identity/{terminal.lay_card('zhang')}/codes")
        codes.append((answer.status_code, again.json()["code"]))
        clock.pass_by(seconds=61)
    assert codes == [(200, "code_too_soon")] * 5 + [(429, "code_too_many")] * 2


def test_a_failing_gateway_is_told_and_does_not_count(terminal: Terminal, phones: Phones) -> None:
    subject = terminal.lay_card("zhang")
    phones.broken = True
    answer = terminal.post(f"/v1/identity/{subject}/codes")
    assert (answer.status_code, answer.json()["code"]) == (424, "sms_failed")
    phones.broken = False
    assert terminal.post(f"/v1/identity/{subject}/codes").status_code == 200


def test_a_stranger_has_no_phone_on_file(standing: Terminal) -> None:
    subject = standing.identify("zhang", number="330100197001010014", birth=date(1970, 1, 1)).json()[
        "subject"
    ]
    assert standing.post(f"/v1/identity/{subject}/codes").json()["code"] == "phone_none"


def test_a_handle_lives_half_an_hour(terminal: Terminal, clock: Clock) -> None:
    subject = terminal.lay_card("zhang")
    clock.pass_by(minutes=30)
    answer = terminal.http.get("/v1/services/SB01/form", params={"subject": subject})
    assert (answer.status_code, answer.json()["code"]) == (410, "subject_unknown")
