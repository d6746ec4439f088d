"""What the service desk asks for: a question beside the page, and pictures of the glass."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image, ImageChops

from config.people import people
from config.words import same
from kiosk.prompts import Answer, Chosen, Place, Row, ShowResult
from kiosk.remote.in_view import masked
from kiosk.remote.screenshot import question
from tests.screens import prompts as p
from tests.screens.glass import Glass
from tests.screens.samples import SAMPLES

ZHANG = people()["zhang"]
PERSONAL = (ZHANG.name, ZHANG.number, ZHANG.phone, ZHANG.address)


def picture(pixels: Any) -> Image.Image:
    from screens.picture import png

    return Image.open(io.BytesIO(png(pixels)))


def drawn(prompt: Any, place: Place, monkeypatch: pytest.MonkeyPatch, glass: Glass) -> tuple[Any, list[str]]:
    """The pixels of a masked copy, and every text that was drawn for them."""
    from screens import type

    texts: list[str] = []
    label = type.label

    def noted(text: str, *arguments: Any, **named: Any) -> Any:
        texts.append(text)
        return label(text, *arguments, **named)

    with monkeypatch.context() as watching:
        watching.setattr(type, "label", noted)
        pixels = glass.scene.pixels_of(masked(prompt), place)
    return pixels, texts


# ── the question beside the page ────────────────────────────────────────────
@pytest.mark.parametrize("answer", ["agree", "other"])
def test_a_question_lies_over_the_page_and_what_was_chosen_there_stays(glass: Glass, answer: str) -> None:
    heard: list[Answer] = []
    glass.present(p.HOME, p.NOWHERE)
    glass.present(p.RATE, p.NOWHERE)
    glass.touch("star:5")
    chosen = glass.names()
    glass.scene.ask_aside(question(), heard.append)
    assert glass.names() == ["aside:other", "aside:agree"], "nothing beneath can be touched"
    glass.touch(f"aside:{answer}")
    assert heard == [Chosen(answer)]
    assert glass.names() == chosen, "the stars are still chosen"
    assert glass.answers == [], "the page beneath has not been answered"


def test_the_time_out_warning_comes_first_and_the_question_is_still_there_after_it(glass: Glass) -> None:
    glass.present(p.FORM, p.at(4))
    glass.scene.ask_aside(question())
    glass.scene.warn(12)
    assert glass.names() == ["continue"]
    glass.touch("continue")
    assert "aside:agree" in glass.names()
    glass.scene.ask_aside(None)
    assert "aside:agree" not in glass.names()


# ── pictures ────────────────────────────────────────────────────────────────
def test_the_picture_of_an_idle_terminal_is_what_is_on_the_glass(glass: Glass, tmp_path: Any) -> None:
    glass.present(p.HOME, p.NOWHERE)

    def seen() -> Image.Image:
        glass.save(tmp_path / "glass.png")
        return Image.open(tmp_path / "glass.png").convert("RGB")

    for _ in range(3):  # the clock at the head may turn in between
        before, taken, after = seen(), picture(glass.scene.pixels()), seen()
        assert taken.size == before.size
        levels = ImageChops.difference(taken, before).convert("L").histogram()
        assert sum(levels[24:]) < taken.width * taken.height // 100
        if after.tobytes() == before.tobytes():
            return
    pytest.fail("taking a picture changes what is on the glass")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_masked_copy_of_any_page_can_be_drawn_and_shows_nothing_on_the_glass(
    glass: Glass, sample: Any
) -> None:
    glass.present(p.HOME, p.NOWHERE)
    before = glass.words()
    glass.scene.pixels_of(masked(sample.prompt), sample.place)
    assert glass.words() == before


@pytest.mark.parametrize("page", ["form", "confirm", "result"])
def test_nothing_of_the_person_is_drawn_on_a_masked_picture(
    glass: Glass, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    rows = tuple(Row(same("姓名"), same(text)) for text in PERSONAL)
    name = p.FORM.fields[0]
    prompts: dict[str, Any] = {
        "form": replace(
            p.FORM, fields=tuple(replace(name, key=f"f{n}", value=t) for n, t in enumerate(PERSONAL))
        ),
        "confirm": replace(p.CONFIRM, rows=rows),
        "result": ShowResult(True, same(f"{ZHANG.name}，您好"), rows, note=same(ZHANG.number)),
    }
    prompt = prompts[page]
    _, texts = drawn(prompt, p.at(4), monkeypatch, glass)
    assert any("隐去" in text for text in texts), "the search itself must see what is drawn"
    said = "".join(texts)
    assert not [text for text in PERSONAL if text in said]
    emptied: Any = {"form": p.FORM, "confirm": p.CONFIRM, "result": ShowResult(True, same(""))}[page]
    same_size = replace(masked(emptied), blanks=masked(prompt).blanks)
    for _ in range(3):  # the clock at the head may turn in between
        one = glass.scene.pixels_of(masked(prompt), p.at(4))
        other = glass.scene.pixels_of(same_size, p.at(4))
        if one == other:
            return
    pytest.fail("a page with other contents looks another")
