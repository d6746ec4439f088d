"""What is old goes and what is young stays; nobody who writes meanwhile is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, inspect, select, text

from hall.data import desk_tables, partitions, tables
from hall.intake import filing
from hall.intake.letters import Arrival, open_letter
from hall.scheduler import retention
from hall.settings import HallSettings
from mqtt import messages as m
from tests.hall.fleet import Speaker, health
from tests.hall.intake.test_order import file

NOW = datetime.now(UTC)
NOW_MS = int(NOW.timestamp() * 1000)
SETTINGS = HallSettings(data=Path("unused"), area="a", hall="h")


def ago(days: float) -> datetime:
    """So many days before now."""
    return NOW - timedelta(days=days)


def made(id_moment: datetime, number: int) -> str:
    """A UUIDv7 of that moment."""
    digits = f"{int(id_moment.timestamp() * 1000):012x}"
    return f"{digits[:8]}-{digits[8:12]}-7000-8000-{number:012x}"


def file_at(engine: Engine, speaker: Speaker, moment: datetime, number: int) -> None:
    """A submission that was made, and came, then."""
    topic, payload = speaker.letter(m.CaseFiled("s", "SB01", f"key{number}", "accepted"), moment)
    envelope = m.decode(payload)
    payload = payload.replace(envelope.id.encode(), made(moment, number).encode())
    file(engine, [Arrival(0, topic, payload, int(moment.timestamp() * 1000))])


def forget_last_turn(engine: Engine) -> None:
    """As though retention had never looked."""
    with engine.begin() as tx:
        tx.execute(tables.meta.delete().where(tables.meta.c.key == retention.LAST))


def seqs(engine: Engine) -> list[int]:
    """Numbers of the stored messages."""
    with engine.connect() as tx:
        return list(tx.scalars(select(tables.messages.c.seq).order_by(tables.messages.c.n)))


def test_old_messages_go_and_young_ones_stay(engine: Engine) -> None:
    speaker = Speaker(engine, "a/h/k")
    for number, days in enumerate((800, 700, 500, 401, 399, 40, 1, 0), 1):
        file_at(engine, speaker, ago(days), number)
    retention.prune(engine, SETTINGS, NOW_MS)
    assert seqs(engine) == [5, 6, 7, 8]
    with engine.connect() as tx:
        assert len(tx.execute(select(tables.cases.c.n)).all()) == 8, "cases are kept for longer"
    forget_last_turn(engine)
    retention.prune(engine, SETTINGS, NOW_MS + 1101 * retention.DAY_MS)
    with engine.connect() as tx:
        assert seqs(engine) == [] and not tx.execute(select(tables.cases.c.n)).all()


def test_more_than_one_batch_goes_in_one_turn(engine: Engine) -> None:
    rows = [
        {"terminal": "a/h/k", "device": "d", "supplies": "{}", "faults": "[]", "at": number}
        for number in range(retention.BATCH * 2 + 5)
    ]
    with engine.connect() as tx:
        tx.execute(tables.device_history.insert(), rows)
        tx.commit()
    retention.prune(engine, SETTINGS, NOW_MS)
    with engine.connect() as tx:
        assert tx.execute(select(tables.device_history.c.n)).all() == []


def test_the_history_of_a_device_has_a_row_for_each_change_and_none_for_each_report(engine: Engine) -> None:
    speaker = Speaker(engine, "a/h/k")
    out: dict[str, dict[str, object]] = {"a4_printer": {"supplies": {"paper": "out"}}}
    for days, report in ((40, health()), (20, health(out)), (10, health(out)), (1, health())):
        speaker.say(report, at=ago(days))

    def papers() -> list[str]:
        h = tables.device_history.c
        with engine.connect() as tx:
            return list(tx.scalars(select(h.supplies).where(h.device == "a4_printer").order_by(h.at)))

    full = '{"paper":"full","toner":"full"}'
    assert papers() == [full, '{"paper":"out"}', full]
    retention.prune(engine, SETTINGS, NOW_MS)
    assert papers() == ['{"paper":"out"}', full]


def test_an_open_command_stays_however_old_and_the_files_of_a_deleted_one_go(engine: Engine) -> None:
    given = int(ago(500).timestamp() * 1000)
    common = {"terminal": "a/h/k", "name": "logs", "arguments": "{}", "given": given}
    with engine.connect() as tx:
        tx.execute(
            desk_tables.commands.insert(),
            [
                common | {"id": id, "key": id, "state": state}
                for id, state in (("done",) * 2, ("open", "running"))
            ],
        )
        for id in ("done", "open"):
            tx.execute(desk_tables.command_parts.insert(), {"command": id, "number": 1, "content": b"x"})
        tx.commit()
    retention.prune(engine, SETTINGS, NOW_MS)
    with engine.connect() as tx:
        assert tx.scalars(select(desk_tables.commands.c.id)).all() == ["open"]
        assert tx.scalars(select(desk_tables.command_parts.c.command)).all() == ["open"]


def test_on_postgresql_a_month_is_a_table_made_ahead_and_dropped_whole(database: str, tmp_path: Path) -> None:
    from hall.data import store

    engine = store.open_store(HallSettings(data=tmp_path, area="a", hall="h", database=database))
    speaker = Speaker(engine, "a/h/k")
    file_at(engine, speaker, ago(70), 1)  # of a month that has no table: the default has it
    with engine.connect() as tx:
        partitions.make(tx, int(ago(70).timestamp() * 1000))
        tx.commit()
    month = f"messages_{ago(70):%Y_%m}"
    with engine.connect() as tx:
        assert tx.scalar(text(f"SELECT count(*) FROM {month}")) == 1, "it moved"
        assert tx.scalar(text("SELECT count(*) FROM messages_default")) == 0
    file_at(engine, speaker, NOW, 2)
    later = NOW + timedelta(days=400)
    retention.prune(engine, SETTINGS, int(later.timestamp() * 1000))
    assert seqs(engine) == [2] or NOW.day == 1
    names = set(inspect(engine).get_table_names())
    assert month not in names and f"messages_{later:%Y_%m}" in names
    engine.dispose()


def test_the_numbers_of_starts_long_ago_are_forgotten_but_for_gaps_and_what_comes_again_is_known(
    engine: Engine,
) -> None:
    said: list[Arrival] = []
    for start in range(1, 101):
        speaker = Speaker(engine, "a/h/k", start)
        letters = [Arrival(0, *speaker.letter(m.SessionStarted(f"{start}-{n}")), NOW_MS) for n in (1, 2)]
        said += letters[1:] if start == 3 else letters  # one never came
    file(engine, said)
    s = tables.streams.c
    retention.prune(engine, SETTINGS, NOW_MS)
    with engine.connect() as tx:
        assert tx.scalars(select(s.boot).order_by(s.boot)).all() == [3, *range(37, 101)]
    file(engine, said[:4])
    assert len(seqs(engine)) == len(said), "each once"
    other = open_letter(Arrival(0, *Speaker(engine, "a/h/k", 1).letter(m.SessionStarted("else")), NOW_MS))
    with engine.begin() as tx:
        filing.file_away(tx, [other])
    assert other.code == "seq_taken"
    with engine.connect() as tx:
        counted = tx.execute(select(s.contiguous, s.highest).where(s.boot < 3).order_by(s.boot)).all()
    assert all(low == high for low, high in counted), "no gap appears where there is none"


def test_errands_that_were_done_go_and_what_still_waits_stays(engine: Engine) -> None:
    u = desk_tables.uplink
    long_ago = int(ago(1200).timestamp() * 1000)
    with engine.begin() as tx:
        for key, state, answered in (("a", "sent", long_ago), ("b", "waiting", 0), ("c", "sent", NOW_MS)):
            tx.execute(u.insert().values(kind="case", key=key, body="{}", state=state, answered=answered))
    retention.prune(engine, SETTINGS, NOW_MS)
    with engine.connect() as tx:
        assert tx.scalars(select(u.c.key).order_by(u.c.key)).all() == ["b", "c"]
