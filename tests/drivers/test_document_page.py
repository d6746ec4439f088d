"""A sheet on the table: it is found where it lies, judged as a person would, and straightened."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from numpy.typing import NDArray

from config.faults import faults
from drivers import document_page, opencv
from drivers.document_page import RATIOS, Shape
from drivers.virtual.document_scene import HEIGHT, SHEETS, WIDTH, Scene, corners, draw, sheet
from kiosk.documents import receipts

cv2 = opencv.load()


def seen(scene: Scene, seed: int = 0) -> document_page.Sighting:
    return document_page.look(draw(scene, seed))


def error(sighting: document_page.Sighting, scene: Scene) -> float:
    """The farthest of the four corners from the truth, by the sheet's long side in the picture."""
    truth, found = corners(scene), np.array(sighting.corners)
    long = np.hypot(*(np.roll(truth, -1, axis=0) - truth).T).max()
    return float(max(np.hypot(*(found - corner).T).min() for corner in truth) / long)


def true_ratio(name: str) -> float:
    return max(SHEETS[name]) / min(SHEETS[name])


@some.composite
def in_view(draw_one: some.DrawFn) -> Scene:
    """Any sheet, anywhere, under a camera that leans, in half a shadow, on a dark or a light table."""
    name = draw_one(some.sampled_from(list(SHEETS)))
    wide = name in ("form", "blank")
    far = 6 if wide else 45
    scene = Scene(
        sheet=name,
        x=draw_one(some.floats(-far, far)),
        y=draw_one(some.floats(-far, far)) / 2,
        turn=draw_one(some.sampled_from([90, 270])) + draw_one(some.floats(-4, 4))
        if wide
        else draw_one(some.floats(0, 360)),
        pitch=draw_one(some.floats(-15, 15)),
        roll=draw_one(some.floats(-15, 15)),
        blur=draw_one(some.floats(0, 0.7)),
        shadow=draw_one(some.floats(0, 0.4)),  # deeper, a dark table hides a card: the citizen is told
        table=draw_one(some.sampled_from([25, 60, 100, 140])),
    )
    places = corners(scene)
    if places.min() < 12 or places[:, 0].max() > WIDTH - 12 or places[:, 1].max() > HEIGHT - 12:
        return Scene(sheet=name, turn=90, table=scene.table)
    return scene


# ── where it is ─────────────────────────────────────────────────────────────
@settings(max_examples=30)
@given(in_view(), some.integers(0, 9))
def test_wherever_a_sheet_lies_its_corners_are_found_within_a_hundredth(scene: Scene, seed: int) -> None:
    sighting = seen(scene, seed)
    assert sighting.advice == ""
    assert error(sighting, scene) < 0.01
    # Of a small sheet, tilted by 15°, a hundredth at each corner is more in the proportions.
    near = 0.1 if scene.sheet in ("card", "card_back", "slip") else 0.05
    assert sighting.ratio == pytest.approx(true_ratio(scene.sheet), rel=near)


@pytest.mark.parametrize("table", [25, 60, 100, 140, 190])
@pytest.mark.parametrize("shadow", [0.0, 0.4])
def test_an_empty_table_is_no_sheet_whatever_its_grain(table: int, shadow: float) -> None:
    assert seen(Scene(table=table, shadow=shadow), table).advice == "page_not_found"


@settings(max_examples=10)
@given(some.sampled_from([-1, 1]), some.sampled_from([-1, 1]), some.floats(-20, 20))
def test_a_sheet_that_hangs_over_the_edge_is_told(right: int, down: int, turn: float) -> None:
    scene = Scene("form", x=right * 110, y=down * 60, turn=turn)
    assert seen(scene).advice == "page_cut"


