"""Who accepts a certificate's file, and that no change of it passes: not one bit."""

from __future__ import annotations

import hashlib
import struct
import subprocess
import tracemalloc
import zlib
from pathlib import Path

import pytest
from asn1crypto.pem import unarmor
from asn1crypto.x509 import Certificate
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from hall.platform.certificates import CertificatePress
from hall.platform.demo_seal import open_seal
from kiosk.documents.certificate_check import Verdict, verify
from tests.hall.platform.changed_files import CHANGES, flipped, places_in_the_signature, unsigned_page
from tests.hall.platform.papers import FACTS, make, render


@pytest.fixture(scope="session")
def trusting_nss(authority: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate store of poppler's that trusts the demo's root."""
    folder = tmp_path_factory.mktemp("nss")
    for told in (
        ["-N", "--empty-password"],
        ["-A", "-n", "root", "-t", "C,C,C", "-i", authority / "root.pem"],
    ):
        subprocess.run(
            ["certutil", *told, "-d", f"sql:{folder}"], check=True, capture_output=True, timeout=60
        )
    return folder


# ── accepted ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("template", FACTS)
def test_poppler_accepts_it_down_to_the_root(
    press: CertificatePress, trusting_nss: Path, tmp_path: Path, template: str
) -> None:
    (tmp_path / "c.pdf").write_bytes(make(press, template).pdf)
    command = ["pdfsig", "-nssdir", f"sql:{trusting_nss}", str(tmp_path / "c.pdf")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout
    for said in (
        "Signature is Valid.",
        "Total document signed",
        "ETSI.CAdES.detached",
        "Certificate is Trusted.",
    ):
        assert said in done.stdout


@pytest.mark.parametrize("template", FACTS)
def test_pyhanko_accepts_it_down_to_the_root(
    press: CertificatePress, authority: Path, tmp_path: Path, template: str
) -> None:
    file = tmp_path / "c.pdf"
    file.write_bytes(make(press, template).pdf)
    context = ValidationContext(
        trust_roots=[Certificate.load(unarmor((authority / "root.pem").read_bytes())[2])]
    )
    with file.open("rb") as opened:
        (signature,) = PdfFileReader(opened).embedded_signatures
        status = validate_pdf_signature(signature, context)
    assert status.bottom_line and status.docmdp_ok and status.coverage == SignatureCoverageLevel.ENTIRE_FILE


def test_the_terminal_accepts_it_and_only_the_file_it_was_told_of(sealed: bytes, root: bytes) -> None:
    verdict = verify(sealed, root, hashlib.sha256(sealed).hexdigest())
    assert verdict.valid and verdict.signed_at is not None and verdict.stamped_at is None
    assert verify(sealed, root, hashlib.sha256(b"").hexdigest()) == Verdict(False, "digest")


# ── refused ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("part", [0.001, 0.05, 0.2, 0.4, 0.6, 0.8, 0.9999])
def test_one_flipped_byte_of_what_is_signed_is_refused(sealed: bytes, root: bytes, part: float) -> None:
    assert not verify(flipped(sealed, int(len(sealed) * part)), root, None).valid


def test_one_flipped_bit_within_the_signature_itself_is_refused(sealed: bytes, root: bytes) -> None:
    """No signature covers itself: the zeros behind it, its capitals, the certificate beside it."""
    places = places_in_the_signature(sealed, many=90, seed=4)
    passed = [place for place in places if verify(flipped(sealed, *place), root, None).valid]
    assert len(places) > 200 and passed == []


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_refused(sealed: bytes, root: bytes, change: str) -> None:
    assert not verify(CHANGES[change](sealed), root, None).valid


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
    for page in (render(press), unsigned_page()):
        assert verify(page, root, None) == Verdict(False, "unsigned")
    assert verify(b"%PDF-1.7\n" + b"\0\xff" * 500, root, None) == Verdict(False, "unreadable")


def test_a_file_beyond_all_measure_is_not_even_opened(root: bytes) -> None:
    assert verify(b"%PDF-1.7" + bytes(20_000_001), root, None) == Verdict(False, "too_large")


def test_a_file_that_unpacks_to_more_than_memory_is_refused_and_not_unpacked(authority: Path) -> None:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1_000_000)) for _ in range(300)) + packer.flush()
    entries = b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode"
    bomb = b"%PDF-1.7\n" + _stream(2, entries, packed)
    table = [(0, 0, 65535), (2, 2, 0), (1, 9, 0), (1, len(bomb), 0)]
    rows = b"".join(struct.pack(">BIH", *row) for row in table)
    end = b"startxref\n%d\n%%%%EOF\n" % len(bomb)
    bomb += _stream(3, b"/Type/XRef/Size 4/W[1 4 2]/Root 1 0 R", rows) + end
    tracemalloc.start()
    verdict = verify(bomb, (authority / "root.pem").read_bytes(), None)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert verdict == Verdict(False, "unreadable") and most < 100_000_000


def _stream(number: int, entries: bytes, content: bytes) -> bytes:
    head = b"%d 0 obj\n<<%s/Length %d>>\nstream\n" % (number, entries, len(content))
    return head + content + b"\nendstream\nendobj\n"
