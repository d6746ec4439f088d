"""Video streams that nobody here wrote: ffmpeg's MJPEG over HTTP, and GStreamer's RTSP server.

They are children of the test on free ports: cut with kill -9, frozen with SIGSTOP. What no server does by
itself (half a picture, a drip of bytes, silence) is done by `Tap`, with bytes that ffmpeg has made.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from drivers.virtual.processes import Child, Command
from tests.peers.broker import free_port

START_SECONDS = 60.0
MOVING = "testsrc2=size=320x240:rate=15"
STILL = "color=c=gray:size=320x240:rate=15"  # one picture for ever
_RTSP_SERVER = """
import sys, gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer
Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(sys.argv[1])
film = GstRtspServer.RTSPMediaFactory()
film.set_launch(f"( filesrc location={sys.argv[2]} ! matroskademux ! rtph264pay name=pay0 pt=96 )")
server.get_mount_points().add_factory("/film", film)
assert server.attach(None)
GLib.MainLoop().run()
"""


class Stream:
    """One server of one film. `cut` is kill -9, `start` again uses the same port."""

    def __init__(self, url: str, port: int, child: Child) -> None:
        self.url = url
        self._port = port
        self._child = child

    def start(self) -> None:
        """Starts it and waits until it listens, without touching it: ffmpeg serves one client and ends."""
        self._child.launch()
        end = time.monotonic() + START_SECONDS
        while not listens(self._port):
            if not self._child.running or time.monotonic() > end:
                raise RuntimeError(
                    f"the stream does not listen; is gir1.2-gst-rtsp-server-1.0 installed? "
                    f"{self._child.tail()}"
                )
            time.sleep(0.02)

    def cut(self) -> None:
        """kill -9 in the middle of whatever it sends."""
        self._child.kill9()

    def freeze(self) -> None:
        """It holds the connection and says nothing more."""
        self._child.pause()


@contextmanager
def mjpeg(folder: Path, film: str = MOVING) -> Iterator[Stream]:
    """A film of ffmpeg's own as MJPEG over HTTP, for one client at a time; `start` it again for the next."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/film"
    argv = (
        *(_ffmpeg(), "-loglevel", "error", "-nostdin", "-re", "-f", "lavfi", "-i", film),
        *("-q:v", "3", "-f", "mpjpeg", "-listen", "1", url),
    )
    with _served(Stream(url, port, Child(Command("ffmpeg", argv), folder / "mjpeg.log"))) as stream:
        yield stream


@contextmanager
def rtsp(folder: Path) -> Iterator[Stream]:
    """A minute of H.264 made by ffmpeg, from GStreamer's RTSP server, for any number of clients."""
    port, film = free_port(), folder / "film.mkv"
    _make(film, "-t", "60", "-c:v", "libx264", "-preset", "ultrafast", "-g", "15")
    argv = ("/usr/bin/python3", "-c", _RTSP_SERVER, str(port), str(film))
    child = Child(Command("RTSP server", argv), folder / "rtsp.log")
    with _served(Stream(f"rtsp://127.0.0.1:{port}/film", port, child)) as stream:
        yield stream


def pictures(folder: Path, count: int = 30) -> bytes:
    """So many pictures as ffmpeg writes them for a multipart stream, heads and all."""
    made = folder / "pictures.mpjpeg"
    _make(made, "-frames:v", str(count), "-f", "mpjpeg")
    return made.read_bytes()


HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=ffmpeg\r\n\r\n"
Script = Callable[[Callable[[bytes], None], threading.Event], None]  # (send, ended)


class Tap:
    """A server whose every client is played one script: `script(send, ended)`; then it hangs up."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._clients: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/film"
        self._threads[0].start()

    def close(self) -> None:
        """Ends every connection and thread."""
        self._ended.set()
        for held in (self._listener, *self._clients):
            with suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)
            held.close()
        for thread in self._threads:
            thread.join(5)

    def __enter__(self) -> Tap:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._clients.append(client)
            thread = threading.Thread(target=self._play, args=(client,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _play(self, client: socket.socket) -> None:
        with suppress(OSError), client:
            client.recv(4096)
            self._script(client.sendall, self._ended)


def listens(port: int) -> bool:
    """Whether somebody serves this TCP port of loopback; nobody is called up to find out.

    Who serves one client alone listens no more when that client was quicker than we.
    """
    wanted, listening, connected = f"0100007F:{port:04X}", "0A", "01"
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    return any(line.split()[1] == wanted and line.split()[3] in (listening, connected) for line in lines)


@contextmanager
def _served(stream: Stream) -> Iterator[Stream]:
    stream.start()
    try:
        yield stream
    finally:
        stream.cut()


def _make(made: Path, *options: str) -> None:
    argv = (
        _ffmpeg(),
        "-loglevel",
        "error",
        "-nostdin",
        "-y",
        "-f",
        "lavfi",
        "-i",
        MOVING,
        *options,
        str(made),
    )
    subprocess.run(argv, check=True, timeout=60, stdout=sys.stderr)


def _ffmpeg() -> str:
    program = shutil.which("ffmpeg")
    if program is None:
        raise RuntimeError("ffmpeg is not installed: run `make setup`")
    return program
