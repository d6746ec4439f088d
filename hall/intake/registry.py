"""Who may speak as a terminal, for the ingest: read from the store every few seconds, asked for each letter.

The broker turns away who has no certificate that holds; but a connection that stands when a certificate is
withdrawn stands on, and a broker without certificates lets anybody say who they are.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import structlog
from sqlalchemy import Engine, Row, select

from hall.data.desk_tables import machines
from hall.intake.letters import Letter
from hall.machines.machines import ENROLLED

REFRESH_SECONDS = 3.0
WHOLE_SECONDS = 600.0
MOST_LOGGED = 1000
SLACK_MS = 60_000  # clocks of two servers differ, and a row is committed after its instant
log = structlog.get_logger("registry")


class Registry:
    """One ingest's knowledge of the machines; of one thread. The engine stays its owner's."""

    def __init__(self, engine: Engine, enrolled_only: bool) -> None:
        self._engine = engine
        self._stranger = "unknown_terminal" if enrolled_only else ""
        self._states: dict[str, str] = {}
        self._logged: set[str] = set()
        self._youngest = 0  # of the changes that we know
        self._refresh_at = self._whole_at = 0.0

    def objection(self, path: str) -> str:
        """Why this terminal may not speak: unknown_terminal, revoked; empty when it may. Database errors.

        A refusal is final, so it never rests on what was read a moment ago: who has just been enrolled may.
        """
        return self._objections({path}).get(path, "")

    def turn_away(self, letters: Iterable[Letter]) -> None:
        """Refuse the letters of who may not speak; each terminal stands in the log once. Database errors."""
        letters = list(letters)
        objections = self._objections({letter.path for letter in letters if letter.path})
        for letter in letters:
            letter.code = objections.get(letter.path, letter.code)
        for path, code in objections.items():
            if path not in self._logged and len(self._logged) < MOST_LOGGED:
                self._logged.add(path)
                log.warning("turned_away", terminal=path, code=code, remedy="see `hall machine list`")

    def _objections(self, paths: set[str]) -> dict[str, str]:
        now = time.monotonic()
        if now >= self._refresh_at:
            self._refresh(now)
        default = "" if self._stranger else ENROLLED
        doubtful = [path for path in paths if self._states.get(path, default) != ENROLLED]
        if not doubtful:
            return {}
        m = machines.c
        with self._engine.connect() as tx:
            self._learn(tx.execute(select(m.terminal, m.state, m.changed).where(m.terminal.in_(doubtful))))
        states = ((path, self._states.get(path)) for path in doubtful)
        return {path: "revoked" if state else self._stranger for path, state in states if state != ENROLLED}

    def _refresh(self, now: float) -> None:
        since = 0
        if now < self._whole_at:
            since = self._youngest - SLACK_MS
        else:
            self._whole_at = now + WHOLE_SECONDS
        m = machines.c
        with self._engine.connect() as tx:
            self._learn(tx.execute(select(m.terminal, m.state, m.changed).where(m.changed >= since)))
        self._refresh_at = now + REFRESH_SECONDS

    def _learn(self, rows: Iterable[Row[Any]]) -> None:
        for row in rows:
            if self._states.get(row.terminal) != row.state:
                self._logged.discard(row.terminal)
            self._states[row.terminal] = row.state
            self._youngest = max(self._youngest, row.changed)
