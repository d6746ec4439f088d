"""The kernel's side of a mocked USB device: usbfs requests, transfers (URBs), and packets at end points.

Part of `usb_bus.py`, under Debian's Python. Numbers of requests and the layout of an URB are those of
<linux/usbdevice_fs.h> on 64 bits.
"""

from __future__ import annotations

import errno
import os
import struct
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from gi.repository import GLib

SUBMIT, DISCARD, REAP, REAP_NOW = 0x8038550A, 0x550B, 0x4008550C, 0x4008550D
CLAIM, RELEASE, CAPABILITIES, GET_DRIVER = 0x8004550F, 0x80045510, 0x8004551A, 0x41045508
DRIVER_IOCTL, DISCONNECT, CONNECT = 0xC0105512, 0x5516, 0x5517
HARMLESS = {0x80085504, 0x80045505, 0x80045515, 0x80045503, 0x5514}  # alternate, configuration, halts, reset
BULK, CONTROL = 3, 2
PACKET = 64
REST = 1  # milliseconds before *nothing yet* is said: the file polls as ready, and libusb would spin
URB_BYTES, BUFFER_AT = 56, 16
SAM_HEAD = 7  # bytes of a SAM frame that go through the first pipe of a split channel; the last 2: the length


@dataclass
class Urb:
    """One transfer under way: its memory in the other process, kind, end point and how much it may hold."""

    memory: Any
    buffer: Any
    kind: int
    point: int
    length: int
    address: int
    got: bytes = b""


@dataclass
class Device:
    """One plugged device. `into` and `out` are its bulk end points; two of each make a split channel."""

    name: str
    path: str
    numbers: tuple[str, str, str]
    into: list[int]
    out: list[int]
    far: int
    driver: str
    watch: int = 0  # GLib's number for looking at `far`; 0 when that has hung up
    answers: dict[int, deque[bytes]] = field(default_factory=dict)  # packets by end point
    waiting: list[Urb] = field(default_factory=list)
    done: deque[Urb] = field(default_factory=deque)
    claimed: bool = False
    gone: bool = False
    silent: bool = False
    stalled: bool = False
    cut_after: int = -1  # bytes to the terminal until the plug comes out by itself; -1 never
    head: bytes = b""  # of a split channel's answer: its first bytes
    owed: int = 0  # … and how many are still to come after them


def queue(device: Device, data: bytes) -> None:
    """What the device says, to its end points. A split channel: seven bytes here, what they count there."""
    if len(device.into) == 1:
        _packets(device, device.into[0], data)
        return
    while data:
        if device.owed:
            part, data = data[: device.owed], data[device.owed :]
            device.owed -= len(part)
            _packets(device, device.into[1], part)
        else:
            missing = SAM_HEAD - len(device.head)
            device.head, data = device.head + data[:missing], data[missing:]
            if len(device.head) == SAM_HEAD:
                _packets(device, device.into[0], device.head)
                device.owed, device.head = int.from_bytes(device.head[-2:], "big"), b""


def _packets(device: Device, point: int, data: bytes) -> None:
    device.answers[point].extend(data[i : i + PACKET] for i in range(0, len(data), PACKET))
    _serve(device)


def _serve(device: Device) -> None:
    """Gives what has arrived to whoever waits: a transfer ends when it is full or a packet is short."""
    for urb in list(device.waiting):
        packets = device.answers.get(urb.point)
        while packets and urb in device.waiting:
            packet = packets.popleft()
            urb.got += packet
            if len(packet) < PACKET or len(urb.got) >= urb.length:
                device.waiting.remove(urb)
                _finish(device, urb, 0, urb.got)


def ioctl(device: Device, client: Any) -> bool:
    request = client.get_request()
    if device.gone and not (device.done and request in (REAP, REAP_NOW)):
        return _done(client, -1, errno.ENODEV)
    if request == SUBMIT:
        return _submit(device, client)
    if request in (REAP, REAP_NOW):
        return _reap(device, client)
    if request == DISCARD:
        return _discard(device, client)
    return _setting(device, client, request)


