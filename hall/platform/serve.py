"""Runs the reference platform until it is told to end."""

from __future__ import annotations

import argparse
import asyncio
import signal
import socket
from pathlib import Path

import structlog
import uvicorn

from config import toml_file
from config.spoken import LogLines, say
from hall.platform.app import platform_app
from hall.platform.settings import ServerSettings


def run_platform(settings: ServerSettings) -> None:
    """Serves until SIGTERM or SIGINT, then closes everything and returns. For the main thread.

    Prints `platform ready http://host:port` once requests are taken. Raises OSError when the port is
    taken; ends the process with status 3 when the parts could not be opened (the log says why).
    """
    with listen(settings.host, settings.port) as listener:
        _log_to_stderr()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)  # the server raises it once more when all is closed
        settings = settings.model_copy(update={"port": listener.getsockname()[1]})
        server = uvicorn.Server(
            uvicorn.Config(
                platform_app(settings),
                lifespan="on",
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=5,
            )
        )
        asyncio.run(_serve(server, listener, f"http://{settings.host}:{settings.port}"))


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one. Raises OSError when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named: only then asyncio switches Nagle's delay off, 40 ms on every answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


async def _serve(server: uvicorn.Server, listener: socket.socket, address: str) -> None:
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not (server.started or serving.done()):  # noqa: ASYNC110  the server offers a flag and no event
        await asyncio.sleep(0.01)
    if server.started:
        say(f"platform ready {address}")
    await serving


def _log_to_stderr() -> None:
    """As the hall server's: one JSON object a line; stdout is for the ready line."""
    lines = LogLines("stderr")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=lambda *_: lines,
    )


def main() -> None:
    """`python -m hall.platform.serve SETTINGS.toml`."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("settings", type=Path)
    run_platform(toml_file.load(parser.parse_args().settings, ServerSettings))


if __name__ == "__main__":
    main()
