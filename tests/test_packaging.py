"""What a newcomer's machine is set up from."""

import configparser
import os
import re
import subprocess
from pathlib import Path

import pytest

from config import assets
from tests.docs_check import REPO, ROOMS


def setup_cfg() -> configparser.ConfigParser:
    parsed = configparser.ConfigParser()
    parsed.read(REPO / "setup.cfg", "utf-8")
    return parsed


def listed(text: str) -> list[str]:
    return [line for line in text.split("\n") if line and not line.startswith("#")]


def named(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement)[0].lower().replace("_", "-").replace(".", "-")


def locked(role: str) -> set[str]:
    text = (REPO / "requirements" / f"{role}.txt").read_text("utf-8")
    return {named(line) for line in text.splitlines() if "==" in line and line[0].isalnum()}


def test_every_room_and_no_test_is_packaged() -> None:
    packages = listed(setup_cfg()["options"]["packages"])
    found = {
        str(p.parent.relative_to(REPO)).replace("/", ".")
        for r in ROOMS
        for p in REPO.glob(f"{r}/**/__init__.py")
    }
    assert set(packages) == found
    assert not any(name.startswith("tests") for name in packages)


def test_a_terminal_installs_what_it_needs_and_nothing_of_the_hall() -> None:
    cfg = setup_cfg()
    terminal, hall, everything = locked("terminal"), locked("hall"), locked("all")
    assert {named(r) for r in listed(cfg["options"]["install_requires"])} <= terminal
    assert {named(r) for r in listed(cfg["options.extras_require"]["hall"])} <= hall
    assert not {"fastapi", "sqlalchemy", "starlette", "pytest", "playwright"} & terminal
    assert terminal <= hall <= everything


@pytest.mark.parametrize("role", ["terminal", "hall", "all", "cards", "carried", "photographs"])
def test_every_locked_package_has_its_hashes(role: str) -> None:
    text = (REPO / "requirements" / f"{role}.txt").read_text("utf-8")
    pins = re.findall(r"^\w.*==.*$", text, re.MULTILINE)
    assert pins and all(pin.endswith("\\") for pin in pins)
    assert len(re.findall(r"==.*\\\n +--hash=sha256:", text)) == len(pins)


def test_the_roles_agree_on_every_version() -> None:
    pins = {
        role: set(
            re.findall(r"^(\w\S*==\S+)", (REPO / f"requirements/{role}.txt").read_text("utf-8"), re.MULTILINE)
        )
        for role in ("terminal", "hall", "all")
    }
    assert pins["terminal"] <= pins["hall"] <= pins["all"]


def test_only_terminals_with_card_readers_build_from_source() -> None:
    assert locked("cards") == {named(r) for r in listed(setup_cfg()["options.extras_require"]["cards"])}
    assert not locked("cards") & locked("all")  # a build script would run at every set-up


def test_what_packages_carry_is_in_place() -> None:
    assert all(assets.font(name).stat().st_size > 0 for name in assets.FONTS)
    assert all(assets.screen_font(name).stat().st_size > 0 for name in assets.SCREEN_FONTS)
    assert all(assets.photograph(name).stat().st_size > 0 for name in assets.PHOTOGRAPHS)
    assert all(assets.face_model(name).suffix == ".onnx" for name in assets.FACE_MODELS)
    assert b"htmx" in assets.htmx_script().read_bytes()


def test_the_screen_face_is_chinese_and_covers_the_words() -> None:
    from fontTools.ttLib import TTFont

    with TTFont(assets.font("NotoSansSC-Regular.otf")) as font:
        assert font["name"].getDebugName(4) == "Noto Sans CJK SC"
        assert {ord(c) for c in "个人参保证明打印门直令"} <= font.getBestCmap().keys()


def test_an_asset_that_is_missing_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KT_ASSETS", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"icons\.ttf.*make setup"):
        assets.font("icons.ttf")


def test_an_exchanged_face_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = next(iter(assets.FACE_MODELS))
    other = tmp_path / name
    other.write_bytes(assets.face_model(name).read_bytes() + b"\0")
    with monkeypatch.context() as patch:
        patch.setattr(assets, "_carried", lambda package, file: other)
        with pytest.raises(FileNotFoundError, match="not the face model"):
            assets.face_model(name)


