"""Given the page that is paid or signed on, when a phone or a finger comes, then it is as meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import pytest

from config.strokes import Strokes, is_path
from kiosk.prompts import Signed
from tests.screens import prompts as p
from tests.screens.glass import Glass


@pytest.fixture
def glass(glass: Glass) -> Glass:
    """With the home page on it."""
    glass.present(p.HOME, p.NOWHERE)
    return glass


def write(glass: Glass, *path: tuple[float, float]) -> None:
    """One stroke on the slate; points in shares of it."""
    from kivy.tests.common import UnitTestTouch

    area = next(item.area for item in glass.scene.visible()[1] if item.name == "slate")
    places = [(area.x + x * area.w, glass.scene.t.height - area.y - y * area.h) for x, y in path]
    finger: Any = UnitTestTouch(*places[0])
    finger.touch_down()
    glass.turn()
    for place in places[1:]:
        finger.touch_move(*place)
        glass.turn()
    finger.touch_up()
    glass.turn()


def test_a_phone_reads_the_code_off_the_glass(glass: Glass, tmp_path: Path) -> None:
    glass.present(p.PAY, p.at(5))
    words = glass.words()
    glass.save(tmp_path / "pay.png")
    picture = cv2.imread(str(tmp_path / "pay.png"))
    assert picture is not None
    seen, _, _ = cv2.QRCodeDetector().detectAndDecode(picture)
    assert seen == p.PAY.code
    assert "¥ 1,234.50" in words
    assert any(word.startswith("还剩 2 分 5") for word in words)
    assert glass.answer() is None


def test_a_signature_is_sent_as_it_was_drawn(glass: Glass) -> None:
    glass.present(p.SIGN, p.at(5))
    assert "signed" not in glass.names(), "nothing is drawn yet"
    write(glass, (0.1, 0.5), (0.2, 0.5), (0.3, 0.25))
    write(glass, (0.5, 0.2), (0.5, 0.8))
    glass.touch("signed")
    answer = glass.answer()
    assert isinstance(answer, Signed)
    first, second = answer.strokes.strokes
    assert [(round(q.x, 2), round(q.y, 2)) for q in first] == [(0.1, 0.5), (0.2, 0.5), (0.3, 0.25)]
    assert [(round(q.x, 2), round(q.y, 2)) for q in second] == [(0.5, 0.2), (0.5, 0.8)]
    times = [q.t for stroke in answer.strokes.strokes for q in stroke]
    assert times[0] >= 0
    assert times == sorted(times)
    assert is_path(answer.strokes.svg_path())


def test_a_dot_is_no_signature_and_again_clears_the_slate(glass: Glass) -> None:
    glass.present(p.SIGN, p.at(5))
    write(glass, (0.4, 0.4), (0.41, 0.4))
    assert "signed" not in glass.names()
    write(glass, (0.2, 0.4), (0.7, 0.4))
    assert "signed" in glass.names()
    glass.touch("again")
    assert "signed" not in glass.names()
    assert "again" not in glass.names()
    write(glass, (0.2, 0.2), (0.9, 0.2))
    glass.touch("signed")
    answer = glass.answer()
    assert isinstance(answer, Signed)
    assert len(answer.strokes.strokes) == 1


def test_ink_stands_on_the_glass_before_the_finger_leaves(glass: Glass, tmp_path: Path) -> None:
    glass.present(p.SIGN, p.at(5))
    area = next(item.area for item in glass.scene.visible()[1] if item.name == "slate")

    def dark() -> int:
        glass.save(tmp_path / "slate.png")
        seen = cv2.imread(str(tmp_path / "slate.png"), cv2.IMREAD_GRAYSCALE)
        assert seen is not None
        middle = seen[area.y + 10 : area.y + area.h // 2, area.x + 10 : area.right - 10]
        return int((middle < 80).sum())

    from kivy.tests.common import UnitTestTouch

    before = dark()
    finger: Any = UnitTestTouch(area.x + 40, glass.scene.t.height - area.y - 60)
    finger.touch_down()
    finger.touch_move(area.x + area.w - 40, glass.scene.t.height - area.y - 80)
    glass.turn()
    assert dark() > before + 200
    finger.touch_up()
    glass.turn()


def test_what_leaves_the_slate_stays_at_its_edge(glass: Glass) -> None:
    glass.present(p.SIGN, p.at(5))
    write(glass, (0.5, 0.5), (0.9, 0.5), (1.4, -0.3))
    glass.touch("signed")
    answer = glass.answer()
    assert isinstance(answer, Signed)
    last = answer.strokes.strokes[0][-1]
    assert (last.x, last.y) == (1.0, 0.0)


def test_nobodys_signature_is_on_the_next_slate(glass: Glass) -> None:
    glass.present(p.SIGN, p.at(5))
    write(glass, (0.1, 0.5), (0.8, 0.5))
    glass.present(p.SIGN, p.at(5))
    assert "signed" not in glass.names()


def test_a_signature_tells_nothing_of_itself_in_a_log() -> None:
    from config.strokes import Point

    strokes = Strokes(((Point(0.123, 0.456, 0.0), Point(0.9, 0.5, 0.1)),))
    assert "0.123" not in repr(strokes)
    assert "0.123" not in repr(Signed(strokes))
