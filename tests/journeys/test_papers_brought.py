"""Papers: what need not be brought is said, what is left is brought, and the form loses nothing meanwhile."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from PIL import Image, ImageDraw

from hall.platform import handlers
from hall.platform.demo_seal import open_seal
from kiosk import prompts as p
from kiosk.prompts import Answer, Chosen, Filled
from kiosk.stage import GoBack
from tests.hall.platform.paper_service import HANDLER, ID, lay_down
from tests.journeys.counter import Counter, open_counter
from tests.journeys.counter_judge import Seen
from tests.journeys.counter_stage import Customer, Row

CASH = {"paid": "cash"}
CARD = "6222020000000000000"


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    folder = tmp_path_factory.mktemp("papers")
    authority = folder / "authority"
    authority.mkdir()
    open_seal(authority)
    services = lay_down(folder / "services")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(handlers._HANDLERS, ID, HANDLER)
        with open_counter(folder / "counter", authority, folders=(services,)) as one:
            yield one


def in_turn(*answers: Any) -> Callable[[Customer, Any], Any]:
    """One answer after another; a function is asked for its own."""
    left = list(answers)

    def answer(customer: Customer, prompt: Any) -> Any:
        one = left.pop(0) if len(left) > 1 else left[0]
        return one(customer, prompt) if callable(one) else one

    return answer


def pick(words: str) -> Callable[[Customer, p.ChooseOne], Answer]:
    """The option that says this."""
    return lambda customer, prompt: Chosen(
        next(option.value for option in prompt.options if words in option.name.zh)
    )


def pages(seen: Seen, page: type) -> list[Any]:
    return [prompt for prompt in seen.trail if isinstance(prompt, page)]


def lines(page: p.Materials) -> dict[str, tuple[str, bool]]:
    return {line.key: (line.way.zh, line.done) for line in page.lines}


def submitted(seen: Seen) -> dict[str, Any]:
    assert seen.case is not None, [type(prompt).__name__ for prompt in seen.trail]
    found: dict[str, Any] = json.loads(seen.case["submission"])
    found["values"].pop("employer", None)  # locked: it goes along as the office said it
    return found


def later() -> dict[type, Any]:
    """The diploma is brought later."""
    return {p.Materials: in_turn(Chosen("change:diploma"), Chosen("next")), p.ChooseOne: pick("以后补交")}


def test_what_an_office_has_and_what_is_certified_need_not_be_brought(counter: Counter) -> None:
    """Zhang is insured and his household book is an e-certificate; his diploma he brings later."""
    seen = counter.serve(Row(ID, "zhang", CASH, ways=later()))
    first, last = pages(seen, p.Materials)
    assert lines(first)["record"] == ("免交（数据核验）：人社", True)
    assert lines(first)["household"][0].startswith("免交（电子证照") and lines(first)["household"][1]
    assert lines(first)["diploma"][1] is False
    assert lines(last)["diploma"] == ("以后补交（容缺受理）", True)
    assert last.note is not None and "2026-12-07" in last.note.zh
    told = submitted(seen)
    assert told["waived"] == ["record"] and told["later"] == ["diploma"] and told["materials"] == {}
    assert list(told["cited"]) == ["household"]
    confirmed = {row.label.zh: row.value.zh for row in pages(seen, p.Confirm)[0].rows}
    assert confirmed["参保记录"] == "免交（数据核验）" and confirmed["结业证书"] == "以后补交"


def test_whoever_has_no_record_scans_it_and_promises_what_he_cannot_show(counter: Counter) -> None:
    """Sun is a student: no insurance record, no e-certificate of his household."""
    ways = {
        p.Materials: in_turn(Chosen("change:diploma"), Chosen("next")),
        p.ChooseOne: pick("现场扫描"),
    }
    seen = counter.serve(Row(ID, "sun", CASH, ways=ways))
    assert lines(pages(seen, p.Materials)[0])["household"] == ("告知承诺代替：签署《户籍情况承诺书》", True)
    (letter,) = pages(seen, p.Consent)
    assert [one.zh for one in letter.points] == ["一、本人户籍情况属实。", "二、承诺不实的，依法承担责任。"]
    (sign,) = pages(seen, p.Sign)
    assert "户籍情况承诺书" in sign.text[-1].zh
    told = submitted(seen)
    assert told["letters"] == {"household_promise": 3} and told["signature"]
    assert {key: len(handles) for key, handles in told["materials"].items()} == {"record": 1, "diploma": 2}


def test_whoever_does_not_promise_is_back_at_the_confirmation(counter: Counter) -> None:
    """Li has no household book on record: the commitment stands for it. She refuses it once."""
    consents = in_turn(Chosen("other"), Chosen("agree"))
    seen = counter.serve(Row(ID, "li", CASH, ways={**later(), p.Consent: consents}))
    names = [type(prompt).__name__ for prompt in seen.trail if not isinstance(prompt, p.Working)]
    assert names[names.index("Consent") :][:3] == ["Consent", "Confirm", "Consent"]
    assert submitted(seen)["letters"] == {"household_promise": 3}


def photograph(shade: int = 235) -> bytes:
    """A sheet with lines of writing, as a phone takes it."""
    picture = Image.new("RGB", (1200, 1600), (shade,) * 3)
    draw = ImageDraw.Draw(picture)
    for y in range(120, 1500, 60):
        draw.rectangle((100, y, 1100, y + 18), fill=(30, 30, 30))
    made = io.BytesIO()
    picture.save(made, "JPEG")
    return made.getvalue()


def send(url: str, *photographs: bytes) -> None:
    for one in photographs:
        httpx.post(url, files={"file": ("a.jpg", one, "image/jpeg")}, timeout=60, trust_env=False)


def test_pages_come_from_the_phone_while_the_code_is_shown(counter: Counter) -> None:
    def scan_with_phone(customer: Customer, prompt: p.ShowCode) -> None:
        threading.Thread(target=send, args=(prompt.code, photograph(), photograph())).start()

    seen = counter.serve(Row(ID, "zhang", CASH, ways={p.ShowCode: scan_with_phone}))
    (code,) = pages(seen, p.ShowCode)
    assert code.seconds == 300 and "/u/" in code.code and "结业证书" in code.question.zh
    handles = submitted(seen)["materials"]["diploma"]
    kept = counter.rows("SELECT material, case_key FROM materials")
    assert {row["case_key"] for row in kept if row["material"] in handles} == {seen.case and seen.case["key"]}
    confirmed = {row.label.zh: row.value.zh for row in pages(seen, p.Confirm)[0].rows}
    assert confirmed["结业证书"] == "手机上传 2 页"


def test_back_from_the_confirmation_finds_papers_and_form_as_they_were(counter: Counter) -> None:
    """A page that was scanned is not scanned again; the form has what was filled in, asked or not."""
    back_twice = in_turn(GoBack(), Chosen("confirm"))
    ways = {
        p.Materials: in_turn(
            Chosen("change:diploma"), Chosen("next"), GoBack(), Chosen("change:card_copy"), Chosen("next")
        ),
        p.ChooseOne: in_turn(pick("现场扫描"), pick("以后补交")),
        p.Confirm: back_twice,
    }
    values = {"paid": "cash"}
    forms = iter([values, {"paid": "bank", "card_no": CARD}])

    def fill(customer: Customer, prompt: p.FillForm) -> Answer:
        return Filled({**{f.key: f.value for f in prompt.fields if not f.locked}, **next(forms)})

    seen = counter.serve(Row(ID, "zhang", values, ways={**ways, p.FillForm: fill}))
    first, second = pages(seen, p.FillForm)
    assert {field.key: field.value for field in second.fields}["paid"] == "cash"
    looked_at = [prompt.page for prompt in pages(seen, p.ScanDocument) if prompt.actions]
    assert looked_at == [1, 2], "what was taken is not taken again"
    told = submitted(seen)
    assert told["values"] == {"paid": "bank", "card_no": CARD, "region": ""}
    assert set(told["later"]) == {"card_copy"} and len(told["materials"]["diploma"]) == 2
    assert {field.key for field in first.fields if field.only_if} == {"card_no"}


def test_what_is_no_longer_asked_is_not_sent(counter: Counter) -> None:
    def fill(customer: Customer, prompt: p.FillForm) -> Answer:
        assert prompt.noted is not None
        prompt.noted({"paid": "bank", "card_no": CARD})
        return Filled({"paid": "cash", "card_no": CARD, "region": "330000"})

    seen = counter.serve(
        Row(
            ID,
            "zhang",
            CASH,
            ways={**later(), p.FillForm: fill},
        )
    )
    assert submitted(seen)["values"] == {"paid": "cash", "region": "330000"}
    confirmed = {row.label.zh: row.value.zh for row in pages(seen, p.Confirm)[0].rows}
    assert confirmed["培训地"] == "浙江省" and "银行卡号" not in confirmed


# ── what is on file is wrong ────────────────────────────────────────────────
def test_a_doubt_becomes_a_ticket_and_the_form_goes_on(counter: Counter) -> None:
    """Zhang doubts the month in which his insurance began, in the middle of filling in SB01."""

    def fill(customer: Customer, prompt: p.FillForm) -> Answer:
        keys = [field.key for field in prompt.fields]
        if "remark" in keys:
            return Filled({"remark": "2009 年起参保"})
        doubtful = [field.key for field in prompt.fields if field.doubt]
        assert {"from", "to"} <= set(doubtful) and "name" not in doubtful
        assert prompt.noted is not None
        forms.append(prompt)
        if len(forms) == 1:
            prompt.noted({"purpose": "visa"})
            return p.Wrong("from")
        return customer.fill(prompt)  # type: ignore[return-value]

    forms: list[p.FillForm] = []
    seen = counter.serve(Row("SB01", "zhang", {}, ways={p.FillForm: fill}))
    ticket = pages(seen, p.ShowResult)[0]
    assert ticket.good and ticket.rows[0].value.zh.startswith("JC2026")
    (row,) = counter.rows("SELECT * FROM corrections")
    assert (row["field"], row["remark"], row["number"]) == ("from", "2009 年起参保", ticket.rows[0].value.zh)
    assert {field.key: field.value for field in forms[1].fields}["purpose"] == "visa", "nothing was lost"
    assert submitted(seen)["values"]["purpose"] == "visa"


# ── brought later ───────────────────────────────────────────────────────────
def test_what_was_left_out_is_brought_another_day_from_the_progress_of_ones_cases(counter: Counter) -> None:
    """Tan's case lacks the diploma; her progress says so, and takes it."""
    first = counter.serve(Row(ID, "tan", CASH, ways=later()))
    assert first.case is not None and first.slips, "the receipt names what is missing"
    assert "结业证书" in first.slips[-1] and "2026-12-07" in first.slips[-1]
    progress = in_turn(Chosen("supplement"), Chosen("done"))
    seen = counter.serve(Row("ZH02", "tan", ways={p.ShowResult: progress}))
    offered = [option.value for option in pages(seen, p.ShowResult)[0].actions]
    assert offered[-1] == "supplement"
    assert [prompt.page for prompt in pages(seen, p.ScanDocument) if prompt.actions] == [1, 2]
    assert "材料已补齐" in seen.slips[-1] or "补齐" in pages(seen, p.TakePaper)[-1].note.zh
    (row,) = counter.rows("SELECT * FROM supplements")
    assert (row["case_no"], row["terminal"]) == (first.case["case_no"], "K001")
    again = counter.serve(Row("ZH02", "tan"))
    assert "supplement" not in [option.value for option in pages(again, p.ShowResult)[0].actions]
    assert "已补交结业证书" in again.words()


def test_pages_taken_for_one_case_are_not_those_of_another(counter: Counter) -> None:
    """Tan has two cases that lack the same paper; she takes it for one, steps back, chooses the other."""
    for _ in range(2):
        counter.serve(Row(ID, "tan", CASH, ways=later()))

    def back(customer: Customer, prompt: Any) -> Answer:
        raise GoBack

    ways = {
        p.ShowResult: in_turn(Chosen("supplement"), Chosen("done")),
        p.ChooseOne: in_turn(*(lambda _, prompt, n=n: Chosen(prompt.options[n].value) for n in (0, 1))),
        p.Materials: in_turn(Chosen("next"), back, Chosen("next")),
        p.Confirm: in_turn(back, Chosen("confirm")),
    }
    seen = counter.serve(Row("ZH02", "tan", ways=ways))
    assert [prompt.page for prompt in pages(seen, p.ScanDocument) if prompt.actions] == [1, 2, 1, 2]
