"""Issuing a certificate: its number, page, signature and place in the register, all or nothing."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, insert

from config.certificate import issue_number
from config.people import Person
from config.platform_api import IssuedDocument
from config.words import Words, words
from hall.platform.certificates import CertificateError, Particulars
from hall.platform.clock import months_later
from hall.platform.parts import Parts
from hall.platform.refusals import Refused
from hall.platform.short_codes import short_code
from hall.platform.signing import SealError
from hall.platform.tables import documents

log = structlog.get_logger("platform")


@dataclass(frozen=True)
class Request:
    """A certificate to be issued: of which kind, for whom, for what, and the facts of its template."""

    template: str
    case_no: str
    holder: Person
    purpose: Words
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Issued:
    """What the case answers with."""

    document: IssuedDocument
    valid_until: str  # YYYY-MM-DD


def issue(parts: Parts, transaction: Connection, request: Request, now: datetime) -> Issued:
    """Renders, signs and keeps the certificate. Refused `certificate_failed`."""
    template, today = parts.press.templates[request.template], now.date()
    valid_until = f"{months_later(today, template.valid_months):%Y-%m-%d}"
    code = short_code(10)
    # The serial cannot be guessed, so that nobody can walk through the public's page by counting.
    number = issue_number(f"{today:%Y%m%d}{code}", kind=template.type)
    told = Particulars(
        title=template.title.zh,
        number=number,
        name=request.holder.name,
        id_number=request.holder.number,
        issuer=template.issuer.zh,
        issued_on=f"{today:%Y-%m-%d}",
        valid_until=valid_until,
        watermark=words("platform.watermark").zh,
        restriction=words("platform.restriction", purpose=request.purpose, until=valid_until).zh,
        verify_site=f"{parts.public_url}/v",
        verify_url=f"{parts.public_url}/v/{number}",
        short_code=f"{code[:5]} {code[5:]}",
    )
    facts = {**request.facts, "purpose": request.purpose.zh}
    try:
        sealed = parts.press.make(request.template, told, facts, now)
    except (CertificateError, SealError) as error:
        log.error("certificate_failed", fault=error.code, template=request.template)
        raise Refused("certificate_failed", 424) from error
    handle = secrets.token_urlsafe(18)
    transaction.execute(
        insert(documents).values(
            document=handle,
            number=number,
            code=code,
            case_no=request.case_no,
            kind="certificate",
            template=request.template,
            holder=masked_name(request.holder.name),
            sha256=sealed.sha256,
            pages=sealed.pages,
            issued_on=told.issued_on,
            valid_until=valid_until,
            time_stamped=sealed.time_stamped,
            pdf=sealed.pdf,
        )
    )
    document = IssuedDocument(
        document=handle,
        kind="certificate",
        number=number,
        sha256=sealed.sha256,
        pages=sealed.pages,
        layout=template.layout,
    )
    return Issued(document, valid_until)


def masked_name(name: str) -> str:
    """`张**`: the first character only."""
    return name[:1] + "*" * (len(name) - 1)
