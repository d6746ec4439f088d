"""Given each page on the glass, when it is touched, then the answer is what the citizen meant.

Touches are real ones through Kivy's input on a window without a display. Kivy
has one window in a process, so one glass serves all tests of this file.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from config.faults import any_fault
from config.words import same
from kiosk.prompts import (
    CardKind,
    CardScene,
    Chosen,
    EnterCode,
    Field,
    FieldKind,
    Filled,
    FillForm,
    Place,
    Rated,
)
from tests.screens import prompts as p
from tests.screens.glass import SIZE, Glass
from tests.screens.samples import SAMPLES


def show(glass: Glass, prompt: object, place: Place = p.NOWHERE) -> None:
    glass.present(p.HOME, p.NOWHERE)
    glass.present(prompt, place)  # type: ignore[arg-type]


def keys(digits: str) -> list[str]:
    """The names of the digits' keys."""
    return [f"digit:{digit}" for digit in digits]


@pytest.mark.parametrize(
    ("prompt", "touches", "answer"),
    [
        (p.HOME, ["theme:3"], Chosen("3")),
        (p.SERVICES, ["service:SB04"], Chosen("SB04")),
        (p.SERVICES, ["page:next", "service:SB08"], Chosen("SB08")),
        (p.GUIDE, ["start"], Chosen("start")),
        (replace(p.CARD, other=p.W("其他方式", "Another way")), ["other"], Chosen("other")),
        (p.CONSENT, ["agree"], Chosen("agree")),
        (p.CONSENT, ["other"], Chosen("other")),
        (p.CAMERA, ["other"], Chosen("other")),
        (p.CODE, [*keys("471902"), "confirm"], Chosen("471902")),
        (
            p.CODE,
            ["digit:1", "digit:2", "digit:delete", *[f"digit:{d}" for d in "33445"], "confirm"],
            Chosen("133445"),
        ),
        (p.CODE, [*keys("9"), "digit:clear", *keys("123456"), "confirm"], Chosen("123456")),
        (replace(p.CODE, again_after=0), ["again"], Chosen("again")),
        (p.CONFIRM, ["confirm"], Chosen("confirm")),
        (p.RESULT, ["choice:print"], Chosen("print")),
        (p.RESULT, ["choice:finish"], Chosen("finish")),
        (p.TAKE_A4, ["taken"], Chosen("taken")),
        (p.RATE, ["star:5", "code:512", "code:517", "code:512", "rate:submit"], Rated(5, ("517",))),
        (p.RATE, ["star:5", "code:512", "star:2", "code:210", "rate:submit"], Rated(2, ("210",))),
        (p.RATE, ["skip"], Chosen("skip")),
        (p.TROUBLE, ["choice:again"], Chosen("again")),
        (p.GOODBYE, ["done"], Chosen("done")),
    ],
)
def test_touches_become_the_answer(glass: Glass, prompt: object, touches: list[str], answer: object) -> None:
    show(glass, prompt)
    for name in touches:
        assert glass.answer() is None
        glass.touch(name)
    assert glass.answer() == answer


def test_a_form_sends_its_unlocked_fields(glass: Glass) -> None:
    show(glass, p.FORM, p.at(4))
    for name in (
        "option:insurances:unemployment",
        "option:insurances:pension",
        "month:from:plus",
        "year:to:minus",
    ):
        glass.touch(name)
    while "page:next" in glass.names():
        glass.touch("page:next")
    glass.touch("option:purpose:visa")
    glass.touch("confirm")
    assert glass.answer() == Filled(
        {"insurances": ("unemployment", "injury"), "from": "2024-02", "to": "2025-10", "purpose": "visa"}
    )


def test_a_field_left_empty_is_named_and_nothing_is_sent(glass: Glass) -> None:
    show(glass, p.FORM, p.at(4))
    while "page:next" in glass.names():
        glass.touch("page:next")
    glass.touch("confirm")
    assert glass.answer() is None
    assert "请选择此项" in glass.words()


def test_months_stop_at_their_limits(glass: Glass) -> None:
    one = Field(
        "m", FieldKind.MONTH, same("月"), "2026-10", earliest=date(2026, 9, 15), latest=date(2026, 11, 3)
    )
    show(glass, FillForm(same("问"), (one,), same("好")))
    for _ in range(5):
        if "month:m:plus" in glass.names():
            glass.touch("month:m:plus")
    assert "month:m:plus" not in glass.names()
    glass.touch("confirm")
    assert glass.answer() == Filled({"m": "2026-11"})


