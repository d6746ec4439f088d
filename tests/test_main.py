"""The one door: quick help, located problems, exit codes that a script can use."""

from __future__ import annotations

import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from drivers.virtual import demo_settings
from drivers.virtual.demo_settings import DemoSettings, Ports

REPO = Path(__file__).resolve().parents[1]


def _some_root(folder: Path) -> Path:
    """A root certificate of nobody's."""
    key, now = Ed25519PrivateKey.generate(), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A root")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    path = folder / "root.pem"
    path.write_bytes(made.sign(key, None).public_bytes(Encoding.PEM))
    return path


def main(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(REPO / "main.py"), *(str(one) for one in arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_help_names_every_room_and_loads_none_of_them() -> None:
    shown = main("--help")
    assert shown.returncode == 0
    for room in ("terminal", "demo", "hall", "doctor", "catalogue", "journal", "certificate"):
        assert room in shown.stdout
    look = "import sys, main\ntry: main.main(['--help'])\nexcept SystemExit: print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, cwd=REPO
    ).stdout.split()
    assert not {"kivy", "fastapi", "cv2", "pydantic"} & set(loaded)


@pytest.mark.parametrize("command", [(), ("terminal",), ("doctor",), ("journal", "verify")])
def test_wrong_settings_are_told_with_their_line_and_no_traceback(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    path = demo_settings.write_terminal(DemoSettings(data=tmp_path), Ports())
    path.write_text(path.read_text().replace("[link]\n", "[link]\nkeepalive_seconds = 1\n"))
    told = main(*command, "--settings", path)
    assert told.returncode == 2
    assert "link.keepalive_seconds" in told.stderr and "line " in told.stderr
    assert "Traceback" not in told.stderr


def test_settings_that_are_not_there_are_told(tmp_path: Path) -> None:
    told = main("--settings", tmp_path / "none.toml", "doctor")
    assert told.returncode == 2 and "none.toml" in told.stderr


def test_a_demo_whose_port_is_taken_says_which_and_starts_nothing(tmp_path: Path) -> None:
    base = demo_settings.choose_ports(0).desk
    with socket.create_server(("127.0.0.1", base)):
        told = main("demo", "--headless", "--data", tmp_path, "--port-base", base)
    assert told.returncode == 2
    assert str(base) in told.stderr and "--port-base" in told.stderr
    assert not (tmp_path / "logs").exists()


def test_a_demo_that_nobody_can_write_says_where(tmp_path: Path) -> None:
    (tmp_path / "note").write_text("a file, no folder")
    told = main("demo", "--data", tmp_path / "note" / "demo", "--port-base", 0)
    assert told.returncode == 2
    assert f"{tmp_path}/note" in told.stderr and "--data" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_hall_that_nobody_can_write_says_where(tmp_path: Path) -> None:
    (tmp_path / "note").write_text("a file, no folder")
    (tmp_path / "hall.toml").write_text(f'data = "{tmp_path}/note/hall"\narea = "a"\nhall = "h"\n')
    told = main("hall", "migrate", "--settings", tmp_path / "hall.toml")
    assert told.returncode == 2
    assert f"{tmp_path}/note" in told.stderr and "`data`" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_day_that_is_none_is_told_with_one_that_is() -> None:
    told = main("technician", "add", "107", "--until", "2027-13-01")
    assert told.returncode == 2 and "write a day as 2027-12-31" in told.stderr


def test_a_demo_with_a_setting_that_is_none_says_so(tmp_path: Path) -> None:
    told = main(
        "demo", "--headless", "--data", tmp_path, "--port-base", 0, "--set", "session.idel_seconds=60"
    )
    assert told.returncode == 2 and "session.idel_seconds" in told.stderr


def test_where_nothing_runs_there_is_nothing_to_kill(tmp_path: Path) -> None:
    assert main("demo", "--kill", "--data", tmp_path).stdout.strip() == "nothing to end"


def test_the_catalogue_is_listed_and_a_bad_service_is_told_with_its_line(tmp_path: Path) -> None:
    assert "SB01" in main("catalogue", "check").stdout
    (tmp_path / "xx01.toml").write_text('id = "XX01"\nversion = 0\n')
    told = main("catalogue", "check", tmp_path)
    assert told.returncode == 2 and "xx01.toml: version" in told.stderr


def test_a_bad_paper_is_told_with_its_line_too(tmp_path: Path) -> None:
    assert "papers: draft, progress, receipt" in main("catalogue", "check").stdout
    (tmp_path / "papers").mkdir()
    paper = 'document = "ticket"\n[[line]]\ntext = "{queue}"\n'
    (tmp_path / "papers" / "own.toml").write_text(paper, encoding="utf-8")
    told = main("catalogue", "check", tmp_path)
    assert told.returncode == 2 and "own.toml: line.0.text: no value {queue}; a ticket has" in told.stderr
    assert told.stderr.strip().endswith("line 3")


def test_what_is_no_certificate_is_not_valid(tmp_path: Path) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(b"%PDF-1.7 but no more")
    told = main("certificate", "verify", "--trust", _some_root(tmp_path), paper)
    assert told.returncode == 1 and told.stdout.startswith("not valid")


def test_a_file_larger_than_memory_is_told_without_being_read(tmp_path: Path) -> None:
    paper = tmp_path / "huge.pdf"
    with paper.open("wb") as file:
        file.truncate(1 << 40)  # takes no room on the disk
    told = main("certificate", "verify", "--trust", _some_root(tmp_path), paper)
    assert told.returncode == 1 and "too_large" in told.stdout


def test_a_paper_or_a_root_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    root, none = _some_root(tmp_path), tmp_path / "none"
    told = main("certificate", "verify", "--trust", root, none)
    assert told.returncode == 2 and told.stderr.rstrip().endswith(
        "none: No such file or directory; check the path"
    )
    told = main("certificate", "verify", "--trust", none, root)
    assert told.returncode == 2 and "--settings" in told.stderr, "the root of which terminal"
    told = main("certificate", "verify", "--trust", __file__, __file__)
    assert told.returncode == 2 and "Traceback" not in told.stderr


def test_a_journal_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = demo_settings.write_terminal(DemoSettings(data=tmp_path), Ports())
    told = main("journal", "verify", "--settings", path)
    assert told.returncode == 2 and str(tmp_path) in told.stdout


@pytest.mark.parametrize("which", ["hall", "platform", "department"])
def test_the_interfaces_are_printed_as_openapi(which: str) -> None:
    told = main("hall", "openapi", which)
    assert yaml.safe_load(told.stdout)["openapi"].startswith("3.")
