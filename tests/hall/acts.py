"""What people did at the desk, for pictures and pages: commands in every state, settings, incidents taken."""

from __future__ import annotations

import time

from sqlalchemy import Engine, select, update

from hall import commands, configuration
from hall.data.desk_tables import commands as table
from hall.data.desk_tables import incidents as kept
from hall.scheduler import incidents
from hall.settings import HallSettings
from mqtt import messages as m
from tests.hall.fleet import Speaker, health

MINUTE = 60_000


def act(engine: Engine, settings: HallSettings, path: str = "330101/donghu/K002") -> None:
    """A busy half hour at the desk, on a store that `fleet.fill` has filled."""
    now = int(time.time() * 1000)
    incidents.evaluate(engine, settings, now - 30 * MINUTE)
    _over(engine, settings, now)
    incidents.evaluate(engine, settings, now)
    with engine.begin() as tx:
        first = tx.scalar(select(kept.c.n).where(kept.c.open, kept.c.code == "a4_paper_out"))
        assert first is not None
        incidents.acknowledge(tx, first, "li", "补纸，十分钟内到", now - 4 * MINUTE)
    speaker = Speaker(engine, path, boot=99)
    _orders(engine, speaker, now)
    with engine.begin() as tx:
        configuration.want(tx, "li", path, {"volume": 40, "hours": "09:00-17:00"}, now - 20 * MINUTE)
    told = {"volume": 40, "hours": "always", "brightness": 80, "language": "zh", "speak": "on"}
    speaker.say(m.ConfigurationReported(1, told, {"hours": "unknown"}))  # type: ignore[arg-type]


def _over(engine: Engine, settings: HallSettings, now: int) -> None:
    """A card reader that was away for a while is back."""
    speaker = Speaker(engine, "330102/nanpu/K001", boot=98)
    speaker.say(m.TerminalState(True, 98), health({"code_scanner": {"faults": ["device_offline"]}}))
    incidents.evaluate(engine, settings, now - 12 * MINUTE)
    with engine.begin() as tx:
        row = tx.execute(select(kept).where(kept.c.open, kept.c.terminal == speaker.path)).one()
        tx.execute(update(kept).where(kept.c.n == row.n).values(since=now - 12 * MINUTE))
        incidents.acknowledge(tx, row.n, "wang", "", now - 10 * MINUTE)
    speaker.say(health(session=False, screen_age=0.1, uptime=22240))


def _orders(engine: Engine, speaker: Speaker, now: int) -> None:
    """One command in each state."""

    def give(name: str, minutes: int, **arguments: str | int) -> str:
        with engine.begin() as tx:
            row = commands.give(tx, "li", speaker.path, name, arguments, now - minutes * MINUTE)
        return str(row["id"])

    speaker.say(m.CommandState(give("restart", 29), "failed", "command_interrupted"))
    expired = give("sync_catalogue", 27)
    with engine.begin() as tx:
        tx.execute(update(table).where(table.c.id == expired).values(state="expired", code="command_expired"))
    logs = give("logs", 9, hours=24)
    speaker.say(m.CommandPart(logs, 1, b"x" * 900), m.CommandState(logs, "done", parts=1))
    speaker.say(m.CommandState(give("test_device", 6, device="a4_printer"), "running"))
    speaker.say(m.CommandState(give("screenshot", 3), "accepted", detail="citizen"))
    cancelled = give("unlock", 2)
    with engine.begin() as tx:
        commands.cancel(tx, "li", cancelled, now - 2 * MINUTE)
    give("reboot", 0)
