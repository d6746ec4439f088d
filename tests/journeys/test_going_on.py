"""Going on elsewhere: terminal to phone, phone to terminal, another day; by a code that is good once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from config.devices import Kind
from config.people import person
from config.words import Words
from hall.platform import handlers
from hall.platform.demo_seal import open_seal
from kiosk import journey
from kiosk import prompts as p
from kiosk.prompts import Answer, Chosen, Filled
from kiosk.resume import resume
from kiosk.session import IdleClock, Session
from kiosk.stage import GoBack, GoHome
from kiosk.visit import Leave
from tests.hall.platform.paper_service import HANDLER, ID, lay_down
from tests.hall.platform.terminal import Terminal, proof
from tests.journeys.counter import Counter, open_counter
from tests.journeys.counter_stage import Customer, Row
from tests.journeys.test_papers_brought import CASH, later, pages


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    folder = tmp_path_factory.mktemp("going")
    authority = folder / "authority"
    authority.mkdir()
    open_seal(authority)
    services = lay_down(folder / "services")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(handlers._HANDLERS, ID, HANDLER)
        with open_counter(folder / "counter", authority, folders=(services,)) as one:
            yield one


def go_on(counter: Counter, who: str, *codes: str) -> tuple[Customer, Session]:
    """Somebody touches “go on” at home and types codes until one leads somewhere, or there are no more."""
    left = list(codes)

    def fill(customer: Customer, prompt: p.FillForm) -> Answer | BaseException:
        if [field.key for field in prompt.fields] == ["code"]:
            return Filled({"code": left.pop(0)}) if left else GoHome()
        return customer.fill(prompt)

    row = Row(ID, who, {}, ways={p.Materials: all_later, p.ChooseOne: choose, p.FillForm: fill})
    customer, session = Customer(counter, row), Session(f"go-on-{who}-{codes}")

    async def play() -> None:
        parts, clock = counter.parts, IdleClock(counter.parts.settings.session)
        parts.stage = customer
        reminders: list[Words] = []
        try:
            going = await resume(parts, session, clock, reminders)
            await journey.play(going.visit, going.steps)
        except Leave as leave:
            session.outcome = leave.outcome
        except (GoBack, GoHome):
            pass
        await parts.doings.close(30)

    asyncio.run_coroutine_threadsafe(play(), counter._loop).result(120)
    return customer, session


def all_later(customer: Customer, prompt: p.Materials) -> Answer:
    """What would come from a phone is brought later; what is scanned is scanned."""
    left = [line.key for line in prompt.lines if not line.done and "手机" in line.way.zh]
    return Chosen(f"change:{left[0]}" if left else "next")


def choose(customer: Customer, prompt: p.ChooseOne) -> Answer:
    put_off = [option.value for option in prompt.options if "以后补交" in option.name.zh]
    return Chosen(put_off[0]) if put_off else customer.choose(prompt)


def begun(counter: Counter, who: str, **told: Any) -> str:
    """The code of what somebody's phone has begun."""
    body = {"citizen": person(who).number, "service": ID, **told}
    url = f"{counter.parts.settings.platform.url}/bench/handovers"
    answer = httpx.post(url, json=body, timeout=30, trust_env=False)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["code"])


def form(customer: Customer) -> dict[str, Any]:
    last = [page for page in customer.trail if isinstance(page, p.FillForm) and len(page.fields) > 1][-1]
    return {field.key: field.value for field in last.fields}


def problem(customer: Customer) -> str:
    """What was said of the last code that was typed."""
    asked = [page for page in customer.trail if isinstance(page, p.FillForm) and len(page.fields) == 1][-1]
    return asked.fields[0].problem.zh if asked.fields[0].problem else ""


# ── phone to terminal ───────────────────────────────────────────────────────
def test_what_a_phone_began_goes_on_when_its_owner_shows_who_he_is(counter: Counter) -> None:
    code = begun(counter, "zhang", values={"paid": "bank", "card_no": "6222020000000000000"})
    public = counter.parts.settings.platform.public
    customer, session = go_on(counter, "zhang", f"{public}/h/{code}")  # as it is scanned
    names = [type(page).__name__ for page in customer.trail]
    assert names.index("PlaceCard") < len(names) - 1 - names[::-1].index("FillForm"), "first who, then what"
    assert form(customer)["card_no"] == "6222020000000000000"
    assert session.case is not None and session.case.state == "accepted"
    again, _ = go_on(counter, "zhang", code)
    assert "用过" in problem(again), "a code is good once"


def test_somebody_else_learns_nothing_from_a_code(counter: Counter) -> None:
    code = begun(counter, "zhang", values={"paid": "bank", "card_no": "6222020000000000000"})
    thief, session = go_on(counter, "wang", code)
    assert isinstance(thief.trail[-1], p.Trouble) and "另一位办事人" in thief.trail[-1].what.zh
    assert "6222020000000000000" not in repr(thief.trail) and session.case is None
    _, session = go_on(counter, "zhang", code)
    assert session.case is not None, "and it is still there for whoever began it"


