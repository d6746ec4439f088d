"""The certificate: what it says, how it looks to a machine, and that no change of it passes."""

from __future__ import annotations

import hashlib
import subprocess
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import pytest
from pyhanko.pdf_utils.generic import NumberObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from config.people import person
from hall.platform.certificates import (
    CertificateError,
    CertificatePress,
    InsuranceRow,
    ProofOfInsurance,
)
from hall.platform.clock import CHINA
from hall.platform.issued import revoke
from hall.platform.settings import ServerSettings
from hall.platform.signing import open_seal
from hall.platform.store import Store
from kiosk.certificate_check import Verdict, verify
from tests.hall.platform.conftest import Clock
from tests.hall.platform.terminal import Terminal, proof

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=CHINA)


def paper(**differently: Any) -> ProofOfInsurance:
    """A certificate's text, with changes."""
    told: dict[str, Any] = {
        "title": "个人参保证明",
        "number": "1.2.3",
        "name": "陈𬭩",
        "id_number": "330100199301300051",
        "first": "2020-01",
        "last": "2026-10",
        "purpose": "购房",
        "insurances": (InsuranceRow("养老保险", "2020-01", "2026-10", 82, "示例市远帆物流有限公司"),),
        "issuer": "示例市社会保险事业中心（样张）",
        "issued_on": "2026-11-22",
        "valid_until": "2027-02-22",
        "watermark": "样张·无效",
        "verify_site": "http://127.0.0.1/v",
        "verify_url": "http://127.0.0.1/v/1.2.3",
        "short_code": "ABCDE FGHJK",
    }
    return ProofOfInsurance(**told | differently)


@pytest.fixture(scope="session")
def press(authority: Path) -> CertificatePress:
    return CertificatePress(open_seal(authority))


@pytest.fixture(scope="session")
def sealed(press: CertificatePress) -> bytes:
    return press.proof_of_insurance(paper(), NOW).pdf


@pytest.fixture(scope="session")
def root(authority: Path) -> bytes:
    return (authority / "root.pem").read_bytes()


def text_of(pdf: bytes, folder: Path) -> str:
    """The text as poppler finds it, without its line breaks."""
    (folder / "c.pdf").write_bytes(pdf)
    done = subprocess.run(
        ["pdftotext", "-raw", folder / "c.pdf", "-"], capture_output=True, check=True, timeout=20
    )
    return done.stdout.decode().replace("\n", " ")


# ── through the platform ────────────────────────────────────────────────────
def test_from_the_form_to_the_publics_page(standing: Terminal, root: bytes, tmp_path: Path) -> None:
    result = standing.file(proof(standing.lay_card("chen"), NOW)).json()
    document = result["documents"][0]
    pdf = standing.pdf(result)
    verdict = verify(pdf, root, document["sha256"])
    assert verdict.valid and verdict.signer == "示例市社会保险事业中心（样张）"
    assert document["pages"] == 1

    said = text_of(pdf, tmp_path)
    who = person("chen")
    for expected in (who.name, who.number, document["number"], "养老保险", "工伤保险", " 78 ", "购房"):
        assert expected in said
    assert "失业保险" not in said  # not asked for

    address = code_on_paper(tmp_path)
    assert address == f"{str(standing.http.base_url).rstrip('/')}/v/{document['number']}"
    page = standing.http.get(address)
    assert page.status_code == 200 and 'data-state="valid"' in page.text
    assert "陈*" in page.text and who.name not in page.text and who.number not in page.text
    assert "证明有效" in page.text and "Valid certificate" in page.text


def code_on_paper(folder: Path) -> str:
    """The QR code of the printed page, as a camera reads it."""
    subprocess.run(
        ["pdftoppm", "-r", "200", "-gray", "-png", folder / "c.pdf", folder / "c"], check=True, timeout=20
    )
    picture = cv2.imread(str(folder / "c-1.png"))
    assert picture is not None
    return cv2.QRCodeDetector().detectAndDecode(picture)[0]


def test_the_code_on_the_paper_finds_it_too(standing: Terminal, tmp_path: Path) -> None:
    result = standing.file(proof(standing.lay_card("zhang"), NOW)).json()
    code = result["documents"][0]["number"].split(".")[-3][8:]
    assert f"{code[:5]} {code[5:]}" in text_of(standing.pdf(result), tmp_path)
    typed = standing.http.get(
        "/v", params={"number": f" {code[:5].lower()} {code[5:]}"}, follow_redirects=True
    )
    assert 'data-state="valid"' in typed.text


def test_an_unknown_number_is_said_to_be_unknown(standing: Terminal) -> None:
    page = standing.http.get("/v/1.2.156.3005.2.NOBODY")
    assert page.status_code == 404 and "查无此证明" in page.text and 'data-state="unknown"' in page.text
    assert standing.http.get("/v/<script>alert(1)").text.count("<script") == 0


def test_a_revoked_certificate_says_so(terminal: Terminal, settings: ServerSettings, clock: Clock) -> None:
    number = terminal.file(proof(terminal.lay_card("li"), clock.time)).json()["documents"][0]["number"]
    store = Store(settings.data / "platform.db")
    assert revoke(store, number, clock.time) and not revoke(store, number, clock.time)
    store.close()
    assert 'data-state="revoked"' in terminal.http.get(f"/v/{number}").text


