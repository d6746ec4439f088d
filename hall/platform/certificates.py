"""Certificates on paper: typst renders the template with the data as JSON, the seal signs it.

PDF/A-2b with every font inside. A character that no font has, a missing font and any warning of the
renderer are errors: an official paper never shows a box where a name should be.
"""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import segno
import typst
from pyhanko.pdf_utils.reader import PdfFileReader

from config import assets
from hall.platform.signing import Box, Seal, seal_pdf

TEMPLATES = Path(__file__).parent / "templates"
FONTS = ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf", "HanaMinA.ttf", "HanaMinB.ttf")

# The frame that sb01.typ draws at the lower right, in points from the lower left of the page.
SIGNATURE_BOX: Box = (334, 74, 527, 159)


class CertificateError(Exception):
    """A certificate could not be made. The text names no person."""


@dataclass(frozen=True)
class InsuranceRow:
    """One row of the table."""

    name: str
    first: str
    last: str
    months: int
    employer: str


@dataclass(frozen=True)
class ProofOfInsurance:
    """What an SB01 certificate says, each text as it is printed."""

    title: str
    number: str
    name: str
    id_number: str
    first: str
    last: str
    purpose: str
    insurances: tuple[InsuranceRow, ...]
    issuer: str
    issued_on: str
    valid_until: str
    watermark: str
    verify_site: str
    verify_url: str
    short_code: str


_BLANK = ProofOfInsurance(
    title="-",
    number="-",
    name="-",
    id_number="-",
    first="-",
    last="-",
    purpose="-",
    insurances=(InsuranceRow("-", "-", "-", 0, "-"),),
    issuer="-",
    issued_on="-",
    valid_until="-",
    watermark="-",
    verify_site="-",
    verify_url="-",
    short_code="-",
)


@dataclass(frozen=True)
class SealedCertificate:
    """A finished document: the bytes that terminals print unchanged."""

    pdf: bytes
    sha256: str
    pages: int


class CertificatePress:
    """The renderer, kept warm: its fonts take a tenth of a second to load. One page at a time."""

    def __init__(self, seal: Seal) -> None:
        """Raises FileNotFoundError with a remedy when a font is missing, CertificateError."""
        folders = {assets.font(name).parent for name in FONTS}
        self._seal = seal
        self._lock = threading.Lock()  # the compiler keeps state between pages
        self._compiler = typst.Compiler(
            TEMPLATES / "sb01.typ", font_paths=sorted(folders), ignore_system_fonts=True
        )
        # A first page at once: fonts and template are known good, and no citizen waits for them.
        self.proof_of_insurance(_BLANK, datetime.now(UTC))

    def proof_of_insurance(self, proof: ProofOfInsurance, issued_at: datetime) -> SealedCertificate:
        """The signed certificate. `issued_at` (aware) dates the file. Raises CertificateError."""
        pdf = self.render(proof, issued_at)
        sealed = seal_pdf(self._seal, pdf, SIGNATURE_BOX)
        return SealedCertificate(sealed, hashlib.sha256(sealed).hexdigest(), _pages(pdf))

    def render(self, proof: ProofOfInsurance, issued_at: datetime) -> bytes:
        """The certificate before its signature; the same bytes for the same data. Raises CertificateError."""
        data = json.dumps(asdict(proof) | {"qr": verification_code(proof.verify_url)}, ensure_ascii=False)
        with self._lock:
            try:
                pdf, warnings = self._compiler.compile_with_warnings(
                    format="pdf",
                    pdf_standards="a-2b",
                    sys_inputs={"data": data},
                    timestamp=int(issued_at.timestamp()),
                )
            except typst.TypstError:
                # Its text can quote the name that it cannot draw.
                raise CertificateError("the renderer refused: a character without a glyph?") from None
        if warnings or not isinstance(pdf, bytes):
            raise CertificateError(f"the renderer warned {len(warnings)} times: is a font missing?")
        return pdf


def verification_code(url: str) -> str:
    """The address as a QR code, SVG text."""
    svg = BytesIO()
    segno.make(url, error="m", micro=False).save(svg, kind="svg", border=0, xmldecl=False, nl=False)
    return svg.getvalue().decode()


def _pages(pdf: bytes) -> int:
    return int(PdfFileReader(BytesIO(pdf)).root["/Pages"]["/Count"])
