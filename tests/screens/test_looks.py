"""Every page in every size and language: nothing clipped, overlapping, out of reach or left in English."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.screens import prompts as p
from tests.screens.glass import SIZE, Glass, the_glass
from tests.screens.samples import SAMPLES

MEASURED = ("en", (720, 1280))  # the pixels of one; `make shots` measures all of them


@pytest.mark.parametrize(
    ("language", "size"),
    [
        ("zh", (1080, 1920)),
        ("en", (1080, 1920)),
        ("zh", (1920, 1080)),
        ("en", (1920, 1080)),
        ("en", (720, 1280)),
        ("zh", (1280, 1024)),
    ],
    ids=str,
)
def test_every_page_is_whole(language: str, size: tuple[int, int]) -> None:
    glass = the_glass()
    from tests.screens import contrast  # after the glass, for they know Kivy
    from tests.screens.checks import problems

    glass.scene.warn(None)
    glass.scene.resize(*size)
    found = []
    try:
        for sample in SAMPLES:
            glass.scene.present(0, p.HOME, p.NOWHERE)
            glass.scene.language = language
            glass.scene.present(glass.number, sample.prompt, sample.place)
            for name in sample.touch:
                if name in glass.names():  # a roomy window needs no second page
                    glass.touch(name)
            glass.scene.warn(sample.warn)
            glass.scene.ask_aside(sample.aside)
            told = problems(glass.scene, language)
            if (language, size) == MEASURED:
                told += contrast.problems(glass.scene.visible()[1], glass.pixels())
            found += [f"{sample.name}: {problem}" for problem in told]
            glass.scene.warn(None)
            glass.scene.ask_aside(None)
    finally:
        glass.scene.resize(*SIZE)
        glass.scene.language = "zh"
    assert found == []


def test_the_checks_find_what_they_are_for() -> None:
    glass = the_glass()
    from config.words import Words, same
    from kiosk.prompts import ChooseOne, Option
    from tests.screens.checks import problems

    glass.present(p.HOME, p.NOWHERE)
    long = "很长很长的名字" * 12
    crowded = ChooseOne(same("Which one?"), (Option("a", Words(long, long)),) * 2)
    glass.present(crowded, p.NOWHERE)
    assert any("English in the Chinese page" in problem for problem in problems(glass.scene, "zh"))
    texts = [item for item in glass.scene.page.items if item.role == "text"]
    texts[1].area = texts[0].area
    assert any("overlap" in problem for problem in problems(glass.scene, "zh"))


# ── pictures that must fail ─────────────────────────────────────────────────
def drawn_wrong(glass: Glass, spoil: Callable[[Any], object]) -> list[str]:
    """What both checks say of a good page that was spoilt."""
    from tests.screens import contrast
    from tests.screens.checks import problems

    size = (720, 1280)
    glass.scene.resize(*size)
    try:
        glass.present(p.HOME, p.NOWHERE)
        glass.present(p.CONFIRM, p.at(5))
        spoil(glass.scene.page)
        return problems(glass.scene, "zh") + contrast.problems(glass.scene.visible()[1], glass.pixels())
    finally:
        glass.scene.resize(*SIZE)


def spoilt(how: str) -> Callable[[Any], object]:
    """One way to spoil a page: drawn over what is on it."""
    from screens.tokens import BLUE, GROUND, MUTED, PAPER, Area

    pale, paler = (0.55, 0.55, 0.55, 1.0), (0.62, 0.72, 0.95, 1.0)
    spot = Area(60, 900, 300, 60)

    def covered(sheet: Any) -> None:
        sheet.text("盖住一半的一行字", spot, 26)
        sheet.rectangle(Area(200, 890, 300, 80), GROUND)

    ways: dict[str, Callable[[Any], object]] = {
        "good": lambda sheet: sheet.text("清清楚楚的一行字", spot, 26),
        "pale": lambda sheet: sheet.text("太浅的一行字", spot, 26, pale),
        "pale on blue": lambda sheet: (sheet.rectangle(spot, BLUE), sheet.text("蓝上蓝", spot, 26, BLUE)),
        "button": lambda sheet: sheet.button("x", spot, "按钮", lambda: None) or sheet.rectangle(spot, paler),
        "covered": covered,
        "hidden": lambda sheet: (sheet.text("看不见", spot, 26), sheet.rectangle(spot, MUTED)),
        "clipped": lambda sheet: sheet.text("装不下的一行字" * 9, Area(60, 900, 300, 40), 26),
        "outside": lambda sheet: sheet.text("出了边", Area(700, 900, 300, 60), 26),
        "crossed": lambda sheet: (sheet.text("一行", spot, 26), sheet.text("又一行", spot, 26)),
        "small": lambda sheet: sheet.button("x", Area(60, 900, 40, 40), "", lambda: None),
        "edge": lambda sheet: (
            sheet.button("x", Area(60, 900, 120, 80), "", lambda: None),
            sheet.text("跨过按钮的边", Area(100, 920, 300, 60), 26, PAPER),
        ),
    }
    return ways[how]


@pytest.mark.parametrize(
    ("how", "complaint"),
    [
        ("good", ""),
        ("pale", "contrast"),
        ("pale on blue", "contrast"),
        ("button", "contrast"),
        ("covered", "covered or cut off"),
        ("hidden", "contrast"),
        ("clipped", "does not fit"),
        ("outside", "outside the window"),
        ("crossed", "texts overlap"),
        ("small", "target too small"),
        ("edge", "crosses a target's edge"),
    ],
)
def test_a_spoilt_picture_does_not_pass(glass: Glass, how: str, complaint: str) -> None:
    found = drawn_wrong(glass, spoilt(how))
    assert any(complaint in one for one in found) if complaint else found == []


@given(st.tuples(*[st.integers(0, 255)] * 3), st.tuples(*[st.integers(0, 255)] * 3))
def test_contrast_is_measured_as_the_rule_says(ink: tuple[int, ...], ground: tuple[int, ...]) -> None:
    the_glass()
    from screens.tokens import Area
    from tests.screens import contrast

    picture = np.full((40, 40, 3), ground, np.uint8)
    picture[10:20, 10:20] = ink
    measured = contrast.darkest(contrast.contrasts(picture, Area(0, 0, 40, 40)))
    one, other = (float(contrast.luminance(np.array(c, float)[None, None])[0, 0]) for c in (ink, ground))
    asked = (max(one, other) + 0.05) / (min(one, other) + 0.05)
    assert measured == pytest.approx(asked, rel=0.02) or measured < 1.2 > asked
    black, white = (np.array([[[level] * 3]], float) for level in (0, 255))
    assert contrast.luminance(white)[0, 0] == pytest.approx(1)
    assert contrast.luminance(black)[0, 0] == 0


def test_lines_are_broken_as_chinese_is_set() -> None:
    the_glass()
    from screens import type

    text = "请携带《居民身份证》，并于 2026-11-22 前到 3 号窗口（二楼）办理，谢谢。"
    for room in range(160, 800, 37):
        broken = type.lines(text, 36, False, room)
        assert "".join(line.replace(" ", "") for line in broken) == text.replace(" ", "")
        assert not any(line[0] in "，。、；：？！）》" for line in broken)
        assert not any(line[-1] in "（《" for line in broken)
        if room > 250:
            assert any("2026-11-22" in line for line in broken)
