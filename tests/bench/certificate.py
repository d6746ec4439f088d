"""How long a certificate takes: rendered, signed, judged by the terminal. Medians, milliseconds.

Beside it the same page by other makers of PDF, where they are installed (`pip install -e .[papers-bench]`).
"""

from __future__ import annotations

import dataclasses
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from statistics import median

from config.certificate import DEMO_TYPE, issue_number
from hall.platform.certificates import CertificatePress, Particulars
from hall.platform.clock import china_now
from hall.platform.demo_seal import open_seal
from hall.platform.signing import PdfSeal
from kiosk.documents.certificate_check import verify
from tests.bench import certificate_peers
from tests.bench.table import Row
from tests.hall.platform.papers import FACTS, PARTICULARS

ROUNDS = 15


def run() -> list[Row]:
    """Rendered and signed together; then each step, what comes out, and the terminal's own check."""
    with tempfile.TemporaryDirectory() as folder:
        keys = open_seal(Path(folder))
        seal = PdfSeal(keys)
        press = CertificatePress(seal)
        now, box = china_now(), press.templates["sb01"].signature_box
        page = press.render("sb01", _told(0), FACTS["sb01"], now)
        sealed, _ = seal.seal(page, box)
        assert verify(sealed, keys.root_pem, None).valid
        both = _median(lambda n: press.make("sb01", _told(n), FACTS["sb01"], now))
        two = _median(lambda n: press.make("sb02", _told(n), FACTS["sb02"], now))
        render = _median(lambda n: press.render("sb01", _told(n), FACTS["sb01"], now))
        sign = _median(lambda n: seal.seal(page, box))
        check = _median(lambda n: verify(sealed, keys.root_pem, None))
    others = certificate_peers.installed()
    drawn = {name: _median(partial(_draw, draw)) for name, draw in others.items()}
    sizes: Mapping[str, float] = {name: float(len(draw(_told(0)))) for name, draw in others.items()}
    return [
        Row("certificate: PDF made and signed", both, "ms", at_most=300, aim="150"),
        Row("certificate of two pages: made and signed", two, "ms", at_most=300, aim="150"),
        Row("certificate: rendered", render, "ms", drawn),
        Row("certificate: signed", sign, "ms"),
        Row("certificate: verified by the terminal", check, "ms"),
        Row("certificate: the page's PDF", len(page), "bytes", sizes),
        Row("certificate: the signed PDF", len(sealed), "bytes"),
    ]


def _median(action: Callable[[int], object]) -> float:
    action(ROUNDS)  # once before: fonts are loaded for all
    spent = []
    for number in range(ROUNDS):
        started = time.perf_counter()
        action(number)
        spent.append((time.perf_counter() - started) * 1000)
    return round(median(spent), 1)


def _draw(draw: certificate_peers.Draw, number: int) -> bytes:
    return draw(_told(number))


def _told(number: int) -> Particulars:
    """Another page each time, since the renderer remembers what it has drawn."""
    identifier = issue_number(f"20261122{number:010}", kind=DEMO_TYPE)
    return dataclasses.replace(
        PARTICULARS,
        number=identifier,
        verify_url=f"http://127.0.0.1:8070/v/{identifier}",
        short_code=f"{number:05} 00000",
    )
