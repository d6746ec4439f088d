"""A terminal whose disk was replaced: the hall knows numbers of it that it does not know itself."""

from __future__ import annotations

from config.identifiers import uuid7
from kiosk.data.store import Store
from mqtt import messages
from mqtt.messages import Envelope, SessionStarted
from mqtt.topics import TerminalPath
from tests.journeys.citizen import Citizen
from tests.journeys.hall import Hall, until
from tests.journeys.hall_voice import HallVoice, hall_voice
from tests.journeys.test_commands import serve
from tests.mqtt.small_hall import eventually


def test_given_a_new_disk_then_it_starts_once_more_and_counts_from_above_the_old_ones_numbers(
    hall: Hall, kiosk: str
) -> None:
    settings, nobody = hall.settings(kiosk), Citizen(hall, visits=0)

    path = TerminalPath("330100", "demo", kiosk)
    told = Envelope(
        uuid7(),
        messages.NAMES[SessionStarted],
        path.topic("").rstrip("/"),
        "2026-11-22T00:00:00Z",
        SessionStarted("old"),
        boot=50,
        seq=1,
    )
    with hall_voice(hall.ports.broker, path) as voice:  # the old disk, in its fiftieth start
        voice.client.publish(path.topic("evt"), messages.encode(told), 1)
        sql = "SELECT * FROM messages WHERE id = ?"
        until(lambda: hall.rows(hall.hall_database, sql, told.id), why="the hall never heard of the old disk")
    assert serve(hall, settings, nobody, lambda voice: None, restart=True) == [True]
    commands: list[str] = []

    def after(voice: HallVoice) -> None:
        eventually(lambda: any(health.connection for health in list(voice.healthy)))
        commands.extend(code for health in voice.healthy for code in health.faults)

    serve(hall, settings, nobody, after)
    assert "link_numbers_reused" not in commands
    store = Store(settings.data)
    assert store.boot == 52, "the start above the fiftieth was the last one"
    store.close()
