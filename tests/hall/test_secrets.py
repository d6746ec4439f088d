"""What somebody else with an account on the hall's server can read, and what they can lay in our way."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

import main
from hall import settings
from hall.data import store
from hall.machines import broker_files
from hall.machines.broker_files import BrokerPlan
from hall.settings import HallSettings
from tests.peers.broker import free_port

PASSWORD = "not-a-real-password"


@pytest.fixture
def hall(tmp_path: Path) -> HallSettings:
    made = HallSettings(data=tmp_path / "hall", area="a", hall="h")
    store.migrate(made)
    return made


def written(folder: Path, url: str, mode: int = 0o600) -> Path:
    """A settings file with this database."""
    file = folder / "hall.toml"
    file.write_text(f'data = "{folder / "hall"}"\narea = "a"\nhall = "h"\ndatabase = "{url}"\n')
    file.chmod(mode)
    return file


def test_nobody_else_reads_the_store_nor_one_that_was_open_to_all_before(hall: HallSettings) -> None:
    def readable() -> list[str]:
        return [file.name for file in hall.data.glob("hall.db*") if file.stat().st_mode & 0o007]

    engine = store.open_store(hall)
    with engine.begin() as tx:
        store.renew_generation(tx)
        assert len(list(hall.data.glob("hall.db*"))) == 3 and readable() == []
    engine.dispose()
    assert hall.data.stat().st_mode & 0o077 == 0
    (hall.data / "hall.db").chmod(0o664)
    store.migrate(hall)
    assert readable() == [] and (hall.data / "hall.db").stat().st_mode & 0o777 == 0o660, "a group stays in"


@pytest.mark.parametrize("url", ["postgresql://u:{}@h/d", "postgresql+psycopg://u:{}@h:port/d", "{}"])
def test_a_wrong_address_of_the_database_is_told_without_its_password(
    tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, url.format(PASSWORD))
    assert main.main(["hall", "migrate", "--settings", str(file)]) == 2
    said = "".join(capsys.readouterr())
    assert "postgresql+psycopg://" in said and "line 4" in said and PASSWORD not in said


@pytest.mark.parametrize("words", [["migrate"], ["account", "list"], ["machine", "list"], ["desk"]])
def test_a_database_that_is_gone_is_told_in_one_line_with_what_to_do(
    tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, f"postgresql+psycopg://u:{PASSWORD}@127.0.0.1:{free_port()}/d")
    assert main.main(["hall", *words, "--settings", str(file)]) == 2
    said = "".join(capsys.readouterr())
    assert "does it run" in said and said.count("\n") == 1 and PASSWORD not in said


def test_settings_with_a_password_that_everybody_may_read_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"postgresql+psycopg://u:{PASSWORD}@h/d"
    settings.load(written(tmp_path, url))
    assert capsys.readouterr().err == ""
    settings.load(written(tmp_path, url, 0o644))
    assert "chmod o-r" in capsys.readouterr().err
    settings.load(written(tmp_path, "", 0o644))
    assert capsys.readouterr().err == ""


def test_what_the_broker_lays_in_its_folder_leads_our_pen_nowhere_else(
    hall: HallSettings, tmp_path: Path
) -> None:
    engine = store.open_store(hall)
    plan = BrokerPlan(tmp_path / "broker", ("broker.hall",), user=pwd.getpwuid(os.geteuid()).pw_name)
    broker_files.write(hall, engine, plan)
    other = tmp_path / "other"
    other.write_text("precious")
    (plan.folder / f".access.acl.{os.getpid()}").symlink_to(other)
    (plan.folder / "access.acl").unlink()
    broker_files.refresh(hall, engine, plan.folder)
    assert "topic" in (plan.folder / "access.acl").read_text() and other.read_text() == "precious"
    (plan.folder / "lock").unlink()
    (plan.folder / "lock").symlink_to(other)
    with pytest.raises(OSError):
        broker_files.refresh(hall, engine, plan.folder)
    assert other.read_text() == "precious"
    engine.dispose()


def test_the_brokers_files_are_the_brokers_own_when_root_writes_them(
    hall: HallSettings, tmp_path: Path
) -> None:
    """As somebody else we are the broker's user ourselves, or the files cannot be given away."""
    root = os.geteuid() == 0
    whose = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.geteuid())
    engine = store.open_store(hall)
    plan = BrokerPlan(tmp_path / "broker", ("broker.hall",), user=whose.pw_name)
    broker_files.write(hall, engine, plan)
    (plan.folder / "access.acl").unlink()
    broker_files.refresh(hall, engine, plan.folder)
    files = [plan.folder, *plan.folder.iterdir()]
    assert {file.name for file in files} >= {"key.pem", "access.acl", "data", "mosquitto.conf"}
    assert {file.stat().st_uid for file in files} == {whose.pw_uid}
    assert (plan.folder / "key.pem").stat().st_mode & 0o777 == 0o600
    engine.dispose()
