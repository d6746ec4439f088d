"""A terminal's identity without a hall that answers: what an enrolment leaves in the data folder."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization

from config.enrolment import Issued
from hall.machines import authority
from hall.machines.authority import Authority
from kiosk.enrolment import identity
from kiosk.enrolment.identity import Home, Identity

PATH = "330101/h1/K001"
DAYS = 90


def enrolled(data: Path, whose: Authority, terminal: str = PATH, **wanted: Any) -> Identity:
    """As `main.py enroll` leaves it, the broker at broker.hall:8883; `wanted` is the hall's configuration."""
    data.mkdir(parents=True, exist_ok=True)
    key = identity.next_key(data)
    made = authority.client_certificate(whose, terminal, key.public_key(), DAYS)
    issued = Issued(
        certificate=made.public_bytes(serialization.Encoding.PEM).decode(),
        authority=whose.pem,
        terminal=terminal,
        broker_host="broker.hall",
        broker_port=8883,
        configuration_version=3 if wanted else 0,
        configuration=wanted,
    )
    home = Home("https://desk.hall", terminal, issued.broker_host, issued.broker_port)
    return identity.adopt(data, key, issued, home, hashlib.sha256(whose.der).digest())
