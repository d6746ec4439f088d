"""出生一件事: household register, medical insurance and social security card of a newborn child."""

from __future__ import annotations

from sqlalchemy import select

from config.platform_api import FormData, ResultRow
from config.words import same, words
from hall.platform.office import Asking, Decision, Filing, Handler, refused
from hall.platform.registers import births
from hall.platform.registers.births import Birth
from hall.platform.tables import cases


def known(asking: Asking) -> FormData:
    """The child that the hospital has told of, so that no number is copied from paper."""
    found = births.of_parent(asking.person.key) if asking.person else ()
    if not found:
        return FormData()
    source = words("office_bundles.source_births")
    return FormData(
        values={"birth_certificate": found[-1].certificate, "child": found[-1].child},
        sources={"birth_certificate": source, "child": source},
    )


def _birth(filing: Filing) -> Birth | None:
    """The child of this certificate, if it is his."""
    mine = births.of_parent(filing.person.key) if filing.person else ()
    number = filing.text("birth_certificate").strip().upper()
    return next(
        (one for one in mine if one.certificate == number and one.child == filing.text("child")), None
    )


def _filed_before(filing: Filing, birth: Birth) -> bool:
    """Has the other parent done it already?"""
    ours = (cases.c.service == filing.service.id) & cases.c.submission.contains(birth.certificate)
    rows = filing.transaction.execute(select(cases.c.result).where(ours))
    return any('"state":"accepted"' in row.result for row in rows)


def _file(filing: Filing, done: str, decided: bool) -> Decision:
    birth = _birth(filing)
    if birth is None:
        return refused(words("office_bundles.no"), words("office_bundles.birth_none"))
    if _filed_before(filing, birth):
        return refused(words("office_bundles.no"), words("office_bundles.birth_before"))
    return Decision(
        "accepted",
        words("platform.accepted_title"),
        words(f"office_bundles.{done}"),
        words("office_bundles.event_done" if decided else "platform.event_pending"),
        decided=decided,
        rows=(
            ResultRow(label=words("office_bundles.child"), value=same(birth.child)),
            ResultRow(label=words("office_bundles.born"), value=same(f"{birth.day:%Y-%m-%d}")),
        ),
    )


def _household(filing: Filing) -> Decision:
    """ZH0721: registered in the household of father or mother."""
    return _file(filing, "household_done", decided=False)


def _medical(filing: Filing) -> Decision:
    """ZH0722: insured from birth when told within 90 days."""
    return _file(filing, "newborn_medical_done", decided=True)


def _card(filing: Filing) -> Decision:
    """ZH0723: the card is made."""
    return _file(filing, "newborn_card_done", decided=False)


HANDLERS = {
    "ZH0721": Handler(decides=_household),
    "ZH0722": Handler(decides=_medical),
    "ZH0723": Handler(decides=_card),
}
