"""Going on with what was begun elsewhere, by the code that the citizen brings.

A code is that of a draft kept on this terminal, of something a phone began or filed, or the number of a case
that still lacks papers. `Going` is what reception plays: `play(going.visit, going.steps)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from config.words import Words
from kiosk.backstage import Backstage
from kiosk.journey import Step
from kiosk.session import IdleClock, Session
from kiosk.stage import GoHome
from kiosk.visit import Visit


@dataclass(frozen=True)
class Going:
    """What is gone on with: the visit, and its steps where they are not those of its service."""

    visit: Visit
    steps: Sequence[Step] | None = None


async def resume(backstage: Backstage, session: Session, clock: IdleClock, reminders: list[Words]) -> Going:
    """Asks for the code until it leads somewhere. Raises GoBack or GoHome."""
    raise GoHome
