"""Given words on the screen, then they look alike whether the cut of the usual characters has them or not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from config import assets
from config.usual_characters import are_usual, usual_characters
from tests.screens.glass import Glass

REPO = Path(__file__).resolve().parents[2]
WORDS = (
    "居民身份证·办理 Service 123",
    "AVATAR To Type WAY, fi ffl",
    "“引号”——…，。！？（括号）《书》",
    "65 ㎡ – éü ①★℃ ¥",
)


def characters(font: Path) -> set[int]:
    with TTFont(font, lazy=True) as opened:
        return set(opened.getBestCmap())


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("size", [18, 26, 33, 64])
def test_a_line_is_the_same_picture_from_the_cut_and_from_the_whole_face(
    glass: Glass, size: int, bold: bool
) -> None:
    from screens import type

    face = "bold" if bold else "regular"
    for text in WORDS:
        assert type.runs(text, bold) == [(face, text)]
        cut, whole = (type.label(text, size, one) for one in (face, f"whole {face}"))
        for label in (cut, whole):
            label.refresh()
        assert cut.texture.size == whole.texture.size
        assert cut.texture.pixels == whole.texture.pixels


def test_a_name_goes_on_in_the_face_that_has_its_characters(glass: Glass) -> None:
    from screens import type

    assert type.runs("陶喆，Łukasz", False) == [
        ("regular", "陶"),
        ("whole regular", "喆"),
        ("regular", "，"),
        ("rare_a", "Ł"),
        ("regular", "ukasz"),
    ]
    _, (face, _), _ = type.runs("陈𬭩飞", True)
    assert ord("𬭩") in characters(Path(type.font(face)))
    assert type.width("喆喆", 40, False) == 80  # as wide as high, as from the cut


@pytest.mark.parametrize("name", assets.SCREEN_FONTS)
def test_each_face_has_what_it_is_trusted_with(name: str) -> None:
    whole = characters(assets.font(name))
    assert usual_characters() <= characters(assets.screen_font(name)) < whole
    assert set(range(0x4E00, 0x9FA6)) <= whole


def test_the_house_s_own_words_need_no_whole_face() -> None:
    found = {}
    for folder in ("config/locale", "config/catalogue"):
        for file in sorted((REPO / folder).rglob("*.toml")):
            said = re.sub(r"(?m)^#.*", "", file.read_text("utf-8"))
            found[file.name] = {one for one in said if not are_usual(one)}
    assert len(found) > 50
    assert not {name: odd for name, odd in found.items() if odd}
