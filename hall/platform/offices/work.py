"""人社: pensioners, who is out of work, and social security cards (SB04–SB06, SB09)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from config import regions
from config.people import Person
from config.platform_api import FormData, Referral, ResultRow
from config.platform_body import Value
from config.words import Words, same, words
from hall.platform import outcomes
from hall.platform.clock import months_later
from hall.platform.contributions import is_paying
from hall.platform.earlier import Earlier, earlier
from hall.platform.office import Asking, Decision, Filing, Handler, option, refused
from hall.platform.outcomes import Figure, Sheet, amount, money
from hall.platform.registers import social

YEAR, EARLY = 12, 3  # months that a check holds, and before whose end it may be done again
ENTITLED = 12  # months of unemployment insurance that a benefit needs
BENEFITS = ((120, 24), (60, 18), (ENTITLED, 12))  # from so many paid months, so many months of benefit
REPORT = timedelta(days=7)  # that a card's loss holds without papers


def _phone(asking: Asking) -> FormData:
    """The number on file."""
    return _known(asking, {})


def _known(asking: Asking, values: dict[str, Value], source: str = "source_phone") -> FormData:
    sources = dict.fromkeys(values, words(f"office_social.{source}"))
    phone = asking.person.phone if asking.person else ""
    if not phone:
        return FormData(values=values, sources=sources)
    told = words("office_social.source_phone")
    return FormData(values={**values, "phone": phone}, sources={**sources, "phone": told})


# ── SB04: who draws a pension shows once a year that he does so rightly ─────
def _confirm_pension(filing: Filing) -> Decision:
    person = filing.person
    pension = social.load().pension.get(person.key) if person else None
    if person is None or pension is None:
        return outcomes.no_record(filing.service, words("office_social.sb04_none"))
    before = next(_earlier(filing, person, "SB04"), None)
    last = before.when.date() if before else pension.confirmed
    due, until = months_later(last, YEAR), months_later(filing.today, YEAR)
    if filing.today < months_later(due, -EARLY):
        return outcomes.refuse(filing.service, words("office_social.sb04_early", day=last, until=due))
    state = "goes_on" if filing.today <= due else "resumes"
    return Decision(
        "accepted",
        words("office_social.sb04_title"),
        words("office_social.sb04_message", until=until),
        words("office_social.sb04_title"),
        rows=(
            _row("confirmed", same(str(filing.today))),
            _row("pension", amount(pension.fen)),
            _row("payment", words(f"office_social.{state}")),
            _row("next", same(str(until))),
        ),
    )


# ── SB05: registered as unemployed ──────────────────────────────────────────
def _last_day(asking: Asking) -> FormData:
    left = social.load().left.get(asking.person.key) if asking.person else None
    return _known(asking, {"end_date": str(left.day)} if left else {}, "source_left")


def _register_unemployed(filing: Filing) -> Decision:
    person = filing.person
    if person is None:
        return outcomes.no_record(filing.service, words("office_social.unknown"))
    if (refusal := _why_not_registered(filing, person)) is not None:
        return refusal
    region = regions.full_name(filing.text("region"))
    assert region is not None, "the kind of field"
    lives = Words(region.zh + filing.text("address"), f"{filing.text('address')}, {region.en}")
    rows = [
        _row("registered", same(str(filing.today))),
        _row("education", filing.option("education", filing.text("education"))),
        _row("ended", same(filing.text("end_date"))),
        _row("reason", filing.option("reason", filing.text("reason"))),
        _row("lives", lives),
    ]
    if filing.text("intent"):
        rows.append(_row("intent", same(filing.text("intent"))))
    return outcomes.grant(
        filing,
        "sb05",
        person,
        Sheet(tuple(rows)),
        title=words("office_social.sb05_title"),
        message=words("office_social.sb05_message"),
    )


def _why_not_registered(filing: Filing, person: Person) -> Decision | None:
    """The rule that forbids it, the gravest first."""
    service = filing.service
    if (since := _registered(filing, person)) is not None:
        return outcomes.refuse(service, words("office_social.sb05_again", day=since[0]))
    if person.key in social.load().pension:
        return outcomes.refuse(service, words("office_social.sb05_pension"))
    paying = next((record for record in person.insurance if is_paying(record)), None)
    if paying is not None:
        message = words("office_social.sb05_paying", employer=paying.employer)
        return outcomes.refuse(service, message, words("office_social.sb05_paying_what"))
    left = social.load().left.get(person.key)
    if left is not None and filing.text("end_date") != str(left.day):
        message = words("office_social.sb05_day", day=left.day)
        return outcomes.refuse(service, message, words("office_social.sb05_day_what"))
    return None


def _registered(filing: Filing, person: Person) -> tuple[date, str] | None:
    """Since when, and for which reason (empty: not known); by a case here, or by the register."""
    if (case := next(_earlier(filing, person, "SB05"), None)) is not None:
        return case.when.date(), case.text("reason")
    known = social.load().unemployed.get(person.key)
    return (known.since, "") if known else None


# ── SB06: the benefit ───────────────────────────────────────────────────────
def _registration(asking: Asking) -> FormData:
    """What the register says, so that nobody fills the form in vain."""
    if asking.person is None:
        return FormData()
    with asking.parts.store.reading() as connection:
        case = next(earlier(connection, asking.person.number, "SB05"), None)
    known = social.load().unemployed.get(asking.person.key)
    since = case.when.date() if case else known.since if known else None
    told = words("office_social.registered_on", day=since) if since else words("office_social.none_yet")
    return _known(asking, {"registration": told.zh}, "source_register")


def _claim_benefit(filing: Filing) -> Decision:
    person = filing.person
    registered = _registered(filing, person) if person else None
    if person is None or registered is None:
        referral = Referral(
            what=words("office_social.sb06_first_what"),
            where=words("office_social.sb06_first_where"),
            phone=filing.service.guide.phone,
        )
        return refused(words("outcomes.refused_title"), words("office_social.sb06_first"), referral)
    if (before := next(_earlier(filing, person, "SB06"), None)) is not None:
        message = words("office_social.sb06_again", day=before.when.date(), case_no=before.result.case_no)
        return outcomes.refuse(filing.service, message)
    paid = sum(record.months_paid for record in person.insurance if record.kind == "unemployment")
    if paid < ENTITLED:
        message = words("office_social.sb06_short", months=paid)
        return outcomes.refuse(filing.service, message, words("office_social.sb06_short_what"))
    if registered[1] == "other":
        reason = option(filing.parts.service("SB05"), "reason", registered[1])
        message = words("office_social.sb06_own_will", reason=reason)
        return outcomes.refuse(filing.service, message, words("office_social.sb06_own_will_what"))
    months = next(given for needed, given in BENEFITS if paid >= needed)
    sheet = Sheet(
        (
            _row("registered", same(str(registered[0]))),
            _row("paid", same(str(paid))),
            _row("begins", same(f"{months_later(filing.today, 1):%Y-%m}")),
            _row("bank", filing.option("bank", filing.text("bank"))),
            _row("tail", same(f"**** {filing.text('card_no')[-4:]}")),
        ),
        (
            Figure(words("office_social.row_months"), str(months), words("outcomes.months")),
            money(words("office_social.row_monthly"), social.load().benefit),
        ),
    )
    return outcomes.grant(
        filing,
        "sb06",
        person,
        sheet,
        title=words("office_social.sb06_title"),
        message=words("office_social.sb06_message"),
        decided=False,
    )


# ── SB09: the social security card ──────────────────────────────────────────
def _card(filing: Filing) -> Decision:
    person = filing.person
    card = social.load().card.get(person.key) if person else None
    if person is None or card is None:
        return outcomes.no_record(filing.service, words("office_social.sb09_none"))
    match filing.text("action"):
        case "lost":
            return _card_lost(filing, person, card)
        case "progress":
            return _card_progress(filing, card)
        case _:
            return _card_known(filing, person, card)


def _card_lost(filing: Filing, person: Person, card: social.Card) -> Decision:
    if card.issued is None:
        return outcomes.refuse(filing.service, words("office_social.sb09_not_issued"))
    if (reported := _reported(filing, person, card)) is not None:
        message = words("office_social.sb09_again", until=reported)
        return outcomes.refuse(filing.service, message, words("office_social.sb09_again_what"))
    until = filing.today + REPORT
    rows = (
        _row("card", same(_masked(card.number))),
        _row("lost_reason", filing.option("reason", filing.text("reason"))),
        _row("card_state", words("office_social.card_lost")),
        _row("lost_until", same(str(until))),
    )
    return _told(rows, "sb09_lost_title", words("office_social.sb09_lost_message", until=until))


def _card_progress(filing: Filing, card: social.Card) -> Decision:
    if not card.made:
        message = words("office_social.sb09_not_made", day=card.issued)
        return outcomes.no_record(filing.service, message)
    rows = (
        _row("asked", same(str(card.asked))),
        _row("card_state", words(f"office_social.card_{card.made}")),
        _row("bank", _bank(filing, card)),
        _row("ready", same(str(card.ready))),
    )
    return _told(rows, "sb09_progress_title", words("office_social.sb09_message"))


def _card_known(filing: Filing, person: Person, card: social.Card) -> Decision:
    reported = _reported(filing, person, card)
    state = "lost" if reported else card.made or "normal"
    rows = [
        _row("card", same(_masked(card.number))),
        _row("bank", _bank(filing, card)),
        _row("card_state", words(f"office_social.card_{state}")),
    ]
    if card.issued is not None:
        rows.append(_row("issued", same(str(card.issued))))
    if reported:
        rows.append(_row("lost_until", same(str(reported))))
    return _told(tuple(rows), "sb09_info_title", words("office_social.sb09_message"))


def _told(rows: tuple[ResultRow, ...], title: str, message: Words) -> Decision:
    said = words(f"office_social.{title}")
    return Decision("accepted", said, message, said, rows=rows)


def _reported(filing: Filing, person: Person, card: social.Card) -> date | None:
    """Until when a report of its loss holds; None when there is none."""
    days = [card.lost] if card.lost else []
    for one in _earlier(filing, person, "SB09"):
        if one.text("action") == "lost":
            days.append(one.when.date())
    until = max(days) + REPORT if days else None
    return until if until is not None and until >= filing.today else None


def _bank(filing: Filing, card: social.Card) -> Words:
    return option(filing.parts.service("SB06"), "bank", card.bank)


def _masked(number: str) -> str:
    return f"{number[:1]}*****{number[-3:]}"


def _earlier(filing: Filing, person: Person, service: str) -> Iterator[Earlier]:
    return earlier(filing.transaction, person.number, service)


def _row(name: str, value: Words) -> ResultRow:
    return ResultRow(label=words(f"office_social.row_{name}"), value=value)


HANDLERS = {
    "SB04": Handler(knows=_phone, decides=_confirm_pension),
    "SB05": Handler(knows=_last_day, decides=_register_unemployed),
    "SB06": Handler(knows=_registration, decides=_claim_benefit),
    "SB09": Handler(knows=_phone, decides=_card),
}
