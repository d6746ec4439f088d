"""Every page in every size and language: nothing clipped, overlapping, out of reach or left in English."""

from __future__ import annotations

import pytest

from tests.screens import prompts as p
from tests.screens.glass import SIZE, the_glass
from tests.screens.samples import SAMPLES


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
    from tests.screens.checks import problems  # after the glass, for it knows Kivy

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
            found += [f"{sample.name}: {problem}" for problem in problems(glass.scene, language)]
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
