"""The step that takes money, at the code: what a citizen is told, and that leaving it leaves nothing open."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from config.platform_api import CaseResult
from config.service import FeeSpec, Service
from config.words import same
from kiosk import payment
from kiosk.backstage import Backstage
from kiosk.payment import Payments
from kiosk.platform import PlatformError
from kiosk.prompts import Answer, Chosen, Pay, Place, Prompt, Trouble
from kiosk.session import Outcome
from kiosk.stage import GoHome
from kiosk.steps import carry_out
from kiosk.steps.pay import give_back, pay
from kiosk.visit import Visit
from tests.kiosk.small_visit import Script, backstage, service, visit
from tests.kiosk.test_payment import Bank

Scene = Callable[[Visit, Bank], Awaitable[None]]


@dataclass
class AtTheCode(Script):
    """A citizen who looks at the code and touches nothing; `came` is set when it is shown."""

    def __post_init__(self) -> None:
        self.came = asyncio.Event()

    async def ask(self, prompt: Prompt, place: Place) -> Answer:
        if not isinstance(prompt, Pay):
            return await super().ask(prompt, place)
        self.shown.append(prompt)
        self.came.set()
        await asyncio.Event().wait()
        raise AssertionError


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payment, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(payment, "GRACE_SECONDS", 0.0)


def paid_service() -> Service:
    fee = FeeSpec(fen=500, words=same("fee"))
    return service("SB01").model_copy(update={"fee": fee, "needs": ()})


def at_the_code(folder: Path, moods: list[str], scene: Scene, *answers: str) -> AtTheCode:
    """Plays a scene with a citizen at the step, before a bank in these moods."""

    async def play() -> AtTheCode:
        stage = AtTheCode([Chosen(answer) for answer in answers])
        async with backstage(folder, stage) as parts:
            bank = Bank(moods)
            await scene(visit(with_bank(parts, bank), paid_service()), bank)
            await parts.doings.close(60.0)
            assert all(order.state != "open" for order in bank.orders.values())
        return stage

    return asyncio.run(play())


def with_bank(parts: Backstage, bank: Bank) -> Backstage:
    return replace(parts, payments=Payments(bank, parts.ledger))


def states(played: Visit) -> list[str]:
    """The records that are still open."""
    return [record.state for record in played.backstage.ledger.open_records()]


def told(stage: AtTheCode) -> list[str]:
    return [prompt.code for prompt in stage.shown if isinstance(prompt, Trouble)]


async def shown(stage: object) -> None:
    assert isinstance(stage, AtTheCode)
    await asyncio.wait_for(stage.came.wait(), 60)


def test_given_a_time_out_at_the_code_then_the_order_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payment, "GRACE_SECONDS", 60.0)  # the code itself is still good

    async def scene(at: Visit, bank: Bank) -> None:
        paying = asyncio.ensure_future(pay(at))
        await shown(at.stage)
        assert at.clock.left == at.backstage.settings.session.idle_seconds, "the code is never veiled"
        paying.cancel()
        await asyncio.gather(paying, return_exceptions=True)
        await at.backstage.doings.close(60.0)
        assert [order.state for order in bank.orders.values()] == ["closed"]
        assert states(at) == []

    at_the_code(tmp_path, [], scene)


def test_given_a_platform_that_never_says_how_it_ended_then_the_citizen_hears_so_and_it_is_found_out_later(
    tmp_path: Path,
) -> None:
    async def scene(at: Visit, bank: Bank) -> None:
        with pytest.raises(GoHome):
            await pay(at)
        await at.backstage.doings.close(60.0)
        assert at.session.outcome is Outcome.FAILED
        assert states(at) == ["unknown"]
        for key in bank.orders:
            bank.pay(key)  # the phone was quicker
        bank.moods.clear()
        for record in at.backstage.ledger.open_records():
            await at.backstage.payments.resolve(record)
        assert [order.state for order in bank.orders.values()] == ["refunded"]

    stage = at_the_code(tmp_path, ["fine", *["lost"] * 400], scene, "home")
    assert told(stage) == ["payment_unclear"]


def test_given_no_order_then_no_code_is_shown_and_a_late_order_is_refused(tmp_path: Path) -> None:
    async def scene(at: Visit, bank: Bank) -> None:
        with pytest.raises(GoHome):
            await pay(at)
        assert states(at) == []
        assert len(bank.closed) == 1

    stage = at_the_code(tmp_path, ["lost"], scene, "home")
    assert told(stage) == ["platform_down"]
    assert not [prompt for prompt in stage.shown if isinstance(prompt, Pay)]


def test_given_money_and_no_case_then_giving_back_gives_it_back_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payment, "GRACE_SECONDS", 60.0)  # or the code is no good before he has paid

    async def scene(at: Visit, bank: Bank) -> None:
        paying = asyncio.ensure_future(pay(at))
        await shown(at.stage)
        for key in bank.orders:
            bank.pay(key)
        await paying
        assert at.session.payment in bank.orders
        give_back(at)
        give_back(at)
        await at.backstage.doings.close(60.0)
        assert len(bank.refunds) == 1
        assert at.session.payment == ""

    at_the_code(tmp_path, [], scene)


@pytest.mark.parametrize("forgets", [False, True])
def test_given_a_platform_whose_order_never_ends_then_the_page_ends_with_its_time(
    tmp_path: Path, forgets: bool
) -> None:
    async def scene(at: Visit, bank: Bank) -> None:
        paying = asyncio.ensure_future(pay(at))
        await shown(at.stage)
        if forgets:
            bank.orders.clear()
        with pytest.raises(GoHome):
            await asyncio.wait_for(paying, 60)
        await at.backstage.doings.close(60.0)
        assert states(at) == []

    stage = at_the_code(tmp_path, [], scene, "home")
    assert told(stage) == ["payment_expired"]


@pytest.mark.parametrize(
    ("code", "promised"), [("platform_down", "您付的 5.00 元会原路退回"), ("platform_unclear", "没有办成")]
)
def test_money_is_promised_back_only_where_nothing_was_filed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, promised: str
) -> None:
    async def not_filed(*_: object) -> CaseResult:
        raise PlatformError(code)

    async def scene(at: Visit, bank: Bank) -> None:
        at.session.payment = "a-paid-order"
        with pytest.raises(GoHome):
            await carry_out.carry_out(at)

    monkeypatch.setattr(carry_out, "file_case", not_filed)
    stage = at_the_code(tmp_path, [], scene, "home")
    (trouble,) = [prompt for prompt in stage.shown if isinstance(prompt, Trouble)]
    assert trouble.code == code
    assert trouble.safe.zh.startswith(promised)