def test_numbers_and_letters_are_written_on_their_pads(glass: Glass) -> None:
    show(glass, p.OTHER_KINDS)
    glass.touch("write:phone")
    for name in (
        "digit:clear",
        *[f"digit:{d}" for d in "13812345678"],
        "write:done",
        "write:plate",
        "mode:letters",
    ):
        glass.touch(name)
    for name in ("key:A", "key:1", "key:B", "key:delete", "write:done"):
        glass.touch(name)
    while "page:next" in glass.names():
        glass.touch("page:next")
    glass.touch("confirm")
    values = glass.answer().values
    assert (values["phone"], values["plate"], values["window"]) == ("13812345678", "A1", "social")


def test_a_scanned_code_replaces_what_was_typed_and_leaves_the_rest(glass: Glass) -> None:
    number = "1.2.156.3005.2.99DEMO0000000000SB001.99DEMO330100SB0001.K4Z8Q2.001.X"
    show(glass, p.SCAN)
    assert "扫码或轻触填写" in glass.words()
    assert glass.words().count("轻触填写") == 1
    for name in ("write:note", "mode:letters", "key:N", "write:done", "write:case_no", "key:A"):
        glass.touch(name)
    glass.present(p.scanned(number), p.NOWHERE)
    assert any(text.startswith("…") and number.endswith(text[1:]) for text in glass.words())
    glass.touch("write:case_no")
    glass.touch("key:delete")
    glass.touch("write:done")
    glass.present(p.scanned(number), p.NOWHERE)
    glass.touch("confirm")
    assert glass.answer().values == {"case_no": number, "note": "N"}


def test_the_other_language_keeps_what_was_typed(glass: Glass) -> None:
    show(glass, p.CODE, p.at(3))
    glass.touch("digit:4")
    glass.touch("digit:7")
    glass.touch("language")
    assert "Enter the code we sent you" in glass.words()
    assert glass.words().count("4") >= 2  # the key and the box
    for digit in "1902":
        glass.touch(f"digit:{digit}")
    glass.touch("confirm")
    assert glass.answer() == Chosen("471902")


def test_the_other_language_keeps_the_form(glass: Glass) -> None:
    show(glass, p.FORM, p.at(4))
    glass.touch("option:insurances:unemployment")
    glass.touch("language")
    while "page:next" in glass.names():
        glass.touch("page:next")
    glass.touch("option:purpose:home")
    glass.touch("confirm")
    assert glass.answer().values["insurances"] == ("pension", "unemployment", "injury")


def test_asked_again_with_a_problem_a_form_keeps_the_answers_and_shows_the_problem(glass: Glass) -> None:
    show(glass, p.FORM, p.at(4))
    glass.touch("option:insurances:unemployment")
    glass.present(p.with_problems(), p.at(4))
    assert "截止年月不能早于起始年月" in glass.words()
    while "page:next" in glass.names():
        glass.touch("page:next")
    glass.touch("option:purpose:home")
    glass.touch("confirm")
    assert glass.answer().values["insurances"] == ("pension", "unemployment", "injury")


def test_a_wrong_code_is_asked_for_again_from_the_beginning(glass: Glass) -> None:
    show(glass, p.CODE)
    for digit in "111111":
        glass.touch(f"digit:{digit}")
    glass.touch("confirm")
    again: EnterCode = replace(p.CODE, problem=p.W("验证码不正确", "Wrong code"))
    glass.present(again, p.NOWHERE)
    assert "验证码不正确" in glass.words()
    assert "confirm" not in glass.names()


@pytest.mark.parametrize(("name", "how"), [("back", "BACK"), ("home", "HOME")])
def test_back_and_home_leave(glass: Glass, name: str, how: str) -> None:
    show(glass, p.GUIDE, p.at(1))
    glass.touch(name)
    assert glass.answer().name == how


def test_a_second_touch_is_not_a_second_answer(glass: Glass) -> None:
    show(glass, p.CONFIRM, p.at(5))
    glass.touch("confirm")
    glass.touch("confirm")
    glass.touch("back")
    assert glass.answer() == Chosen("confirm")


def test_what_is_greyed_cannot_be_touched(glass: Glass) -> None:
    show(glass, p.SERVICES)
    glass.touch("service:SB02")
    assert glass.answer() is None
    assert any_fault("a4_paper_out").citizen.zh in glass.words()


def test_the_warning_covers_the_page_and_continue_takes_it_away(glass: Glass) -> None:
    show(glass, p.GUIDE, p.at(1))
    glass.scene.warn(20)
    glass.turn()
    assert glass.names() == ["continue"]
    assert "20" in glass.words()
    glass.touch_at(SIZE[0] / 2, SIZE[1] * 0.86)  # where the page's action was
    assert glass.answer() is None
    before = glass.touches
    glass.touch("continue")
    assert glass.touches == before + 1  # the core hears of it and renews the time-out
    assert "start" in glass.names()


