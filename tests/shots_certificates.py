"""Pictures of every certificate, and of the public's pages on a phone, in build/shots/documents/."""

from __future__ import annotations

import subprocess
import tempfile
from datetime import datetime
from pathlib import Path

from playwright.sync_api import FilePayload, Page

from hall.platform.clock import china_now
from hall.platform.issued import revoke
from hall.platform.settings import ServerSettings
from hall.platform.store import Store
from tests.hall.platform.changed_files import CHANGES
from tests.hall.platform.conftest import serving
from tests.hall.platform.papers import make, render
from tests.hall.platform.terminal import TOKEN, Terminal, proof, record
from tests.peers.desk import browser
from tests.rare_names import RARE_NAMES


def take(folder: Path) -> list[Path]:
    """Each certificate from the platform, one with the rarest name, and the pages; returns their paths."""
    documents = folder / "documents"
    documents.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        settings = ServerSettings(data=Path(data), port=0, tokens=(TOKEN,))
        with serving(settings, china_now) as terminal:
            return [*_certificates(terminal, settings, documents), *_pages(terminal, settings, documents)]


def _certificates(terminal: Terminal, settings: ServerSettings, folder: Path) -> list[Path]:
    from hall.platform.certificates import CertificatePress
    from hall.platform.demo_seal import open_seal
    from hall.platform.signing import PdfSeal

    now = china_now()
    made = {"certificate-sb01": proof(terminal.lay_card("chen"), now)}
    made["certificate-sb02"] = record(terminal.lay_card("wang"), now, str(now.year - 4))
    files = {name: terminal.pdf(terminal.file(case).json()) for name, case in made.items()}
    press = CertificatePress(PdfSeal(open_seal(settings.data)))
    files["certificate-rare-name"] = make(press, name=RARE_NAMES[-1]).pdf
    files["certificate-unsigned"] = render(press, "sb02", name=RARE_NAMES[11])
    return [picture for name, pdf in files.items() for picture in drawn(pdf, folder / name)]


def drawn(pdf: bytes, name: Path) -> list[Path]:
    """One picture for each page."""
    subprocess.run(["pdftoppm", "-png", "-r", "110", "-", name], input=pdf, timeout=60, check=True)
    return sorted(name.parent.glob(f"{name.name}-*.png"))


def _pages(terminal: Terminal, settings: ServerSettings, folder: Path) -> list[Path]:
    now = china_now()
    case = terminal.file(proof(terminal.lay_card("li"), now)).json()
    number, pdf = case["documents"][0]["number"], terminal.pdf(case)
    site = str(terminal.http.base_url.join("/"))
    taken: list[Path] = []
    with browser() as chromium:
        page = chromium.new_page(viewport={"width": 390, "height": 844}, device_scale_factor=2)

        def shoot(name: str) -> None:
            taken.append(folder / f"page-{name}.png")
            page.screenshot(path=taken[-1], full_page=True)

        for name, address in {
            "check": "v",
            "check-valid": f"v/{number}",
            "check-unknown": "v/1.2.3",
            "rate": f"r/{case['case_no']}",
            "rate-why": f"r/{case['case_no']}?stars=2",
        }.items():
            page.goto(site + address)
            shoot(name)
        page.get_by_role("button", name="提交评价").click()
        shoot("rate-done")
        for name, content in {"genuine": pdf, "changed": CHANGES["a note on page 1"](pdf)}.items():
            _upload(page, site, content)
            shoot(f"check-file-{name}")
        _revoked(settings, number, now)
        page.goto(f"{site}v/{number}")
        shoot("check-revoked")
    return taken


def _upload(page: Page, site: str, content: bytes) -> None:
    page.goto(f"{site}v")
    file = FilePayload(name="certificate.pdf", mimeType="application/pdf", buffer=content)
    page.get_by_label("证明的电子文件").set_input_files(file)
    page.get_by_role("button", name="核验文件").click()


def _revoked(settings: ServerSettings, number: str, now: datetime) -> None:
    store = Store(settings.data / "platform.db")
    revoke(store, number, "样张", now)
    store.close()
