"""营业执照: licences that wait to be printed, each once, by the legal person himself (SJ02)."""

from __future__ import annotations

from config.words import same, words
from hall.platform.earlier import everybodys
from hall.platform.office import Decision, Filing, Handler, row
from hall.platform.offices.market import legal_person, own_code, said, told
from hall.platform.outcomes import no_record, refuse
from hall.platform.registers import companies
from hall.platform.registers.companies import Company


def _licence(filing: Filing) -> Decision:
    """SJ02: the original or one duplicate, on licence paper."""
    person, company = filing.person, companies.companies().get(filing.text("code"))
    if person is None or company is None:
        return no_record(filing.service, said("no_company"))
    if company.state == "cancelled":
        return refuse(filing.service, said("cancelled", day=company.cancelled))
    if company.legal_person != person.key:
        return refuse(filing.service, said("not_legal_person"))
    copy, number = filing.text("copy"), filing.text("copy_no").lstrip("0")
    if (copy if copy == "original" else f"copy-{number}") not in company.licences:
        return refuse(filing.service, said("not_waiting"), said("not_waiting_bring"))
    if _printed(filing):
        return refuse(filing.service, said("printed"), said("not_waiting_bring"))
    name = said("original") if copy == "original" else said("duplicate", n=number)
    issued = filing.issue(
        "sj02", legal_person(filing.parts, company), said("sj02_purpose"), _facts(company, name.zh)
    )
    return Decision(
        "accepted",
        said("sj02_title"),
        said("sj02_message"),
        words("platform.event_issued"),
        rows=(
            told("name", same(company.name)),
            told("code", same(company.code)),
            told("copy", name),
            row("number", same(issued.document.number)),
        ),
        documents=(issued.document,),
    )


def _printed(filing: Filing) -> bool:
    """Was the same paper printed here before?"""
    keys = ("code", "copy", "copy_no")
    wanted = [filing.text(key) for key in keys]
    return any([one.text(key) for key in keys] == wanted for _, one in everybodys(filing.transaction, "SJ02"))


def _facts(company: Company, copy: str) -> dict[str, object]:
    """What stands on the licence."""
    return {
        "copy": copy,
        "code": company.code,
        "company": company.name,
        "kind": said(f"kind_{company.kind}").zh,
        "legal_label": said(f"legal_{company.kind}").zh,
        "capital_label": said(f"capital_{company.kind}").zh,
        "capital": said("capital_words", wan=f"{company.capital / 1_000_000:g}").zh,
        "established": f"{company.established}",
        "premises": company.address,
        "scope": company.scope,
    }


HANDLERS = {"SJ02": Handler(knows=own_code, decides=_licence)}
