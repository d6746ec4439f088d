"""The certificate: from the form to the public's page, and what stands on the paper."""

from __future__ import annotations

import subprocess
import unicodedata
from io import BytesIO
from pathlib import Path

import cv2
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from config import toml_file
from config.people import person
from config.print_layout import A4, PrintLayout
from hall.platform.certificate_templates import FOLDER, load_templates
from hall.platform.certificates import CertificateError, CertificatePress
from hall.platform.demo_seal import open_seal
from hall.platform.signing import PdfSeal
from kiosk.documents.certificate_check import verify
from tests.hall.platform.papers import FACTS, NOW, PARTICULARS, poppler, render, text_of, told
from tests.hall.platform.terminal import Terminal, proof, record
from tests.rare_names import RARE_NAMES, WITHOUT_A_GLYPH


# ── through the platform ────────────────────────────────────────────────────
def test_from_the_form_to_the_publics_page(standing: Terminal, root: bytes, tmp_path: Path) -> None:
    result = standing.file(proof(standing.lay_card("chen"), NOW)).json()
    document = result["documents"][0]
    pdf = standing.pdf(result)
    verdict = verify(pdf, root, document["sha256"])
    assert verdict.valid and verdict.signer == "示例市社会保险事业中心（样张）"
    assert document["pages"] == 1
    assert document["layout"] == {"sides": "one-sided", "media": A4, "copies": 1}

    said = text_of(pdf, tmp_path)
    who = person("chen")
    for expected in (who.name, who.number, document["number"], "养老保险", "工伤保险", " 78 ", "购房"):
        assert expected in said
    assert "失业保险" not in said  # not asked for
    assert "样张·无效" in said and "仅供办理购房使用，有效期至 2027-02-22" in said

    address = code_on_paper(tmp_path)
    assert address == f"{str(standing.http.base_url).rstrip('/')}/v/{document['number']}"
    page = standing.http.get(address)
    assert page.status_code == 200 and 'data-state="valid"' in page.text
    assert "陈*" in page.text and who.name not in page.text and who.number not in page.text
    assert "证明有效" in page.text and "Valid certificate" in page.text


def code_on_paper(folder: Path) -> str:
    """The QR code of the printed page, as a camera reads it."""
    subprocess.run(
        ["pdftoppm", "-r", "200", "-gray", "-png", folder / "c.pdf", folder / "c"], check=True, timeout=60
    )
    picture = cv2.imread(str(folder / "c-1.png"))
    assert picture is not None
    return cv2.QRCodeDetector().detectAndDecode(picture)[0]


def test_a_year_of_the_pension_is_one_sheet_printed_on_both_sides(
    standing: Terminal, root: bytes, tmp_path: Path
) -> None:
    subject = standing.lay_card("wang")  # 262 months paid of 346: his gap lies in the middle
    form = standing.http.get("/v1/services/SB02/form", params={"subject": subject}).json()
    assert form["values"] == {"year": "2025"} and len(form["options"]["year"]) == 5
    result = standing.file(record(subject, NOW, "2022")).json()
    (document,) = result["documents"]
    assert document["pages"] == 2 and document["layout"]["sides"] == "two-sided-long-edge"
    pdf = standing.pdf(result)
    assert verify(pdf, root, document["sha256"]).valid
    front, back = poppler("pdftotext", pdf, tmp_path, "-raw", last=("-",)).split("\f")[:2]
    assert "养老保险个人权益记录单" in front and "首次缴费年月 1998-01" in front.replace("\n", " ")
    paid = [line for line in back.splitlines() if line.startswith("2022-")]
    assert len(paid) == 12 and paid[0].split()[:2] == ["2022-01", "已缴费"]
    assert [int(line.split()[-1]) for line in paid] == list(range(205, 217))
    assert "Pension record of a year" in standing.http.get(f"/v/{document['number']}").text


@pytest.mark.parametrize(
    ("who", "year"), [("sun", "2025"), ("wang", "2026"), ("wang", "2020-01"), ("wang", "x")]
)
def test_a_year_without_a_record_is_no_paper(standing: Terminal, who: str, year: str) -> None:
    result = standing.file(record(standing.lay_card(who), NOW, year)).json()
    assert result["state"] == "refused" and result["documents"] == []


def test_the_code_on_the_paper_finds_it_too(standing: Terminal, tmp_path: Path) -> None:
    result = standing.file(proof(standing.lay_card("zhang"), NOW)).json()
    code = result["documents"][0]["number"].split(".")[-3][8:]
    assert f"{code[:5]} {code[5:]}" in text_of(standing.pdf(result), tmp_path)
    typed = standing.http.get(
        "/v", params={"number": f" {code[:5].lower()} {code[5:]}"}, follow_redirects=True
    )
    assert 'data-state="valid"' in typed.text


