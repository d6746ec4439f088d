"""A terminal as the platform meets it: plain HTTP, and what a citizen does there."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from config.identity_api import IdentityClaim
from config.people import person
from config.platform_api import Submission

TOKEN = "terminal-one"


@dataclass(frozen=True)
class Terminal:
    """One terminal's line to the platform."""

    http: httpx.Client

    def lay_card(self, key: str) -> str:
        """A citizen of the demo lays the card; the handle."""
        answer = self.identify(key)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["subject"])

    def identify(self, key: str, **differently: Any) -> httpx.Response:
        """The claim of a citizen's card, with changes."""
        who = person(key)
        told = {"name": who.name, "number": who.number, "birth": who.birth, "valid_to": who.valid_to}
        return self.post("/v1/identity", IdentityClaim(**{**told, **differently}))

    def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """A POST with a model as JSON."""
        content = body.model_dump_json() if body is not None else None
        return self.http.post(path, content=content, headers={"Content-Type": "application/json", **headers})

    def file(self, submission: Submission, key: str | None = None) -> httpx.Response:
        """Files a case under a key; a new one when none is given."""
        return self.post("/v1/cases", submission, **{"Idempotency-Key": key or str(uuid.uuid4())})

    def pdf(self, result: dict[str, Any]) -> bytes:
        """The sealed bytes of a case's document."""
        answer = self.http.get(f"/v1/documents/{result['documents'][0]['document']}")
        assert answer.status_code == 200
        return answer.content


def proof(subject: str | None, now: datetime, **differently: Any) -> Submission:
    """A filled SB01 form, with changes: `values` are merged."""
    values = {"insurances": ("pension", "injury"), "from": "2020-01", "to": "2026-10", "purpose": "home"}
    values |= differently.pop("values", {})
    told = {"service": "SB01", "terminal": "K001", "subject": subject, "means": "face", "submitted_at": now}
    return Submission(**{**told, "values": values, **differently})


def record(subject: str | None, now: datetime, year: str) -> Submission:
    """A filled SB02 form."""
    return Submission(
        service="SB02",
        terminal="K001",
        subject=subject,
        means="face",
        values={"year": year},
        submitted_at=now,
    )


def queue(now: datetime, window: str = "social") -> Submission:
    """A filled ZH03 form."""
    return Submission(service="ZH03", terminal="K001", values={"window": window}, submitted_at=now)
