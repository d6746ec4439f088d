"""The registers of all departments together: everybody in them exists, and none contradicts another."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from stdnum.cn import uscc

from config import regions, rules
from config.people import people, person
from hall.platform import registers, slots
from hall.platform.offices import justice, weddings
from hall.platform.registers import (
    certificates,
    companies,
    estate,
    household,
    marriages,
    medical,
    notary,
    relief,
    schools,
    taxes,
    vehicles,
)

TODAY = date(2026, 11, 22)
FOLDER = Path(registers.__file__).parent
FILES = sorted(FOLDER.glob("*.toml"))
# How registers name citizens: keys that hold one, or several, and tables whose names are citizens.
HOLDERS = {
    "citizen",
    "person",
    "who",
    "holder",
    "owner",
    "legal_person",
    "pupil",
    "mother",
    "father",
    "principal",
    "agent",
}
MANY = {"owners", "payers", "guardians", "applicants", "members", "fingers"}
BY_NAME = {"wage", "insured", "percent", "self_insured", "pension", "unemployed", "left", "card"}


def keys_in(value: Any) -> Iterator[str]:
    """Every citizen's key that a register names."""
    if isinstance(value, list):
        for one in value:
            yield from keys_in(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name in HOLDERS and isinstance(one, str):
                yield one
            elif name in MANY or (name in BY_NAME and isinstance(one, dict)):
                yield from one
            yield from keys_in(one)


def raw(name: str) -> dict[str, Any]:
    """A register as its file has it."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_key_is_a_person(file: Path) -> None:
    named = set(keys_in(raw(file.stem)))
    assert named <= people().keys()


def test_every_register_of_citizens_names_some() -> None:
    """Else the table above has missed how a new register names them."""
    silent = {file.stem for file in FILES if not set(keys_in(raw(file.stem)))}
    assert silent <= {"marriages"}, "marriages are looked at below"


def test_spouses_agree_and_nobody_has_two() -> None:
    for one in marriages.marriages():
        citizens = [side for side in one.sides if re.fullmatch("[a-z]+", side)]
        assert citizens and set(citizens) <= people().keys()
        assert (one.divorced is None) == (not one.divorce_number) and not (one.divorced and one.widowed)
        for side in citizens:
            assert marriages.spouse(side) == (one.other(side) if one.lasts else "")
            assert rules.min_age("", {"birth": person(side).birth, "today": one.day}, years=18)
    for key in people():
        assert sum(one.lasts for one in marriages.of(key)) <= 1


def test_stories_and_registers_tell_the_same() -> None:
    pairs = [("zhang", "he"), ("zhao", "qian"), ("changqing", "tan")]
    assert all(marriages.spouse(one) == other for one, other in pairs)
    assert not any(marriages.spouse(key) for key in ("li", "qin", "jiang", "shen"))
    for birth in raw("births")["birth"]:
        assert marriages.spouse(birth["mother"]) == birth["father"] and birth["day"] <= TODAY
    assert schools.guardians("xu") == set(household.load().parents("xu")) == {"changqing", "tan"}
    assert relief.reliefs()["yang"].kind == "minimum"


def test_e_certificates_are_of_what_is_on_record() -> None:
    for key in people():
        held = {one.type for one in certificates.held(person(key), TODAY)}
        assert ("marriage" in held) <= bool(marriages.of(key))
        assert ("licence" in held) <= bool(companies.of_legal_person(key))
        assert ("transport" in held) == bool(vehicles.of_owner(key))
        assert ("allowance" in held) == (key in relief.reliefs() and relief.reliefs()[key].kind == "minimum")


def test_companies_have_good_codes_and_legal_persons_of_age() -> None:
    for one in companies.companies().values():
        assert uscc.is_valid(one.code) and one.code[2:8] == one.region in regions.regions()
        assert one.name.startswith("示例市") and one.address.startswith("示例市") and one.capital > 0
        assert (one.state == "cancelled") == (one.cancelled is not None)
        assert not (one.licences and one.state != "open")
        assert rules.min_age("", {"birth": person(one.legal_person).birth, "today": TODAY}, years=18)
        assert one.last_report < TODAY.year and [c.day for c in one.changes] == sorted(
            c.day for c in one.changes
        )
    names = [one.name for one in companies.companies().values()] + [one.name for one in companies.names()]
    assert len(set(names)) == len(names)


def test_nobody_is_paid_by_a_firm_before_it_was_founded_or_after_it_closed() -> None:
    firms = {one.name: one for one in companies.companies().values()}
    known = set(firms) | {one.name for one in companies.names()}
    for who in people().values():
        for record in who.insurance:
            firm = firms.get(record.employer)
            if firm is None:
                works = re.search("公司|厂|面馆", record.employer)
                assert not works or record.employer in known, record.employer
                continue
            assert f"{firm.established:%Y-%m}" <= record.first
            assert firm.cancelled is None or record.last <= f"{firm.cancelled:%Y-%m}"


def test_wages_lie_within_what_the_employer_paid_insurance_for() -> None:
    for key, wages in taxes.wages().items():
        for wage in wages:
            record = next(one for one in person(key).insurance if one.employer == wage.payer)
            assert record.first <= max(wage.first, record.first) <= wage.last <= record.last
            assert 0 < wage.insured + wage.special < wage.income


def test_taxes_are_what_their_rates_say() -> None:
    for paid in taxes.payments():
        if paid.kind == "deed":
            assert paid.fen * 1000 == paid.base * round(float(paid.rate.rstrip("%")) * 10)
            (unit,) = [one for one in estate.units() if one.address == paid.what]
            assert set(paid.payers) == set(unit.owners) and paid.paid <= unit.registered
        else:
            vehicle = vehicles.vehicles()[paid.what]
            assert paid.payers == (vehicle.owner,)
    for one in taxes.contributions():
        assert taxes.levels()[one.level].fen == one.fen
    assert taxes.levels()["medical"].fen == medical.load().resident_fee


def test_no_plate_is_on_two_vehicles() -> None:
    plates = [car["plate"] for car in raw("driving")["car"]] + list(vehicles.vehicles())
    assert len(set(plates)) == len(plates) and all(plate.startswith("浙Z") for plate in plates)


def test_who_lives_together_is_of_one_household() -> None:
    """Spouses of this city, and a child with its guardians, stand in one book with the card's address."""
    homes = {key: one["number"] for one in raw("household")["household"] for key in one["members"]}
    together = [one.sides for one in marriages.marriages() if one.lasts]
    for one, other in [*together, *(("xu", parent) for parent in schools.guardians("xu"))]:
        assert homes[one] == homes[other] and person(one).address == person(other).address


def test_the_lorrys_tax_is_by_its_weight() -> None:
    lorry = next(one for one in taxes.payments() if one.what == "浙Z0H036")
    tonnes = float(vehicles.vehicles()["浙Z0H036"].tonnage.split()[0])
    assert lorry.fen == round(tonnes * 60 * 100)


def test_vehicles_and_schools_fit_the_calendar() -> None:
    for vehicle in vehicles.vehicles().values():
        assert rules.plate(vehicle.plate, {}) and re.fullmatch("[0-9]{12}", vehicle.certificate)
        assert vehicle.issued < vehicle.reviewed_until and vehicle.tested <= TODAY
    for entry in schools.entries():
        age = entry.year - person(entry.pupil).birth.year
        assert age == (6 if entry.stage == "primary" else 12) and len(entry.guardians) <= 2
    for file in (one for key in people() for one in schools.study_files(key)):
        assert 5 <= file.first - person(file.citizen).birth.year <= 22
        assert file.last is None or file.first < file.last <= file.since.year + 4


def test_matters_and_appointments_are_of_offices_that_receive() -> None:
    assert {*weddings.OFFICES.values(), *justice.OFFICES.values()} <= slots.offices().keys()
    for matter in notary.matters():
        days = [step.day for step in matter.steps]
        assert days == sorted(days) and days[-1] <= TODAY and matter.office in justice.OFFICES
