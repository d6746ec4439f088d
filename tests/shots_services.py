"""A picture of the paper of each service, as a citizen of the journeys' table took it home."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hall.platform.demo_seal import open_seal
from tests.journeys.counter import open_counter
from tests.journeys.counter_judge import Seen
from tests.journeys.counter_stage import Row
from tests.journeys.test_services import FILES, ROWS
from tests.shots_certificates import drawn


def take(folder: Path) -> list[Path]:
    """Plays every file of rows; writes the last certificate of each service into `folder`/documents/."""
    documents = folder / "documents"
    documents.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    with tempfile.TemporaryDirectory() as data:
        authority = Path(data) / "authority"
        authority.mkdir()
        open_seal(authority)
        for name in FILES:
            with open_counter(Path(data) / name, authority) as counter:
                for row in ROWS[name]:
                    made += _paper(documents, row, counter.serve(row))
    return made


def _paper(documents: Path, row: Row, seen: Seen) -> list[Path]:
    if not seen.papers:
        return []
    return drawn(seen.papers[-1], documents / f"service-{row.service.lower()}")
