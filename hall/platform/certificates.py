"""Certificates on paper: typst renders a template with the data as JSON, the seal signs it.

PDF/A-2b with every font inside. A character that no font has, a missing font and any warning of the
renderer are errors: an official paper never shows a box where a name should be.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import segno
import typst
from pyhanko.pdf_utils.reader import PdfFileReader

from config import assets
from hall.platform.certificate_templates import FOLDER, Template, load_templates
from hall.platform.signing import PdfSeal

FONTS = ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf", "HanaMinA.ttf", "HanaMinB.ttf")


class CertificateError(Exception):
    """A certificate could not be made. `code` is a row of faults.toml; the text names no person."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Particulars:
    """What stands on every certificate, each text as it is printed."""

    title: str
    number: str
    name: str
    id_number: str
    issuer: str
    issued_on: str
    valid_until: str
    watermark: str  # 样张·无效, where it is one
    restriction: str  # what the paper is good for, and until when
    verify_site: str
    verify_url: str
    short_code: str


@dataclass(frozen=True)
class SealedCertificate:
    """A finished document: the bytes that terminals print unchanged."""

    pdf: bytes
    sha256: str
    pages: int
    time_stamped: bool


class CertificatePress:
    """The renderer, kept warm: its fonts take a tenth of a second to load. One page at a time."""

    def __init__(self, seal: PdfSeal, folder: Path = FOLDER) -> None:
        """Tries every drawing once, unsigned, so that no citizen is the first to.

        Raises FileNotFoundError with a remedy when a font is missing, ConfigError, CertificateError.
        """
        fonts = sorted({assets.font(name).parent for name in FONTS})
        self.templates: Mapping[str, Template] = load_templates(folder)
        self._seal = seal
        self._lock = threading.Lock()  # the compiler keeps state between pages
        drawings = {template.drawing: name for name, template in self.templates.items()}
        self._compilers = {
            drawing: typst.Compiler(folder / f"{drawing}.typ", font_paths=fonts, ignore_system_fonts=True)
            for drawing in drawings
        }
        for name in drawings.values():
            self.try_sample(name)

    def try_sample(self, template: str) -> bytes:
        """A template drawn with its sample. Raises CertificateError."""
        chosen = self.templates[template]
        return self.render(template, _blank(chosen), chosen.sample, datetime.now(UTC))

    def make(
        self, template: str, particulars: Particulars, facts: Mapping[str, Any], issued_at: datetime
    ) -> SealedCertificate:
        """The signed certificate. `issued_at` (aware) dates the file. Raises CertificateError, SealError."""
        pdf = self.render(template, particulars, facts, issued_at)
        pages = int(PdfFileReader(BytesIO(pdf)).root["/Pages"]["/Count"])
        sealed, stamped = self._seal.seal(pdf, self.templates[template].signature_box)
        return SealedCertificate(sealed, hashlib.sha256(sealed).hexdigest(), pages, stamped)

    def render(
        self, template: str, particulars: Particulars, facts: Mapping[str, Any], issued_at: datetime
    ) -> bytes:
        """The certificate before its signature; the same bytes for the same data. Raises CertificateError."""
        told = self.templates[template]
        fixed = told.model_dump(include={"subtitle", "intro", "heads", "notes"})
        data = {**fixed, **facts, **asdict(particulars), "qr": verification_code(particulars.verify_url)}
        with self._lock:
            try:
                pdf, warnings = self._compilers[told.drawing].compile_with_warnings(
                    format="pdf",
                    pdf_standards="a-2b",
                    sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
                    timestamp=int(issued_at.timestamp()),
                )
            except typst.TypstError:
                # Its text can quote the name that it cannot draw.
                raise CertificateError("certificate_glyph") from None
        if warnings or not isinstance(pdf, bytes):
            raise CertificateError("certificate_font")
        return pdf


def verification_code(url: str) -> str:
    """The address as a QR code, SVG text."""
    svg = BytesIO()
    segno.make(url, error="m", micro=False).save(svg, kind="svg", border=0, xmldecl=False, nl=False)
    return svg.getvalue().decode()


def _blank(template: Template) -> Particulars:
    return Particulars(template.title.zh, *["-"] * 11)
