"""退休一件事: the pension, the medical insurance of a pensioner, the reward of only-child parents."""

from __future__ import annotations

from datetime import date

from config.people import Person
from config.platform_api import ResultRow
from config.words import same, words
from hall.platform.clock import months_later
from hall.platform.office import Decision, Filing, Handler, refused
from hall.platform.registers import archives, social

AGE = {"male": 60, "female": 55}  # as the reference city counts; a province's own table takes its place
LEAST_MONTHS = 180  # of contributions, until 2029


def _of_age(person: Person) -> date:
    """The day on which the citizen may retire."""
    return months_later(person.birth, 12 * AGE[person.sex])


def _months(person: Person) -> int:
    return sum(record.months_paid for record in person.insurance if record.kind == "pension")


def _no(name: str, **values: object) -> Decision:
    return refused(words("office_bundles.no"), words(f"office_bundles.{name}", **values))


def _pension(filing: Filing) -> Decision:
    """ZH0711: is he of age, has he paid long enough, does he not draw one already?"""
    person = filing.person
    if person is None or not _months(person):
        return _no("pension_none")
    drawn = social.load().pension.get(person.key)
    if drawn is not None:
        return _no("pension_drawn", since=drawn.since)
    if (day := _of_age(person)) > filing.today:
        return _no("pension_young", day=f"{day:%Y-%m-%d}")
    if (months := _months(person)) < LEAST_MONTHS:
        return _no("pension_short", months=months, least=LEAST_MONTHS)
    return _accepted("pension_done", ResultRow(label=words("office_bundles.months"), value=same(str(months))))


def _medical(filing: Filing) -> Decision:
    """ZH0712: whoever has retired goes on with the medical insurance of pensioners."""
    person = filing.person
    if person is None or not person.insurance:
        return _no("medical_none")
    if person.key not in social.load().pension and _of_age(person) > filing.today:
        return _no("medical_young", day=f"{_of_age(person):%Y-%m-%d}")
    return _accepted("medical_done")


def _reward(filing: Filing) -> Decision:
    """ZH0713: whoever has the only-child parents' certificate in the archives."""
    found = archives.of(filing.person.key, "only_child") if filing.person else ()
    if not found:
        return _no("reward_none")
    return _accepted(
        "reward_done", ResultRow(label=words("office_bundles.file"), value=same(found[0].number))
    )


def _accepted(name: str, *rows: ResultRow) -> Decision:
    return Decision(
        "accepted",
        words("platform.accepted_title"),
        words(f"office_bundles.{name}"),
        words("platform.event_pending"),
        decided=False,
        rows=rows,
    )


HANDLERS = {
    "ZH0711": Handler(decides=_pension),
    "ZH0712": Handler(decides=_medical),
    "ZH0713": Handler(decides=_reward),
}
