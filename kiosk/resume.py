"""Going on with what was begun elsewhere, by the code that the citizen brings.

A code is that of a draft kept on this terminal, of something a phone began or filed, or the number of a case
that still lacks papers. `Going` is what reception plays: `play(going.visit, going.steps)`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from config.devices import Kind
from config.faults import any_fault
from config.service import Service
from config.words import Words, words
from drivers.device import DeviceError
from kiosk import drafts
from kiosk.backstage import Backstage
from kiosk.journey import ACT_FOR, CARRY_OUT, GUIDE, IDENTIFY, RATE, REMIND, VERIFY, Step, steps_of
from kiosk.platform import PlatformError
from kiosk.prompts import Field, FieldKind, Filled, FillForm, Place
from kiosk.scan import next_code, number_in
from kiosk.session import IdleClock, Session
from kiosk.stage import ask_or
from kiosk.steps.carry_out import hand_out
from kiosk.steps.supplement import supplement
from kiosk.steps.take_up import take_draft, take_up
from kiosk.visit import Visit

LONGEST = 64  # characters of a code
_CASE = re.compile(r"\d{6}[A-Z]{2}\d{2,4}\d{8}[0-9A-Z]{6}")  # as the platform numbers cases
_PROGRESS = "ZH02"  # whose visit it is while only papers are brought
_BEFORE = (GUIDE, IDENTIFY, VERIFY, ACT_FOR, REMIND)  # until it is known who goes on

TAKE_UP = Step(
    take_up,
    counted=False,
    returned_to=False,
    absent=lambda visit: visit.session.taken_up or not visit.session.handover,
)


@dataclass(frozen=True)
class Going:
    """What is gone on with: the visit, and its steps where they are not those of its service."""

    visit: Visit
    steps: Sequence[Step] | None = None


async def resume(backstage: Backstage, session: Session, clock: IdleClock, reminders: list[Words]) -> Going:
    """Asks for the code until it leads somewhere. Raises GoBack or GoHome."""
    problem: Words | None = None
    while True:
        try:
            code = await _code(backstage, clock, problem)
        except DeviceError as error:
            problem = any_fault(error.code).citizen
            continue
        lead = partial(Visit, session=session, clock=clock, backstage=backstage, reminders=reminders)
        going = _case(lead, backstage, code) or await _draft(lead, backstage, code)
        if going is None:
            try:
                going = await _phone(lead, backstage, session, code)
            except PlatformError as error:
                problem = error.words or any_fault(error.code).citizen
                continue
        if going is not None:
            return going
        problem = words("bring.code_unknown")


async def _code(backstage: Backstage, clock: IdleClock, problem: Words | None) -> str:
    """What is typed, or scanned: a code of ours as it stands on paper or on a phone. DeviceError."""
    scanner = backstage.devices.ready(Kind.CODE_SCANNER)
    field = Field(
        "code",
        FieldKind.TEXT,
        words("bring.code"),
        hint=words("bring.code_hint"),
        problem=problem,
        scan=scanner,
        most=LONGEST,
    )
    page = FillForm(words("bring.resume_question"), (field,), words("journey.next"))
    place = Place(words("bring.resume_title"), back=False, home=True)
    answer = (
        await ask_or(backstage.stage, page, place, next_code(backstage.devices))
        if scanner
        else await backstage.stage.ask(page, place)
    )
    clock.touch()
    text = answer if isinstance(answer, str) else _typed(answer)
    return number_in(backstage.settings.platform.public, text).strip().upper().replace(" ", "")


def _typed(answer: object) -> str:
    assert isinstance(answer, Filled)
    return str(answer.values.get("code", ""))[:LONGEST]


Lead = partial[Visit]


def _case(lead: Lead, backstage: Backstage, code: str) -> Going | None:
    """The number of a case, as it stands on a receipt: its papers are brought."""
    service = backstage.catalogue.services.get(_PROGRESS)
    if service is None or not _CASE.fullmatch(code):
        return None
    bring = Step(partial(supplement, case_no=code), final=True)
    return Going(lead(service), (IDENTIFY, bring, RATE))


async def _draft(lead: Lead, backstage: Backstage, code: str) -> Going | None:
    """What was kept on this terminal's disk: it is opened when its owner has shown who he is."""
    draft = await drafts.look(backstage.settings.data, code)
    service = backstage.catalogue.services.get(draft.service) if draft else None
    if draft is None or service is None:
        return None
    open_it = Step(
        partial(take_draft, code=code),
        counted=False,
        returned_to=False,
        absent=lambda visit: visit.session.taken_up,
    )
    before, left = _at_the_form(service)
    return Going(lead(service), (*before, open_it, *left))


async def _phone(lead: Lead, backstage: Backstage, session: Session, code: str) -> Going | None:
    """What a phone began or filed: known in full when it is known who brings the code. PlatformError."""
    begun = await backstage.platform.handed_over(code)
    service = backstage.catalogue.services.get(begun.service)
    if service is None:
        return None
    session.handover = code
    if not service.level:  # nobody is known there, so that was all, and the code is used up
        session.typed.update(begun.values)
        session.taken_up = True
        session.case = begun.case
    before, left = _at_the_form(service)
    return Going(lead(service), (*before, TAKE_UP, *(_unless_filed(one) for one in left)))


def _at_the_form(service: Service) -> tuple[list[Step], list[Step]]:
    """The steps until it is known who it is, without the guide, and those after."""
    steps = [one for one in steps_of(service) if one is not GUIDE]
    at = sum(1 for one in steps if one in _BEFORE)
    return steps[:at], steps[at:]


def _unless_filed(step: Step) -> Step:
    """What comes before the papers is passed over when the phone has filed the case."""
    if step is RATE:
        return step
    if step is CARRY_OUT:
        return replace(step, play=_carry_or_hand_out)
    return replace(step, absent=lambda visit: _filed(visit) or step.absent(visit))


def _filed(visit: Visit) -> bool:
    return visit.session.taken_up and visit.session.case is not None


async def _carry_or_hand_out(visit: Visit) -> None:
    await (hand_out(visit) if _filed(visit) else CARRY_OUT.play(visit))
