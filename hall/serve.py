"""The hall's processes, as `main.py` starts them. Each blocks until SIGTERM or SIGINT."""

from __future__ import annotations

import contextlib
import signal
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

import structlog

from config.spoken import LogLines, say
from hall.data import store
from hall.intake.ingest import Ingest
from hall.settings import HallSettings


def migrate(settings: HallSettings) -> None:
    """Bring the store to the newest form, making it where there is none."""
    store.migrate(settings)


def run_ingest(settings: HallSettings) -> None:
    """Take messages until SIGTERM. Prints `ingest ready` when it first listens."""
    _log_to_stderr()
    stop = _until_told()
    store.migrate(settings)
    engine = store.open_store(settings)
    try:
        ingest = Ingest(settings, engine, on_ready=_say_once("ingest ready"))
        with ingest.meters.served(settings.broker.metrics_port):
            ingest.run(stop)
    finally:
        engine.dispose()


def run_scheduler(settings: HallSettings) -> None:
    """Do what is due until SIGTERM. Prints `scheduler ready` when it first works."""
    from hall.scheduler import scheduler  # the ingest need not load its errands

    _log_to_stderr()
    stop = _until_told()
    store.migrate(settings)
    engine = store.open_store(settings)
    try:
        scheduler.Scheduler(settings, engine, scheduler.jobs(), _say_once("scheduler ready")).run(stop)
    finally:
        engine.dispose()


def run_desk(settings: HallSettings) -> None:
    """Serve the pages until SIGTERM. Prints `desk ready http://…` when they can be opened.

    SystemExit with a remedy when its address or its certificate cannot be used.
    """
    from hall.desk import callers  # the ingest need not load the web
    from hall.desk.desk import desk_app

    _log_to_stderr()
    callers.make_room()
    own = settings.desk.certificate
    if own is not None:
        _try_certificate(own, settings.desk.key)
    store.migrate(settings)
    family = socket.AF_INET6 if ":" in settings.desk.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _take(listener, settings.desk.host, settings.desk.port)
        listener.listen(128)
        host, port = listener.getsockname()[:2]
        app = desk_app(settings, ending=lambda: server.should_exit)
        server = callers.server(settings.desk, app)
        # The server takes the signals over while it runs, and raises them once more when it has ended.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt):
            scheme = "https" if own is not None else "http"
            say(f"desk ready {scheme}://{f'[{host}]' if ':' in host else host}:{port}")
            server.run(sockets=[listener])


def _until_told() -> threading.Event:
    """Set by SIGTERM and SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _take(listener: socket.socket, host: str, port: int) -> None:
    try:
        listener.bind((host, port))
    except OSError as error:  # socket.gaierror is one
        raise SystemExit(
            f"desk.host {host} with desk.port {port} cannot be used ({error.strerror}): end the program "
            "that has the port, or give an address of this machine and a free port (below 1024 wants root)"
        ) from None


def _try_certificate(certificate: Path, key: Path | None) -> None:
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    except OSError as error:  # ssl.SSLError is one
        raise SystemExit(
            f"desk.certificate {certificate} with desk.key {key} cannot be used "
            f"({error.strerror or error.__class__.__name__}): give PEM files that belong together and that "
            "this user may read"
        ) from None


def _say_once(line: str) -> Callable[[], None]:
    said = threading.Event()

    def once() -> None:
        if not said.is_set():
            said.set()
            say(line)

    return once


def _log_to_stderr() -> None:
    lines = LogLines("stderr")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=lambda *_: lines,
    )
