"""What a terminal has told the hall of its devices: by then its supervisor knows it too."""

from __future__ import annotations

import asyncio

from tests.journeys.hall import Hall, until


async def seen(hall: Hall, kiosk: str, code: str, *, there: bool = True) -> None:
    """Until the terminal `kiosk` has told of this fault, or that it has passed."""
    sql = "SELECT open FROM faults WHERE terminal LIKE ? AND code = ?"

    def told() -> bool:
        rows = hall.rows(hall.hall_database, sql, f"%/{kiosk}", code)
        return bool(rows) and any(row["open"] for row in rows) is there

    await asyncio.to_thread(until, told, 100.0, f"the hall heard no news of {code}")
