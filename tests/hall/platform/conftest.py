"""A platform served over HTTP from a folder of its own, a clock to turn, and the citizens' phones."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn

from hall.platform.app import platform_app
from hall.platform.certificates import CertificatePress
from hall.platform.clock import CHINA
from hall.platform.demo_seal import open_seal
from hall.platform.serve import listen
from hall.platform.settings import ServerSettings
from hall.platform.signing import PdfSeal
from tests.hall.platform import papers
from tests.hall.platform.phones import Phones, open_phones
from tests.hall.platform.terminal import TOKEN, Terminal


@dataclass
class Clock:
    """The platform's time, turned by hand."""

    time: datetime = datetime(2026, 11, 22, 9, 30, tzinfo=CHINA)

    def __call__(self) -> datetime:
        return self.time

    def pass_by(self, **amount: float) -> None:
        self.time += timedelta(**amount)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def phones() -> Iterator[Phones]:
    with open_phones() as phones:
        yield phones


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys made once: each test's platform starts with a copy."""
    folder = tmp_path_factory.mktemp("authority")
    open_seal(folder)
    return folder


@pytest.fixture(scope="session")
def press(authority: Path) -> CertificatePress:
    return CertificatePress(PdfSeal(open_seal(authority)))


@pytest.fixture(scope="session")
def sealed(press: CertificatePress) -> bytes:
    return papers.make(press).pdf


@pytest.fixture(scope="session")
def root(authority: Path) -> bytes:
    return (authority / "root.pem").read_bytes()


@pytest.fixture
def settings(tmp_path: Path, authority: Path, phones: Phones) -> ServerSettings:
    shutil.copytree(authority, tmp_path / "platform")
    texts = {"sms_url": phones.url, "sms_timeout_seconds": 60.0}
    return ServerSettings.model_validate(
        {"data": tmp_path / "platform", "port": 0, "tokens": ("other", TOKEN), "demo": True, **texts}
    )


@contextmanager
def serving(settings: ServerSettings, now: Callable[[], datetime]) -> Iterator[Terminal]:
    """The platform on a free port, and a terminal's line to it."""
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        app = platform_app(settings.model_copy(update={"port": port}), now)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        assert server.started
        try:
            yield from _line(f"http://127.0.0.1:{port}")
        finally:
            server.should_exit = True
            thread.join(60)
            assert not thread.is_alive()


def _line(url: str) -> Iterator[Terminal]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False, verify=False) as http:
        yield Terminal(http)


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory, authority: Path) -> Iterator[Terminal]:
    """A platform that many tests share: for those that turn no clock, read no text and own their key."""
    folder = tmp_path_factory.mktemp("standing") / "platform"
    shutil.copytree(authority, folder)
    settings = ServerSettings(data=folder, port=0, tokens=(TOKEN,))
    with serving(settings, Clock()) as terminal:
        yield terminal


@pytest.fixture
def terminal(settings: ServerSettings, clock: Clock) -> Iterator[Terminal]:
    with serving(settings, clock) as terminal:
        yield terminal
