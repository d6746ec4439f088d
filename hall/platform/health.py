"""Is the back office open? The bench may close it, in the demo only."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from config.platform_api import PlatformHealth
from config.words import words
from hall.platform.door import PartsHere
from hall.platform.parts import Parts

routes = APIRouter(prefix="/v1/health", tags=["health"])
bench = APIRouter(prefix="/bench", include_in_schema=False)


class Switch(BaseModel):
    """The bench's wish."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    closed: bool


@routes.get("")
def health(parts: PartsHere) -> PlatformHealth:
    """Open, or closed with words for the citizen."""
    return _health(parts)


@bench.post("/closed")
def close(switch: Switch, parts: PartsHere) -> PlatformHealth:
    """Closes or opens the back office until the process ends."""
    if switch.closed:
        parts.closed.set()
    else:
        parts.closed.clear()
    return _health(parts)


def _health(parts: Parts) -> PlatformHealth:
    closed = parts.closed.is_set()
    return PlatformHealth(open=not closed, message=words("platform.platform_closed") if closed else None)
