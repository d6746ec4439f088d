"""A TCP connection to a device, with a time-out on every call."""

from __future__ import annotations

import socket

from drivers.device import Deadline, DeviceError


class TcpWire:
    """Bytes to and from `host:port`. It knows no protocol and makes no second try.

    A peer that goes away without a word (cable out) is noticed by the kernel's
    keep-alive after about 8 s, or by whoever waits for an answer before that.
    """

    def __init__(self, port: str) -> None:
        self._host, self._port = _split(port)
        self._socket: socket.socket | None = None

    def open(self, timeout: float) -> None:
        """Connects within `timeout` seconds. DeviceError `device_absent` when nobody listens."""
        self.close()
        try:
            sock = socket.create_connection((self._host, self._port), timeout)
        except OSError as error:
            raise DeviceError(
                "device_absent", f"{self._host}:{self._port} {_words(error)}", lost=True
            ) from None
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 5)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
        self._socket = sock

    def close(self) -> None:
        """Lets go; may be called twice; never raises."""
        sock, self._socket = self._socket, None
        if sock is not None:
            try:
                sock.close()
            except OSError:
                pass

    @property
    def is_open(self) -> bool:
        return self._socket is not None

    def write(self, data: bytes, deadline: Deadline) -> None:
        """Hands all of `data` to the peer.

        DeviceError `device_timeout` when the peer stops taking bytes, `device_offline` (lost)
        when the connection is gone. How much of `data` went out is not known after either.
        """
        sock = self._held()
        view = memoryview(data)
        while view:
            deadline.check("write")
            sock.settimeout(deadline.left)
            try:
                view = view[sock.send(view) :]
            except TimeoutError:
                raise DeviceError("device_timeout", "the device takes no more bytes") from None
            except OSError as error:
                raise self._lost(error) from None

    def read(self, deadline: Deadline) -> bytes:
        """The next bytes, at least one; b"" when the deadline passes without any.

        DeviceError `device_offline` (lost) when the connection is gone.
        """
        sock = self._held()
        if deadline.left <= 0:
            return self.drain()
        sock.settimeout(deadline.left)
        try:
            data = sock.recv(4096)
        except TimeoutError:
            return b""
        except OSError as error:
            raise self._lost(error) from None
        if not data:
            raise self._lost(None)
        return data

    def drain(self) -> bytes:
        """What has come in already, without waiting. DeviceError `device_offline` (lost) as in `read`."""
        sock = self._held()
        sock.setblocking(False)
        got = bytearray()
        while True:
            try:
                data = sock.recv(4096)
            except BlockingIOError:
                return bytes(got)
            except OSError as error:
                raise self._lost(error) from None
            if not data:
                if got:  # hand over the last words first; the next call reports the end
                    return bytes(got)
                raise self._lost(None)
            got += data

    def _held(self) -> socket.socket:
        if self._socket is None:
            raise DeviceError("device_offline", "not open", lost=True)
        return self._socket

    def _lost(self, error: OSError | None) -> DeviceError:
        self.close()
        return DeviceError("device_offline", _words(error) if error else "closed by the device", lost=True)


def _split(port: str) -> tuple[str, int]:
    host, colon, number = port.rpartition(":")
    if not colon or not host or not number.isdigit() or not 0 < int(number) < 65536:
        raise DeviceError("device_misconfigured", f"port {port!r} is not host:number, like 192.168.1.20:9100")
    return host.strip("[]"), int(number)


def _words(error: OSError) -> str:
    return error.strerror or type(error).__name__
