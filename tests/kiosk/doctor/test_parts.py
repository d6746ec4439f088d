"""Parts of the machine that are not as they should be: named, with their code, and never with a secret."""

from __future__ import annotations

import http.server
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.utils import formatdate
from pathlib import Path

import pytest

from config.settings import Identity, LinkSettings, PlatformSettings, Settings
from config.words import LANGUAGES, Words
from kiosk.data.store import FILE, Store
from kiosk.doctor import clock, disk, files, network
from kiosk.doctor.clock import Heard
from kiosk.readiness import readiness_paper
from kiosk.readiness.finding import Finding
from tests.kiosk.doctor.readable import readable
from tests.mqtt.certificates import Authority
from tests.mqtt.test_secure_link import CertainBroker

TOKEN = "a-secret-of-this-terminal"


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """A terminal whose servers are not there: their port is ours, and nobody listens at it."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        yield Settings(
            identity=Identity(area="a", hall="h", kiosk="k", hall_name=Words("厅", "hall"), help_phone="1"),
            data=tmp_path / "data",
            link=LinkSettings(port=port),
            platform=PlatformSettings(
                url=f"http://127.0.0.1:{port}",
                public="http://127.0.0.1",
                trust=tmp_path / "root",
                token=TOKEN,
            ),
        )


def by_name(findings: Iterator[Finding]) -> dict[str, Finding]:
    found = {one.name: readable(one) for one in findings}
    for one in found.values():
        for language in LANGUAGES:
            assert TOKEN not in "\n".join(readiness_paper.lines_of(one, language))
    return found


@contextmanager
def platform(answer: str, ahead: float = 0.0) -> Iterator[str]:
    """A server that answers everything so, and whose clock is `ahead` of ours by seconds."""

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(200)
            self.send_header("Date", formatdate(time.time() + ahead, usegmt=True))
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def at(settings: Settings, url: str) -> Settings:
    return settings.model_copy(update={"platform": settings.platform.model_copy(update={"url": url})})


# ── network ─────────────────────────────────────────────────────────────────
def test_servers_that_are_not_there_are_told_each_by_itself(settings: Settings) -> None:
    found = by_name(network.examine(settings, Heard()))
    assert found["broker"].codes == ("link_down",) and not found["broker"].ready
    assert found["platform"].codes == ("platform_down",)
    for name in ("broker", "platform"):
        assert found[name].found.zh.startswith("拒绝连接") and "refuses" in found[name].found.en
    assert found["network"].ready, "servers of this very computer need no route"


def test_settings_as_a_new_machine_has_them_are_not_called_ready(settings: Settings) -> None:
    empty = settings.platform.model_copy(update={"url": "", "public": ""})
    new = settings.model_copy(update={"platform": empty, "devices": {}})
    told = by_name(files.examine(new))["settings"]
    assert not told.ready and told.codes == ("settings_wrong",)
    for what in ("platform.url is empty", "platform.public is empty", "doctor --scan"):
        assert what in told.found.en
    ways = by_name(network.examine(new, Heard()))
    assert ways["platform"].codes == ("settings_wrong",), "and it is not a network that is down"
    assert "not enrolled: kiosk enroll" in ways["broker"].found.en


def test_a_stranger_at_the_platform_s_address_is_told(settings: Settings) -> None:
    with platform("<html>a router's own page</html>") as url:
        found = by_name(network.examine(at(settings, url), Heard()))
    assert found["platform"].codes == ("platform_stranger",)


@contextmanager
def trickling(beginning: bytes) -> Iterator[int]:
    """A port at which somebody says a byte now and then, and never comes to an end."""
    over = threading.Event()

    def trickle(line: socket.socket) -> None:
        with line, suppress(OSError):
            line.sendall(beginning)
            while not over.wait(0.05):
                line.sendall(b"x")

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=trickle, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n"])
def test_a_platform_that_trickles_holds_up_nobody(
    settings: Settings, beginning: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "ANSWER_SECONDS", 0.5)
    with trickling(beginning) as port:
        url = {"url": f"http://127.0.0.1:{port}"}
        told = settings.model_copy(update={"platform": settings.platform.model_copy(update=url)})
        found = by_name(network.examine(told, Heard()))["platform"]
    assert not found.ready and found.codes == ("platform_down",)


def test_a_broker_that_trickles_through_its_greeting_holds_up_nobody(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "ANSWER_SECONDS", 0.5)
    tls = Authority(tmp_path / "hall").issue("me", "a/h/k")
    with trickling(b"\x16\x03\x03\x3f\xff") as port:  # a record of TLS, of which the rest drips in
        line = LinkSettings(port=port, tls=tls)
        found = by_name(network.examine(settings.model_copy(update={"link": line}), Heard()))["broker"]
    assert not found.ready and found.codes == ("link_down",)


def test_a_password_in_the_platforms_address_is_not_told(settings: Settings) -> None:
    url = {"url": "http://kiosk:s3cret@127.0.0.1:1"}
    told = settings.model_copy(update={"platform": settings.platform.model_copy(update=url)})
    assert "s3cret" not in str(by_name(network.examine(told, Heard())))


def test_an_answer_without_end_is_not_kept(settings: Settings) -> None:
    with platform("x" * 40_000_000) as url:
        assert len(network._asked(url).content) < 1_000_000


def test_a_name_that_nobody_knows_and_a_route_that_is_missing_are_told(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "ROUTES", (tmp_path / "none", tmp_path / "none6"))
    link = LinkSettings(host="broker.invalid")
    found = by_name(network.examine(settings.model_copy(update={"link": link}), Heard()))
    assert found["network"].codes == ("network_no_route", "network_no_name")
    assert "not known: broker.invalid" in found["network"].found.en


def test_the_default_route_is_read_as_linux_tells_it(tmp_path: Path) -> None:
    head = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
    near = "enp1s0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
    far = "enp1s0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
    four, six = tmp_path / "route", tmp_path / "ipv6_route"
    four.write_text(head + near, "ascii")
    assert network.default_route(four, six) == ""
    zero, gate = "0" * 32, "fe80" + "0" * 27 + "1"
    six.write_text(f"{zero} 00 {zero} 00 {gate} 00000064 00000000 00000000 00000003 wlan0\n", "ascii")
    assert network.default_route(four, six) == "wlan0"
    four.write_text(head + near + far, "ascii")
    assert network.default_route(four, six) == "enp1s0"


@pytest.mark.parametrize(
    ("wrong", "code", "said"),
    [
        ("", "", "TLSv1.3, its certificate until "),
        ("host", "link_untrusted", "IP address mismatch"),
        ("authority", "link_untrusted", "self-signed certificate"),
        ("stranger", "certificate_refused", ""),
        ("no file", "certificate_expired", "our own certificate"),
    ],
)
def test_the_broker_is_greeted_with_our_own_certificate(
    settings: Settings, tmp_path: Path, wrong: str, code: str, said: str
) -> None:
    authority, stranger = Authority(tmp_path / "hall"), Authority(tmp_path / "other", "other")
    tls = authority.issue("me", "a/h/k")
    if wrong == "authority":
        tls = tls.model_copy(update={"authority": stranger.folder / "authority.pem"})
    if wrong == "stranger":
        tls = stranger.issue("me", "a/h/k").model_copy(update={"authority": tls.authority})
    if wrong == "no file":
        tls = tls.model_copy(update={"key": tmp_path / "none.key"})
    broker = CertainBroker(tmp_path / "broker")
    broker.begin(authority, "127.0.0.2" if wrong == "host" else "127.0.0.1")
    try:
        link = LinkSettings(port=broker.port, tls=tls)
        found = by_name(network.examine(settings.model_copy(update={"link": link}), Heard()))["broker"]
    finally:
        broker.kill()
    assert found.codes == ((code,) if code else ())
    assert said in found.found.en


# ── time ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("ahead", "code"), [(0.0, ""), (-600.0, "clock_wrong"), (86_400.0, "clock_wrong")])
def test_a_clock_that_differs_from_the_servers_is_told(settings: Settings, ahead: float, code: str) -> None:
    heard = Heard()
    with platform('{"open": true}', ahead) as url:
        list(network.examine(at(settings, url), heard))
    found = clock.examine(heard)
    assert ("clock_wrong" in found.codes) == bool(code)
    assert found.ready is not bool(code)
    assert "the service platform" in readable(found).found.en


def test_what_the_machine_says_of_its_synchronisation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    program = tmp_path / "timedatectl"
    for said, told in (("yes", True), ("no", False), ("", None)):
        program.write_text(f"#!/bin/sh\necho {said}\n", "ascii")
        program.chmod(0o700)
        assert clock.is_synchronised() is told
        assert clock.examine(Heard()).codes == (("clock_unsynchronised",) if told is False else ())
    monkeypatch.setenv("PATH", os.devnull)
    assert clock.is_synchronised() is None
    heard = Heard()
    heard.note("platform", "no date at all")
    assert heard.ahead == {} and "no server told its time" in clock.examine(heard).found.en


# ── disk and files ──────────────────────────────────────────────────────────
def test_a_disk_that_is_full_or_cannot_be_written_is_told(settings: Settings, tmp_path: Path) -> None:
    fine = by_name(disk.examine(settings))
    assert fine["disk"].ready and fine["store"].ready and fine["journal"].ready
    assert list(tmp_path.iterdir()) == [], "looking leaves nothing behind"
    bad = by_name(disk.examine(settings.model_copy(update={"data": Path("/proc/self/data")})))
    assert bad["disk"].codes == ("disk_unwritable",) and not bad["disk"].ready


def test_memory_that_runs_short_is_told(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "meminfo").write_text("MemTotal: 2000000 kB\nMemAvailable: 102400 kB\n", "ascii")
    found = by_name(disk.examine(settings, tmp_path / "meminfo"))["memory"]
    assert found.codes == ("memory_low",) and found.found.en == "100 MB free of 1.9 GB"
    assert found.found.zh == "剩余 100 MB（共 1.9 GB）"
    assert by_name(disk.examine(settings, tmp_path / "none"))["memory"].ready


def test_a_store_that_is_damaged_is_told(settings: Settings) -> None:
    Store(settings.data).close()
    assert by_name(disk.examine(settings))["store"].found.en == "sound"
    store = settings.data / FILE
    store.write_bytes(b"S" * store.stat().st_size)
    found = by_name(disk.examine(settings))["store"]
    assert found.codes == ("terminal_store_failed",) and not found.ready


def test_a_catalogue_that_does_not_read_is_told_with_its_file(settings: Settings, tmp_path: Path) -> None:
    assert by_name(files.examine(settings))["catalogue"].found.en.startswith("built-in, ")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "sb99.toml").write_text("id = ", "ascii")
    broken = settings.model_copy(update={"catalogue": (tmp_path / "own",)})
    assert by_name(files.examine(broken))["catalogue"].codes == ("catalogue_broken",)
    gone = settings.model_copy(update={"catalogue": (tmp_path / "none",)})
    assert by_name(files.examine(gone))["settings"].codes == ("settings_wrong",)
