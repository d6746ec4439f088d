"""Two machines on a wire: one with a file of firewall rules, one that sends it packets.

`unshare -rn python -m tests.locked.wire [RULES]` makes both as network name spaces of its own, which touch no
network of this computer, and prints as JSON what came through. Without RULES: as it would be without.
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from typing import Any

CLONE_NEWNET = 0x40000000
MACHINE = {4: "10.9.0.2", 6: "fd09::2"}  # the one with the rules
OTHER = {4: "10.9.0.1", 6: "fd09::1"}
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
LISTENS = (22, 80, 443, 631, 1883, 5432, 8000, 8883, 9100)  # on the machine, so that a hole is a connection
SILENCE = 0.7  # seconds without an answer


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, timeout=30)


def _address(name: str, addresses: dict[int, str]) -> None:
    ip("link", "set", "lo", "up")
    ip("link", "set", name, "up")
    ip("addr", "add", f"{addresses[4]}/24", "dev", name)
    ip("-6", "addr", "add", f"{addresses[6]}/64", "dev", name, "nodad")


# ── the machine ─────────────────────────────────────────────────────────────
def machine(talk: Connection, rules: str) -> None:
    """Does what it is asked on the pipe, until `None`."""
    assert ctypes.CDLL(None).unshare(CLONE_NEWNET) == 0
    talk.send(os.getpid())
    talk.recv()  # the wire is plugged in
    if rules:
        subprocess.run(["nft", "-f", rules], check=True, timeout=30)
    _address("wire-machine", MACHINE)
    listeners = [
        socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True) for port in LISTENS
    ]
    datagrams = {port: _datagrams(port) for port in (68, 546, 5353)}
    talk.send("listens")
    while (asked := talk.recv()) is not None:
        name, *arguments = asked
        talk.send(ASKED[name](datagrams, *arguments))
    for one in (*listeners, *datagrams.values()):
        one.close()


def _datagrams(port: int) -> socket.socket:
    one = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    one.bind(("::", port))
    one.settimeout(SILENCE)
    return one


def _heard(datagrams: dict[int, socket.socket], port: int) -> list[str]:
    """What has come to that port."""
    found = []
    while True:
        try:
            found.append(datagrams[port].recv(100).decode())
        except TimeoutError:
            return found


def _asks(_: Any, version: int, port: int) -> str:
    """The machine connects to the other one and is answered."""
    with socket.create_connection((OTHER[version], port), timeout=20) as line:
        return line.recv(100).decode()


def _asks_by_datagram(_: Any, version: int, port: int) -> str:
    """It asks by UDP and is answered, or told by ICMP that nobody is there."""
    with socket.socket(FAMILY[version], socket.SOCK_DGRAM) as line:
        line.settimeout(20)
        line.connect((OTHER[version], port))
        line.send(b"asked")
        try:
            return line.recv(100).decode()
        except ConnectionRefusedError:
            return "refused"


def _alone(_: Any, version: int) -> bool:
    """Its own programs reach each other."""
    with socket.create_connection(("127.0.0.1" if version == 4 else "::1", 631), timeout=20):
        return True


ASKED: dict[str, Callable[..., Any]] = {
    "heard": _heard,
    "asks": _asks,
    "asks_by_datagram": _asks_by_datagram,
    "alone": _alone,
}


# ── the other one ───────────────────────────────────────────────────────────
def answering(version: int) -> list[int]:
    """The ports, of all 65535, at which the machine says anything to the first packet of a connection."""
    with closing(socket.socket(FAMILY[version], socket.SOCK_RAW, socket.IPPROTO_TCP)) as line:
        if version == 6:
            line.setsockopt(socket.IPPROTO_IPV6, 7, 16)  # IPV6_CHECKSUM: the kernel fills it in
        found: set[int] = set()
        for port in range(1, 65536):
            line.sendto(_first(version, port), (MACHINE[version], 0))
            if port % 50 == 0:
                found |= _said(line, version, 0.0)
        return sorted(found | _said(line, version, SILENCE))


def _first(version: int, port: int) -> bytes:
    """A SYN from port 40000, RFC 9293 3.1."""
    packet = struct.pack("!HHIIBBHHH", 40000, port, port, 0, 5 << 4, 2, 1024, 0, 0)
    if version == 6:
        return packet
    ends = socket.inet_aton(OTHER[4]) + socket.inet_aton(MACHINE[4])
    words = struct.unpack("!16H", ends + struct.pack("!HH", socket.IPPROTO_TCP, len(packet)) + packet)
    total = sum(words)
    total = (total & 0xFFFF) + (total >> 16)
    return packet[:16] + struct.pack("!H", ~(total + (total >> 16)) & 0xFFFF) + packet[18:]


def _said(line: socket.socket, version: int, patience: float) -> set[int]:
    found: set[int] = set()
    end = time.monotonic() + patience
    while True:
        line.settimeout(max(0.0, end - time.monotonic()))
        try:
            packet = line.recv(2048)
        except (TimeoutError, BlockingIOError):
            return found
        header = (packet[0] & 15) * 4 if version == 4 else 0
        source, target = struct.unpack_from("!HH", packet, header)
        if target == 40000:
            found.add(source)


def send(version: int, source: int, port: int, text: str) -> None:
    """A datagram that nobody asked for."""
    with socket.socket(FAMILY[version], socket.SOCK_DGRAM) as line:
        line.bind(("", source))
        line.sendto(text.encode(), (MACHINE[version], port))


def send_from_the_link(source: int, port: int, text: str) -> None:
    """The same from a link-local address of IPv6, as a DHCP server on this wire has one."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as line:
        wire = socket.if_nametoindex("wire-other")
        line.bind(("fe80::1", source, 0, wire))
        line.sendto(text.encode(), (MACHINE[6], port, 0, wire))


