"""The certificate of an enrolled terminal, and whether it renews itself as it should."""

from __future__ import annotations

from collections.abc import Iterator

from config.settings import Settings
from config.words import words
from kiosk.doctor.parts import part
from kiosk.enrolment import identity
from kiosk.readiness.finding import Finding


def examine(settings: Settings) -> Iterator[Finding]:
    """Nothing for a terminal that was never enrolled, and need not be."""
    folder = identity.link(settings.data)
    try:
        found = identity.read(settings.data)
        if found is not None:
            found.key()
            found.authority()
    except identity.IdentityError as error:
        yield part(
            "certificate",
            words("doctor.certificate_damaged", code=error.code),
            "certificate_expired",
            folder=folder,
        )
        return
    if found is None:
        if settings.identity.enrolled:
            yield part("certificate", words("doctor.no_certificate"), "certificate_expired", folder=folder)
        return
    now, code = identity.now(), ""
    if now >= found.late_at:
        code = "certificate_expired" if now >= found.ends else "certificate_expiring"
    told = {"terminal": found.home.terminal, "ends": f"{found.ends:%F}", "renew": f"{found.renew_at:%F}"}
    yield part("certificate", words("doctor.certificate_lasts", **told), code, folder=folder)
