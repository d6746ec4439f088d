"""Pictures as MJPEG over HTTP, to any number of clients: the wire of the virtual cameras."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any

_BOUNDARY = "frame"


class MjpegServer(ThreadingTCPServer):
    """One stay of the cable in its socket. (The library's HTTP server would ask the DNS for our name.)"""

    daemon_threads = False  # so that server_close() joins the streams
    allow_reuse_address = True

    def __init__(self, port: int, picture: Callable[[], bytes], fps: int) -> None:
        super().__init__(("127.0.0.1", port), _Stream)
        self.port: int = self.server_address[1]
        self.picture = picture
        self.fps = fps
        self.pulled = threading.Event()
        self._clients: set[socket.socket] = set()
        self._clients_lock = threading.Lock()
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.5}, name="virtual-camera", daemon=True
        )
        self._thread.start()

    def end(self) -> None:
        """Ends every stream, even one whose client has stopped reading."""
        self.pulled.set()
        self.shutdown()
        with self._clients_lock:
            for client in self._clients:
                with suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)
        self.server_close()
        self._thread.join()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._clients_lock:
            self._clients.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._clients_lock:
            self._clients.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone is nothing to tell."""


class _Stream(BaseHTTPRequestHandler):
    """One client: pictures without end."""

    server: MjpegServer
    timeout = 10.0  # seconds a client may take to ask

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={_BOUNDARY}")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        while not self.server.pulled.is_set():
            picture = self.server.picture()
            head = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
            self.wfile.write(head.encode() + picture + b"\r\n")
            self.server.pulled.wait(1 / self.server.fps)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""
