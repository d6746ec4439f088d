"""A USB bus without a plug. Runs under `umockdev-wrapper` with Debian's Python and imports nothing of ours.

`usb_peer.py` starts it and tells it by lines of JSON on standard input what to plug in; each is answered by
one line. What is real: libusb, pyusb, libudev and sysfs paths in the process under test. What is ours is
the kernel's side of `/dev/bus/usb/…`: URBs are taken, and their bytes go to and from the device's *far*
end, which is a PTY or a TCP port where one of the virtual devices lives.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import tty
from collections import deque
from typing import Any

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import GLib, UMockdev  # noqa: E402

from tests.peers.usb_kernel import Device, ioctl, queue, shut_down  # noqa: E402


class Bus:
    """The devices by name, and the testbed that shows them."""

    def __init__(self) -> None:
        self.testbed = UMockdev.Testbed.new()
        self.devices: dict[str, Device] = {}
        self.lines: dict[str, str] = {}  # paths of the serial adapters' ttys
        self.nodes: dict[str, Device] = {}  # what is at a node now, or was last
        self.opened: dict[Any, Device] = {}  # what each opened handle has hold of
        self.listening: dict[str, Any] = {}  # kept, else they are collected

    # ── hands ───────────────────────────────────────────────────────────────
    def plug(
        self,
        *,
        name: str,
        descriptors: str,
        address: int,
        bus_socket: str,
        far: str,
        into: list[int],
        out: list[int],
        strings: list[str],
        driver: str,
    ) -> None:
        """Shows a device to everybody and opens its far end."""
        if name in self.devices:
            self.unplug(name)
        node = f"/dev/bus/usb/001/{address:03d}"
        path = f"/sys/devices/usb1/{bus_socket}"
        self._show(
            f"P: /devices/usb1/{bus_socket}\nN: bus/usb/001/{address:03d}\n"
            f"E: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DEVNAME={node}\n"
            f"E: BUSNUM=001\nE: DEVNUM={address:03d}\nE: MAJOR=189\nE: MINOR={address - 1}\n"
            f"A: busnum=1\\n\nA: devnum={address}\\n\nA: speed=12\\n\nA: bConfigurationValue=1\\n\n"
            f"H: descriptors={descriptors.upper()}\n"
        )
        numbers = (strings[0], strings[1], strings[2])
        device = Device(name, path, numbers, into, out, _open_far(far), driver)
        device.answers = {point: deque() for point in into}
        self.devices[name] = self.nodes[node] = device
        self._listen(node)
        device.watch = GLib.io_add_watch(
            device.far, GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, self._from_far, device
        )
        self.testbed.uevent(path, "add")

    def _listen(self, node: str) -> None:
        """Answers for the node from now on; a handle that was opened before a replug stays with the old."""
        if node in self.listening:
            return
        handler = UMockdev.IoctlBase()
        handler.connect("client-connected", lambda _, client: self.opened.update({client: self.nodes[node]}))
        handler.connect("client-vanished", lambda _, client: self.opened.pop(client, None))
        handler.connect("handle-ioctl", lambda _, client: ioctl(self.opened[client], client))
        self.testbed.attach_ioctl(node, handler)
        self.listening[node] = handler

    def unplug(self, name: str) -> None:
        """Pulls the plug: what is under way ends with *no such device*, and sysfs forgets it."""
        device = self.devices.pop(name)
        device.gone = True
        shut_down(device)
        if device.watch:
            GLib.source_remove(device.watch)
            os.close(device.far)
        self.testbed.uevent(device.path, "remove")
        self.testbed.remove_device(device.path)

    def tty(
        self,
        *,
        name: str,
        bus_socket: str,
        vendor: str,
        product: str,
        number: str,
        interfaces: int,
        far: str,
    ) -> None:
        """Shows a USB adapter with the serial line `/dev/name`, as the kernel's usb-serial does."""
        adapter = f"/devices/usb1/{bus_socket}"
        interface = f"{adapter}/{bus_socket}:1.0"
        self._show(
            f"P: {adapter}\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nA: idVendor={vendor}\\n\n"
            f"A: idProduct={product}\\n\nA: serial={number}\\n\nA: bNumInterfaces= {interfaces}\\n\n"
        )
        self._show(f"P: {interface}\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\n")
        self._show(f"P: {interface}/{name}\nE: SUBSYSTEM=usb-serial\n")
        self._show(f"P: {interface}/{name}/tty/{name}\nE: SUBSYSTEM=tty\nE: DEVNAME=/dev/{name}\n")
        self.lines[name] = f"/sys{interface}/{name}/tty/{name}"
        self.testbed.set_attribute_link(self.lines[name], "device", f"../../../{name}")
        os.makedirs(os.path.join(self.testbed.get_root_dir(), "dev"), exist_ok=True)
        os.symlink(far or "/dev/null", os.path.join(self.testbed.get_root_dir(), "dev", name))

    def untty(self, *, name: str) -> None:
        """Takes the adapter with this line away."""
        os.remove(os.path.join(self.testbed.get_root_dir(), "dev", name))
        line = self.lines.pop(name)  # as deep as it goes: the tty, the driver, the interface, the adapter
        for path in (line, *(line.rsplit("/", above)[0] for above in (2, 3, 4))):
            self.testbed.remove_device(path)

    def unplug_all(self) -> None:
        """Takes everything away."""
        for name in list(self.devices):
            self.unplug(name)
        for name in list(self.lines):
            self.untty(name=name)

    def _show(self, device: str) -> None:
        self.testbed.add_from_string(device + "\n")

    def set(self, *, name: str, **what: Any) -> None:
        """`silent`, `stalled` and `cut_after` of a device."""
        for key, value in what.items():
            setattr(self.devices[name], key, value)

    def state(self, *, name: str) -> dict[str, Any]:
        """Who holds the device: `claimed` and the kernel's `driver`."""
        return {"claimed": self.devices[name].claimed, "driver": self.devices[name].driver}

    # ── the far end ─────────────────────────────────────────────────────────
    def _from_far(self, handle: int, condition: int, device: Device) -> bool:
        try:
            data = os.read(handle, 4096)
        except OSError:
            data = b""
        if not data:  # nobody is there any more: the device stays, and says nothing
            os.close(handle)
            device.watch = 0
            device.silent = True
            return False
        if not device.silent:
            self._answer(device, data)
        return not device.gone

    def _answer(self, device: Device, data: bytes) -> None:
        if 0 <= device.cut_after < len(data):
            queue(device, data[: device.cut_after])
            self.unplug(device.name)
            return
        device.cut_after -= len(data) if device.cut_after > 0 else 0
        queue(device, data)


def _open_far(far: str) -> int:
    """The handle of `host:number` or of a PTY's path."""
    if not far.startswith("/"):
        host, _, number = far.rpartition(":")
        return socket.create_connection((host, int(number)), 5).detach()
    handle = os.open(far, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(handle)
    return handle


def main() -> None:
    """Obeys until standard input closes."""
    bus, loop = Bus(), GLib.MainLoop()

    def obey(source: int, condition: int) -> bool:
        line = sys.stdin.readline()
        if not line:
            loop.quit()
            return False
        order = json.loads(line)
        try:
            answer: object = {"ok": getattr(bus, order.pop("do"))(**order)}
        except Exception as error:  # told to whoever ordered it, who raises
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
        return True

    GLib.io_add_watch(0, GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, obey)
    print(json.dumps({"ok": bus.testbed.get_root_dir()}), flush=True)
    loop.run()
    shutil.rmtree(bus.testbed.get_root_dir(), ignore_errors=True)  # closures keep it alive beyond its end


if __name__ == "__main__":
    main()
