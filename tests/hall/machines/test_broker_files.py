"""The broker's files: what stands in them, when they are written anew, and that the broker hears of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from sqlalchemy import Engine

from hall.data import store
from hall.intake.line import ConnectionEnded, Line
from hall.machines import authority, broker_files, machine_certificates, machine_commands
from hall.machines.authority import AuthorityError
from hall.machines.broker_files import BrokerPlan
from hall.settings import BrokerSettings, ExternalAuthority, HallSettings, MachineSettings
from tests.hall.secure_hall import serial, stranger
from tests.peers.broker import free_port
from tests.peers.secure_broker import SecureBroker


@pytest.fixture
def settings(tmp_path: Path) -> HallSettings:
    made = HallSettings(
        data=tmp_path / "hall",
        area="a",
        hall="h",
        machines=MachineSettings(broker_folder=tmp_path / "broker"),
    )
    store.migrate(made)
    return made


@pytest.fixture
def engine(settings: HallSettings) -> Iterator[Engine]:
    opened = store.open_store(settings)
    yield opened
    opened.dispose()


def plan(settings: HallSettings, **changes: object) -> BrokerPlan:
    folder = settings.machines.broker_folder
    assert folder is not None
    return BrokerPlan(**{"folder": folder, "names": ("127.0.0.1", "broker.hall")} | changes)  # type: ignore[arg-type]


def revoked(file: Path) -> list[int]:
    return [one.serial_number for one in x509.load_pem_x509_crl(file.read_bytes())]


def test_written_twice_nothing_changes_and_another_name_is_another_certificate(
    settings: HallSettings, engine: Engine
) -> None:
    first = plan(settings)
    broker_files.write(settings, engine, first)
    held = {file.name: file.read_bytes() for file in first.folder.glob("*.*")}
    assert (first.folder / "key.pem").stat().st_mode & 0o777 == 0o600
    broker_files.write(settings, engine, first)
    assert {file.name: file.read_bytes() for file in first.folder.glob("*.*")} == held
    assert not broker_files.refresh(settings, engine, first.folder)
    broker_files.write(settings, engine, plan(settings, names=("10.0.0.5",)))
    made = x509.load_pem_x509_certificate((first.folder / "certificate.pem").read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["10.0.0.5"]


def test_each_list_of_revocations_is_younger_than_the_one_before_and_none_is_of_the_future(
    settings: HallSettings, engine: Engine
) -> None:
    told = plan(settings)
    broker_files.write(settings, engine, told)
    whose = authority.open_authority(settings)
    before = None
    for number in range(3):
        made = broker_files.write_client(whose, told.folder / str(number), f"ingest-{number}")
        with engine.begin() as tx:
            machine_certificates.keep(tx, made, f"ingest-{number}", "", int(time.time() * 1000))
            machine_certificates.withdraw(tx, f"ingest-{number}", "test", int(time.time() * 1000))
        assert broker_files.refresh(settings, engine, told.folder, whose)
        listed = x509.load_pem_x509_crl((told.folder / "revoked.pem").read_bytes())
        assert made.serial_number in [one.serial_number for one in listed] and len(list(listed)) == number + 1
        assert before is None or listed.last_update_utc > before
        assert listed.last_update_utc.timestamp() < time.time()
        assert listed.next_update_utc == whose.certificate.not_valid_after_utc, "it never shuts everybody out"
        before = listed.last_update_utc


def test_a_process_gets_its_lines_with_its_certificate_and_its_old_one_is_withdrawn(
    settings: HallSettings, engine: Engine, tmp_path: Path
) -> None:
    told = plan(settings)
    broker_files.write(settings, engine, told)
    acl = (told.folder / "access.acl").read_text()
    assert "user ingest-1" in acl and "user ingest-2" not in acl
    assert machine_commands.process_certificate(settings, "ingest-2", tmp_path / "two") == 0
    assert "user ingest-2" in (told.folder / "access.acl").read_text()
    old = serial(tmp_path / "two")
    assert machine_commands.process_certificate(settings, "ingest-2", tmp_path / "two") == 0
    assert revoked(told.folder / "revoked.pem") == [old]
    for wrong in ("a/h/k1", "desk", "ingest-2\nuser x"):
        assert machine_commands.process_certificate(settings, wrong, tmp_path / "no") == 2
    assert machine_commands.server_certificate(settings, ["desk.hall"], tmp_path / "desk") == 0
    assert (tmp_path / "desk" / "key.pem").exists()


def test_an_external_authority_brings_its_own_list_and_the_brokers_certificate(tmp_path: Path) -> None:
    theirs = stranger(tmp_path / "theirs")
    (tmp_path / "root.pem").write_text(theirs.pem)
    outside = ExternalAuthority(certificate=tmp_path / "root.pem", revocations=tmp_path / "list.pem")
    settings = HallSettings(
        data=tmp_path / "hall", area="a", hall="h", machines=MachineSettings(authority=outside)
    )
    store.migrate(settings)
    engine = store.open_store(settings)
    told = BrokerPlan(tmp_path / "broker", ("127.0.0.1",))
    with pytest.raises(AuthorityError, match=r"put the broker's certificate.pem"):
        broker_files.write(settings, engine, told)
    broker_files.write_server(theirs, told.folder, ("127.0.0.1",))
    (tmp_path / "list.pem").write_bytes(b"first")
    broker_files.write(settings, engine, told)
    (tmp_path / "list.pem").write_bytes(b"second")
    assert broker_files.refresh(settings, engine, told.folder)
    assert (told.folder / "revoked.pem").read_bytes() == b"second"
    engine.dispose()


def test_a_number_that_was_left_behind_is_not_signalled(tmp_path: Path) -> None:
    assert not broker_files.tell_broker(tmp_path)
    (tmp_path / "mosquitto.pid").write_text("1\n")
    assert not broker_files.tell_broker(tmp_path)


def test_the_loopback_door_opens_only_when_asked_and_the_other_stays_shut(
    settings: HallSettings, engine: Engine
) -> None:
    port, door = free_port(), free_port()
    told = plan(settings, port=port)
    broker_files.write(settings, engine, told)
    assert "allow_anonymous false" in (told.folder / "mosquitto.conf").read_text()
    assert "127.0.0.1\n" not in (told.folder / "mosquitto.conf").read_text()
    broker_files.write(settings, engine, plan(settings, port=port, loopback=door))
    running = SecureBroker(told.folder, door)  # which it opens last
    running.start()
    try:
        will = ("kt/1/a/h/$srv/state", b"{}")
        inside = Line(BrokerSettings(port=door), 10, will)
        inside.subscribe(["kt/1/+/+/+/tx"])
        inside.goodbye()
        with pytest.raises(ConnectionEnded):
            Line(BrokerSettings(port=port), 10, will)
        tls = {name: told.folder / f"{name}.pem" for name in ("authority", "certificate", "key")}
        with pytest.raises(ConnectionEnded):  # the broker's own certificate is no client's
            Line(BrokerSettings(port=port, tls=tls), 10, will)
        gone = tls | {"key": told.folder / "none.pem"}
        with pytest.raises(ConnectionEnded, match=r"compare \[broker.tls\]"):
            Line(BrokerSettings(port=port, tls=gone), 10, will)
    finally:
        running.kill()
