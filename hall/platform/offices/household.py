"""户政: what the household register says, and where people live (GA02, GA04)."""

from __future__ import annotations

from collections.abc import Mapping

from config.people import Person
from config.platform_api import FormData, FormOption, Referral, ResultRow
from config.platform_body import Value
from config.regions import full_name
from config.words import Words, same, words
from hall.platform.earlier import earlier
from hall.platform.office import Asking, Decision, Filing, Handler, option, refused
from hall.platform.registers import estate, household, marriages
from hall.platform.review import COLLECT, filed_already, handed_out, taken_in, to_collect, with_choice

PHONE = "12345"
SLOW_DAYS = 10  # working days, of matters that need old books


def _refer(what: Words, where: Words | None = None) -> Referral:
    return Referral(what=what, where=where or words("office_household.window"), phone=PHONE)


# ── GA02 户籍事项证明 ─────────────────────────────────────────────────────────
def _days(promised: int, matter: str) -> int:
    return SLOW_DAYS if matter in household.load().slow else promised


def _matter_form(asking: Asking) -> FormData:
    values: dict[str, Value] = {"phone": asking.person.phone} if asking.person else {}
    return with_choice(asking, values, words("office_household.source"))


def _has(asking: Asking) -> frozenset[str]:
    """Kinship need not be shown by paper where the register has it."""
    person = asking.person
    known = person is not None and _kin(person, asking.text("related"), asking.parts.citizens) is not None
    return frozenset({"kinship"}) if known else frozenset()


def _matter(filing: Filing) -> Decision:
    """Taken in for review, or handed out; 查无记录 is told at once."""
    person = filing.person
    if filing.text("what") == COLLECT:
        found = to_collect(filing)
        if isinstance(found, Decision):
            return found
        assert person is not None, "the register knew him when the case was taken in"
        cells = _cells(person, found.text("matter"), found.text("related"), filing.parts.citizens)
        facts = {"cells": [*cells, [words("office_household.case_no").zh, found.result.case_no, "wide"]]}
        purpose = option(filing.service, "purpose", found.text("purpose"))
        return handed_out(filing, found, "ga02", purpose, facts)
    if person is None or household.load().of(person.key) is None:
        return refused(
            words("office_household.none_title"),
            words("office_household.elsewhere"),
            _refer(words("office_household.register_referral"), words("office_household.station")),
        )
    matter, related = filing.text("matter"), filing.text("related").strip()
    if not _cells(person, matter, related, filing.parts.citizens):
        return _no_record(filing, person, related)
    same_one = filed_already(filing, "matter", "related", "purpose")
    return same_one or taken_in(filing, _days(filing.service.item.promised_days, matter))


def _no_record(filing: Filing, person: Person, related: str) -> Decision:
    """The register has nothing of the kind; a spouse is another office's to prove."""
    spouse = _name(marriages.spouse(person.key), filing.parts.citizens)
    title = words("office_household.none_title")
    if filing.text("matter") == "kin" and related and related == spouse:
        where = words("office_household.civil_window")
        what = words("office_household.marriage_referral")
        return refused(title, words("office_household.not_marriage"), _refer(what, where))
    matter = filing.option("matter", filing.text("matter"))
    what = words("office_household.book_referral")
    return refused(title, words("office_household.none_message", matter=matter), _refer(what))


def _cells(person: Person, matter: str, related: str, citizens: Mapping[str, Person]) -> list[list[str]]:
    """What the register says of the matter, as cells of the paper; empty when it says nothing."""
    register = household.load()
    home = register.of(person.key)
    found: list[list[str]] = []
    for one in register.former_name:
        if matter == "former_name" and one.citizen == person.key:
            changed = words("office_household.changed_on").zh
            found += [[words("office_household.former_name").zh, one.name], [changed, f"{one.changed}"]]
    for move in register.move:
        if matter == "move" and move.citizen == person.key:
            moved_on = words("office_household.moved_on").zh
            found += [[words("office_household.origin").zh, _region(move.origin), "wide"]]
            found += [[moved_on, f"{move.day}", "wide"]]
    for gone in register.struck_off:
        if matter == "struck_off" and (gone.relative, gone.name) == (person.key, related):
            tie = {"spouse": words("office_household.spouse"), "parent": words("office_household.parent")}
            found += [[words("office_household.relative").zh, gone.name]]
            found += [[words("office_household.tie").zh, tie[gone.tie].zh]]
            found += [[words("office_household.struck_off").zh, f"{gone.day}"]]
            found += [[words("office_household.cause").zh, words("office_household.death").zh]]
    if matter == "kin" and (tie_words := _kin(person, related, citizens)) is not None:
        found += [[words("office_household.relative").zh, related]]
        found += [[words("office_household.tie").zh, tie_words.zh]]
    if not found or home is None:
        return []
    return [
        [words("office_household.matter").zh, _matter_words(matter).zh],
        [words("office_household.book").zh, home.number],
        [words("office_household.address").zh, home.address, "wide"],
        *found,
    ]


