"""交通运输: the yearly review of lorries and taxis, decided at once from records (两免一更, JT01)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import Connection

from config.platform_api import FormData, ResultRow
from config.words import Words, same, words
from hall.platform.clock import months_later
from hall.platform.earlier import earlier, everybodys
from hall.platform.office import Asking, Decision, Filing, Handler
from hall.platform.outcomes import no_record, refuse
from hall.platform.registers import vehicles
from hall.platform.registers.vehicles import Vehicle

BEFORE = timedelta(days=90)  # so long before it expires a certificate may be reviewed
TEST_MONTHS = 12  # a test is good for so long


def _said(name: str, **values: object) -> Words:
    return words(f"office_transport.{name}", **values)


def _own(asking: Asking) -> FormData:
    """The citizen's vehicle, the one that is due first."""
    own = vehicles.of_owner(asking.person.key) if asking.person else ()
    if not own:
        return FormData()
    first = min(own, key=lambda one: one.reviewed_until)
    values = {"plate": first.plate, "certificate": first.certificate}
    return FormData(values=values, sources=dict.fromkeys(values, _said("source")))


def _review(filing: Filing) -> Decision:
    """JT01: no papers, no fee; each rule is looked up, and the e-certificate is renewed by itself."""
    person, vehicle = filing.person, vehicles.vehicles().get(filing.text("plate"))
    if person is None or vehicle is None or vehicle.owner != person.key:
        return no_record(filing.service, _said("none"))
    complaint = _complaint(filing, vehicle)
    if complaint is not None:
        return refuse(filing.service, complaint, _said("bring"))
    until = _until(vehicle)
    told = {
        "plate": same(vehicle.plate),
        "kind": _said(f"kind_{vehicle.kind}"),
        "certificate": same(vehicle.certificate),
        "model": same(f"{vehicle.model} {vehicle.tonnage}"),
        "result": _said("passed"),
        "valid_until": same(f"{until}"),
    }
    if filing.text("mileage"):
        told["mileage"] = _said("km", km=f"{int(filing.text('mileage')):,}")
    return Decision(
        "accepted",
        _said("title"),
        _said("message", until=until),
        _said("event", until=until),
        rows=tuple(ResultRow(label=_said(name), value=value) for name, value in told.items()),
    )


def _complaint(filing: Filing, vehicle: Vehicle) -> Words | None:
    """The rule that the vehicle does not keep; None when it keeps them all."""
    today = filing.today
    if filing.text("certificate") != vehicle.certificate:
        return _said("wrong_certificate")
    if any(one.text("plate") == vehicle.plate for _, one in everybodys(filing.transaction, "JT01")):
        return _said("reviewed", until=_until(vehicle))
    if vehicle.reviewed_until - BEFORE > today:
        return _said("too_early", until=vehicle.reviewed_until, days=BEFORE.days)
    if months_later(vehicle.tested, TEST_MONTHS) < today:
        return _said("untested", tested=vehicle.tested)
    if vehicle.insured_until < today:
        return _said("uninsured", until=vehicle.insured_until)
    return _said("offences", count=vehicle.offences) if vehicle.offences else None


def prolonged(connection: Connection, number: str) -> Mapping[str, date]:
    """Until when the e-certificate of transport holds, of whoever had a vehicle reviewed here."""
    reviewed = [vehicles.vehicles()[one.text("plate")] for one in earlier(connection, number, "JT01")]
    return {"transport": _until(min(reviewed, key=_until))} if reviewed else {}


def _until(vehicle: Vehicle) -> date:
    """The day of the next review."""
    return months_later(vehicle.reviewed_until, 12)


HANDLERS = {"JT01": Handler(knows=_own, decides=_review)}
