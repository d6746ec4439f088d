"""The table of drivers: a name of the settings → the class that drives the device.

A driver's module is imported when a device uses it, so that a terminal without a camera never loads OpenCV.
Outside drivers come from installed packages: an entry point of the group `kiosk_terminal.drivers` whose
name is the driver's name and whose value is `module:Class`. They cannot take a name of the table.
"""

from __future__ import annotations

import importlib
import inspect
from importlib import metadata
from typing import Any, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from config.devices import Kind
from config.settings import DeviceSettings
from drivers.device import Device, DeviceError

GROUP = "kiosk_terminal.drivers"

BUILT_IN = {
    "id_card_reader_serial": "drivers.id_card_reader:IdCardReader",
    "id_card_reader_usb": "drivers.id_card_reader:IdCardReader",
    "id_card_reader_tcp": "drivers.id_card_reader:IdCardReader",
    "camera": "drivers.camera:Camera",
    "document_camera": "drivers.document_camera:DocumentCamera",
    "speaker_espeak": "drivers.speaker:EspeakSpeaker",
    "receipt_printer_serial": "drivers.receipt_printer:ReceiptPrinter",
    "id_card_reader_pcsc": "drivers.id_card_pcsc:IdCardReaderPcsc",
    "social_card_reader_pcsc": "drivers.social_card_reader:SocialCardReader",
    "receipt_printer_tcp": "drivers.receipt_printer:ReceiptPrinter",
    "receipt_printer_usb": "drivers.receipt_printer:ReceiptPrinter",
    "a4_printer_ipp": "drivers.a4_printer:A4Printer",
    "a4_printer_cups": "drivers.a4_printer_cups:CupsA4Printer",
    "special_printer_ipp": "drivers.special_printer_ipp:IppSpecialPrinter",
    "special_printer_escpos": "drivers.special_printer_escpos:EscposSpecialPrinter",
    "locker_8a": "drivers.locker:Locker",
    "io_board_modbus": "drivers.io_board:IoBoard",
    "code_scanner_serial": "drivers.code_scanner:SerialCodeScanner",
    "code_scanner_keyboard": "drivers.code_scanner:KeyboardCodeScanner",
}

_AS_WRITTEN = ConfigDict(strict=True, arbitrary_types_allowed=True)

_KINDS = {"camera": Kind.PERSON_CAMERA}  # of drivers whose names do not begin with their kind

# Where a driver looks when the settings name no port: what most of its devices on USB say of themselves.
USUAL_PORTS = {"id_card_reader_usb": "usb:0400:C35A"}


def names() -> tuple[str, ...]:
    """Every driver's name that the settings may use."""
    return tuple(sorted({*BUILT_IN, *metadata.entry_points(group=GROUP).names}))


def make(settings: DeviceSettings) -> Device:
    """The device of these settings, not yet opened; nothing is touched but its module.

    DeviceError `device_misconfigured` when there is no such driver, its module does not load, or it does
    not take these options.
    """
    driver, options = _checked(settings)
    try:
        device = driver(**options)
    except DeviceError:
        raise
    except Exception as error:  # an outside driver's may be anything
        said = str(error) if isinstance(error, TypeError | ValueError) else type(error).__name__
        raise DeviceError("device_misconfigured", f"driver {settings.driver}: {said}") from None
    if not isinstance(device, Device):
        raise DeviceError("device_misconfigured", f"driver {settings.driver} lacks open, close or status")
    return device


def check(settings: DeviceSettings) -> None:
    """Whether these settings can be made into a device, without making it: driver, kind and options.

    DeviceError `device_misconfigured`, as `make` and `check_kind` raise it.
    """
    check_kind(settings)
    _checked(settings)


def _checked(settings: DeviceSettings) -> tuple[Any, dict[str, Any]]:
    """The driver's class, and the options that it takes. DeviceError."""
    driver = class_of(settings.driver)
    options = dict(settings.options)
    port = settings.port or USUAL_PORTS.get(settings.driver, "")
    if port:
        options["port"] = port
    _check_options(settings.driver, driver, options)
    return driver, options


def port_of(settings: DeviceSettings) -> str:
    """Where the device of these settings is looked for: their port, else the driver's usual one."""
    if settings.port or settings.driver in USUAL_PORTS:
        return settings.port or USUAL_PORTS[settings.driver]
    try:
        own = inspect.signature(class_of(settings.driver)).parameters.get("port")
    except DeviceError:
        return ""
    return own.default if own is not None and isinstance(own.default, str) else ""


def check_kind(settings: DeviceSettings) -> None:
    """DeviceError `device_misconfigured` for one of our drivers that serves another kind of device.

    What an outside driver serves is not known here.
    """
    name = settings.driver
    serves = _KINDS.get(name) or next((kind for kind in Kind if name.startswith(kind)), settings.kind)
    if name in BUILT_IN and serves is not settings.kind:
        raise DeviceError(
            "device_misconfigured", f"driver {name} serves {serves}, and the kind says {settings.kind}"
        )


def class_of(name: str) -> Any:
    """The class behind a driver's name. DeviceError `device_misconfigured` when it does not load."""
    try:
        if name in BUILT_IN:
            module, _, attribute = BUILT_IN[name].partition(":")
            return getattr(importlib.import_module(module), attribute)
        for entry in metadata.entry_points(group=GROUP, name=name):
            return _class(entry.load())
    except Exception as error:  # an outside module may raise anything while it loads
        said = f"driver {name} does not load: {error}"
        raise DeviceError("device_misconfigured", said) from None
    raise DeviceError("device_misconfigured", f"no driver {name}; there are {', '.join(names())}")


def _class(loaded: object) -> object:
    if not isinstance(loaded, type):
        raise TypeError("its entry point is no class")
    return loaded


def _check_options(name: str, driver: Any, options: dict[str, Any]) -> None:
    """A misspelt option is told with the right ones, since a technician reads this at the machine."""
    parameters = inspect.signature(driver).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return
    known = {parameter.name: parameter for parameter in parameters}
    if unknown := sorted(set(options) - set(known)):
        raise DeviceError(
            "device_misconfigured",
            f"driver {name} has no option {', '.join(unknown)}; it has {', '.join(sorted(known))}",
        )
    missing = sorted(k for k, p in known.items() if p.default is p.empty and k not in options)
    if missing:
        raise DeviceError("device_misconfigured", f"driver {name} needs {', '.join(missing)}")
    _check_types(name, driver, options)


def _check_types(name: str, driver: Any, options: dict[str, Any]) -> None:
    """A number written as text would fail much later, and in words that say nothing to a technician."""
    try:
        hints = get_type_hints(driver.__init__)
    except NameError:  # an outside driver whose annotations are for its type checker alone
        return
    for option, given in options.items():
        try:
            TypeAdapter(hints.get(option, Any), config=_AS_WRITTEN).validate_python(given)
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join([option, *(str(part) for part in problem["loc"] if part in _keys(given))])
            raise DeviceError(
                "device_misconfigured", f"driver {name}: option {where}: {problem['msg']}, not {given!r}"
            ) from None


def _keys(given: object) -> tuple[object, ...]:
    return tuple(given) if isinstance(given, dict) else ()