def shut_down(device: Device) -> None:
    """The plug is out: whoever waits for a transfer is told, as the kernel tells it."""
    for urb in device.waiting:
        _finish(device, urb, -errno.ESHUTDOWN, urb.got)
    device.waiting.clear()


def _setting(device: Device, client: Any, request: int) -> bool:
    if request == CAPABILITIES:
        client.get_arg().resolve(0, 4).update(0, struct.pack("I", 0x1F))
    elif request == CLAIM:
        if device.driver:
            return _done(client, -1, errno.EBUSY)
        device.claimed = True
    elif request == RELEASE:
        device.claimed = False
    elif request == GET_DRIVER:
        if not device.driver:
            return _done(client, -1, errno.ENODATA)
        client.get_arg().resolve(0, 260).update(4, device.driver.encode() + b"\0")
    elif request == DRIVER_IOCTL:
        _, code = struct.unpack_from("iI", bytes(client.get_arg().resolve(0, 16).retrieve()))
        device.driver = "usblp" if code == CONNECT else ""
        return _done(client, 1 if code == CONNECT else 0, 0)
    elif request not in HARMLESS:
        return _done(client, -1, errno.ENOTTY)
    return _done(client, 0, 0)


def _submit(device: Device, client: Any) -> bool:
    address = struct.unpack("L", bytes(client.get_arg().retrieve()))[0]
    memory = client.get_arg().resolve(0, URB_BYTES)
    raw = bytes(memory.retrieve())
    length = struct.unpack_from("i", raw, 24)[0]
    buffer = memory.resolve(BUFFER_AT, length) if length else None
    urb = Urb(memory, buffer, raw[0], raw[1], length, address)
    if urb.kind == CONTROL:
        _control(device, urb)
    elif device.stalled:
        _finish(device, urb, -errno.EPIPE, b"")
    elif urb.point & 0x80:
        device.waiting.append(urb)
        _serve(device)
    elif device.silent:
        device.waiting.append(urb)  # the device takes no more bytes
    else:
        if urb.point == device.out[0]:
            device.head, device.owed = b"", 0  # a new question: what was left of the last answer never comes
        os.write(device.far, bytes(buffer.retrieve()) if buffer else b"")
        _finish(device, urb, 0, None)
    return _done(client, 0, 0)


def _reap(device: Device, client: Any) -> bool:
    if not device.done:
        GLib.timeout_add(REST, lambda: not _done(client, -1, errno.EAGAIN))
        return True
    urb = device.done.popleft()
    client.get_arg().resolve(0, 8).set_ptr(0, urb.memory)
    return _done(client, 0, 0)


def _discard(device: Device, client: Any) -> bool:
    address = struct.unpack("L", bytes(client.get_arg().retrieve()))[0]
    for urb in device.waiting:
        if urb.address == address:
            device.waiting.remove(urb)
            _finish(device, urb, -errno.ENOENT, urb.got)
            return _done(client, 0, 0)
    return _done(client, -1, errno.EINVAL)


def _finish(device: Device, urb: Urb, status: int, data: bytes | None) -> None:
    """Ends a transfer: with what came in, or (None) with all of it gone out."""
    if data:
        urb.buffer.update(0, data)
    count = urb.length if data is None else len(data)
    urb.memory.update(4, struct.pack("i", status))
    urb.memory.update(28, struct.pack("i", count))
    device.done.append(urb)


def _control(device: Device, urb: Urb) -> None:
    """End point 0: string descriptors are all that anybody asks for."""
    setup = bytes(urb.buffer.retrieve())[:8]
    kind, request, index, what, _, length = struct.unpack("<BBBBHH", setup)
    if (kind, request, what) != (0x80, 6, 3):
        _finish(device, urb, -errno.EPIPE, b"")
        return
    text = bytes((0x09, 0x04)) if index == 0 else device.numbers[index - 1].encode("utf-16-le")
    answer = (bytes((len(text) + 2, 3)) + text)[:length]
    urb.buffer.update(8, answer)
    urb.memory.update(4, struct.pack("i", 0))
    urb.memory.update(28, struct.pack("i", len(answer)))
    device.done.append(urb)


def _done(client: Any, result: int, error: int) -> bool:
    client.complete(result, error)
    return True
