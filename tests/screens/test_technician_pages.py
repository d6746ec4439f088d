"""Given a technician's pages on the glass, when they are touched, then the answer is what he meant; and no
citizen's frame is around them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from config.words import Words, same
from kiosk.prompts import (
    Chosen,
    Condition,
    Option,
    Picture,
    Place,
    StaffSaid,
    TouchCrosses,
    Touched,
    Working,
    WorkLine,
    WorkList,
)
from screens.leave import Leave
from screens.tokens import BLUE, PAPER, Colour
from tests.screens import prompts as p
from tests.screens import technician_prompts as work
from tests.screens.glass import SIZE, Glass
from tests.screens.samples import SAMPLES


def show(glass: Glass, prompt: Any, place: Place = work.AT_WORK) -> None:
    glass.present(p.HOME, p.NOWHERE)
    glass.present(prompt, place)


@pytest.mark.parametrize(
    ("prompt", "touches", "answer"),
    [
        (work.MENU, ["line:receipt"], Chosen("receipt")),
        (work.MENU, ["choice:bundle"], Chosen("bundle")),
        (work.DEVICES, ["page:next", "line:locker"], Chosen("locker")),
        (work.SHEET, ["choice:paper"], Chosen("paper")),
        (work.SIGHT, ["choice:good"], Chosen("good")),
        (
            work.KEY,
            ["digit:1", "digit:7", "next", *(f"digit:{digit}" for digit in "471902"), "confirm"],
            StaffSaid("17", "471902"),
        ),
    ],
)
def test_touches_become_the_answer(glass: Glass, prompt: Any, touches: list[str], answer: object) -> None:
    show(glass, prompt)
    for name in touches:
        assert glass.answer() is None
        glass.touch(name)
    assert glass.answer() == answer


def test_a_code_has_six_digits_and_stands_nowhere(glass: Glass) -> None:
    show(glass, work.KEY)
    for name in ("digit:1", "next", *["digit:4", "digit:7"] * 2):
        glass.touch(name)
    assert "confirm" not in glass.names()
    assert not any("47" in text for text in glass.words())
    for name in ("digit:1", "digit:9", "digit:9", "digit:9", "confirm"):
        glass.touch(name)
    assert glass.answer() == StaffSaid("1", "474719")
    glass.present(work.KEY_AGAIN, work.AT_WORK)
    assert "confirm" not in glass.names()
    assert "编号或动态码不正确，还可以再试 2 次。" in glass.words()


def test_the_mode_says_so_on_every_page_and_has_nothing_of_the_citizens_frame(glass: Glass) -> None:
    show(glass, work.MENU)
    for prompt in (work.MENU, work.SHEET, work.SIGHT, Working(same("测试"), 5), work.KEY):
        glass.present(prompt, work.AT_WORK)
        assert "维护模式" in glass.words()
        assert "退出维护" in glass.words()
        assert p.HALL.zh not in glass.words()
        assert "help" not in glass.names()
    glass.touch("language")
    assert "Technician's mode" in glass.words()
    glass.touch("home")
    assert glass.answer() is Leave.HOME
    glass.present(p.HOME, p.NOWHERE)
    assert glass.scene.language == "zh"  # his language is not the next citizen's
    assert "维护模式" not in glass.words()
    glass.present(Working(same("打印"), 5), p.at(5))
    assert "维护模式" not in glass.words()


def test_a_condition_is_told_by_a_word_in_each_line(glass: Glass) -> None:
    told = tuple(WorkLine(one, same(one), same("1"), one) for one in Condition)
    show(glass, WorkList(same("表"), told))
    assert [word for word in glass.words() if word in ("正常", "注意", "未就绪", "未知")] == [
        "正常",
        "注意",
        "未就绪",
        "未知",
    ]


def test_what_cannot_be_touched_or_is_greyed_does_not_answer_and_says_why(glass: Glass) -> None:
    show(glass, work.DEVICES)
    glass.touch("page:next")
    assert "line:" not in glass.names()
    show(glass, work.SHEET)
    glass.touch("choice:test")
    assert glass.answer() is None
    assert "有办件正在打印" in glass.words()


def test_what_comes_next_is_filled_and_the_others_are_not(glass: Glass) -> None:
    def face(name: str) -> tuple[int, ...]:
        """The colour beside the words of an action."""
        area = next(item.area for item in glass.scene.visible()[1] if item.name == name)
        return tuple(glass.pixels()[area.y + area.h // 2, area.right - 12])

    show(glass, work.FOUND)
    assert (face("choice:again"), face("choice:doors")) == (_bytes(BLUE), _bytes(PAPER))
    show(glass, replace(work.FOUND, main=""))
    assert (face("choice:again"), face("choice:doors")) == (_bytes(PAPER), _bytes(PAPER))


def _bytes(colour: Colour) -> tuple[int, ...]:
    return tuple(round(255 * part) for part in colour[:3])


@pytest.mark.parametrize(("name", "value"), [("back", "back"), ("home", "leave")])
def test_back_and_leaving_are_the_frames_buttons_and_stand_there_once(
    glass: Glass, name: str, value: str
) -> None:
    ways = (Option("back", same("返回")), Option("leave", same("结束维护")), Option("one", same("一")))
    for prompt in (replace(work.MENU, actions=ways), replace(work.SHEET, actions=ways)):
        show(glass, prompt)
        assert glass.words().count("返回") == 1
        assert "结束维护" not in glass.words()
        glass.touch(name)
        assert glass.answer() == Chosen(value)
    show(glass, replace(work.MENU, actions=ways), Place(back=False, home=False))
    glass.touch(f"choice:{value}")
    assert glass.answer() == Chosen(value)


def test_a_list_told_anew_stays_on_its_page(glass: Glass) -> None:
    show(glass, work.DEVICES)
    glass.touch("page:next")
    glass.present(replace(work.DEVICES, lines=work.DEVICES.lines[:-1]), work.AT_WORK)
    assert "2 / 2" in glass.words()
    glass.present(replace(work.DEVICES, title=Words("另一个", "Another")), work.AT_WORK)
    assert "1 / 2" in glass.words()


def test_whoever_comes_back_from_a_line_finds_the_page_on_which_it_stands(glass: Glass) -> None:
    show(glass, replace(work.DEVICES, at="locker"))
    assert "2 / 2" in glass.words()
    glass.touch("page:previous")
    assert "1 / 2" in glass.words(), "he may turn back all the same"
    show(glass, replace(work.DEVICES, at="no longer there"))
    assert "1 / 2" in glass.words()


@pytest.mark.parametrize("prompt", [work.LONG_NAME, work.LONG_NAMES], ids=["sheet", "list"])
def test_a_very_long_name_is_broken_after_its_marks_and_runs_into_nothing(glass: Glass, prompt: Any) -> None:
    show(glass, prompt)
    items = glass.scene.visible()[1]
    title = next(one for one in items if one.text == prompt.title.zh)
    assert title.fits
    below = [one for one in items if one is not title and one.role == "text" and one.area.y > title.area.y]
    beside = [one for one in below if one.area.x < title.area.right and one.area.y < title.area.bottom]
    assert [one.text for one in beside] == []


def test_a_long_file_name_is_broken_after_its_marks_and_told_whole(glass: Glass) -> None:
    from screens import type

    name = "support-330100-demo-K001-20261122T183756Z.tar.gz"
    for room in range(400, 900, 50):
        broken = type.at_marks(name, 36, True, room)
        assert broken.replace("\n", "") == name
        assert all(line[-1] in "-_./" for line in broken.split("\n")[:-1])
        assert all(type.width(line, 36, True) <= room * 1.05 for line in broken.split("\n"))
    show(glass, work.GOOD_SHEET)
    assert name in glass.words()


# ── crosses ─────────────────────────────────────────────────────────────────
class Clock:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    from screens.pages import touch_crosses

    clock = Clock()
    monkeypatch.setattr(touch_crosses, "time", clock)
    return clock


def touch_part(glass: Glass, clock: Clock, x: float, y: float, after: float = 1.0) -> None:
    clock.now += after
    glass.touch_at(x * SIZE[0], y * SIZE[1])


def test_crosses_tell_the_raw_places_in_their_order(glass: Glass, clock: Clock) -> None:
    show(glass, work.CROSSES)
    raw = [(0.8, 0.9), (0.2, 0.88), (0.21, 0.1), (0.82, 0.12), (0.5, 0.5)]  # a panel that stands on its head
    for x, y in raw:
        assert glass.answer() is None
        touch_part(glass, clock, x, y)
    answer = glass.answer()
    assert isinstance(answer, Touched)
    assert [spot for one in answer.points for spot in one] == pytest.approx(
        [spot for one in raw for spot in one], abs=0.01
    )


def test_nothing_but_the_cross_is_in_the_way(glass: Glass, clock: Clock) -> None:
    show(glass, work.CROSSES)
    assert glass.names() == ["crosses"]
    touch_part(glass, clock, 0.9, 0.02)  # where the language stands elsewhere
    assert glass.scene.language == "zh"
    assert "第 2 个 / 共 5 个" in glass.words()


def test_a_finger_that_bounces_or_comes_again_is_one_touch(glass: Glass, clock: Clock) -> None:
    show(glass, replace(work.CROSSES, crosses=((0.1, 0.1), (0.9, 0.9))))
    touch_part(glass, clock, 0.1, 0.1)
    touch_part(glass, clock, 0.3, 0.3, after=0.1)
    touch_part(glass, clock, 0.11, 0.1, after=2.0)
    assert glass.answer() is None
    touch_part(glass, clock, 0.9, 0.9)
    assert len(glass.answer().points) == 2


def test_the_crosses_leave_by_themselves_and_change_nothing(glass: Glass, clock: Clock) -> None:
    show(glass, TouchCrosses(same("十字"), ((0.1, 0.1), (0.9, 0.9)), seconds=8))
    touch_part(glass, clock, 0.1, 0.1)
    clock.now += 7.0
    tick(glass)
    assert "1 秒内没有触摸将自动退出，不作改动" in glass.words()
    clock.now += 1.5
    tick(glass)
    assert glass.answer() is Leave.HOME
    touch_part(glass, clock, 0.9, 0.9)
    assert glass.answer() is Leave.HOME


def tick(glass: Glass) -> None:
    """What the page does each second, now."""
    from screens.pages import touch_crosses

    turn = glass.scene._turn
    assert turn is not None
    touch_crosses._tick(turn)
    glass.turn()


# ── the camera ──────────────────────────────────────────────────────────────
class Camera:
    """A camera whose picture and measures the test sets."""

    def __init__(self) -> None:
        self.picture: Picture | None = None
        self.lines = work.measured()
        self.asked = 0

    def frames(self) -> Picture | None:
        self.asked += 1
        return self.picture


def test_a_camera_is_seen_whole_with_what_is_measured_now(glass: Glass) -> None:
    camera = Camera()
    show(glass, replace(work.SIGHT, frames=camera.frames, measured=lambda: camera.lines))
    assert "正在打开摄像头" in glass.words()
    camera.picture = Picture(40, 30, b"\xff\x00\x00" * 600 + b"\x00\x00\xff" * 600)
    until(glass, lambda: "正在打开摄像头" not in glass.words())
    picture = glass.pixels()
    red = (picture == (255, 0, 0)).all(axis=2).nonzero()
    blue = (picture == (0, 0, 255)).all(axis=2).nonzero()
    assert red[0].size > 10_000
    assert red[0].max() <= blue[0].min()  # rows come from the top
    camera.lines = (WorkLine("", same("清晰度"), same("33"), Condition.NOT_READY),)
    until(glass, lambda: "33" in glass.words())
    glass.present(p.HOME, p.NOWHERE)
    asked = camera.asked
    glass.turn(30)
    assert camera.asked == asked


def until(glass: Glass, true: Any) -> None:
    """Turns Kivy's loop until something is so."""
    import time

    end = time.monotonic() + 30
    while not true() and time.monotonic() < end:
        glass.turn()
        time.sleep(0.01)
    assert true()


# ── in the smallest window ──────────────────────────────────────────────────
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_technicians_pages_are_whole_on_a_small_screen(glass: Glass, language: str) -> None:
    from tests.screens.checks import problems

    glass.scene.resize(1280, 720)
    found = []
    try:
        for sample in SAMPLES:
            if sample.name.startswith(("work-", "out-", "locked", "closed", "held", "starting")):
                glass.present(p.HOME, p.NOWHERE)
                glass.scene.language = language
                glass.present(sample.prompt, sample.place)
                for name in sample.touch:
                    if name in glass.names():
                        glass.touch(name)
                glass.scene.warn(sample.warn)
                found += [f"{sample.name}: {one}" for one in problems(glass.scene, language)]
                glass.scene.warn(None)
    finally:
        glass.scene.resize(*SIZE)
        glass.scene.language = "zh"
    assert found == []


def test_a_list_without_lines_or_actions_is_a_page_too(glass: Glass) -> None:
    show(glass, WorkList(same("表"), ()))
    assert sorted(glass.names()) == ["back", "home", "language"]
    show(glass, WorkList(same("表"), (), (Option("one", same("一")),)))
    glass.touch("choice:one")
    assert glass.answer() == Chosen("one")