def test_help_opens_over_the_page_and_closes(glass: Glass) -> None:
    show(glass, p.GUIDE, p.at(1))
    glass.touch("help")
    assert glass.names() == ["help:close"]
    assert any(p.PHONE in text for text in glass.words())
    glass.touch("help:close")
    assert "start" in glass.names()


@pytest.mark.parametrize(
    ("card", "scene", "told"),
    [
        ("both", CardScene.PLACE, ("身份证", "社保卡")),
        ("both", CardScene.REFUSED, ("身份证", "社保卡")),
        ("social", CardScene.PLACE, ("社保卡", "芯片")),
        ("social", CardScene.READING, ("不要取出社保卡",)),
        ("social", CardScene.REMOVE, ("取走您的社保卡",)),
        ("social", CardScene.REFUSED, ("没有读出社保卡",)),
    ],
)
def test_the_page_speaks_of_the_cards_that_it_takes(
    glass: Glass, card: CardKind, scene: CardScene, told: tuple[str, ...]
) -> None:
    show(glass, replace(p.CARD, scene=scene, card=card), p.at(2))
    assert all(any(one in text for text in glass.words()) for one in told)


def test_card_scenes_follow_in_place(glass: Glass) -> None:
    show(glass, p.CARD, p.at(2))
    for scene, told in (
        (CardScene.READING, "正在读取"),
        (CardScene.READ, "已读取"),
        (CardScene.REMOVE, "取走"),
    ):
        glass.present(replace(p.CARD, scene=scene), p.at(2))
        assert any(told in text for text in glass.words())


def test_after_goodbye_the_next_citizen_finds_the_halls_language(glass: Glass) -> None:
    show(glass, p.GOODBYE)
    glass.touch("language")
    assert glass.scene.language == "en"
    glass.present(p.HOME, p.NOWHERE)
    assert glass.scene.language == "zh"


def test_a_rare_character_of_a_name_is_drawn_in_a_font_that_has_it(glass: Glass) -> None:
    from screens import type

    assert type.runs("王𠀀安", False) == [("regular", "王"), ("rare_a", "𠀀"), ("regular", "安")]
    assert type.runs("𫝀", True) == [("rare_b", "𫝀")]
    row = replace(p.CONFIRM.rows[1], value=same("王𠀀"))
    show(glass, replace(p.CONFIRM, rows=(row,)), p.at(5))
    assert "王𠀀" in glass.words()


def test_another_window_size_draws_the_page_again(glass: Glass) -> None:
    show(glass, p.CODE, p.at(3))
    glass.touch("digit:8")
    glass.scene.resize(720, 1280)
    glass.turn()
    try:
        assert all(item.area.right <= 720 and item.area.bottom <= 1280 for item in glass.scene.visible()[1])
        assert glass.words().count("8") == 2  # the key and the box
    finally:
        glass.scene.resize(*SIZE)
        glass.turn()


def test_three_hundred_pages_leave_nothing_behind(glass: Glass) -> None:
    import gc

    from kivy.clock import Clock

    from screens.turn import Turn

    samples = SAMPLES
    for number in range(300):
        glass.scene.present(
            glass.number, samples[number % len(samples)].prompt, samples[number % len(samples)].place
        )
        if number % 30 == 0:
            glass.turn()
    show(glass, p.HOME)
    gc.collect()
    assert len([thing for thing in gc.get_objects() if type(thing) is Turn]) <= 1
    assert len(Clock.get_events()) < 12
    assert len(glass.scene.page.canvas.children) < 400


def test_a_press_outlives_an_update_of_its_page_but_not_another_page(glass: Glass) -> None:
    show(glass, p.CAMERA, p.at(3))
    with glass.finger_on("other"):
        glass.present(replace(p.CAMERA, hint=same("近一点")), p.at(3))
    assert glass.answer() == Chosen("other")
    show(glass, p.GUIDE, p.at(1))
    with glass.finger_on("start"):
        glass.present(p.CONFIRM, p.at(5))
    assert glass.answer() is None


def test_the_second_of_a_double_tap_does_not_touch_the_next_page(glass: Glass) -> None:
    show(glass, p.HOME)
    glass.scene.settle = 30.0
    try:
        glass.present(p.GUIDE, p.at(1))
        before = glass.touches
        glass.touch("start")
        assert glass.answer() is None
        assert glass.touches == before + 1  # it still renews the time-out
    finally:
        glass.scene.settle = 0.0
    show(glass, p.GUIDE, p.at(1))
    glass.touch("start")
    assert glass.answer() == Chosen("start")
