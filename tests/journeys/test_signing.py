"""Signing on the terminal's own screen: asked after the confirmation, sealed, and told to nobody else."""

from __future__ import annotations

import json

from config.strokes import Point, Strokes, is_path
from kiosk.data.records import detail_of, find
from kiosk.data.store import read_only
from kiosk.data.vault import Vault
from kiosk.prompts import Sign, Signed
from tests.journeys.citizen import BACK, Citizen
from tests.journeys.conftest import Play
from tests.journeys.hall import Hall
from tests.journeys.paid_service import SIGNED, cases, offer
from tests.journeys.test_journeys import told

DOT = Signed(Strokes(((Point(0.5, 0.5, 0.0), Point(0.51, 0.5, 0.1)),)))
NAME = Signed(
    Strokes(((Point(0.117, 0.2, 0.0), Point(0.7, 0.3, 0.4)), (Point(0.4, 0.1, 0.6), Point(0.4, 0.9, 0.9))))
)


def test_a_signature_reaches_the_platform_and_lies_sealed_on_the_terminal(
    hall: Hall, play: Play, kiosk: str
) -> None:
    offer(hall)
    citizen = Citizen(hall, service=SIGNED, ways={Sign: [DOT, BACK, NAME]})
    settings = play(citizen, after=lambda: told(hall, kiosk, "hall.session.ended"))
    signed = [page for page in citizen.trail if isinstance(page, Sign)]
    assert [page.problem is not None for page in signed] == [False, True, False]
    assert "补办纪念卡" in signed[0].text[0].zh
    after = citizen.pages[citizen.pages.index("Confirm") :]
    assert after[:5] == ["Confirm", "Sign", "Confirm", "Sign", "Working"]
    (case,) = cases(hall, kiosk)
    path = json.loads(case["submission"])["signature"]
    assert path == NAME.strokes.svg_path()
    assert is_path(path)
    with read_only(settings.data) as read:
        record = find(read, case["key"])
        assert record is not None
        assert detail_of(read, Vault(settings.data), record)["signature"] == path
    ink = path[:20].encode()
    left = [file for file in settings.data.rglob("*") if file.is_file() and ink in file.read_bytes()]
    assert left == [], "a signature stands open on the terminal's disk"
    said = hall.rows(hall.hall_database, "SELECT body FROM messages WHERE terminal LIKE ?", f"%/{kiosk}")
    assert said
    assert not [row for row in said if path[:20] in row["body"]]
