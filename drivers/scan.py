"""What is connected to this computer, as a section of the settings that a technician can take over.

    main.py doctor --scan [--ask [PORT …]] [--host ADDRESS …] [--write FILE]

Looking disturbs nobody: descriptors are read, daemons are asked, what stands at `--host` is asked for its
attributes or a picture. Only with `--ask` are bytes sent to serial lines whose device is not known
(`drivers/scan_serial.py`), and those move nothing. The looks themselves are in `drivers/scan_looks.py`; each
is bounded in time, and one that cannot be taken says why.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from drivers import scan_looks as looks
from drivers.scan_finds import Find, Note

LOOK_SECONDS = 20.0  # for any one look


Look = Callable[[], Iterable[Find | Note]]


def scan(ask: Sequence[str] | None = None, hosts: Sequence[str] = ()) -> list[Find | Note]:
    """Everything that is found, in the order of the looks.

    `ask`: None asks no serial line; else all USB adapters are asked, and these ports besides.
    """
    wanted: list[tuple[str, Look]] = [
        ("serial ports", lambda: looks.serial_ports(ask)),
        ("USB devices", looks.usb_devices),
        ("PC/SC", looks.pcsc_readers),
        ("cameras", looks.cameras),
        ("CUPS", looks.cups_queues),
        ("sound", looks.speakers),
    ]
    wanted += [(f"host {host}", partial(looks.host, host)) for host in hosts]
    return [found for name, look in wanted for found in bounded(name, look, LOOK_SECONDS)]


def bounded(name: str, look: Look, seconds: float) -> list[Find | Note]:
    """What `look` finds within `seconds`; that it failed or took longer is a note, never an error."""
    found: queue.Queue[list[Find | Note]] = queue.Queue()

    def work() -> None:
        try:
            found.put(list(look()))
        except Exception as error:  # a library's own mistake must not hide what the others find
            found.put([Note(f"{name}: could not be looked at ({type(error).__name__}: {error})")])

    threading.Thread(target=work, name=f"scan-{name}", daemon=True).start()
    try:
        return found.get(timeout=seconds)
    except queue.Empty:
        return [Note(f"{name}: no answer in {seconds:g} s")]


def proposal(found: Sequence[Find | Note]) -> str:
    """The finds as TOML. Each section says why; what is not sure is commented out."""
    lines = [
        "# What doctor --scan has found. Take over what is right, name the devices as you like.",
        "# A device that may be missing gets: optional = true",
    ]
    finds = [one for one in found if isinstance(one, Find)]
    names: dict[int, str] = {}
    for find in sorted(finds, key=lambda one: not one.sure):  # the sure ones have the plain names
        number = sum(name.startswith(find.kind) for name in names.values()) + 1
        names[id(find)] = find.kind if number == 1 else f"{find.kind}_{number}"
    for one in found:
        lines += ["", *(_section(one, names[id(one)]) if isinstance(one, Find) else _comment(one.text))]
    return "\n".join(lines) + "\n"


def _section(find: Find, name: str) -> Iterator[str]:
    yield from _comment(find.why)
    section = [f"[devices.{name}]", f'kind = "{find.kind}"', f'driver = "{find.driver}"']
    section.append(f"port = {_text(find.port)}")
    if find.options:
        options = ", ".join(f"{k} = {_value(v)}" for k, v in find.options.items())
        section.append(f"options = {{ {options} }}")
    yield from section if find.sure else (f"# {line}" for line in section)


def _value(value: object) -> str:
    """A value of TOML: a text, or a number or list of them, which JSON spells likewise."""
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _comment(text: str) -> Iterator[str]:
    """As a comment of TOML, which holds no control characters: a device's own words may be anything."""
    for line in text.splitlines():
        yield "# " + "".join(letter if letter.isprintable() else "?" for letter in line)


def _text(text: str) -> str:
    """A basic string of TOML; JSON's escapes are a part of its own."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