def test_a_certificate_lapses_after_three_months(terminal: Terminal, clock: Clock) -> None:
    number = terminal.file(proof(terminal.lay_card("li"), clock.time)).json()["documents"][0]["number"]
    clock.time = datetime(2027, 2, 22, 23, 59, tzinfo=CHINA)
    assert 'data-state="valid"' in terminal.http.get(f"/v/{number}").text
    clock.pass_by(minutes=1)
    assert 'data-state="expired"' in terminal.http.get(f"/v/{number}").text


def test_a_document_is_had_by_its_handle_only(standing: Terminal) -> None:
    result = standing.file(proof(standing.lay_card("li"), NOW)).json()
    for guess in (result["case_no"], result["documents"][0]["number"], "x"):
        answer = standing.http.get(f"/v1/documents/{guess}")
        assert (answer.status_code, answer.json()["code"]) == (404, "document_unknown")


# ── the paper ───────────────────────────────────────────────────────────────
def test_the_same_data_is_the_same_page(press: CertificatePress) -> None:
    assert press.render(paper(), NOW) == press.render(paper(), NOW)


def test_what_a_citizen_typed_is_text_and_never_markup(press: CertificatePress, tmp_path: Path) -> None:
    trick = "#panic() *粗* $x$ \\"
    assert trick in text_of(press.render(paper(name=trick), NOW), tmp_path)


def test_a_character_that_no_font_has_is_an_error_that_names_nobody(press: CertificatePress) -> None:
    with pytest.raises(CertificateError) as caught:
        press.proof_of_insurance(paper(name="陈\U0010fffd"), NOW)
    assert "陈" not in f"{caught.value!r}" and caught.value.__cause__ is None


def test_every_font_is_inside(sealed: bytes, tmp_path: Path) -> None:
    (tmp_path / "c.pdf").write_bytes(sealed)
    listed = subprocess.run(
        ["pdffonts", tmp_path / "c.pdf"], capture_output=True, check=True, text=True, timeout=20
    )
    fonts = [line.split()[-5] for line in listed.stdout.splitlines()[2:]]
    assert fonts and set(fonts) == {"yes"}


def test_it_declares_itself_for_the_archive(sealed: bytes) -> None:
    catalog = PdfFileReader(BytesIO(sealed)).root
    told = catalog["/Metadata"].data.decode()
    assert 'pdfaid:part="2"' in told and 'pdfaid:conformance="B"' in told
    assert "/OutputIntents" in catalog


# ── the terminal's judgement ────────────────────────────────────────────────
def test_the_platforms_own_certificate_passes(sealed: bytes, root: bytes) -> None:
    assert verify(sealed, root, hashlib.sha256(sealed).hexdigest()).valid


def test_poppler_agrees(sealed: bytes, tmp_path: Path) -> None:
    (tmp_path / "c.pdf").write_bytes(sealed)
    done = subprocess.run(["pdfsig", tmp_path / "c.pdf"], capture_output=True, text=True, timeout=20)
    assert "Signature is Valid." in done.stdout and "Total document signed" in done.stdout
    assert "ETSI.CAdES.detached" in done.stdout


def test_another_file_than_told_is_refused(sealed: bytes, root: bytes) -> None:
    assert verify(sealed, root, hashlib.sha256(b"").hexdigest()) == Verdict(False, "digest")


@pytest.mark.parametrize("part", [0.05, 0.2, 0.4, 0.6, 0.75])
def test_one_flipped_byte_is_refused(sealed: bytes, root: bytes, part: float) -> None:
    place = int(len(sealed) * part)
    assert not verify(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :], root, None).valid


def test_an_appended_comment_is_refused(sealed: bytes, root: bytes) -> None:
    assert verify(sealed + b"\n% a comment\n", root, None) == Verdict(False, "changed")


def test_a_later_revision_is_refused(sealed: bytes, root: bytes) -> None:
    for change in (_title_changed, _field_added, _page_added):
        writer = IncrementalPdfFileWriter(BytesIO(sealed))
        change(writer)
        changed = BytesIO()
        writer.write(changed)  # type: ignore[no-untyped-call]
        assert changed.getvalue().startswith(sealed)
        assert verify(changed.getvalue(), root, None) == Verdict(False, "changed")


def _title_changed(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/Lang"] = writer.root["/Lang"]
    writer.update_root()  # type: ignore[no-untyped-call]


def _field_added(writer: IncrementalPdfFileWriter) -> None:
    append_signature_field(writer, SigFieldSpec("Another"))


def _page_added(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    pages["/Kids"].append(pages.raw_get("/Kids")[0])
    pages["/Count"] = NumberObject(2)  # type: ignore[no-untyped-call]
    writer.update_container(pages)


def test_another_root_is_refused_and_its_names_are_not_logged(
    sealed: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    another = open_seal(tmp_path / "another")
    assert verify(sealed, another.root_pem, None) == Verdict(False, "untrusted")
    assert "示例" not in caplog.text


@pytest.mark.parametrize("length", [0, 1, 100, 5000, -1, -700])
def test_a_truncated_file_is_refused(sealed: bytes, root: bytes, length: int) -> None:
    assert not verify(sealed[:length], root, None).valid


def test_an_unsigned_page_and_no_page_are_refused(press: CertificatePress, root: bytes) -> None:
    assert verify(press.render(paper(), NOW), root, None) == Verdict(False, "unsigned")
    assert verify(b"%PDF-1.7\n" + b"\0\xff" * 500, root, None) == Verdict(False, "unreadable")


# ── the keys ────────────────────────────────────────────────────────────────
def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    first = open_seal(tmp_path)
    assert open_seal(tmp_path).root_pem == first.root_pem
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes["root.key"] == modes["signer.key"] == 0o600
    assert b"PRIVATE" not in first.root_pem
