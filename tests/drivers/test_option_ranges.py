"""A number of the settings that cannot be right is told when the device is made, not at the first citizen."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from config.devices import Kind
from config.settings import DeviceSettings
from drivers import registry
from drivers.device import DeviceError

PORTS = {"a4": "ipp://127.0.0.1/ipp/print", "special_printer_ipp": "ipp://127.0.0.1/ipp/print", "camera": "0"}
NONSENSE: dict[str, list[Any]] = {
    "float": [-1.0, 0.0, float("nan"), float("inf"), 1e30],
    "int": [-1, 10**30],
}


def options_of(driver: str) -> list[tuple[str, str, Any]]:
    parameters = inspect.signature(registry.class_of(driver)).parameters.values()
    return [(driver, p.name, wrong) for p in parameters for wrong in NONSENSE.get(str(p.annotation), [])]


@pytest.mark.parametrize(
    ("driver", "option", "wrong"), [one for driver in registry.BUILT_IN for one in options_of(driver)]
)
def test_nonsense_is_refused_before_the_device_is_touched(driver: str, option: str, wrong: Any) -> None:
    port = next((port for name, port in PORTS.items() if driver.startswith(name)), "/dev/ttyS9")
    settings = DeviceSettings(kind=Kind.IO_BOARD, driver=driver, port=port, options={option: wrong})
    if "port" not in inspect.signature(registry.class_of(driver)).parameters:
        settings = settings.model_copy(update={"port": ""})
    with pytest.raises(DeviceError) as raised:
        registry.make(settings)
    assert raised.value.code == "device_misconfigured"


@pytest.mark.parametrize("option", [{"flow": "dtr"}, {"baud": 0}, {"width": 0}])
def test_a_receipt_printer_knows_what_its_line_can_do(option: dict[str, Any]) -> None:
    settings = DeviceSettings(
        kind=Kind.RECEIPT_PRINTER, driver="receipt_printer_serial", port="/dev/ttyS9", options=option
    )
    with pytest.raises(DeviceError, match="device_misconfigured"):
        registry.make(settings)
