"""Certificates for tests, without a case: what stands on them, and what machines read from them."""

from __future__ import annotations

import subprocess
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from hall.platform.certificates import CertificatePress, Particulars, SealedCertificate
from hall.platform.clock import CHINA

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=CHINA)
PARTICULARS = Particulars(
    title="个人参保证明",
    number="1.2.3",
    name="陈𬭩",
    id_number="330100199301300051",
    issuer="示例市社会保险事业中心（样张）",
    issued_on="2026-11-22",
    valid_until="2027-02-22",
    watermark="样张·无效",
    restriction="仅供办理购房使用，有效期至 2027-02-22",
    verify_site="http://127.0.0.1/v",
    verify_url="http://127.0.0.1/v/1.2.3",
    short_code="ABCDE FGHJK",
)
FACTS: dict[str, dict[str, Any]] = {
    "sb01": {
        "first": "2020-01",
        "last": "2026-10",
        "purpose": "购房",
        "insurances": [
            {
                "name": "养老保险",
                "first": "2020-01",
                "last": "2026-10",
                "months": 82,
                "employer": "示例市远帆物流有限公司",
            }
        ],
    },
    "sb02": {
        "year": "2025",
        "employer": "示例市远帆物流有限公司",
        "months": 12,
        "total": 108,
        "since": "2016-09",
        "until": "2025-12",
        "purpose": "核对个人权益",
        "table": [
            {"month": f"2025-{month:02}", "state": "已缴费", "total": 96 + month} for month in range(1, 13)
        ],
    },
}


def told(**differently: str) -> Particulars:
    """What stands on every certificate, with changes."""
    return Particulars(**asdict(PARTICULARS) | differently)


def render(press: CertificatePress, template: str = "sb01", **differently: str) -> bytes:
    """The page before its signature."""
    return press.render(template, told(**differently), FACTS[template], NOW)


def make(press: CertificatePress, template: str = "sb01", **differently: str) -> SealedCertificate:
    """The sealed certificate."""
    return press.make(template, told(**differently), FACTS[template], NOW)


def text_of(pdf: bytes, folder: Path) -> str:
    """The text as poppler finds it, without its line breaks."""
    return poppler("pdftotext", pdf, folder, "-raw", last=("-",)).replace("\n", " ")


def poppler(program: str, pdf: bytes, folder: Path, *options: Any, last: tuple[Any, ...] = ()) -> str:
    """What a program of poppler says of a file. CalledProcessError when it fails."""
    (folder / "c.pdf").write_bytes(pdf)
    done = subprocess.run(
        [program, *options, folder / "c.pdf", *last], capture_output=True, check=True, timeout=60
    )
    return done.stdout.decode()
