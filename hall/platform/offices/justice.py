"""司法行政: appointments and progress at the notary, and legal aid (SF)."""

from __future__ import annotations

from datetime import timedelta

from config.platform_api import FormData, ResultRow
from config.rules import day_of
from config.words import Words, same, words
from hall.platform.earlier import earlier
from hall.platform.office import Asking, Decision, Filing, Handler
from hall.platform.outcomes import Sheet, grant, no_record, refuse
from hall.platform.registers import notary, relief
from hall.platform.two_offices import both, taken

OFFICES = {"notary": "notary", "notary_linxi": "notary_linxi"}
# Matters in which nobody asks what the applicant earns: 法律援助法 art. 32, 42.
WHATEVER_INCOME = frozenset({"wages", "injury", "violence"})
AGAIN_AFTER = timedelta(days=30)


def _said(name: str, **values: object) -> Words:
    return words(f"office_justice.{name}", **values)


def _row(name: str, value: Words) -> ResultRow:
    return ResultRow(label=_said(name), value=value)


# ── SF01 公证 ─────────────────────────────────────────────────────────────────
def _free(asking: Asking) -> FormData:
    return both(asking, OFFICES)


def _notary(filing: Filing) -> Decision:
    """SF01: a half-hour at a notary's, or how the citizen's matters stand."""
    return _booked(filing) if filing.text("action") == "book" else _progress(filing)


def _booked(filing: Filing) -> Decision:
    assert filing.subject is not None, "the level is 1"
    for one in earlier(filing.transaction, filing.subject.number, "SF01"):
        day = day_of(one.text(f"day_{one.text('office')}"))
        if day is not None and day >= filing.today and one.text("matter") == filing.text("matter"):
            return refuse(filing.service, _said("booked_already"))
    place = taken(filing, OFFICES)
    return Decision(
        "accepted",
        _said("sf01_title"),
        _said("sf01_message"),
        _said("sf01_event", when=place.words),
        rows=(
            _row("when", place.words),
            _row("where", filing.option("office", filing.text("office"))),
            _row("matter", filing.option("matter", filing.text("matter"))),
            _row("papers", _said("papers_sent" if filing.submission.materials else "papers_bring")),
        ),
    )


def _progress(filing: Filing) -> Decision:
    """The citizen's own matters with their steps; of all, or of one number."""
    wanted, person = filing.text("case_no").strip().upper(), filing.person
    found = [
        one
        for one in notary.matters()
        if person is not None and one.citizen == person.key and wanted in ("", one.number)
    ]
    if not found:
        return no_record(filing.service, _said("sf01_none"))
    rows = []
    for matter in found:
        rows.append(_row("number", same(matter.number)))
        rows.append(_row("matter", filing.option("matter", matter.kind)))
        for step in matter.steps:
            rows.append(ResultRow(label=same(f"{step.day}"), value=_said(f"step_{step.what}")))
    last = found[-1].steps[-1]
    title, event = _said("progress_title"), _said("progress_event")
    return Decision("accepted", title, _said(f"next_{last.what}"), event, rows=tuple(rows))


# ── SF02 法律援助 ─────────────────────────────────────────────────────────────
def _phone(asking: Asking) -> FormData:
    phone = asking.person.phone if asking.person else ""
    return (
        FormData(values={"phone": phone}, sources={"phone": _said("source_phone")}) if phone else FormData()
    )


def _on_relief(asking: Asking) -> frozenset[str]:
    """Who draws relief has shown his hardship already."""
    found = relief.reliefs().get(asking.person.key) if asking.person else None
    return frozenset({"hardship"}) if found and asking.today <= found.until else frozenset()


def _aid(filing: Filing) -> Decision:
    """SF02: taken in, unless the income is above the standard in a matter where that counts."""
    person, matter, income = filing.person, filing.text("matter"), filing.text("income")
    if person is None:
        return no_record(filing.service, _said("not_registered"))
    if income == "more" and matter not in WHATEVER_INCOME:
        return refuse(filing.service, _said("too_much"), _said("too_much_bring"))
    for one in earlier(filing.transaction, person.number, "SF02"):
        if one.text("matter") == matter and one.when + AGAIN_AFTER > filing.now:
            return refuse(filing.service, _said("asked_already", case_no=one.result.case_no))
    days = filing.service.item.promised_days
    sheet = Sheet(
        rows=(
            _row("case_no", same(filing.case_no)),
            _row("matter", filing.option("matter", matter)),
            _row("income", filing.option("income", income)),
            _row("checked", _said("checked_no" if matter in WHATEVER_INCOME else "checked_yes")),
            _row("promise", _said("days", days=days)),
            _row("facts", same(filing.text("facts").strip())),
        )
    )
    title, message = words("platform.accepted_title"), _said("sf02_message", days=days)
    purpose = _said("sf02_purpose")
    return grant(filing, "sf02", person, sheet, purpose=purpose, title=title, message=message, decided=False)


HANDLERS = {
    "SF01": Handler(knows=_free, decides=_notary),
    "SF02": Handler(knows=_phone, decides=_aid, has=_on_relief),
}
