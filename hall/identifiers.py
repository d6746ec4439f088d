"""Identifiers that sort by the time they were made: UUIDv7 (RFC 9562, 5.7)."""

from __future__ import annotations

import secrets
import time
import uuid


def uuid7() -> str:
    """A new UUIDv7 in its 36 characters."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | (0x7 << 76) | (secrets.randbits(12) << 64) | (0b10 << 62)
    return str(uuid.UUID(int=value | secrets.randbits(62)))
