"""What a terminal with a good certificate may write: a reader sees it as text, and no page breaks of it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy.exc import DBAPIError

from config.commands import COMMANDS
from hall import commands
from hall.data import store
from hall.intake import filing
from hall.intake.letters import Arrival, open_letter
from hall.scheduler import incidents, retention, uplink
from hall.settings import HallSettings, UplinkSettings
from mqtt import messages as m
from tests.hall.fleet import Speaker
from tests.peers.desk import account, desk, token

PATH = "330101/donghu/K001"
MARKUP = "'\"><b onclick=evil()>{{7*7}}%s{0}</b>\u202e\u2028\x1b[2J\r\nSet-Cookie: a=b"
PAGES = ["/", f"/terminals/{PATH}", "/ratings", "/commands", "/audit", "/refused", "/api/incidents"]
PAGES += [f"/transactions?show={show}" for show in ("cases", "payments", "prints", "sessions")]
PAGES += [
    f"/api/{name}" for name in ("terminals", "faults", "cases", "prints", "payments", "ratings", "sessions")
]
PAGES += ["/readiness", "/api/readiness", "/api/technician-acts"]
PAGES += [f"/api/terminals/{PATH}", f"/api/terminals/{PATH}/configuration", "/api/commands", "/metrics"]
LARGEST = 2**63 - 1
TIMES = ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"]


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[tuple[HallSettings, httpx.Client]]:
    """A store, and an officer before its desk."""
    settings = HallSettings(data=tmp_path, area="330101", hall="donghu")
    store.migrate(settings)
    account(settings)
    with desk(settings) as address, httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        client.headers.update(token(settings, "officer"))
        yield settings, client


def send(settings: HallSettings, *bodies: m.Data, at: str = "") -> list[str]:
    """As the ingest files them; what became of each."""
    engine = store.open_store(settings)
    speaker = Speaker(engine, PATH, boot=LARGEST if at else 1)
    arrivals = []
    for body in bodies:
        topic, payload = speaker.letter(body)
        if at:
            payload = msgspec.json.encode(msgspec.json.decode(payload) | {"time": at})
        arrivals.append(Arrival(0, topic, payload, int(time.time() * 1000)))
    letters = [open_letter(one) for one in arrivals]
    for letter in letters:
        with engine.connect() as tx, contextlib.suppress(DBAPIError, OverflowError):  # refused by the ingest
            filing.file_away(tx, [letter])
            tx.commit()
    engine.dispose()
    return [letter.code for letter in letters]


def everything(text: str, number: int) -> list[m.Data]:
    """Each message that a terminal may send, with this in every field that takes it."""
    many = {text: number, f"failed:{text}": number, "paper": number, f"paper:{text}": number}
    device = m.DeviceHealth(
        text,
        text,
        text,
        text,
        {text: text, "paper": text},
        [text, "a4_jam"],
        text,
        many,
        {"paper": text},
        many,
    )
    return [
        m.TerminalState(True, 1, text, text, connection=1),
        m.Health([device], [text], float(number), True, True, number, number, 1, number),
        m.SessionStarted(text),
        m.SessionEnded(text, text, text, number),
        m.FaultRaised(text, text),
        m.CaseFiled(text, text, text, "accepted", text, text),
        m.DocumentPrinted(text, text, text, text, "unknown", text, text, text, text, number, "staff"),
        m.PaymentEnded(text, text, text, "paid", number, text, text),
        m.RatingGiven(text, text, text, 3, [text], number),
        m.RatingGiven(f"{text}2", text, text, number, [text], number),
        m.TechnicianActed(text, text, text, text, text),
        m.ReadinessReported(text, [m.PartFound(text, bool(number), [text, "a4_jam"], text)] * 100),
        m.ConfigurationReported(number, {text: text, "volume": text, "hours": number}, {text: text}),
    ]  # fmt: skip


def look(client: httpx.Client) -> None:
    """At every page, in both languages."""
    for language in ("zh", "en"):
        client.cookies.set("language", language)
        for path in PAGES:
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.text[:500])
            if answer.headers["content-type"].startswith("text/html"):
                assert "<b onclick" not in answer.text and "'\"><" not in answer.text, path
                assert "49" not in answer.text.split("onclick=evil()")[-1][:20], path
            assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("number", [LARGEST, -LARGEST, 0])
def test_whatever_a_terminal_writes_is_read_as_text_and_no_page_breaks(
    hall: tuple[HallSettings, httpx.Client], number: int
) -> None:
    settings, client = hall
    codes = send(settings, *everything(MARKUP, number))
    assert codes.count("stored") + codes.count("") >= 5, codes
    given(settings)
    work(settings)
    look(client)


@pytest.mark.parametrize("at", TIMES)
def test_a_clock_at_the_end_of_time_breaks_no_page(hall: tuple[HallSettings, httpx.Client], at: str) -> None:
    settings, client = hall
    send(settings, *everything("x", 1), at=at)
    work(settings)
    look(client)


def work(settings: HallSettings) -> None:
    """What the scheduler does with it: nobody answers for the city, and nothing that was said stops it."""
    city = UplinkSettings(url="http://127.0.0.1:9", area_code="330101", department_code="x")
    engine = store.open_store(settings)
    now = int(time.time() * 1000)
    for _ in range(2):
        incidents.evaluate(engine, settings, now)
        uplink.forward(engine, settings.model_copy(update={"uplink": city}), now)
        retention.prune(engine, settings, now)
    engine.dispose()


def given(settings: HallSettings) -> None:
    """A command, and what the terminal answers."""
    engine = store.open_store(settings)
    now = int(datetime.now(UTC).timestamp() * 1000)
    name = next(one for one in COMMANDS if not COMMANDS[one].arguments)
    with engine.begin() as tx:
        row: dict[str, Any] = commands.give(tx, "officer", PATH, name, {}, now)
    engine.dispose()
    for state in ("accepted", "failed"):
        answer = m.CommandState(row["id"], state, MARKUP, MARKUP)
        send(settings, answer)
