"""公安: records of crimes, identity cards, crossings of the border (GA01, GA03, GA05)."""

from __future__ import annotations

from datetime import date, timedelta

from config.people import Person
from config.platform_api import FormData, FormOption, Referral, ResultRow
from config.platform_body import Value
from config.service import Service
from config.words import Words, same, words
from hall.platform.clock import months_later
from hall.platform.earlier import Earlier, earlier
from hall.platform.office import Asking, Decision, Filing, Handler, option, refused, row
from hall.platform.refusals import Refused
from hall.platform.registers import household, police
from hall.platform.registers.police import Portrait
from hall.platform.review import COLLECT, filed_already, handed_out, taken_in, to_collect, with_choice
from hall.platform.workdays import working_day

ADULT = 16
AGAIN = timedelta(days=90)  # a card is not made twice within


def _refer(service: Service, what: Words) -> Referral:
    where = service.guide.window
    assert where is not None, "each of these services names its window"
    return Referral(what=what, where=where, phone=service.guide.phone)


def _unknown(filing: Filing) -> Decision:
    return refused(
        words("office_police.none_title"),
        words("office_police.person_unknown"),
        _refer(filing.service, words("office_police.identity_referral")),
    )


def _since(person: Person) -> date:
    """The sixteenth birthday."""
    return months_later(person.birth, 12 * ADULT)


# ── GA01 有无违法犯罪记录证明 ─────────────────────────────────────────────────
def _record_form(asking: Asking) -> FormData:
    """A new request over the whole life since sixteen; or what is ready to be collected."""
    values: dict[str, Value] = {}
    if (person := asking.person) is not None:
        home = household.load().of(person.key)
        values = {
            "phone": person.phone,
            "living": person.address,
            "from": f"{_since(person):%Y-%m-%d}",
            "to": f"{asking.today:%Y-%m-%d}",
        }
        if home is not None:
            values["hukou"] = home.region
    return with_choice(asking, values, words("office_police.source"))


def _record(filing: Filing) -> Decision:
    if filing.person is None:
        return _unknown(filing)
    if filing.text("what") == COLLECT:
        found = to_collect(filing)
        return found if isinstance(found, Decision) else _record_paper(filing, filing.person, found)
    same_one = filed_already(filing, "kinds", "from", "to", "purpose")
    return same_one or taken_in(filing, filing.service.item.promised_days)


def _record_paper(filing: Filing, person: Person, case: Earlier) -> Decision:
    """What the courts' records say of the period that was asked for."""
    first, last = date.fromisoformat(case.text("from")), date.fromisoformat(case.text("to"))
    found = police.convictions(person.key, first, last)
    kinds = option(filing.service, "kinds", case.text("kinds"))
    facts = {
        "intro": words("office_police.record_some" if found else "office_police.record_none").zh,
        "cells": [
            [words("office_police.period").zh, f"{first} – {last}", "wide"],
            [words("office_police.kinds").zh, kinds.zh],
            [words("office_police.outcome").zh, _outcome(len(found)).zh],
            [words("office_police.living").zh, case.text("living"), "wide"],
            [words("office_police.case_no").zh, case.result.case_no, "wide"],
        ],
        "rows": [[f"{one.day}", one.court, one.offence, one.sentence] for one in found],
    }
    purpose = option(filing.service, "purpose", case.text("purpose"))
    return handed_out(filing, case, "ga01", purpose, facts)


def _outcome(count: int) -> Words:
    return words("office_police.outcome_some" if count else "office_police.outcome_none")


# ── GA03 居民身份证换领补领 ───────────────────────────────────────────────────
def _card_form(asking: Asking) -> FormData:
    """The portraits that may be used. Refused `not_eligible` where only a window can help."""
    person = asking.person
    if person is None:
        return FormData()
    if no := _no_card(person, asking.today):
        raise Refused("not_eligible", 422, complaint=no)
    portraits = tuple(
        FormOption(value=one.number, name=words("office_police.portrait", day=one.taken, place=one.place))
        for one in _portraits(person, asking.today)
    )
    source = words("office_police.source")
    return FormData(
        values={"photo": portraits[0].value, "phone": person.phone},
        sources={"photo": source, "phone": source},
        options={"photo": portraits},
    )


def _portraits(person: Person, today: date) -> tuple[Portrait, ...]:
    """Those that are young enough, the newest first."""
    oldest = months_later(today, -police.load().portrait_months)
    found = (one for one in police.load().portrait if one.citizen == person.key and one.taken >= oldest)
    return tuple(sorted(found, key=lambda one: one.taken, reverse=True))


