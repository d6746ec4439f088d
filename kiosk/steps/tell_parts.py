"""What became of each item of a bundle: its number, or why it was not taken in."""

from __future__ import annotations

from kiosk.documents import papers
from kiosk.prompts import Row, ShowResult
from kiosk.visit import Visit


async def tell_parts(visit: Visit) -> None:
    """Shows them all, since what was refused stands on the receipt alone, and not everybody reads that."""
    case = visit.session.case
    assert case is not None
    await visit.choose(
        ShowResult(
            all(part.state == "accepted" for part in case.parts),
            case.title,
            tuple(Row(row.label, row.value) for row in case.rows),
            note=case.message,
            actions=(papers.option("done"),),
        )
    )
