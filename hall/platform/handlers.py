"""Which office does what: the table of all services that have a handler of their own."""

from __future__ import annotations

from collections.abc import Mapping

from hall.platform.office import Handler, take_in
from hall.platform.offices import (
    civil,
    estate,
    fund,
    general,
    household,
    justice,
    licences,
    market,
    medical,
    medical_moves,
    police,
    residents,
    roads,
    school,
    social,
    tax,
    transport,
    weddings,
    work,
)

_OFFICES = (
    social,
    work,
    medical,
    medical_moves,
    fund,
    estate,
    household,
    police,
    roads,
    general,
    civil,
    justice,
    licences,
    market,
    residents,
    school,
    tax,
    transport,
    weddings,
)
_HANDLERS: Mapping[str, Handler] = {
    service: handler for office in _OFFICES for service, handler in office.HANDLERS.items()
}
_PLAIN = Handler(decides=take_in)


def handler(service: str) -> Handler:
    """What is done for a service; one without a handler is taken in and left to its department."""
    return _HANDLERS.get(service, _PLAIN)