def pings(version: int, count: int) -> int:
    """How many of so many at once are answered."""
    target = MACHINE[version]
    done = subprocess.run(
        ["ping", "-n", "-q", "-c", str(count), "-i", "0.002", "-W", "1", target],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return int(done.stdout.split(" received")[0].split()[-1])


@dataclass(frozen=True)
class Server:
    """On the other one: says a word to whoever connects."""

    tcp: socket.socket
    udp: socket.socket

    def answer(self) -> None:
        line, _ = self.tcp.accept()
        with line:
            line.sendall(b"answered")

    def answer_datagram(self) -> None:
        _, where = self.udp.recvfrom(100)
        self.udp.sendto(b"answered", where)


def tried(talk: Connection) -> dict[str, Any]:
    """Everything, for both versions of IP."""

    def ask(*what: object, meanwhile: Callable[[], None] = lambda: None) -> Any:
        talk.send(what)
        meanwhile()
        return talk.recv()

    told: dict[str, Any] = {}
    for version in (4, 6):
        with (
            socket.create_server((OTHER[version], 8883), family=FAMILY[version]) as tcp,
            socket.socket(FAMILY[version], socket.SOCK_DGRAM) as udp,
        ):
            udp.bind((OTHER[version], 53))
            for one in (tcp, udp):
                one.settimeout(20)
            server = Server(tcp, udp)
            told[f"asks {version}"] = ask("asks", version, 8883, meanwhile=server.answer)
            told[f"asks by UDP {version}"] = ask(
                "asks_by_datagram", version, 53, meanwhile=server.answer_datagram
            )
        told[f"nobody there {version}"] = ask("asks_by_datagram", version, 54)
        told[f"alone {version}"] = ask("alone", version)
        told[f"answering {version}"] = answering(version)
        send(version, 4000, 5353, "unasked")
        told[f"unasked {version}"] = ask("heard", 5353)
        told[f"one ping {version}"] = pings(version, 1)
        told[f"many pings {version}"] = pings(version, 200)
    send(4, 67, 68, "offer")
    send(4, 4000, 68, "no server")
    told["offer 4"] = ask("heard", 68)
    send_from_the_link(547, 546, "offer")
    send(6, 547, 546, "from afar")
    told["offer 6"] = ask("heard", 546)
    return told


def main() -> None:
    """Prints what came through."""
    talk, theirs = Pipe()
    other = Process(target=machine, args=(theirs, sys.argv[1] if len(sys.argv) > 1 else ""), daemon=True)
    other.start()
    number = talk.recv()
    ip("link", "add", "wire-other", "type", "veth", "peer", "name", "wire-machine", "netns", str(number))
    _address("wire-other", OTHER)
    ip("-6", "addr", "add", "fe80::1/64", "dev", "wire-other", "nodad")
    talk.send("plugged in")
    assert talk.recv() == "listens"
    print(json.dumps(tried(talk)))
    talk.send(None)
    other.join(20)


if __name__ == "__main__":
    main()
