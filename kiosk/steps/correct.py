"""A citizen says that what an office holds of him is wrong: a ticket, and the form goes on."""

from __future__ import annotations

from collections.abc import Mapping

from config.form import FieldSpec
from config.identifiers import uuid7
from config.platform_api import Correction, TicketFiled
from config.words import same, words
from kiosk.platform import PlatformError
from kiosk.prompts import Field, FieldKind, Filled, FillForm, Option, Row, ShowResult, Value, Working
from kiosk.shown import shown
from kiosk.stage import GoBack
from kiosk.visit import Visit

LONGEST = 150  # characters of a remark, as in config/platform_api.py
USUAL_CORRECTION = 2  # seconds


async def correct(visit: Visit, spec: FieldSpec, values: Mapping[str, Value]) -> None:
    """Asks for a remark and files it; shows the ticket. *Back* leads to the form, and files nothing."""
    try:
        answer = await visit.ask(_page(visit, spec, values))
        assert isinstance(answer, Filled)
        remark = str(answer.values.get("remark", "")).strip()[:LONGEST]
        ticket = await _file(visit, spec, remark)
    except GoBack:
        if visit.session.subject is None:  # who it is must be asked anew
            raise
        return
    rows = (
        Row(words("bring.ticket_number"), same(ticket.number)),
        Row(words("bring.ticket_until"), same(ticket.until.isoformat())),
    )
    go_on = Option("go_on", words("bring.way_form"))
    title, note = words("bring.ticket_title"), words("bring.ticket_note")
    await visit.choose(ShowResult(True, title, rows, note=note, actions=(go_on,)))


def _page(visit: Visit, spec: FieldSpec, values: Mapping[str, Value]) -> FillForm:
    """What is doubted, and room for a few words."""
    told = shown(spec, values.get(spec.key, ""), visit.session.offered.get(spec.key, ()))
    return FillForm(
        question=words("bring.wrong_question", field=spec.label),
        fields=(
            Field("doubted", FieldKind.TEXT, spec.label, told.zh, locked=True, source=words("bring.on_file")),
            Field(
                "remark",
                FieldKind.TEXT,
                words("bring.remark"),
                required=False,
                long=True,
                most=LONGEST,
                hint=words("bring.remark_hint"),
            ),
        ),
        action=words("bring.wrong_action"),
    )


async def _file(visit: Visit, spec: FieldSpec, remark: str) -> TicketFiled:
    """Files it once, however often it is tried."""
    key, subject = uuid7(), visit.session.subject
    assert subject is not None, "only what is known of somebody can be doubted"
    correction = Correction(subject=subject.subject, service=visit.service.id, field=spec.key, remark=remark)
    while True:
        visit.show(Working(words("bring.sending_ticket"), USUAL_CORRECTION))
        try:
            with visit.clock.hold():
                return await visit.backstage.platform.correct(key, correction)
        except PlatformError as error:
            await visit.tell_refusal(error, "again", "back", "home")
