"""At a keyboard: `certificate verify FILE` for anybody, `hall revoke` for the office."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hall.platform import revoke
from hall.platform.certificates import CertificatePress
from hall.platform.demo_seal import open_seal
from hall.platform.settings import ServerSettings
from kiosk.documents import certificate_report
from tests.hall.platform.changed_files import CHANGES, flipped
from tests.hall.platform.conftest import Clock
from tests.hall.platform.papers import render
from tests.hall.platform.terminal import Terminal, proof
from tests.hall.platform.test_verification_page import state

REPO = Path(__file__).parents[3]
SITE = "http://hall.example/v"


def main(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(REPO / "main.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def verified(folder: Path, pdf: bytes, trust: Path) -> int:
    (folder / "c.pdf").write_bytes(pdf)
    return certificate_report.run(folder / "c.pdf", trust, None, SITE)


def test_a_good_file_is_valid_and_the_command_says_what_it_cannot_know(
    sealed: bytes, authority: Path, tmp_path: Path
) -> None:
    (tmp_path / "c.pdf").write_bytes(sealed)
    told = main("certificate", "verify", "--trust", authority / "root.pem", tmp_path / "c.pdf")
    assert told.returncode == 0 and told.stderr == ""
    assert told.stdout.startswith("valid: signed by 示例市社会保险事业中心（样张）, 20")
    assert "time stamp: none" in told.stdout and "/v whether it has lapsed or was withdrawn" in told.stdout


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_file_is_not_valid_with_why_and_what_to_do(
    sealed: bytes, authority: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: str
) -> None:
    assert verified(tmp_path, CHANGES[change](sealed), authority / "root.pem") == 1
    said = capsys.readouterr().out.splitlines()
    assert (
        said[0].startswith("not valid: ") and said[1].startswith("  why: it ") and "what to do: " in said[2]
    )


def test_a_flipped_byte_a_bare_page_and_a_strangers_signature_are_told_apart(
    sealed: bytes,
    press: CertificatePress,
    authority: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ours = authority / "root.pem"
    assert verified(tmp_path, flipped(sealed, len(sealed) // 2), ours) == 1
    assert verified(tmp_path, render(press), ours) == 1
    assert "unsigned" in (said := capsys.readouterr().out) and SITE in said
    other = tmp_path / "other"
    open_seal(other)
    assert verified(tmp_path, sealed, other / "root.pem") == 1
    assert "untrusted" in (said := capsys.readouterr().out) and "--trust" in said


def test_what_cannot_be_checked_is_neither(
    sealed: bytes, authority: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "c.pdf").write_bytes(sealed)
    ours, none = authority / "root.pem", tmp_path / "none"
    for file, trust, stamps in ((none, ours, None), (ours, none, None), (ours, ours, tmp_path / "c.pdf")):
        assert certificate_report.run(file, trust, stamps, SITE) == 2
        assert capsys.readouterr().err


def test_the_office_withdraws_a_certificate_while_the_platform_runs(
    terminal: Terminal, settings: ServerSettings, clock: Clock, tmp_path: Path
) -> None:
    number = terminal.file(proof(terminal.lay_card("li"), clock.time)).json()["documents"][0]["number"]
    file = tmp_path / "platform.toml"
    file.write_text(f'data = "{settings.data}"\ntokens = ["t"]\n')
    told = main("hall", "revoke", "--settings", file, "--reason", "登记有误", number.lower())
    assert (told.returncode, told.stderr) == (0, "") and "withdrawn" in told.stdout
    assert state(terminal.http.get(f"/v/{number}")) == "revoked"


def test_withdrawing_what_is_not_there_or_twice_or_for_no_reason(
    terminal: Terminal,
    settings: ServerSettings,
    clock: Clock,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    number = terminal.file(proof(terminal.lay_card("li"), clock.time)).json()["documents"][0]["number"]
    code = number.split(".")[-3][8:]
    assert [revoke.run(settings, one, "登记有误") for one in (f"{code[:5]} {code[5:]}", number, "1.2.3")] == [
        0,
        0,
        1,
    ]
    assert revoke.run(settings, number, " ") == 2
    elsewhere = settings.model_copy(update={"data": tmp_path / "nowhere"})
    assert revoke.run(elsewhere, number, "登记有误") == 2 and not (tmp_path / "nowhere").exists()
    assert "before" in capsys.readouterr().out
