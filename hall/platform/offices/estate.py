"""不动产: the real-estate register (BD)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import Connection

from config.people import Person
from config.platform_api import (
    FormData,
    QueryResult,
    Referral,
    ResultRow,
    ResultTable,
    TimelineEvent,
)
from config.words import Words, same, words
from hall.platform.clock import CHINA
from hall.platform.earlier import earlier
from hall.platform.office import Asking, Decision, Filing, Handler, refused, row
from hall.platform.registers import estate, household
from hall.platform.registers.estate import Case, Unit

DISTRICT = "330101"
OF_AGE = 18
PHONE = "12345"


@dataclass(frozen=True)
class _Search:
    """Whose homes are looked for, and what was found."""

    holder: Person
    units: tuple[Unit, ...]


def _refer(what: Words, where: Words) -> Referral:
    return Referral(what=what, where=where, phone=PHONE)


# ── BD01 登记信息查询 ─────────────────────────────────────────────────────────
def _search(asking: Asking | Filing) -> _Search | None:
    """What is registered; None where it is not the citizen's to ask."""
    holder = asking.person if asking.text("whose") != "child" else _child(asking)
    if holder is None:
        return None
    region = DISTRICT if asking.text("scope") == "district" else ""
    return _Search(holder, estate.of(holder.key, region))


def _child(asking: Asking | Filing) -> Person | None:
    """The citizen's own child under 18, as the form names it; None when the register knows none such."""
    parent, child = asking.person, asking.parts.citizens.get(asking.text("child_number"))
    if parent is None or child is None or child.name != asking.text("child_name").strip():
        return None
    born, today = child.birth, asking.today
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return child if child.key in household.load().children(parent.key) and age < OF_AGE else None


def _look(asking: Asking) -> QueryResult:
    """The homes, before they are printed."""
    found = _search(asking)
    if found is None:
        no = _not_yours(asking.text("whose") == "child")
        return QueryResult(found=False, title=no.title, note=no.message, referral=no.referral)
    return QueryResult(
        found=True,
        title=_outcome(found),
        rows=(
            ResultRow(label=words("office_estate.holder"), value=same(found.holder.name)),
            ResultRow(label=words("office_estate.scope"), value=asking.option("scope", asking.text("scope"))),
        ),
        table=_table(found.units) if found.units else None,
        note=words("office_estate.look_note"),
    )


def _outcome(found: _Search) -> Words:
    if not found.units:
        return words("office_estate.no_home")
    return words("office_estate.homes", count=len(found.units))


def _intro(scope: Words, count: int) -> Words:
    if count:
        return words("office_estate.intro_some", scope=scope, count=count)
    return words("office_estate.intro_none", scope=scope)


def _table(units: tuple[Unit, ...]) -> ResultTable:
    heads = (
        words("office_estate.unit"),
        words("office_estate.address"),
        words("office_estate.area"),
        words("office_estate.shares"),
        words("office_estate.registered"),
    )
    rows = tuple(
        (
            same(one.number),
            same(one.address),
            same(one.area),
            _shares(one),
            same(f"{one.registered:%Y-%m-%d}"),
        )
        for one in units
    )
    return ResultTable(heads=heads, rows=rows)


def _shares(unit: Unit) -> Words:
    return words("office_estate.alone" if len(unit.owners) == 1 else "office_estate.together")


def _not_yours(child: bool) -> Decision:
    message = "office_estate.child_unknown" if child else "office_estate.person_unknown"
    return refused(
        words("office_estate.none_title"),
        words(message),
        _refer(words("office_estate.kinship_referral"), words("office_estate.window")),
    )


def _print_result(filing: Filing) -> Decision:
    found = _search(filing)
    if found is None:
        return _not_yours(filing.text("whose") == "child")
    assert filing.person is not None
    scope = filing.option("scope", filing.text("scope"))
    table = _table(found.units)
    facts = {
        "intro": _intro(scope, len(found.units)).zh,
        "cells": [
            [words("office_estate.scope").zh, scope.zh],
            [words("office_estate.asked_on").zh, f"{filing.today:%Y-%m-%d}"],
            [words("office_estate.applicant").zh, filing.person.name],
            [words("office_estate.outcome").zh, _outcome(found).zh],
        ],
        "rows": [[cell.zh for cell in line] for line in table.rows],
    }
    purpose = filing.option("purpose", filing.text("purpose"))
    issued = filing.issue("bd01", found.holder, purpose, facts)
    return Decision(
        "accepted",
        words("office_estate.bd01_title"),
        words("office_estate.bd01_message"),
        words("platform.event_issued"),
        rows=(
            ResultRow(label=words("office_estate.outcome"), value=_outcome(found)),
            row("valid_until", same(issued.valid_until)),
            row("number", same(issued.document.number)),
        ),
        documents=(issued.document,),
    )


