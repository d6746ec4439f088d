"""The process that holds a driver on the mocked USB bus: `python -m tests.peers.usb_driver HANDLE`.

Orders come as (what, name, arguments, named); `what` is make, call or run. Answers are (error, result).
"""

from __future__ import annotations

import importlib
import sys
from multiprocessing.connection import Connection
from typing import Any

from drivers.device import DeviceError


def main() -> None:
    """Obeys until the line closes, then closes the driver."""
    line, driver = Connection(int(sys.argv[1])), None
    while True:
        try:
            order = line.recv()
        except EOFError:
            break
        error: object = None
        result = None
        try:
            what, name, arguments, named = order
            if what == "call":
                result = getattr(driver, name)(*arguments, **named)
            elif what == "run":
                result = _named(name)(*arguments, **named)
            else:
                _close(driver)
                driver = None
                driver = _named(name)(**named)
        except DeviceError as coded:
            error = (coded.code, coded.detail, coded.lost)
        except Exception as other:  # told to the test, which fails with it
            error = repr(other)
        line.send((error, result))
    _close(driver)


def _close(driver: Any) -> None:
    if driver is not None:
        driver.close()


def _named(name: str) -> Any:
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


if __name__ == "__main__":
    main()
