"""From a name in the settings to a driver: built in, from outside, misspelt, misconfigured."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from config.devices import Kind
from config.settings import DeviceSettings
from drivers import registry
from drivers.device import Device, DeviceError

OUTSIDE = """
class Scale:
    def __init__(self, *, port, grams=5): self.told = (port, grams)
    def open(self): ...
    def close(self): ...
    def status(self): ...

class Lamp:
    def open(self): ...

class Stumbler:
    def __init__(self): raise KeyError("weight")

NUMBER = 7
"""
ENTRY_POINTS = """[kiosk_terminal.drivers]
scale = outside_scale:Scale
lamp = outside_scale:Lamp
broken = outside_missing:Scale
unread = outside_unread:Scale
number = outside_scale:NUMBER
stumbler = outside_scale:Stumbler
camera = outside_scale:Scale
"""


def settings(driver: str, port: str = "", **options: object) -> DeviceSettings:
    return DeviceSettings(kind=Kind.IO_BOARD, driver=driver, port=port, options=options)


def refused(asked: DeviceSettings) -> str:
    with pytest.raises(DeviceError) as raised:
        registry.make(asked)
    assert raised.value.code == "device_misconfigured"
    return raised.value.detail


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package of a hall's engineer, as pip would leave it."""
    (tmp_path / "outside_scale.py").write_text(OUTSIDE, encoding="utf-8")
    (tmp_path / "outside_unread.py").write_text("class Scale(:", encoding="utf-8")
    info = tmp_path / "outside_scale-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: outside-scale\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(ENTRY_POINTS, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.parametrize(
    ("driver", "port"),
    [
        ("id_card_reader_serial", "/dev/ttyUSB0"),
        ("camera", "/dev/v4l/by-id/camera"),
        ("receipt_printer_tcp", "127.0.0.1:9100"),
        ("a4_printer_ipp", "ipp://127.0.0.1:8631/ipp/print"),
    ],
)
def test_each_built_in_driver_is_made_without_touching_its_device(driver: str, port: str) -> None:
    assert isinstance(registry.make(settings(driver, port)), Device)


def test_the_table_can_be_read_without_loading_any_driver() -> None:
    """The home page must not wait for OpenCV."""
    asked = (
        "import sys; from drivers import registry; registry.names(); import drivers.camera, drivers.face;"
        "print([m for m in sys.modules if m in ('cv2', 'numpy', 'serial', 'drivers.receipt_printer')])"
    )
    told = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout.strip() == "[]"


def test_a_misspelt_driver_is_told_with_the_known_ones() -> None:
    said = refused(settings("id_card_reader_seriell", "/dev/ttyUSB0"))
    assert "id_card_reader_seriell" in said
    assert "id_card_reader_serial" in said


def test_a_misspelt_option_is_told_with_the_right_ones() -> None:
    said = refused(settings("id_card_reader_serial", "/dev/ttyUSB0", boud=9600))
    assert "no option boud" in said
    assert "baud" in said


def test_a_missing_port_is_told() -> None:
    assert "needs port" in refused(settings("id_card_reader_serial"))


@pytest.mark.parametrize("option", [{"timeout": 0}, {"timeout": "fast"}])
def test_an_option_out_of_range_or_of_another_type_is_told(option: dict[str, object]) -> None:
    assert "id_card_reader_serial" in refused(settings("id_card_reader_serial", "/dev/ttyUSB0", **option))


@pytest.mark.usefixtures("outside")
def test_a_driver_from_outside_is_made_like_our_own() -> None:
    device = registry.make(settings("scale", "/dev/ttyUSB1", grams=10))
    assert vars(device) == {"told": ("/dev/ttyUSB1", 10)}
    assert "scale" in registry.names()


@pytest.mark.usefixtures("outside")
def test_a_driver_from_outside_cannot_take_a_built_in_name() -> None:
    assert type(registry.make(settings("camera"))).__module__ == "drivers.camera"


@pytest.mark.usefixtures("outside")
def test_a_driver_from_outside_that_does_not_load_or_conform_is_told() -> None:
    assert "broken does not load" in refused(settings("broken"))
    assert "lamp lacks" in refused(settings("lamp"))
    assert "unread does not load" in refused(settings("unread"))
    assert "number does not load: its entry point is no class" in refused(settings("number"))
    assert "stumbler: KeyError" in refused(settings("stumbler"))