def test_of_two_sheets_the_larger_is_meant() -> None:
    picture, card = draw(Scene("slip", x=60)), draw(Scene("card", x=-90))
    picture[:, : WIDTH // 2] = card[:, : WIDTH // 2]
    found = np.array(document_page.look(picture).corners)
    assert np.abs(found.mean(axis=0) - corners(Scene("slip", x=60)).mean(axis=0)).max() < 5


# ── can it be read ──────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", list(SHEETS))
@pytest.mark.parametrize(
    ("told", "how"),
    [
        ("", {"pitch": 5.0}),
        ("page_blurred", {"blur": 3.0}),
        ("page_glare", {"glare": 0.04}),
        ("page_dark", {"light": 0.22, "table": 110}),
    ],
)
def test_what_is_wrong_with_a_sheet_is_told(name: str, told: str, how: dict[str, float]) -> None:
    assert seen(Scene(name, turn=90, **how)).advice == told  # type: ignore[arg-type]


def test_a_sheet_goes_out_of_focus_by_degrees() -> None:
    widths = [
        document_page.look(draw(Scene("form", turn=90, blur=blur))).blur for blur in (0.0, 1.0, 2.0, 3.0)
    ]
    assert widths == sorted(widths)


@settings(max_examples=60)
@given(some.integers(0, 2**32 - 1), some.sampled_from([0, 3, 40, 255]))
def test_no_picture_whatsoever_makes_it_stumble(seed: int, range_of_noise: int) -> None:
    """Noise, rectangles and bars; small and large."""
    random = np.random.default_rng(seed)
    height, width = (int(side) for side in random.integers(60, 700, 2))
    picture = random.integers(0, range_of_noise + 1, (height, width, 3)).astype(np.uint8)
    for _ in range(int(random.integers(0, 5))):
        ends = random.integers(-50, 700, (4, 2)).astype(np.int32)
        cv2.fillPoly(picture, [ends], [int(one) for one in random.integers(0, 256, 3)])
    sighting = document_page.look(picture)
    assert sighting.advice == "" or sighting.advice in faults()
    if sighting.corners:
        assert document_page.straighten(picture, sighting).size


# ── straightened ────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("name", "shape"), [("form", "a4"), ("form", "free"), ("card", "card"), ("slip", "free")]
)
def test_a_page_is_straightened_to_its_true_proportions(name: str, shape: Shape) -> None:
    scene = Scene(name, turn=90 if name == "form" else 15, pitch=11, roll=-7)
    picture = draw(scene)
    page = document_page.straighten(picture, document_page.look(picture), shape)
    long, short = max(page.shape[:2]), min(page.shape[:2])
    right = RATIOS.get(shape, true_ratio(name))
    assert long / short == pytest.approx(right, rel=0.02)


def receipt() -> NDArray[np.uint8]:
    rows = (("办件编号", "JZ-2026-000001"), ("姓名", "张*"), ("事项", "个人参保证明打印"))
    made = receipts.draw(
        receipts.Receipt(
            (
                receipts.Line("text", "江州市市民服务中心", centre=True),
                receipts.Line("text", "办理凭条", size="title", bold=True, centre=True),
                *(receipts.Line("pair", value, label) for label, value in rows),
                receipts.Line("code", "https://example.invalid/v/1", "核验证明"),
                receipts.Line("text", "样张", centre=True),
            )
        )
    )
    return np.asarray(made.convert("RGB")).copy()


@pytest.mark.parametrize("own", [True, False])
def test_a_straightened_page_is_the_sheet_that_lay_there(own: bool) -> None:
    """Print is laid on print: what was drawn on the sheet is found at its place."""
    drawn = receipt() if own else sheet("form")
    name, scene = (
        ("slip", Scene("slip", turn=4, pitch=8)) if own else ("form", Scene("form", turn=90, roll=9))
    )
    picture = draw(scene, drawn=drawn)
    page = document_page.straighten(picture, document_page.look(picture))
    if name == "form":  # it lies on its side: so it is taken
        page = np.rot90(page)
    small = cv2.resize(np.ascontiguousarray(page), (300, 400), interpolation=cv2.INTER_AREA)
    right = cv2.resize(drawn, (300, 400), interpolation=cv2.INTER_AREA)
    assert np.corrcoef(small.mean(axis=2).ravel(), right.mean(axis=2).ravel())[0, 1] > 0.8
