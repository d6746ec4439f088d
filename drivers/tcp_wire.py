"""A TCP connection to a device, with a time-out on every call."""

from __future__ import annotations

import socket

from drivers.device import Deadline, DeviceError


class TcpWire:
    """Bytes to and from `host:number`, as `wire.check_port` has let pass; no protocol, no second try.

    A peer that goes away without a word (cable out) is noticed by the kernel's keep-alive after about 8 s,
    or by whoever waits for an answer before that. DeviceError `device_absent` when nobody listens.
    """

    def __init__(self, port: str, deadline: Deadline) -> None:
        host, number = _split(port)
        try:
            sock = socket.create_connection((host, number), max(deadline.left, 0.001))
        except UnicodeError:  # of IDNA: an empty label, or one that is too long
            raise DeviceError("device_misconfigured", f"{host} is no name of a host") from None
        except OSError as error:
            raise DeviceError("device_absent", f"{host}:{number} {_words(error)}", lost=True) from None
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 5)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
        self._socket: socket.socket | None = sock

    def close(self) -> None:
        """Lets go; may be called twice; never raises."""
        sock, self._socket = self._socket, None
        if sock is not None:
            try:
                sock.close()
            except OSError:
                pass

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
        """What has arrived, waiting for the first byte; `b""` when the deadline passes without one.

        With no time left it does not wait. DeviceError `device_offline` (lost) when the connection is gone.
        """
        sock = self._held()
        sock.settimeout(deadline.left)  # 0: does not block
        try:
            data = sock.recv(4096)
        except (TimeoutError, BlockingIOError):
            return b""
        except OSError as error:
            raise self._lost(error) from None
        if not data:
            raise self._lost(None)
        return data

    def _held(self) -> socket.socket:
        if self._socket is None:
            raise DeviceError("device_offline", "not open", lost=True)
        return self._socket

    def _lost(self, error: OSError | None) -> DeviceError:
        self.close()
        return DeviceError("device_offline", _words(error) if error else "closed by the device", lost=True)


def _split(port: str) -> tuple[str, int]:
    host, _, number = port.rpartition(":")
    return host.strip("[]"), int(number)


def _words(error: OSError) -> str:
    return error.strerror or type(error).__name__
