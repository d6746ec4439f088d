"""How long a certificate takes: rendered, signed, judged by the terminal. Medians, milliseconds."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from config.certificate import issue_number
from hall.platform.certificates import SIGNATURE_BOX, CertificatePress, InsuranceRow, ProofOfInsurance
from hall.platform.clock import china_now
from hall.platform.signing import open_seal, seal_pdf
from kiosk.certificate_check import verify
from tests.bench.table import Row

ROUNDS = 15


def run() -> list[Row]:
    """Rendered and signed together; then each step, and the terminal's own check."""
    with tempfile.TemporaryDirectory() as folder:
        seal = open_seal(Path(folder))
        press = CertificatePress(seal)
        now = china_now()
        page = press.render(_proof(0), now)
        sealed = seal_pdf(seal, page, SIGNATURE_BOX)
        assert verify(sealed, seal.root_pem, None).valid
        both = _median(lambda n: press.proof_of_insurance(_proof(n), now))
        render = _median(lambda n: press.render(_proof(n), now))
        sign = _median(lambda n: seal_pdf(seal, page, SIGNATURE_BOX))
        check = _median(lambda n: verify(sealed, seal.root_pem, None))
    return [
        Row("certificate: PDF made and signed", both, "ms", at_most=300, aim="150"),
        Row("certificate: rendered", render, "ms"),
        Row("certificate: signed", sign, "ms"),
        Row("certificate: verified by the terminal", check, "ms"),
    ]


def _median(action: Callable[[int], object]) -> float:
    spent = []
    for number in range(ROUNDS):
        started = time.perf_counter()
        action(number)
        spent.append((time.perf_counter() - started) * 1000)
    return round(median(spent), 1)


def _proof(number: int) -> ProofOfInsurance:
    """Another page each time, since the renderer remembers what it has drawn."""
    rows = tuple(
        InsuranceRow(name, "2016-09", "2026-10", 118 - number, "示例市远帆物流有限公司")
        for name in ("养老保险", "失业保险", "工伤保险")
    )
    identifier = issue_number(f"20261122{number:010}")
    return ProofOfInsurance(
        title="个人参保证明",
        number=identifier,
        name="陈𬭩",
        id_number="330100199301300051",
        first="2016-09",
        last="2026-10",
        purpose="购房",
        insurances=rows,
        issuer="示例市社会保险事业中心（样张）",
        issued_on="2026-11-22",
        valid_until="2027-02-22",
        watermark="样张·无效",
        verify_site="http://127.0.0.1:8070/v",
        verify_url=f"http://127.0.0.1:8070/v/{identifier}",
        short_code=f"{number:05} 00000",
    )
