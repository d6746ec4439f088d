"""The form: prefilled and locked where data is known, checked by the catalogue's rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from config.faults import any_fault
from config.form_check import asked_values, check
from config.platform_api import NOT_ELIGIBLE, FormData
from config.service import Flow, Service
from config.words import Words, words
from drivers.device import DeviceError
from kiosk.form_fields import Filling, field_of, options
from kiosk.platform import PlatformError
from kiosk.prompts import Answer, Chosen, Filled, FillForm, Value, Way, Wrong
from kiosk.scan import next_code, number_in
from kiosk.session import Session
from kiosk.steps.correct import correct
from kiosk.steps.hand_over import hand_over
from kiosk.steps.keep import can_keep, keep
from kiosk.visit import Visit

PHONE, KEEP = "phone", "keep"


async def fill_form(visit: Visit) -> None:
    """Asks until every field holds; the values stand in the session afterwards, of asked fields only.

    What was filled in stands in `session.typed` whatever ends the asking.
    """
    session, fields = visit.session, visit.service.fields
    if KEEP in (way.value for way in _ways(visit)):
        session.keeping = partial(keep, visit)
    known = await _known(visit)
    before, locked = _prefilled(visit.service, known)
    session.offered = {spec.key: options(spec, known) for spec in fields if spec.key in known.options}
    problems: dict[str, Words] = {}
    scanned = ""
    while True:
        values = {**before, **session.values, **session.typed, **locked}
        form = _page(visit, Filling(known, values, problems), scanned, _ways(visit))
        try:
            answer = await _answer(visit, form)
        except DeviceError as error:  # of the scanner
            scanned, problems = "", {_scan_key(form): any_fault(error.code).citizen}
            continue
        if isinstance(answer, str):
            scanned, problems = _scan_key(form), {}
            session.typed[scanned] = answer
            continue
        scanned = ""
        if isinstance(answer, Chosen):
            await _elsewhere(visit, answer.value)
            continue
        if isinstance(answer, Wrong):
            await correct(visit, next(spec for spec in fields if spec.key == answer.key), values)
            continue
        assert isinstance(answer, Filled)
        _note(session, _open(visit.service), answer.values)
        values.update(session.typed)
        session.values = asked_values(fields, values)
        problems = check(fields, values, {"today": visit.backstage.today()})
        if not problems:
            return


def _page(visit: Visit, form: Filling, scanned: str, ways: tuple[Way, ...]) -> FillForm:
    return FillForm(
        question=words("journey.form_question"),
        fields=tuple(field_of(visit, spec, form) for spec in visit.service.fields),
        action=_action(visit.service),
        scanned=scanned,
        noted=_noter(visit),
        ways=ways,
    )


def _ways(visit: Visit) -> tuple[Way, ...]:
    """Other ways to go on with what somebody will file: by phone, or another day. A ticket needs neither."""
    if not visit.service.level or visit.service.flow not in (Flow.DECLARE, Flow.MANAGE, Flow.APPOINTMENT):
        return ()
    phone = Way(PHONE, words("bring.way_phone"), "mobile-screen")
    keep = Way(KEEP, words("bring.way_keep"), "floppy-disk")
    return (phone, keep) if can_keep(visit) else (phone,)


async def _elsewhere(visit: Visit, way: str) -> None:
    """Raises Leave when the citizen goes on elsewhere; else the form is shown again."""
    await (hand_over(visit) if way == PHONE else keep(visit))


def _noter(visit: Visit) -> Callable[[Mapping[str, Value]], None]:
    return partial(_note, visit.session, _open(visit.service))


def _note(session: Session, keys: frozenset[str], values: Mapping[str, Value]) -> None:
    """What stands in the fields that a citizen may fill in. Nothing is kept of a session that is over."""
    if not session.wiped:
        session.typed.update({key: value for key, value in values.items() if key in keys})


def _open(service: Service) -> frozenset[str]:
    return frozenset(spec.key for spec in service.fields if not spec.locked and not spec.card)


def _action(service: Service) -> Words:
    """What comes after the form: a page, named unless the answers decide which; or the doing."""
    if service.flow is Flow.COPY:
        return words("journey.then_scan")
    if service.flow is Flow.RATE:
        return words("journey.then_rate")
    if not service.level or service.flow is Flow.QUERY:
        return service.action
    if service.look:
        return words("journey.then_look")
    if not service.materials:
        return words("journey.then_check")
    always = any(one.only_if is None for one in service.materials)
    return words("journey.then_papers" if always else "journey.next")


async def _answer(visit: Visit, form: FillForm) -> Answer | str:
    """What the citizen fills in, or the number that he scans. DeviceError `code_unreadable`."""
    if not _scan_key(form):
        return await visit.ask(form)
    backstage = visit.backstage
    answer = await visit.ask_or(form, next_code(backstage.devices))
    if isinstance(answer, str):
        return number_in(backstage.settings.platform.public, answer)
    return answer


def _scan_key(form: FillForm) -> str:
    return next((field.key for field in form.fields if field.scan), "")


async def _known(visit: Visit) -> FormData:
    """What the platform knows for this form; asked again if the citizen likes when it is down."""
    if not any(spec.platform for spec in visit.service.fields):
        return FormData()
    subject = visit.session.subject.subject if visit.session.subject else None
    while True:
        try:
            return await visit.backstage.platform.form(visit.service.id, subject)
        except PlatformError as error:
            ways = ("window", "home") if error.reason == NOT_ELIGIBLE else ("again", "home")
            await visit.tell_refusal(error, *ways)


def _prefilled(service: Service, known: FormData) -> tuple[dict[str, Value], dict[str, Value]]:
    """What the platform knows: all of it, and what nobody changes here."""
    keys = {spec.key for spec in service.fields if not spec.card}
    held = {key: value for key, value in known.values.items() if key in keys}
    return held, {key: value for key, value in held.items() if key not in _open(service)}
