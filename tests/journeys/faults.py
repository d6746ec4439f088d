"""What a terminal has told of its devices, the hall or its own log: by then its supervisor knows it too."""

from __future__ import annotations

import asyncio
import json

from tests.journeys.hall import Hall, until


async def seen(hall: Hall, kiosk: str, code: str, *, there: bool = True) -> None:
    """Until the terminal `kiosk` has told of this fault, or that it has passed."""
    sql = "SELECT open FROM faults WHERE terminal LIKE ? AND code = ?"

    def told() -> bool:
        rows = hall.rows(hall.hall_database, sql, f"%/{kiosk}", code)
        return bool(rows) and any(row["open"] for row in rows) is there

    await asyncio.to_thread(until, told, 100.0, f"the hall heard no news of {code}")


async def noticed(hall: Hall, kiosk: str, device: str, code: str, *, there: bool = True) -> None:
    """The same of one device where no line leads to the hall."""
    log = hall.folder / kiosk / "terminal" / "logs" / "terminal.log"

    def told() -> bool:
        lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        states = [line["faults"] for line in lines if line["event"] == "device" and line["device"] == device]
        return bool(states) and (code in states[-1]) is there

    await asyncio.to_thread(until, told, 100.0, f"{device} never told of {code}")