def _matter_words(matter: str) -> Words:
    return {
        "former_name": words("office_household.of_former_name"),
        "move": words("office_household.of_move"),
        "struck_off": words("office_household.of_struck_off"),
        "kin": words("office_household.of_kin"),
    }[matter]


def _kin(person: Person, related: str, citizens: Mapping[str, Person]) -> Words | None:
    """How somebody of this name is related, as the register knows; None when it does not."""
    register, name = household.load(), related.strip()
    if name and name in {_name(key, citizens) for key in register.children(person.key)}:
        return words("office_household.child")
    if name and name in {_name(key, citizens) for key in register.parents(person.key)}:
        return words("office_household.parent")
    return None


def _name(key: str, citizens: Mapping[str, Person]) -> str:
    """The name of a citizen by his key; who is none stands in the register by name."""
    return next((one.name for one in citizens.values() if one.key == key), key)


def _region(code: str) -> str:
    found = full_name(code)
    assert found is not None, "a code of the register"
    return found.zh


# ── GA04 居住登记 ─────────────────────────────────────────────────────────────
def _addresses(asking: Asking) -> FormData:
    """The list of standard addresses."""
    listed = tuple(FormOption(value=one.code, name=same(one.text)) for one in household.load().address)
    values: dict[str, Value] = {"phone": asking.person.phone} if asking.person else {}
    source = words("office_household.source")
    return FormData(values=values, sources=dict.fromkeys(values, source), options={"address": listed})


def _residence(filing: Filing) -> Decision:
    """Registered at once; refused where the registers say otherwise."""
    register, person = household.load(), filing.person
    address = next((one for one in register.address if one.code == filing.text("address")), None)
    title = words("office_household.residence_no")
    if person is None or address is None:
        what = words("office_household.register_referral")
        return refused(title, words("office_household.address_unknown"), _refer(what))
    home = register.of(person.key)
    if home is not None and home.address == address.text:
        return refused(title, words("office_household.at_home"))
    lives = _lives_at(filing, person)
    if lives == address.code:
        return refused(title, words("office_household.residence_again"))
    owned = {unit.address for who in (person.key, marriages.spouse(person.key)) for unit in estate.of(who)}
    if filing.text("housing") == "owned" and address.text not in owned:
        what = words("office_household.home_referral")
        return refused(title, words("office_household.not_owned"), _refer(what))
    message = "office_household.residence_moved" if lives else "office_household.residence_new"
    return Decision(
        "accepted",
        words("office_household.residence_title"),
        words(message),
        words("office_household.residence_event"),
        rows=(
            ResultRow(label=words("office_household.living"), value=same(address.text)),
            ResultRow(label=words("office_household.since"), value=same(filing.text("since"))),
            ResultRow(
                label=words("office_household.housing"),
                value=filing.option("housing", filing.text("housing")),
            ),
        ),
    )


def _lives_at(filing: Filing, person: Person) -> str:
    """The code of the address that was registered last, here or before; empty for none."""
    for case in earlier(filing.transaction, person.number, "GA04"):
        return case.text("address")
    found = (one.address for one in household.load().residence if one.citizen == person.key)
    return next(found, "")


HANDLERS = {
    "GA02": Handler(knows=_matter_form, decides=_matter, has=_has),
    "GA04": Handler(knows=_addresses, decides=_residence),
}