def test_a_document_is_had_by_its_handle_only(standing: Terminal) -> None:
    result = standing.file(proof(standing.lay_card("li"), NOW)).json()
    for guess in (result["case_no"], result["documents"][0]["number"], "x"):
        answer = standing.http.get(f"/v1/documents/{guess}")
        assert (answer.status_code, answer.json()["code"]) == (404, "document_unknown")


# ── the paper ───────────────────────────────────────────────────────────────
@pytest.mark.parametrize("template", FACTS)
def test_the_same_data_is_the_same_page(press: CertificatePress, template: str) -> None:
    assert render(press, template) == render(press, template)


@pytest.mark.parametrize("name", RARE_NAMES)
def test_a_rare_name_is_read_from_the_file_as_it_was_typed(
    press: CertificatePress, tmp_path: Path, name: str
) -> None:
    assert unicodedata.is_normalized("NFC", name)
    for template in FACTS:
        said = text_of(render(press, template, name=name), tmp_path)
        assert f" 名 {name} 证件号码" in said, f"{template}: {name}"


@pytest.mark.parametrize("character", WITHOUT_A_GLYPH + "\U0010fffd")
def test_a_character_that_no_font_has_is_an_error_that_names_nobody(
    press: CertificatePress, character: str
) -> None:
    with pytest.raises(CertificateError) as caught:
        render(press, name=f"陈{character}")
    assert caught.value.code == "certificate_glyph"
    assert "陈" not in f"{caught.value!r}" and caught.value.__cause__ is None


def test_what_a_citizen_typed_is_text_and_never_markup(press: CertificatePress, tmp_path: Path) -> None:
    trick = "#panic() *粗* $x$ \\"
    assert trick in text_of(render(press, name=trick), tmp_path)


@pytest.mark.parametrize("template", FACTS)
def test_every_font_is_inside_and_maps_back_to_text(
    press: CertificatePress, tmp_path: Path, template: str
) -> None:
    listed = poppler("pdffonts", render(press, template, name="吕𬺈𮕵"), tmp_path).splitlines()[2:]
    assert len(listed) >= 3
    for line in listed:
        embedded, _, to_unicode = line.split()[-5:-2]
        assert (embedded, to_unicode) == ("yes", "yes"), line


def test_it_declares_itself_for_the_archive(sealed: bytes) -> None:
    catalog = PdfFileReader(BytesIO(sealed)).root
    told_of_itself = catalog["/Metadata"].data.decode()
    assert 'pdfaid:part="2"' in told_of_itself and 'pdfaid:conformance="B"' in told_of_itself
    assert "/OutputIntents" in catalog


# ── the table of templates ──────────────────────────────────────────────────
def test_a_hall_adds_a_certificate_with_a_drawing_and_a_table(authority: Path, tmp_path: Path) -> None:
    for file in (FOLDER / "frame.typ", FOLDER / "sb01.toml"):
        (tmp_path / file.name.replace("sb01", "own")).write_bytes(file.read_bytes())
    with pytest.raises(FileNotFoundError, match=r"own\.typ"):
        load_templates(tmp_path)
    text = (tmp_path / "own.toml").read_text()
    layout = '[layout]\nsides = "two-sided-short-edge"\ncopies = 2\n\n[sample]'
    (tmp_path / "own.toml").write_text(text.replace("[sample]", layout))
    (tmp_path / "own.typ").write_text('#import "frame.typ": *\n#show: certificate\n#head([])\n#data.first')
    press = CertificatePress(PdfSeal(open_seal(authority)), tmp_path)
    assert press.templates["own"].layout == PrintLayout("two-sided-short-edge", copies=2)
    made = press.make("own", PARTICULARS, {"first": "第一个月"}, NOW)
    assert "第一个月" in text_of(made.pdf, tmp_path) and made.pages == 1


def test_a_template_that_cannot_draw_its_own_sample_is_found_at_the_start(
    authority: Path, tmp_path: Path
) -> None:
    (tmp_path / "own.toml").write_bytes((FOLDER / "sb01.toml").read_bytes())
    (tmp_path / "own.typ").write_text("#json(bytes(sys.inputs.data)).nothing")
    with pytest.raises(CertificateError):
        CertificatePress(PdfSeal(open_seal(authority)), tmp_path)
    (tmp_path / "own.toml").write_text("valid_months = 0")
    with pytest.raises(toml_file.ConfigError, match="valid_months"):
        load_templates(tmp_path)


def test_words_of_the_particulars_win_over_facts_of_the_same_name(
    press: CertificatePress, tmp_path: Path
) -> None:
    pdf = press.render("sb01", told(), FACTS["sb01"] | {"watermark": "有效", "number": "7"}, NOW)
    assert "样张·无效" in text_of(pdf, tmp_path) and "1.2.3" in text_of(pdf, tmp_path)


# ── the keys ────────────────────────────────────────────────────────────────
def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    first = open_seal(tmp_path)
    assert open_seal(tmp_path).root_pem == first.root_pem
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes["root.key"] == modes["signer.key"] == 0o600
    assert b"PRIVATE" not in first.root_pem and "key" not in repr(first)
