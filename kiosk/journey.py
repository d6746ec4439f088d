"""The engine: a service becomes steps, and the steps are played.

*Back* goes to the step before that is not settled; a step after the point of
no return cannot be gone back from. What a service needs is data
(`config/service.py`); which steps a flow has is this one table.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from config.devices import Kind
from config.service import Flow, Level, Service
from kiosk import brought, means
from kiosk.prompts import Place
from kiosk.stage import GoBack
from kiosk.steps.act_for import act_for
from kiosk.steps.carry_out import carry_out
from kiosk.steps.confirm import confirm
from kiosk.steps.copy_confirm import copy_confirm
from kiosk.steps.copy_print import copy_print
from kiosk.steps.copy_scan import copy_scan
from kiosk.steps.form import fill_form
from kiosk.steps.guide import guide
from kiosk.steps.hand_in import hand_in
from kiosk.steps.identify import identify
from kiosk.steps.inquire import inquire
from kiosk.steps.look import look
from kiosk.steps.materials import materials
from kiosk.steps.pay import pay
from kiosk.steps.rate import rate
from kiosk.steps.rate_later import rate_later
from kiosk.steps.remind import remind
from kiosk.steps.sign import sign
from kiosk.steps.tell_parts import tell_parts
from kiosk.steps.verify_person import verify_person
from kiosk.visit import Visit


@dataclass(frozen=True)
class Step:
    """One step. `needed` leaves it out of a service; `settled` passes over it in a visit.

    A step that can be settled must be, before a later one is played.
    """

    play: Callable[[Visit], Awaitable[None]]
    needed: Callable[[Service], bool] = lambda service: True
    settled: Callable[[Visit], bool] | None = None
    final: bool = False  # done is done: no way back from here, nor to before
    counted: bool = True  # stands in the step line
    returned_to: bool = True  # *back* from a later step leads here; else further back
    absent: Callable[[Visit], bool] = lambda visit: False  # by what was answered: passed over, there and back


GUIDE = Step(guide, counted=False)
IDENTIFY = Step(
    identify,
    needed=lambda service: service.level >= Level.CARD,
    settled=means.identified,
)
VERIFY = Step(
    verify_person,
    needed=lambda service: service.level >= Level.PERSON,
    settled=means.proved,
)
ACT_FOR = Step(
    act_for,
    needed=lambda service: bool(service.agents),
    settled=lambda visit: visit.session.agent is not None,
    absent=lambda visit: not visit.session.acting,
)
REMIND = Step(
    remind,
    needed=lambda service: service.level >= Level.CARD,
    settled=lambda visit: visit.session.reminded,
    counted=False,
    returned_to=False,
)
FORM = Step(fill_form, needed=lambda service: bool(service.fields))
LOOK = Step(look, needed=lambda service: service.look)
CONFIRM = Step(confirm, needed=lambda service: service.level > Level.NONE)
MATERIALS = Step(
    materials,
    needed=lambda service: bool(service.materials),
    absent=lambda visit: not brought.wanted(visit),
)
SIGN = Step(
    sign,
    needed=lambda service: service.signed or any(one.letter for one in service.materials),
    returned_to=False,
    absent=lambda visit: not brought.signs(visit),
)
PAY = Step(pay, needed=lambda service: service.fee is not None, returned_to=False)
CARRY_OUT = Step(carry_out, final=True)
HAND_IN = Step(
    hand_in,
    needed=lambda service: Kind.LOCKER in service.uses,
    absent=lambda visit: visit.session.case is None or not visit.session.case.compartment,
    final=True,
    counted=False,
)
TELL_PARTS = Step(
    tell_parts,
    needed=lambda service: bool(service.bundle),
    absent=lambda visit: visit.session.case is None or not visit.session.case.parts,
    final=True,
    counted=False,
)
COPY_SCAN, COPY_CONFIRM = Step(copy_scan), Step(copy_confirm)
COPY_PRINT = Step(copy_print, final=True)
INQUIRE = Step(inquire, final=True)
RATE = Step(rate, needed=lambda service: service.rate, final=True)
RATE_LATER = Step(rate_later, final=True)

# Who it is and what he wants: the same in every flow but one.
ASKED = (GUIDE, IDENTIFY, VERIFY, ACT_FOR, REMIND, FORM)

FLOWS: dict[Flow, tuple[Step, ...]] = {
    Flow.QUERY: (*ASKED, INQUIRE, RATE),
    Flow.PRINT: (*ASKED, LOOK, MATERIALS, CONFIRM, SIGN, PAY, CARRY_OUT, TELL_PARTS, HAND_IN, RATE),
    Flow.DECLARE: (*ASKED, LOOK, MATERIALS, CONFIRM, SIGN, PAY, CARRY_OUT, TELL_PARTS, HAND_IN, RATE),
    Flow.MANAGE: (*ASKED, LOOK, MATERIALS, CONFIRM, SIGN, PAY, CARRY_OUT, TELL_PARTS, HAND_IN, RATE),
    Flow.APPOINTMENT: (*ASKED, LOOK, MATERIALS, CONFIRM, SIGN, PAY, CARRY_OUT, TELL_PARTS, HAND_IN, RATE),
    Flow.RATE: (*ASKED, RATE_LATER),
    Flow.COPY: (GUIDE, FORM, COPY_SCAN, COPY_CONFIRM, COPY_PRINT, RATE),
}


def steps_of(service: Service) -> tuple[Step, ...]:
    """The steps of a service, in order."""
    return tuple(step for step in FLOWS[service.flow] if step.needed(service))


async def play(visit: Visit, steps: Sequence[Step] | None = None) -> None:
    """Plays a service from its guide to its end, or other `steps` of it.

    Raises GoBack when the citizen steps back out of the guide, GoHome, or
    visit.Leave when the journey ends before its last step.
    """
    steps = tuple(steps or steps_of(visit.service))
    at = 0
    while at < len(steps):
        visit.place = _place(visit.service, steps, at)
        try:
            if not _settled(steps[at], visit) and not steps[at].absent(visit):
                await steps[at].play(visit)
            at += 1
        except GoBack:
            at = _before(visit, steps, at)


def _before(visit: Visit, steps: tuple[Step, ...], at: int) -> int:
    """The step that *back* leads to: the one before that is not settled.

    When who it is must be asked anew, that comes first.
    """
    there = [n for n in range(at) if steps[n].returned_to and not steps[n].absent(visit)]
    open_ones = [n for n in there if not _settled(steps[n], visit)]
    if not open_ones:
        raise GoBack
    unsettled = [n for n in open_ones if steps[n].settled is not None]
    return unsettled[0] if unsettled and open_ones[-1] > unsettled[0] else open_ones[-1]


def _settled(step: Step, visit: Visit) -> bool:
    return step.settled is not None and step.settled(visit)


def _place(service: Service, steps: tuple[Step, ...], at: int) -> Place:
    counted = [step for step in steps if step.counted]
    step = steps[at]
    number = counted.index(step) + 1 if step.counted else 0
    return Place(service.name, number, len(counted) if number else 0, back=not step.final, home=True)
