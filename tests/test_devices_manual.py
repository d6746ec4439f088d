"""The technician's manual, `docs/devices.md`, says what the drivers are: no option more, none less."""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import PydanticUndefined

from config import settings
from config.devices import CAPACITIES, Kind
from config.settings import DeviceSettings, Settings
from drivers import registry
from drivers.code_frames import TERMINATORS
from drivers.device import Device
from drivers.presenter import TABLE

REPO = Path(__file__).resolve().parents[1]
MANUAL = (REPO / "docs" / "devices.md").read_text("utf-8")
MUST = "must be given"
PORTLESS = "none is taken"
FENCES = re.findall(r"```toml\n(.*?)```", MANUAL, re.DOTALL)
SECTIONS = [text for text in FENCES if "[devices." in text]


def tables(first_column: str, of: str = MANUAL) -> list[list[list[str]]]:
    """The rows of every table whose first column has this heading."""
    found = re.findall(rf"^\| {first_column} \|.*\n\|[-|]+\n((?:\|.*\n)+)", of, re.MULTILINE)
    return [[[c.strip() for c in row.strip("|").split("|")] for row in table.splitlines()] for table in found]


def value(cell: str) -> Any:
    """What a cell in backquotes says, as the settings would spell it."""
    return tomllib.loads(f"it = {cell.split('`')[1]}")["it"]


def as_toml(default: object) -> object:
    """A default as it would come out of a settings file."""
    match default:
        case Mapping():
            return dict(default)
        case tuple():
            return list(default)
    return default


def parameters(driver: str) -> dict[str, Any]:
    found = inspect.signature(registry.class_of(driver)).parameters
    return {name: MUST if p.default is p.empty else as_toml(p.default) for name, p in found.items()}


def options() -> dict[str, dict[str, Any]]:
    """Each driver's options with their defaults, as the manual tells them."""
    told: dict[str, dict[str, Any]] = {}
    for heading, table in re.findall(r"^Options of (.+):\n\n((?:\|.*\n)+)", MANUAL, re.MULTILINE):
        rows = tables("Option", table)[0]
        for driver in re.findall(r"`(\w+)`", heading):
            assert driver not in told, f"{driver} has two tables"
            told[driver] = {named(row[0]): value(row[1]) for row in rows}
    return told


def named(cell: str) -> str:
    return cell.strip("`")


def test_every_driver_of_the_table_stands_in_the_manual_with_every_option_and_its_default() -> None:
    told = options()
    assert set(told) == set(registry.BUILT_IN)
    for driver, said in told.items():
        true = {name: default for name, default in parameters(driver).items() if name != "port"}
        assert said == true, driver
        assert {name: type(one) for name, one in said.items()} == {n: type(d) for n, d in true.items()}, (
            driver
        )


def test_every_driver_tells_what_happens_without_a_port() -> None:
    rows = [row for table in tables("Driver") for row in table]
    assert {named(row[0]) for row in rows} == set(registry.BUILT_IN)
    for driver, _, without in rows:
        name = named(driver)
        true = registry.USUAL_PORTS.get(name) or parameters(name).get("port", PORTLESS)
        assert (without if without in (MUST, PORTLESS) else value(without)) == true, name


def test_the_keys_of_every_section_stand_there_with_their_defaults() -> None:
    told = {named(row[0]): row[1] for row in tables("Key")[0]}
    fields = DeviceSettings.model_fields
    assert set(told) == set(fields)
    for name, cell in told.items():
        default = fields[name].get_default(call_default_factory=True)
        assert cell == MUST if default is PydanticUndefined else value(cell) == default, name
    assert all(f"`{name}`" in MANUAL for name in CAPACITIES)


def test_what_an_option_chooses_from_stands_there_whole() -> None:
    assert all(f"`{name}`" in MANUAL for name in (*TERMINATORS, *TABLE))


def test_every_kind_has_its_place() -> None:
    headings = " ".join(re.findall(r"^## .*", MANUAL, re.MULTILINE))
    assert set(re.findall(r"`(\w+)`", headings)) == {str(kind) for kind in Kind}


@pytest.mark.parametrize("section", SECTIONS, ids=[re.findall(r"port = (.*)", s)[0] for s in SECTIONS])
def test_every_section_to_copy_is_taken_as_it_stands(section: str, tmp_path: Path) -> None:
    read = terminal_with(section, tmp_path)
    assert read.devices
    for device in read.devices.values():
        assert isinstance(registry.make(device), Device)


def test_every_kind_that_has_a_driver_has_a_section_to_copy(tmp_path: Path) -> None:
    shown = {one.kind for text in SECTIONS for one in terminal_with(text, tmp_path).devices.values()}
    assert shown == set(Kind) - {Kind.RATING_PAD, Kind.SIGNATURE_PAD, Kind.FINGERPRINT_READER}


def test_who_may_be_recognised_how_is_taken_as_it_stands(tmp_path: Path) -> None:
    (section,) = [text for text in FENCES if "[identification]" in text]
    told = terminal_with(section, tmp_path).identification
    assert set(tomllib.loads(section)["identification"]) == set(type(told).model_fields)
    assert (told.staffed, told.liveness) == (True, False)
    assert not Settings.model_fields["identification"].default.staffed, "nobody is there unless it is said"


def test_what_the_hall_may_call_at_a_terminal_is_taken_as_it_stands(tmp_path: Path) -> None:
    (remote,) = [text for text in FENCES if "[remote]" in text]
    told = terminal_with(remote, tmp_path).remote
    assert set(tomllib.loads(remote)["remote"]) == set(type(told).model_fields)
    assert ("{version}" in told.update, "{level}" in told.brightness) == (True, True)


def terminal_with(section: str, folder: Path) -> Settings:
    """The demo's terminal with this section in place of its devices."""
    demo = (REPO / "config" / "profiles" / "demo.toml").read_text("utf-8")
    surroundings = demo[: demo.index("[devices.")]
    for own in ("screen", "identification"):
        if f"[{own}]" in section:
            surroundings = re.sub(rf"^\[{own}\]\n(.+\n)+", "", surroundings, flags=re.MULTILINE)
    file = folder / "terminal.toml"
    file.write_text(f"{surroundings}\n{section}", encoding="utf-8")
    return settings.load(file)


def test_the_rule_for_udev_lets_a_plain_user_at_the_reader_that_is_looked_for_by_itself() -> None:
    rules = (REPO / "config/deploy/machine/terminal/etc/udev/rules.d/60-kiosk-terminal.rules").read_text(
        "utf-8"
    )
    for port in registry.USUAL_PORTS.values():
        _, vendor, product = port.lower().split(":")
        assert f'ATTR{{idVendor}}=="{vendor}", ATTR{{idProduct}}=="{product}"' in rules
    assert (
        "config/deploy/machine/terminal/etc/udev/rules.d/60-kiosk-terminal.rules /etc/udev/rules.d/" in MANUAL
    )
