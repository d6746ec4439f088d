"""What `enroll` and `move` say to who typed them, before they talk to any hall."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from config.settings import Settings
from kiosk.enrolment import enrolment_desk
from kiosk.enrolment.enrolment_desk import enroll, move
from tests.kiosk.small_visit import settings

Typed = Callable[[Settings, str, Path | None, Path | None], int]
HALL = "https://desk.hall:8080"


@pytest.fixture(autouse=True)
def _asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Who is asked for the token, though nobody should be, is noted."""
    asked: list[str] = []

    def ask(prompt: str = "") -> str:
        asked.append(prompt)
        return ""

    monkeypatch.setattr("builtins.input", ask)
    return asked


@pytest.mark.parametrize("typed", [enroll, move])
@pytest.mark.parametrize(
    "hall", ["nonsense", "http://desk.hall", "https://", "https://[", "https://desk.hall:port", ""]
)
def test_a_wrong_address_is_told_before_anybody_is_asked_for_eighty_letters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], _asked: list[str], typed: Typed, hall: str
) -> None:
    assert typed(settings(tmp_path), hall, tmp_path / "none", None) == 2
    told = capsys.readouterr().err
    assert told == f"--hall {hall}: write the desk's address as {HALL}\n"
    assert _asked == []


def test_a_token_file_that_is_not_there_is_named_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], _asked: list[str]
) -> None:
    file = tmp_path / "tokn"
    assert enroll(settings(tmp_path), HALL, file, None) == 2
    assert capsys.readouterr().err == f"{file}: No such file or directory: {enrolment_desk.TYPE_IT}\n"
    assert enroll(settings(tmp_path), HALL, tmp_path, None) == 2
    assert f"{tmp_path}: Is a directory: put the token into a file" in capsys.readouterr().err
    file.write_bytes(b"\xff\xfe\x00")
    assert enroll(settings(tmp_path), HALL, file, None) == 2
    assert "it is no text" in capsys.readouterr().err
    file.write_text("ABCDE", "utf-8")
    assert enroll(settings(tmp_path), HALL, file, None) == 2
    assert "a token has 80 letters and digits" in capsys.readouterr().err
    assert _asked == []


@pytest.mark.parametrize("content", [None, b"no certificate", b"\xff"])
def test_a_root_that_is_none_is_named_before_the_token_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], _asked: list[str], content: bytes | None
) -> None:
    root = tmp_path / "root.pem"
    if content is not None:
        root.write_bytes(content)
    assert enroll(settings(tmp_path), HALL, None, root) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"{root}: ") and "--trust names the root certificate" in told
    assert _asked == []


def test_without_a_terminal_nobody_can_type_it_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # as in `ssh host kiosk enroll`: the real question, and nothing on the line
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert enroll(settings(tmp_path), HALL, None, None) == 2
    assert capsys.readouterr().err == f"{enrolment_desk.NO_TERMINAL}\n"
    assert "--token-file FILE" in enrolment_desk.NO_TERMINAL and "ssh -t" in enrolment_desk.NO_TERMINAL