# ── setup.sh on machines that lack something ────────────────────────────────


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A clone with no environment, on a machine whose programs the test writes into `bin/`."""
    deploy = tmp_path / "clone" / "config" / "deploy"
    deploy.mkdir(parents=True)
    for name in ("setup.sh", "assets.py", "debian-packages.txt"):
        (deploy / name).write_bytes((REPO / "config" / "deploy" / name).read_bytes())
    (tmp_path / "bin").mkdir()
    return tmp_path


def program(machine: Path, name: str, script: str) -> None:
    path = machine / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def set_up(machine: Path, role: str = "test", **environment: str) -> subprocess.CompletedProcess[str]:
    script = machine / "clone" / "config" / "deploy" / "setup.sh"
    path = f"{machine / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", str(script), role],
        env={"PATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def wanted() -> list[str]:
    """All that this clone may need; what stands there for real machines alone is not among it."""
    text = (REPO / "config" / "deploy" / "debian-packages.txt").read_text("utf-8")
    rows = [line.split() for line in listed(text)]
    return [name for name, role, *_ in rows if role.split(",")[0] in ("run", "cards", "test")]


def test_each_debian_package_stands_once_with_its_role() -> None:
    text = (REPO / "config" / "deploy" / "debian-packages.txt").read_text("utf-8")
    rows = [line.split(None, 2) for line in listed(text)]
    assert len({name for name, *_ in rows}) == len(rows)
    roles = [role.split(",") for _, role, *_ in rows]
    assert {one for role in roles for one in role} == {"run", "cards", "test", "terminal", "readers", "hall"}
    # setup.sh looks at the first one; what only real machines need is none of its business.
    assert all(not {"run", "cards", "test"} & set(role[1:]) for role in roles)


def test_a_plain_user_is_told_the_one_line_to_run(machine: Path) -> None:
    program(machine, "id", "echo 1000")
    program(machine, "sudo", "exit 1")  # asks for a password
    program(machine, "dpkg-query", "exit 1")  # nothing is installed
    answer = set_up(machine)
    assert answer.returncode == 1
    (line,) = [text.strip() for text in answer.stderr.splitlines() if "apt-get" in text]
    update, install = line.split(" && ")
    assert update == "sudo apt-get update"
    assert install.startswith("sudo apt-get install --no-install-recommends -y ")
    command = {"sudo", "apt-get", "install", "--no-install-recommends", "-y"}
    assert set(wanted()) == set(install.split()) - command
    assert not (machine / "clone" / ".venv").exists()


@pytest.mark.parametrize(
    ("role", "compiler", "virtual_readers"),
    [("run", False, False), ("cards", True, False), ("test", True, True)],
)
def test_a_compiler_comes_only_where_cards_are_read(
    machine: Path, role: str, compiler: bool, virtual_readers: bool
) -> None:
    program(machine, "id", "echo 1000")
    program(machine, "sudo", "exit 1")
    program(machine, "dpkg-query", "exit 1")
    asked = set_up(machine, role).stderr.split()
    assert {"libgl1", "mosquitto"} <= set(asked)
    assert {name in asked for name in ("gcc", "swig", "libpcsclite-dev", "pcscd")} == {compiler}
    assert ("vsmartcard-vpcd" in asked) == virtual_readers


def test_root_installs_only_what_is_missing(machine: Path) -> None:
    there = "\n".join(f"installed {name}" for name in wanted() if name != "mosquitto")
    program(machine, "id", "echo 0")
    program(machine, "dpkg-query", f"cat <<'.'\n{there}\n.")
    program(machine, "apt-get", f'echo "$@" >> {machine}/asked; exit 100')
    answer = set_up(machine)
    assert answer.returncode == 1 and "could not install" in answer.stderr
    assert (machine / "asked").read_text().splitlines()[-1].endswith("-y mosquitto")


def test_a_python_that_does_not_fit_is_refused(machine: Path) -> None:
    program(machine, "dpkg-query", "\n".join(f"echo installed {name}" for name in wanted()))
    program(machine, "python3.99", "exit 1")
    answer = set_up(machine, PYTHON="python3.99")
    assert answer.returncode == 1
    assert "PYTHON=python3.99 is not a Python 3.11 to 3.13" in answer.stderr
