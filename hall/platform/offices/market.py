"""市场监督管理: names, registrations and files of companies (SJ01, SJ03, SJ04)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection

from config.money import yuan
from config.people import Person
from config.platform_api import FormData, QueryResult, ResultRow, ResultTable
from config.regions import full_name
from config.words import Words, same, words
from hall.platform import outcomes
from hall.platform.earlier import everybodys
from hall.platform.office import Asking, Decision, Filing, Handler
from hall.platform.outcomes import Sheet, grant, no_record, not_found, refuse
from hall.platform.parts import Parts
from hall.platform.registers import companies
from hall.platform.registers.companies import Company

CITY = "3301"
PERMITTED_FIRST = frozenset({"5169"})  # trades that want a permit before they are registered (前置审批)
MOST = 20  # rows of a list of names


def said(row: str, /, **values: object) -> Words:
    """The words of this office."""
    return words(f"office_market.{row}", **values)


def told(name: str, value: Words) -> ResultRow:
    """A row of a result, labelled by this office."""
    return ResultRow(label=said(name), value=value)


# ── SJ01 个体工商户设立登记 ───────────────────────────────────────────────────
def _phone(asking: Asking) -> FormData:
    phone = asking.person.phone if asking.person else ""
    return FormData(values={"phone": phone}, sources={"phone": said("source_phone")}) if phone else FormData()


def _register(filing: Filing) -> Decision:
    """SJ01: the first of the names that is free is kept, and the registry decides in a day."""
    person, service = filing.person, filing.service
    if person is None:
        return no_record(service, said("not_registered"))
    if filing.text("industry") in PERMITTED_FIRST:
        return refuse(service, said("permit_first"), said("permit_bring"))
    if not filing.text("region").startswith(CITY):
        return refuse(service, said("elsewhere"), said("elsewhere_bring"))
    wanted = [filing.text(key).strip() for key in ("name_1", "name_2", "name_3")]
    taken = frozenset(_in_use(filing.transaction))
    name = next((one for one in wanted if one.startswith(said("city").zh) and one not in taken), "")
    if not name:
        return refuse(service, said("names_taken"), said("names_bring"))
    region = full_name(filing.text("region"))
    assert region is not None, "the form's rule"
    sheet = Sheet(
        rows=(
            told("name", same(name)),  # the first row: `_asked_for` reads it
            told("trade", filing.option("industry", filing.text("industry"))),
            told("capital", said("yuan", yuan=yuan(int(filing.text("capital"))))),
            told("premises", same(f"{region.zh}{filing.text('address')}")),
            told("case_no", same(filing.case_no)),
            told("promise", said("days", days=service.item.promised_days)),
        )
    )
    return grant(
        filing,
        "sj01",
        person,
        sheet,
        purpose=said("sj01_purpose"),
        title=words("platform.accepted_title"),
        message=said("sj01_message", name=name, days=service.item.promised_days),
        decided=False,
    )


def _in_use(connection: Connection) -> Iterator[str]:
    """Names of companies that are open, names kept for somebody, and those of requests taken in here."""
    yield from (one.name for one in companies.companies().values() if one.state == "open")
    yield from (one.name for one in companies.names() if one.state != "cancelled")
    yield from (name for name, _ in _asked_for(connection))


def _asked_for(connection: Connection) -> Iterator[tuple[str, date]]:
    """The names of requests taken in here, and since when each is kept."""
    for _, one in everybodys(connection, "SJ01"):
        yield one.result.rows[0].value.zh, one.when.date()


# ── SJ03 企业名称状态查询 ─────────────────────────────────────────────────────
def _names(asking: Asking) -> QueryResult:
    """SJ03: names in which the text occurs, in the order of their dates."""
    wanted = asking.text("name").strip()
    lines: list[tuple[str, str, date, str]] = [
        (one.name, one.state, one.cancelled or one.established, one.code)
        for one in companies.companies().values()
    ]
    lines += [(one.name, one.state, one.until or one.since, "-") for one in companies.names()]
    with asking.parts.store.reading() as connection:
        lines += [(name, "asked", day, "-") for name, day in _asked_for(connection)]
    found = sorted((line for line in lines if wanted in line[0]), key=lambda line: line[2])
    if not found:
        return not_found(asking.service, said("sj03_none", name=wanted))
    table = ResultTable(
        heads=tuple(said(head) for head in ("name", "state", "since", "code")),
        rows=tuple(
            (same(name), said(f"state_{state}"), same(f"{day}"), same(code))
            for name, state, day, code in found[:MOST]
        ),
    )
    note = said("sj03_note") if len(found) <= MOST else said("sj03_more", most=MOST)
    return QueryResult(found=True, title=said("sj03_title", count=len(found)), table=table, note=note)


# ── SJ04 机读档案 ─────────────────────────────────────────────────────────────
def own_code(asking: Asking) -> FormData:
    """The company that the citizen stands for; one whose licence waits first."""
    own = companies.of_legal_person(asking.person.key) if asking.person else ()
    own = tuple(sorted((one for one in own if one.state == "open"), key=lambda one: not one.licences))
    if not own:
        return FormData()
    return FormData(values={"code": own[0].code}, sources={"code": said("source")})


def _look(asking: Asking) -> QueryResult:
    company = companies.companies().get(asking.text("code"))
    if company is None:
        return not_found(asking.service, said("no_company"))
    return outcomes.show(said("sj04_title"), _file(company, asking.parts))


def _print_file(filing: Filing) -> Decision:
    """SJ04: the public particulars and changes of any company."""
    company, person = companies.companies().get(filing.text("code")), filing.person
    if company is None or person is None:
        return no_record(filing.service, said("no_company"))
    return grant(filing, "sj04", person, _file(company, filing.parts), purpose=said("sj04_purpose"))


def _file(company: Company, parts: Parts) -> Sheet:
    state = said(f"state_{company.state}")
    if company.cancelled:
        state = said("state_since", state=state, day=company.cancelled)
    report = same(str(company.last_report)) if company.last_report else said("no_report")
    return Sheet(
        rows=(
            told("name", same(company.name)),
            told("code", same(company.code)),
            told("kind", said(f"kind_{company.kind}")),
            told(f"legal_{company.kind}", same(legal_person(parts, company).name)),
            told("capital", said("yuan", yuan=yuan(company.capital))),
            told("established", same(f"{company.established}")),
            told("state", state),
            told("last_report", report),
            told("trade_code", same(company.industry)),
            told("premises", same(company.address)),
            told("scope", same(company.scope)),
        ),
        heads=tuple(said(f"change_{head}") for head in ("day", "item", "before", "after")),
        table=tuple(
            (same(f"{one.day}"), same(one.item), same(one.before), same(one.after)) for one in company.changes
        ),
    )


def legal_person(parts: Parts, company: Company) -> Person:
    """Who stands for a company; a test holds that everybody is on the register."""
    return next(person for person in parts.citizens.values() if person.key == company.legal_person)


HANDLERS = {
    "SJ01": Handler(knows=_phone, decides=_register),
    "SJ03": Handler(answers=_names),
    "SJ04": Handler(knows=own_code, answers=_look, decides=_print_file),
}