# ── BD02 办理进度 ─────────────────────────────────────────────────────────────
def _progress(asking: Asking) -> QueryResult:
    """The citizen's registrations with their stages, or the one asked for."""
    person, wanted = asking.person, asking.text("case_no").strip().upper()
    cases = estate.cases_of(person.key) if person else ()
    cases = tuple(case for case in cases if wanted in ("", case.number))
    if person is None or not cases:
        return QueryResult(
            found=False,
            title=words("office_estate.progress_none"),
            note=words("office_estate.progress_none_note"),
            referral=_refer(words("office_estate.progress_referral"), words("office_estate.window")),
        )
    with asking.parts.store.reading() as connection:
        collected = _collected(connection, person)
    events: list[TimelineEvent] = []
    for case in cases:
        events += [_event(stage.day, stage.what) for stage in case.stages]
        if case.number in collected:
            events.append(_event(collected[case.number], words("office_estate.event_collected")))
    events.sort(key=lambda event: event.when)
    return QueryResult(
        found=True,
        title=words("office_estate.progress_title"),
        rows=tuple(
            ResultRow(label=case.kind, value=words("office_estate.progress_case", number=case.number))
            for case in cases
        ),
        timeline=tuple(events),
        note=words("office_estate.progress_ready")
        if any(case.state == "ready" and case.number not in collected for case in cases)
        else None,
    )


def _event(day: date, what: Words) -> TimelineEvent:
    return TimelineEvent(when=datetime.combine(day, time(9), CHINA), what=what)


def _collected(connection: Connection, person: Person) -> dict[str, date]:
    """When each certificate was collected here, by the number of its registration."""
    return {case.text("case_no"): case.when.date() for case in earlier(connection, person.number, "BD03")}


# ── BD03 自助领证 ─────────────────────────────────────────────────────────────
def _ready(asking: Asking) -> FormData:
    """The registration that is ready, if there is one."""
    person = asking.person
    ready = [case for case in estate.cases_of(person.key) if case.state == "ready"] if person else []
    if person is None or not ready:
        return FormData()
    with asking.parts.store.reading() as connection:
        collected = _collected(connection, person)
    left = [case.number for case in ready if case.number not in collected]
    if not left:
        return FormData()
    return FormData(values={"case_no": left[0]}, sources={"case_no": words("office_estate.source")})


def _collect(filing: Filing) -> Decision:
    """The certificate, or the rule by which it cannot be had here."""
    person, wanted = filing.person, filing.text("case_no").strip().upper()
    cases = estate.cases_of(person.key) if person else ()
    case = next((one for one in cases if one.number == wanted), None)
    if case is None or person is None:
        return refused(
            words("office_estate.progress_none"),
            words("office_estate.progress_none_note"),
            _refer(words("office_estate.progress_referral"), words("office_estate.window")),
        )
    if no := _obstacle(case, wanted in _collected(filing.transaction, person)):
        return no
    unit = estate.unit(case.unit)
    facts = {
        "cells": [
            [words("office_estate.unit").zh, unit.number, "wide"],
            [words("office_estate.unit_number").zh, unit.unit_number, "wide"],
            [words("office_estate.address").zh, unit.address, "wide"],
            [words("office_estate.shares").zh, _shares(unit).zh],
            [words("office_estate.use").zh, unit.use],
            [words("office_estate.area").zh, unit.area],
            [words("office_estate.registered").zh, f"{unit.registered:%Y-%m-%d}"],
            [words("office_estate.kind").zh, case.kind.zh],
            [words("office_estate.book").zh, case.book],
        ],
    }
    issued = filing.issue("bd03", person, words("office_estate.bd03_purpose"), facts)
    return Decision(
        "accepted",
        words("office_estate.bd03_title"),
        words("office_estate.bd03_message"),
        words("platform.event_issued"),
        rows=(
            ResultRow(label=words("office_estate.unit"), value=same(unit.number)),
            ResultRow(label=words("office_estate.book"), value=same(case.book)),
            row("number", same(issued.document.number)),
        ),
        documents=(issued.document,),
    )


def _obstacle(case: Case, collected: bool) -> Decision | None:
    """The rule by which the certificate cannot be collected here; None when it can."""
    title, here = words("office_estate.bd03_no"), words("office_estate.window")
    if collected:
        return refused(title, words("office_estate.collected"))
    if case.state != "ready":
        last = case.stages[-1].what
        return refused(title, words("office_estate.not_ready", stage=last))
    if len(case.applicants) > 1:
        what = words("office_estate.joint_referral")
        return refused(title, words("office_estate.joint", count=len(case.applicants)), _refer(what, here))
    if case.tax == "due":
        what, where = words("office_estate.tax_referral"), words("office_estate.tax_window")
        return refused(title, words("office_estate.tax_due"), _refer(what, where))
    return None


HANDLERS = {
    "BD01": Handler(answers=_look, decides=_print_result),
    "BD02": Handler(answers=_progress),
    "BD03": Handler(knows=_ready, decides=_collect),
}