def test_what_a_phone_has_filed_is_only_printed(counter: Counter) -> None:
    told = counter.parts.settings.platform
    headers = {"Authorization": f"Bearer {told.token}"}
    with httpx.Client(base_url=told.url, headers=headers, timeout=60, trust_env=False) as line:
        phone = Terminal(line)
        filed = phone.file(proof(phone.lay_card("li"), counter.clock())).json()
    code = begun(counter, "li", service="SB01", case_no=filed["case_no"])
    printer = counter.devices[Kind.A4_PRINTER]
    before = len(printer.papers)
    customer, _ = go_on(counter, "li", code)
    assert len(printer.papers) == before + 1
    assert not [page for page in customer.trail if isinstance(page, p.Confirm)]
    assert len(counter.rows("SELECT * FROM cases WHERE service = 'SB01'")) == 1, "nothing is filed twice"


@pytest.mark.parametrize("code", ["", "NOSUCHCODE", "x" * 64, "330100SB9320261122ABC"])
def test_a_code_that_leads_nowhere_is_asked_for_again(counter: Counter, code: str) -> None:
    customer, session = go_on(counter, "zhang", code)
    assert problem(customer) and not session.handover


# ── terminal to phone, and back ─────────────────────────────────────────────
def test_a_form_goes_to_the_phone_once_and_comes_back(counter: Counter) -> None:
    def fill(customer: Customer, prompt: p.FillForm) -> Answer:
        assert prompt.noted is not None and [way.value for way in prompt.ways] == ["phone", "keep"]
        prompt.noted({"paid": "bank", "card_no": "6222020000000000000"})
        return Chosen("phone")

    seen = counter.serve(Row(ID, "zhang", CASH, ways={p.FillForm: fill}))
    assert seen.case is None and seen.outcome == "consulted"
    (shown,) = pages(seen, p.ShowCode)
    with httpx.Client(timeout=30, trust_env=False) as phone:
        looked = phone.get(shown.code)
        assert looked.status_code == 200 and "技能补贴申请" in looked.text and "银行卡" not in looked.text
        taken = phone.post(shown.code)
        assert 'data-state="taken"' in taken.text and "银行卡号" in taken.text
        assert "6222020000000000000" not in taken.text, "a page without a login shows no numbers"
        assert phone.post(shown.code).status_code == 404 and phone.get(shown.code).status_code == 404
    back = re.search(r"data-code>([0-9A-Z]+)<", taken.text)
    assert back is not None
    customer, session = go_on(counter, "zhang", back[1])
    assert form(customer)["card_no"] == "6222020000000000000" and session.case is not None


# ── another day ─────────────────────────────────────────────────────────────
def test_a_form_is_kept_if_its_owner_asks_and_only_the_slip_opens_it(counter: Counter) -> None:
    def fill(customer: Customer, prompt: p.FillForm) -> Answer:
        assert prompt.noted is not None
        prompt.noted({"paid": "bank", "card_no": "6222020000000000000"})
        return Chosen("keep")

    seen = counter.serve(Row(ID, "zhang", CASH, ways={p.FillForm: fill, p.ChooseOne: Chosen("keep")}))
    assert seen.case is None
    letters = re.search(r"\b([2-9A-Z]{4}(?: [2-9A-Z]{4}){3})\b", seen.slips[-1])
    assert letters is not None, seen.slips[-1]
    data = counter.parts.settings.data
    disk = b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file())
    for secret in (b"6222020000000000000", letters[1].replace(" ", "").encode()):
        assert secret not in disk, "neither what was filled in nor what opens it stands on the disk"
    finder, session = go_on(counter, "wang", letters[1])
    assert isinstance(finder.trail[-1], p.Trouble) and "另一位办事人" in finder.trail[-1].what.zh
    assert "6222020000000000000" not in repr(finder.trail) and session.case is None
    customer, session = go_on(counter, "zhang", letters[1])
    assert form(customer)["card_no"] == "6222020000000000000" and session.case is not None
    again, _ = go_on(counter, "zhang", letters[1])
    assert problem(again), "a draft is opened once"


def test_the_number_on_a_receipt_leads_to_the_papers_that_are_missing(counter: Counter) -> None:
    filed = counter.serve(Row(ID, "tan", CASH, ways=later()))
    assert filed.case is not None
    customer, session = go_on(counter, "tan", filed.case["case_no"])
    looked_at = [page.page for page in customer.trail if isinstance(page, p.ScanDocument) and page.actions]
    assert looked_at == [1, 2]
    assert session.case is not None and session.case.deficit is None
    stranger, session = go_on(counter, "wang", filed.case["case_no"])
    assert session.case is None and "没有等待补交" in "".join(
        page.title.zh for page in stranger.trail if isinstance(page, p.ShowResult)
    )
