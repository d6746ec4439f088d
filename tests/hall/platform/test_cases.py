"""What becomes of what citizens file: each one's outcome, once a key, whatever happens on the way."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from config.catalogue_files import BUILT_IN
from config.platform_api import FormData, Query, QueryResult, Submission
from config.words import words
from hall.platform.settings import ServerSettings
from tests.hall.platform.conftest import Clock, serving
from tests.hall.platform.terminal import Terminal, proof, queue

KEY = "01999999-0000-7000-8000-000000000001"


@dataclass(frozen=True)
class Outcome:
    """State and title of a case, or the code of a refusal."""

    state: str
    documents: int = 0


@pytest.mark.parametrize(
    ("who", "outcome"),
    [
        ("zhang", Outcome("accepted", 1)),
        ("wang", Outcome("accepted", 1)),
        ("li", Outcome("accepted", 1)),
        ("chen", Outcome("accepted", 1)),
        ("sun", Outcome("refused")),
        ("xu", Outcome("not_eligible")),
    ],
)
def test_each_citizen_of_the_demo(standing: Terminal, clock: Clock, who: str, outcome: Outcome) -> None:
    answer = standing.file(proof(standing.lay_card(who), clock.time)).json()
    found = Outcome(answer.get("state") or answer["code"], len(answer.get("documents", ())))
    assert found == outcome


def test_no_record_in_the_period_is_said_kindly(standing: Terminal, clock: Clock) -> None:
    before = proof(standing.lay_card("zhang"), clock.time, values={"from": "1999-01", "to": "2001-12"})
    answer = standing.file(before).json()
    assert answer["state"] == "refused" and answer["title"]["zh"] == "查无记录"
    assert "12333" in answer["message"]["zh"] and answer["message"]["en"]


def test_the_form_comes_filled_with_what_the_office_has(standing: Terminal) -> None:
    answer = standing.http.get("/v1/services/SB01/form", params={"subject": standing.lay_card("wang")})
    form = FormData.model_validate_json(answer.content)
    assert form.values == {"insurances": ("pension", "injury"), "from": "1998-01", "to": "2026-10"}
    assert [option.name.zh for option in form.options["insurances"]] == ["养老保险", "工伤保险"]
    assert form.sources["from"].zh == "社会保险登记信息"


def test_a_citizen_without_records_has_an_empty_form(standing: Terminal) -> None:
    answer = standing.http.get("/v1/services/SB01/form", params={"subject": standing.lay_card("sun")})
    assert FormData.model_validate_json(answer.content) == FormData()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"values": {"from": "2026-10", "to": "2026-09"}}, "form_invalid"),
        ({"values": {"to": "2026-12"}}, "form_invalid"),
        ({"values": {"to": "2026-13"}}, "form_invalid"),
        ({"values": {"insurances": ()}}, "form_invalid"),
        ({"values": {"insurances": ("pension", "pension")}}, "form_invalid"),
        ({"values": {"insurances": ("everything",)}}, "form_invalid"),
        ({"values": {"purpose": ("home",)}}, "form_invalid"),
        ({"values": {"salary": "1"}}, "field_unknown"),
        ({"means": "card"}, "means_insufficient"),
        ({"means": "staff"}, "means_insufficient"),
        ({"subject": None}, "subject_missing"),
        ({"subject": "nobody"}, "subject_unknown"),
        ({"service": "XX99"}, "service_unknown"),
    ],
)
def test_what_a_terminal_should_have_caught_is_refused_and_not_kept(
    standing: Terminal, clock: Clock, change: dict[str, Any], code: str
) -> None:
    key = str(uuid.uuid4())
    subject = standing.lay_card("zhang")
    answer = standing.file(proof(**{"subject": subject, "now": clock.time, **change}), key)
    assert answer.status_code in (404, 410, 422) and answer.json()["code"] == code
    assert standing.http.get(f"/v1/cases/by-key/{key}").status_code == 404
    assert standing.file(proof(subject, clock.time), key).json()["state"] == "accepted"


def test_a_copy_is_the_terminals_own_and_never_filed(standing: Terminal, clock: Clock) -> None:
    copy = Submission(service="ZH05", terminal="K001", values={}, submitted_at=clock.time)
    answer = standing.file(copy)
    assert (answer.status_code, answer.json()["code"]) == (422, "service_not_filed")


def test_a_refused_form_names_the_field_and_the_rule(standing: Terminal, clock: Clock) -> None:
    late = proof(standing.lay_card("zhang"), clock.time, values={"from": "2026-10", "to": "2026-09"})
    assert standing.file(late).json()["message"]["zh"] == "截止年月：不能早于起始年月"


def test_the_same_key_gets_the_same_case(terminal: Terminal, clock: Clock) -> None:
    filed = proof(terminal.lay_card("zhang"), clock.time)
    first = terminal.file(filed, KEY).json()
    clock.pass_by(hours=2)  # long after the handle has died
    assert terminal.file(filed, KEY).json() == first
    assert terminal.http.get(f"/v1/cases/by-key/{KEY}").json() == first
    assert first["key"] == KEY and len(first["case_no"]) <= 50


def test_the_same_key_with_another_form_is_refused(standing: Terminal, clock: Clock) -> None:
    key = str(uuid.uuid4())
    subject = standing.lay_card("zhang")
    standing.file(proof(subject, clock.time), key)
    answer = standing.file(proof(subject, clock.time, values={"purpose": "visa"}), key)
    assert (answer.status_code, answer.json()["code"]) == (409, "key_reused")


def test_without_a_key_nothing_is_filed(standing: Terminal, clock: Clock) -> None:
    answer = standing.post("/v1/cases", queue(clock.time))
    assert (answer.status_code, answer.json()["code"]) == (422, "key_missing")


def test_two_requests_at_once_under_one_key_are_one_case(terminal: Terminal, clock: Clock) -> None:
    filed = proof(terminal.lay_card("zhang"), clock.time)
    together = threading.Barrier(4)
    answers: list[dict[str, Any]] = []

    def send() -> None:
        together.wait(60)
        answers.append(terminal.file(filed, KEY).json())

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == 4 and all(answer == answers[0] for answer in answers)
    subject = terminal.lay_card("zhang")
    progress = terminal.post("/v1/queries", Query(service="ZH02", subject=subject)).json()
    assert len(progress["rows"]) == 1


def test_a_withdrawn_key_is_closed_for_a_late_arrival(standing: Terminal, clock: Clock) -> None:
    key = str(uuid.uuid4())
    late = proof(standing.lay_card("zhang"), clock.time)
    assert standing.post(f"/v1/cases/by-key/{key}/withdraw").status_code == 204
    assert standing.post(f"/v1/cases/by-key/{key}/withdraw").status_code == 204
    answer = standing.file(late, key)
    assert (answer.status_code, answer.json()["code"]) == (410, "key_withdrawn")
    assert standing.http.get(f"/v1/cases/by-key/{key}").status_code == 404


def test_what_was_filed_cannot_be_withdrawn(standing: Terminal, clock: Clock) -> None:
    key = str(uuid.uuid4())
    filed = standing.file(proof(standing.lay_card("zhang"), clock.time), key).json()
    answer = standing.post(f"/v1/cases/by-key/{key}/withdraw")
    assert answer.status_code == 200 and answer.json() == filed


def test_cases_outlive_a_restart(settings: ServerSettings, clock: Clock) -> None:
    with serving(settings, clock) as terminal:
        first = terminal.file(proof(terminal.lay_card("zhang"), clock.time), KEY).json()
    with serving(settings, clock) as terminal:
        assert terminal.http.get(f"/v1/cases/by-key/{KEY}").json() == first
        assert terminal.pdf(first).startswith(b"%PDF-")


def test_progress_shows_each_step_of_each_case(terminal: Terminal, clock: Clock) -> None:
    subject = terminal.lay_card("zhang")
    assert not terminal.post("/v1/queries", Query(service="ZH02", subject=subject)).json()["found"]
    first = terminal.file(proof(subject, clock.time)).json()
    clock.pass_by(minutes=1)
    old = {"from": "1999-01", "to": "1999-02"}
    second = terminal.file(proof(subject, clock.time, values=old)).json()

    asked = terminal.post("/v1/queries", Query(service="ZH02", subject=subject))
    progress = QueryResult.model_validate_json(asked.content)
    assert progress.found
    assert [row.value.zh for row in progress.rows] == [
        f"{second['case_no']}（未予办理）",
        f"{first['case_no']}（已办结）",
    ]
    assert [event.what.zh for event in progress.timeline] == [
        "在自助终端提交“个人参保证明打印”",
        "业务系统受理",
        "办结，已出具证明",
        "在自助终端提交“个人参保证明打印”",
        "业务系统受理",
        "办结，未予办理",
    ]


def test_one_case_is_found_by_its_number_or_its_certificates(terminal: Terminal, clock: Clock) -> None:
    subject = terminal.lay_card("zhang")
    first = terminal.file(proof(subject, clock.time)).json()
    clock.pass_by(minutes=1)
    second = terminal.file(proof(subject, clock.time, values={"from": "1999-01", "to": "1999-02"})).json()

    def found(wanted: str, subject: str = subject) -> list[str]:
        query = Query(service="ZH02", subject=subject, values={"case_no": wanted})
        rows = terminal.post("/v1/queries", query).json()["rows"]
        return [row["value"]["zh"].partition("（")[0] for row in rows]

    assert found(first["case_no"]) == [first["case_no"]]
    assert found(f" {second['case_no'].lower()} ") == [second["case_no"]]
    assert found(first["documents"][0]["number"]) == [first["case_no"]]
    assert found("") == [second["case_no"], first["case_no"]]
    assert found("330100") == []
    assert found(first["case_no"], terminal.lay_card("li")) == []


def test_nobody_sees_another_persons_cases(terminal: Terminal, clock: Clock) -> None:
    terminal.file(proof(terminal.lay_card("zhang"), clock.time))
    asked = terminal.post("/v1/queries", Query(service="ZH02", subject=terminal.lay_card("li")))
    assert not asked.json()["found"]
    assert terminal.post("/v1/queries", Query(service="ZH02")).json()["code"] == "subject_missing"


def test_queue_numbers_count_by_window_and_day(terminal: Terminal, clock: Clock) -> None:
    def take(window: str) -> tuple[str, str]:
        rows = terminal.file(queue(clock.time, window)).json()["rows"]
        found = {row["label"]["zh"]: row["value"]["zh"] for row in rows}
        assert (found["预计等候"] == "无需等候") == (found["前面等候人数"] == "0")
        return found["排队号"], found["前面等候人数"]

    assert [take("social"), take("social"), take("tax"), take("social")] == [
        ("A001", "0"),
        ("A002", "1"),
        ("C001", "0"),
        ("A003", "2"),
    ]
    clock.pass_by(minutes=9)  # two are served by now
    assert take("social") == ("A004", "1")
    clock.pass_by(days=1)
    assert take("social") == ("A001", "0")


def test_the_windows_say_how_many_wait(terminal: Terminal, clock: Clock) -> None:
    terminal.file(queue(clock.time, "tax"))
    form = terminal.http.get("/v1/services/ZH03/form").json()
    names = {option["value"]: option["name"]["zh"] for option in form["options"]["window"]}
    assert names["tax"] == "税务（1 人等候）" and names["social"] == "社保医保（无需等候）"


def test_a_service_the_office_has_no_rule_for_is_taken_in(settings: ServerSettings, clock: Clock) -> None:
    folder = settings.data / "services"
    folder.mkdir()
    text = (BUILT_IN / "zh03.toml").read_text("utf-8").replace('id = "ZH03"', 'id = "ZH77"')
    (folder / "zh77.toml").write_text(text, "utf-8")
    with serving(settings.model_copy(update={"catalogue": (folder,)}), clock) as terminal:
        filed = queue(clock.time).model_copy(update={"service": "ZH77"})
        answer = terminal.file(filed).json()
    assert answer["state"] == "accepted" and not answer["decided"]
    assert answer["message"] == {
        "zh": words("platform.accepted_message").zh,
        "en": words("platform.accepted_message").en,
    }


def test_a_closed_office_files_nothing_but_still_answers_for_what_it_has(
    terminal: Terminal, clock: Clock
) -> None:
    subject = terminal.lay_card("zhang")
    filed = proof(subject, clock.time)
    first = terminal.file(filed, KEY).json()
    closed = terminal.http.post("/bench/closed", json={"closed": True}).json()
    assert not closed["open"] and closed["message"]["zh"]
    assert not terminal.http.get("/v1/health").json()["open"]
    assert terminal.file(filed).json()["code"] == "platform_closed"
    assert terminal.http.get("/v1/services/ZH03/form").json()["code"] == "platform_closed"
    assert terminal.file(filed, KEY).json() == first
    terminal.http.post("/bench/closed", json={"closed": False})
    assert terminal.http.get("/v1/health").json() == {"open": True, "message": None}


def test_only_the_demo_has_the_switch(settings: ServerSettings, clock: Clock) -> None:
    with serving(settings.model_copy(update={"demo": False}), clock) as terminal:
        assert terminal.http.post("/bench/closed", json={"closed": True}).status_code == 404


@pytest.mark.parametrize("token", [None, "Bearer wrong", "Bearer", "Basic dGVybWluYWwtb25l"])
def test_an_unknown_terminal_is_turned_away(standing: Terminal, clock: Clock, token: str | None) -> None:
    headers = {"Authorization": token} if token is not None else {}
    with httpx.Client(base_url=standing.http.base_url, headers=headers, timeout=60) as http:
        for answer in (Terminal(http).file(queue(clock.time)), http.get("/v1/health")):
            assert (answer.status_code, answer.json()["code"]) == (401, "token_unknown")


def test_an_address_that_does_not_exist_is_refused_like_all_else(standing: Terminal) -> None:
    answer = standing.http.get("/v1/nowhere")
    assert (answer.status_code, answer.json()["code"]) == (404, "address_unknown")


def test_the_database_is_for_its_owner_only(terminal: Terminal, settings: ServerSettings) -> None:
    terminal.lay_card("zhang")
    files = list(settings.data.glob("platform.db*"))
    assert files and all(file.stat().st_mode & 0o077 == 0 for file in files)


def test_a_body_that_does_not_fit_is_refused_without_quoting_it(standing: Terminal) -> None:
    key = str(uuid.uuid4())
    body = {"service": "SB01", "surprise": "330100198503140012"}
    answer = standing.http.post("/v1/cases", json=body, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (422, "body_invalid")
    assert "330100198503140012" not in answer.text


def test_log_lines_name_nobody(terminal: Terminal, clock: Clock, capfd: pytest.CaptureFixture[str]) -> None:
    subject = terminal.lay_card("zhang")
    number = terminal.file(proof(subject, clock.time), KEY).json()["documents"][0]["number"]
    terminal.http.get(f"/v/{number}")
    terminal.http.get("/v1/services/SB01/form", params={"subject": subject})
    terminal.http.post("/v1/cases", json={"service": "张明远"}, headers={"Idempotency-Key": KEY})
    said = "".join(capfd.readouterr())
    assert "/v1/identity" in said and "/v1/services/{service}/form" in said
    for secret in ("张明远", "330100198503140012", "13800000001", subject, number, KEY):
        assert secret not in said
