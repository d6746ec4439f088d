"""The pages that a phone opens from a terminal's screen: one takes photographs, one takes a form over."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from config.phone_api import HandOver, HandOverCode, UploadCode, Uploaded, UploadRequest
from hall.platform import handlers
from hall.platform.phone_picture import LONG_SIDE, BadPicture, page_of
from hall.platform.settings import ServerSettings
from tests.hall.platform.conftest import Clock, serving
from tests.hall.platform.paper_service import HANDLER, ID, lay_down
from tests.hall.platform.terminal import TOKEN, Terminal
from tests.peers.desk import browser


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, authority: Path, clock: Clock) -> Iterator[Terminal]:
    folder = tmp_path_factory.mktemp("phones")
    shutil.copytree(authority, folder / "platform")
    settings = ServerSettings(
        data=folder / "platform", port=0, tokens=(TOKEN,), catalogue=(lay_down(folder / "services"),)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(handlers._HANDLERS, ID, HANDLER)
        with serving(settings, clock) as terminal:
            yield terminal


def sheet(size: tuple[int, int] = (1200, 1600), paper: int = 235, ink: int = 30, **saved: object) -> bytes:
    """A page of writing as a phone takes it."""
    picture = Image.new("RGB", size, (paper,) * 3)
    draw = ImageDraw.Draw(picture)
    for y in range(size[1] // 12, size[1] * 11 // 12, max(8, size[1] // 25)):
        draw.rectangle((size[0] // 10, y, size[0] * 9 // 10, y + size[1] // 80), fill=(ink,) * 3)
    made = io.BytesIO()
    picture.save(made, "JPEG", **saved)
    return made.getvalue()


# ── what a page is ──────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("photograph", "why"),
    [
        (b"%PDF-1.7", "no_picture"),
        (b"", "no_picture"),
        (sheet()[:400], "no_picture"),
        (sheet((500, 700)), "small"),
        (sheet(paper=30, ink=5), "dark"),
        (sheet(ink=235), "blank"),
    ],
)
def test_what_nobody_could_read_is_no_page(photograph: bytes, why: str) -> None:
    with pytest.raises(BadPicture) as bad:
        page_of(photograph)
    assert bad.value.why == why


def test_a_picture_whose_own_words_are_broken_is_no_page() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "x" * 50
    good = sheet((100, 120), exif=exif)
    at = good.index(b"Exif\0\0") + 6
    for place in range(at, at + 60):
        for byte in (0, 1, 9, 12, 255):
            broken = good[:place] + bytes([byte]) + good[place + 1 :]
            with pytest.raises(BadPicture) as bad:  # and never another error
                page_of(broken)
            assert bad.value.why in ("small", "no_picture")


def test_a_page_is_upright_of_good_size_and_bare_of_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # held sideways
    exif[0x010F] = "a phone of somebody's"
    page = page_of(sheet((4000, 3000), exif=exif))
    with Image.open(io.BytesIO(page)) as picture:
        assert picture.size == (LONG_SIDE * 3 // 4, LONG_SIDE) and not picture.getexif()
    assert b"somebody" not in page


# ── photographs ─────────────────────────────────────────────────────────────
def upload_code(desk: Terminal, subject: str, material: str = "diploma") -> UploadCode:
    wanted = UploadRequest(subject=subject, service=ID, material=material)
    return UploadCode.model_validate_json(desk.post("/v1/uploads", wanted).content)


def come(desk: Terminal, code: UploadCode, subject: str) -> httpx.Response:
    return desk.http.get(f"/v1/uploads/{code.code}", params={"subject": subject})


def test_a_citizen_photographs_two_pages_with_the_phone(desk: Terminal, tmp_path: Path) -> None:
    """In a real browser: a picture too dark is asked for again; after the last page the code is done."""
    subject = desk.lay_card("zhang")
    code = upload_code(desk, subject)
    files = {"dark.jpg": sheet(paper=30, ink=5), "one.jpg": sheet(), "two.jpg": sheet((1600, 1200))}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with browser() as context:
        page = context.new_page()
        page.goto(code.url)
        expect(page.locator("h2")).to_contain_text("结业证书")
        expect(page.locator("body")).to_contain_text("第 1 页，共 2 页")
        for name in ("dark.jpg", "one.jpg"):
            page.set_input_files("input[type=file]", tmp_path / name)
            page.locator("button").click()
            if name == "dark.jpg":
                expect(page.locator('[data-state="dark"]')).to_be_visible()
        expect(page.locator("body")).to_contain_text("第 2 页，共 2 页")
        half = Uploaded.model_validate_json(come(desk, code, subject).content)
        assert len(half.materials) == 1 and not half.done
        page.set_input_files("input[type=file]", tmp_path / "two.jpg")
        page.locator("button").click()
        expect(page.locator('[data-state="done"]')).to_be_visible()
    whole = Uploaded.model_validate_json(come(desk, code, subject).content)
    assert len(whole.materials) == 2 and whole.done


def test_a_code_is_for_one_person_and_for_five_minutes(desk: Terminal, clock: Clock) -> None:
    subject = desk.lay_card("zhang")
    code = upload_code(desk, subject)
    assert code.valid_seconds == 300
    other = come(desk, code, desk.lay_card("wang"))
    assert (other.status_code, other.json()["code"]) == (404, "upload_unknown")
    assert desk.http.get(f"/u/{code.code}").status_code == 200
    clock.pass_by(minutes=5)
    assert desk.http.get(f"/u/{code.code}").status_code == 404
    late = desk.http.post(f"/u/{code.code}", files={"file": ("a.jpg", sheet(), "image/jpeg")})
    assert late.status_code == 404 and come(desk, code, subject).status_code == 404


def test_a_page_too_many_is_not_kept(desk: Terminal) -> None:
    subject = desk.lay_card("zhang")
    code = upload_code(desk, subject, "household")
    for _ in range(2):
        answer = desk.http.post(f"/u/{code.code}", files={"file": ("a.jpg", sheet(), "image/jpeg")})
        assert 'data-state="done"' in answer.text
    assert len(Uploaded.model_validate_json(come(desk, code, subject).content).materials) == 1


@pytest.mark.parametrize(
    ("material", "told"), [("record", "material_missing"), ("nothing", "material_missing")]
)
def test_a_paper_that_does_not_come_by_phone_has_no_code(desk: Terminal, material: str, told: str) -> None:
    wanted = UploadRequest(subject=desk.lay_card("zhang"), service=ID, material=material)
    assert desk.post("/v1/uploads", wanted).json()["code"] == "material_missing"


# ── a form ──────────────────────────────────────────────────────────────────
def test_a_form_is_taken_over_by_a_phone_once(desk: Terminal) -> None:
    """In a real browser: a look uses nothing up, the touch does; then there is the code that leads back."""
    values = {"paid": "bank", "card_no": "6222020000000000000"}
    form = HandOver(service=ID, subject=desk.lay_card("zhang"), values=values)
    code = HandOverCode.model_validate_json(desk.post("/v1/handovers", form).content)
    with browser() as context:
        page = context.new_page()
        for _ in range(2):
            page.goto(code.url)
            expect(page.locator("body")).not_to_contain_text("银行卡")
        page.locator("button").click()
        expect(page.locator('[data-state="taken"]')).to_contain_text("银行卡")
        expect(page.locator("body")).not_to_contain_text("6222020000000000000")
        expect(page.locator("svg")).to_be_visible()
        back = page.locator("[data-code]").inner_text()
        page.goto(code.url)
        expect(page.locator('[data-state="unknown"]')).to_be_visible()
    told = desk.http.get(f"/v1/handovers/{back}")
    assert told.json() == {"service": ID, "values": {}, "case_no": "", "case": None}, "nothing of whose it is"
    foreign = desk.http.get(f"/v1/handovers/{back}", params={"subject": desk.lay_card("wang")})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "handover_foreign")
    mine = {"subject": desk.lay_card("zhang")}
    assert desk.http.get(f"/v1/handovers/{back}", params=mine).json()["values"] == values
    assert desk.http.get(f"/v1/handovers/{back}", params=mine).status_code == 404


def test_a_form_that_was_handed_over_is_forgotten_after_ten_minutes(desk: Terminal, clock: Clock) -> None:
    form = HandOver(service=ID, subject=desk.lay_card("zhang"), values={"paid": "cash"})
    code = HandOverCode.model_validate_json(desk.post("/v1/handovers", form).content)
    clock.pass_by(minutes=10)
    assert desk.http.post(f"/h/{code.code}").status_code == 404