def _no_card(person: Person, today: date) -> Words | None:
    """The rule by which the card cannot be asked for here; None when it can."""
    if is_rare(person.name):
        return words("office_police.card_rare")
    if person.key not in police.load().fingers:
        return words("office_police.card_fingers")
    if not _portraits(person, today):
        return words("office_police.card_portrait", months=police.load().portrait_months)
    return None


def is_rare(name: str) -> bool:
    """Has the name a character outside GBK, with which card makers' machines stop?"""
    try:
        name.encode("gbk")
    except UnicodeEncodeError:
        return True
    return False


def _new_card(filing: Filing) -> Decision:
    person, today = filing.person, filing.today
    if person is None:
        return _unknown(filing)
    title, register = words("office_police.card_no"), police.load()
    referral = _refer(filing.service, words("office_police.card_referral"))
    if no := _no_card(person, today):
        return refused(title, no, referral)
    if filing.text("photo") not in {one.number for one in _portraits(person, today)}:
        return refused(title, words("office_police.card_portrait", months=register.portrait_months), referral)
    if filing.text("reason") == "expired" and not _ends_soon(person, today):
        return refused(title, words("office_police.card_lasts", months=register.renew_months), referral)
    for case in earlier(filing.transaction, filing.subject.number if filing.subject else "", "GA03"):
        if filing.now - case.when < AGAIN:
            being_made = words("office_police.card_again", case_no=case.result.case_no)
            return refused(title, being_made, referral)
    ready = working_day(today, filing.service.item.promised_days)
    delivery = filing.text("delivery")
    return Decision(
        "accepted",
        words("platform.accepted_title"),
        words("office_police.ga03_message", day=ready),
        words("office_police.ga03_event", day=ready),
        decided=False,
        rows=(
            ResultRow(
                label=words("office_police.reason"), value=filing.option("reason", filing.text("reason"))
            ),
            ResultRow(label=words("office_police.ready_on"), value=same(f"{ready}")),
            ResultRow(label=words("office_police.delivery"), value=filing.option("delivery", delivery)),
        ),
    )


def _ends_soon(person: Person, today: date) -> bool:
    soon = months_later(today, police.load().renew_months)
    return person.valid_to is not None and person.valid_to <= soon


def _card_price(asking: Asking) -> int:
    """Fen, by the reason."""
    return police.load().card_fees.of(asking.text("reason"))


# ── GA05 出入境记录 ───────────────────────────────────────────────────────────
def _crossing_form(asking: Asking) -> FormData:
    """The last ten years."""
    values = {"from": f"{months_later(asking.today, -120)}", "to": f"{asking.today}"}
    return FormData(values=values)


def _crossings(filing: Filing) -> Decision:
    person = filing.person
    if person is None:
        return _unknown(filing)
    first, last = (date.fromisoformat(filing.text(key)) for key in ("from", "to"))
    found = police.crossings(person.key, first, last)
    if not found:
        return refused(
            words("office_police.none_title"),
            words("office_police.no_crossings", first=first, last=last),
            _refer(filing.service, words("office_police.crossing_referral")),
        )
    ways = {"out": words("office_police.way_out"), "in": words("office_police.way_in")}
    out = sum(one.way == "out" for one in found)
    facts = {
        "cells": [[words("office_police.period").zh, f"{first} – {last}", "wide"]],
        "figures": [
            [words("office_police.way_out").zh, str(out), words("office_police.times").zh],
            [words("office_police.way_in").zh, str(len(found) - out), words("office_police.times").zh],
        ],
        "rows": [[f"{one.day}", ways[one.way].zh, one.port, one.papers] for one in found],
    }
    issued = filing.issue("ga05", person, filing.option("purpose", filing.text("purpose")), facts)
    return Decision(
        "accepted",
        words("office_police.issued_title"),
        words("office_police.ga05_message"),
        words("platform.event_issued"),
        rows=(
            ResultRow(label=words("office_police.crossings"), value=same(str(len(found)))),
            row("valid_until", same(issued.valid_until)),
            row("number", same(issued.document.number)),
        ),
        documents=(issued.document,),
    )


HANDLERS = {
    "GA01": Handler(knows=_record_form, decides=_record),
    "GA03": Handler(knows=_card_form, decides=_new_card, price=_card_price),
    "GA05": Handler(knows=_crossing_form, decides=_crossings),
}
