"""企业开办一件事: the licence, the seal, tax and social insurance of a new company."""

from __future__ import annotations

from sqlalchemy import select

from config.money import yuan
from config.platform_api import ResultRow
from config.words import same, words
from hall.platform.office import Decision, Filing, Handler, refused
from hall.platform.registers import companies
from hall.platform.tables import cases


def _taken(filing: Filing, name: str) -> bool:
    """Is the name in use, kept for somebody, or asked for in a case that was accepted?"""
    used = {company.name for company in companies.companies().values() if company.state != "cancelled"}
    kept = {one.name for one in companies.names() if one.until is None or one.until >= filing.today}
    if name in used | kept:
        return True
    ours = (cases.c.service == filing.service.id) & cases.c.submission.contains(f'"{name}"', autoescape=True)
    return any(
        '"state":"accepted"' in row.result
        for row in filing.transaction.execute(select(cases.c.result).where(ours))
    )


def _licence(filing: Filing) -> Decision:
    """ZH0731: a name that nobody has."""
    name = filing.text("company").strip()
    if _taken(filing, name):
        return refused(words("office_bundles.no"), words("office_bundles.name_taken", name=name))
    return Decision(
        "accepted",
        words("platform.accepted_title"),
        words("office_bundles.licence_done"),
        words("platform.event_pending"),
        decided=False,
        rows=(
            ResultRow(label=words("office_bundles.company"), value=same(name)),
            ResultRow(
                label=words("office_bundles.capital"),
                value=words("office_bundles.yuan", yuan=yuan(int(filing.text("capital")))),
            ),
        ),
    )


def _follows(filing: Filing) -> Decision:
    """ZH0732 to ZH0734: done once the licence is there."""
    return Decision(
        "accepted",
        words("platform.accepted_title"),
        words("office_bundles.follows_done"),
        words("office_bundles.event_waits"),
        decided=False,
    )


HANDLERS = {
    "ZH0731": Handler(decides=_licence),
    "ZH0732": Handler(decides=_follows),
    "ZH0733": Handler(decides=_follows),
    "ZH0734": Handler(decides=_follows),
}
