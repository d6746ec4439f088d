"""教育: how a child's entry to school stands, and where a file of studies is kept (JY)."""

from __future__ import annotations

from config.form import When
from config.platform_api import FormData, FormOption, QueryResult, ResultRow, TimelineEvent
from config.words import Words, same, words
from hall.platform.clock import midnight
from hall.platform.office import Asking, Decision, Filing, Handler
from hall.platform.outcomes import Sheet, grant, no_record, not_found
from hall.platform.registers import schools

ELSEWHERE, UNKNOWN = "other", "unknown"  # options of JY02: a school that we have no file of
YEARS = 5


def _said(name: str, **values: object) -> Words:
    return words(f"office_school.{name}", **values)


def _row(name: str, value: Words) -> ResultRow:
    return ResultRow(label=_said(name), value=value)


# ── JY01 入学报名信息 ─────────────────────────────────────────────────────────
def _years(asking: Asking) -> FormData:
    years = (str(asking.today.year - n) for n in range(YEARS))
    return FormData(options={"year": tuple(FormOption(value=year, name=same(year)) for year in years)})


def _entry(asking: Asking) -> QueryResult:
    """JY01: for a guardian alone; whoever is none reads the same words as for a child without an entry."""
    guardian, pupil = asking.person, asking.parts.citizens.get(asking.text("child_number"))
    found = next(
        (
            entry
            for entry in schools.entries()
            if guardian is not None
            and pupil is not None
            and entry.pupil == pupil.key
            and pupil.name == asking.text("child_name").strip()
            and guardian.key in entry.guardians
            and str(entry.year) == asking.text("year")
        ),
        None,
    )
    if found is None or guardian is None:
        return not_found(asking.service, _said("jy01_none", year=asking.text("year")))
    events = [TimelineEvent(when=midnight(found.registered), what=_said("registered"))]
    if found.told:
        events.append(TimelineEvent(when=midnight(found.told), what=_said("told", school=same(found.school))))
    return QueryResult(
        found=True,
        title=_said("jy01_title", year=found.year),
        rows=(
            _row("stage", _said(f"stage_{found.stage}")),
            _row("school", same(found.school)),
            _row("state", _said(f"state_{found.state}")),
            _row("registered_on", same(f"{found.registered}")),
            _row("guardian", _said("father" if guardian.sex == "male" else "mother")),
        ),
        timeline=tuple(events),
    )


# ── JY02 存档证明 ─────────────────────────────────────────────────────────────
def _files(asking: Asking) -> FormData:
    """The schools on record, each with its year; and one for whoever went elsewhere."""
    files = schools.study_files(asking.person.key) if asking.person else ()
    offered = tuple(FormOption(value=one.number, name=same(one.school)) for one in files)
    years = tuple(
        FormOption(
            value=str(one.first), name=same(str(one.first)), only_if=When(field="school", is_in=(one.number,))
        )
        for one in files
    )
    other = FormOption(value=ELSEWHERE, name=_said("other_school"))
    unknown = FormOption(
        value=UNKNOWN, name=_said("other_year"), only_if=When(field="school", is_in=(ELSEWHERE,))
    )
    return FormData(
        values={"school": files[0].number, "year": str(files[0].first)} if files else {},
        sources=dict.fromkeys(("school", "year"), _said("source")) if files else {},
        options={"school": (*offered, other), "year": (*years, unknown)},
    )


def _proof(filing: Filing) -> Decision:
    """JY02: which school, from when to when, and who keeps the file."""
    person = filing.person
    file = next(
        (
            one
            for one in schools.study_files(person.key if person else "")
            if one.number == filing.text("school") and str(one.first) == filing.text("year")
        ),
        None,
    )
    if person is None or file is None:
        return no_record(filing.service, _said("jy02_none"))
    sheet = Sheet(
        rows=(
            _row("school", same(file.school)),
            _row("degree", same(file.degree)),
            _row("entered", same(str(file.first))),
            _row("left", same(str(file.last)) if file.last else _said("studies")),
            _row("file_number", same(file.number)),
            _row("kept_since", same(f"{file.since}")),
            _row("keeper", same(file.keeper)),
        )
    )
    return grant(filing, "jy02", person, sheet, purpose=_said("jy02_purpose"))


HANDLERS = {
    "JY01": Handler(knows=_years, answers=_entry),
    "JY02": Handler(knows=_files, decides=_proof),
}
