"""`main.py technician`: registered at the terminal, the secret shown once and nowhere else."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import main
from config.devices import Kind
from config.people import person
from config.settings import DeviceSettings, Settings
from drivers import registry
from kiosk.data.store import Store
from kiosk.technician import people, register
from kiosk.technician.register import NotRegistered
from tests.journeys.counter_devices import CardReader
from tests.kiosk import small_visit
from tests.kiosk.technician.room import settings as terminal_settings


@pytest.fixture
def told(tmp_path: Path) -> Settings:
    """Settings with a card reader."""
    reader = DeviceSettings(kind=Kind.ID_CARD_READER, driver="id_card_reader", port="/nowhere")
    plain = terminal_settings(tmp_path)
    (tmp_path / "terminal").mkdir()
    return plain.model_copy(update={"devices": {"reader": reader}})


def added(told: Settings, number: str = "1001", **how: Any) -> str:
    out = io.StringIO()
    register.add(told, number, **{"card": False, "anew": False, "until": None, **how}, out=out)
    return out.getvalue()


def test_the_secret_is_shown_as_a_code_and_in_letters_and_the_file_is_for_its_owner_alone(
    told: Settings,
) -> None:
    said = added(told, until=date(2027, 12, 31))
    (one,) = people.read(told.technician.people)
    assert one.number == "1001" and one.until == date(2027, 12, 31)
    assert re.sub(r"\s", "", said).count(one.secret) == 1 and "▀" in said
    assert "without" not in said and "until 2027-12-31" in said


def test_who_is_there_already_keeps_his_secret_unless_a_new_one_is_asked_for(told: Settings) -> None:
    added(told)
    (before,) = people.read(told.technician.people)
    with pytest.raises(NotRegistered, match="--anew"):
        added(told)
    assert before.secret not in added(told, until=date(2030, 1, 1)).replace(" ", "")
    assert people.read(told.technician.people)[0].secret == before.secret
    added(told, anew=True)
    assert people.read(told.technician.people)[0].secret != before.secret


def test_a_card_is_read_at_the_reader_and_only_its_digest_is_kept(
    told: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = CardReader()

    reader.lay(person("li"))
    monkeypatch.setattr(registry, "make", lambda settings: reader)
    said = added(told, card=True)
    (one,) = people.read(told.technician.people)
    assert one.cards == (people.card_digest(told.data, small_visit.card("li")),)
    number = person("li").number
    assert told.technician.people is not None
    assert number not in said and number not in told.technician.people.read_text("utf-8")
    reader.lay(person("li"))
    with pytest.raises(NotRegistered, match="another"):
        added(told, "1002", card=True)


def test_given_no_card_or_a_running_terminal_then_it_says_so_and_nobody_is_added(
    told: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register, "CARD_SECONDS", 0.1)
    with pytest.raises(NotRegistered, match="device_"):
        added(told, card=True)
    store = Store(told.data)
    try:
        with pytest.raises(NotRegistered, match="stop it"):
            added(told, card=True)
    finally:
        store.close()
    assert people.read(told.technician.people) == ()


@pytest.mark.parametrize("number", ["1", "12345678901", "wang", "330106199003078888", "10 01", "1001\n"])
def test_a_number_is_two_to_ten_digits(told: Settings, number: str) -> None:
    with pytest.raises(NotRegistered):
        added(told, number)


def test_removed_he_is_not_listed_any_more(told: Settings) -> None:
    for number in ("1001", "1002"):
        added(told, number)
    out = io.StringIO()
    register.remove(told, "1001", out)
    with pytest.raises(NotRegistered):
        register.remove(told, "1001", out)
    out = io.StringIO()
    register.show(told, out)
    assert "1002" in out.getvalue() and "1001" not in out.getvalue()


def test_by_the_one_door(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "terminal.toml"
    demo = (Path(main.__file__).parent / "config" / "profiles" / "demo.toml").read_text("utf-8")
    demo = re.sub(r"(?m)^data = .*", f'data = "{tmp_path}/data"', demo)
    demo = re.sub(r"(?m)^people = .*", f'people = "{tmp_path}/technicians.toml"', demo)
    file.write_text(demo, encoding="utf-8")
    assert main.main(["technician", "list", "--settings", str(file)]) == 0
    assert main.main(["technician", "add", "1001", "--settings", str(file)]) == 0
    assert main.main(["technician", "add", "1001", "--settings", str(file)]) == 1
    (tmp_path / "technicians.toml").chmod(0o644)
    assert main.main(["technician", "list", "--settings", str(file)]) == 1
    out, err = capfd.readouterr()
    assert "nobody is registered" in out and "must be 0600" in err
