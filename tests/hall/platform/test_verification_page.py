"""The public's page: by number, by code, and by file. It says no more than a masked name."""

from __future__ import annotations

import socket
import threading
import time
import tracemalloc
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as some
from playwright.sync_api import Browser, expect
from sqlalchemy import text

from config.people import person
from hall.platform import uploads
from hall.platform.clock import CHINA
from hall.platform.issued import revoke
from hall.platform.settings import ServerSettings
from hall.platform.store import SCHEMA, Store
from tests.hall.platform.changed_files import CHANGES, flipped, places_in_the_signature, unsigned_page
from tests.hall.platform.conftest import Clock
from tests.hall.platform.papers import NOW
from tests.hall.platform.terminal import Terminal, proof
from tests.peers.desk import browser


@pytest.fixture(scope="module")
def issued(standing: Terminal) -> tuple[str, bytes]:
    """A certificate of Li's: its number and its file."""
    result = standing.file(proof(standing.lay_card("li"), NOW)).json()
    return result["documents"][0]["number"], standing.pdf(result)


def shown(terminal: Terminal, content: bytes, **form: Any) -> httpx.Response:
    """What the page says of a file."""
    return terminal.http.post("/v", files={"file": (form.get("name", "c.pdf"), content, "application/pdf")})


def state(page: httpx.Response) -> str:
    return page.text.partition('data-state="')[2].partition('"')[0]


# ── by number ───────────────────────────────────────────────────────────────
def test_an_unknown_number_is_said_to_be_unknown(standing: Terminal) -> None:
    page = standing.http.get("/v/1.2.156.3005.2.NOBODY")
    assert page.status_code == 404 and "查无此证明" in page.text and state(page) == "unknown"
    assert standing.http.get("/v/<script>alert(1)").text.count("<script") == 0


def test_a_certificate_lapses_after_three_months(terminal: Terminal, clock: Clock) -> None:
    result = terminal.file(proof(terminal.lay_card("li"), clock.time)).json()
    number, pdf = result["documents"][0]["number"], terminal.pdf(result)
    clock.time = datetime(2027, 2, 22, 23, 59, tzinfo=CHINA)
    assert state(terminal.http.get(f"/v/{number}")) == state(shown(terminal, pdf)) == "valid"
    clock.pass_by(minutes=1)
    assert state(terminal.http.get(f"/v/{number}")) == state(shown(terminal, pdf)) == "expired"


def test_a_revoked_certificate_says_so_and_why_stays_in_the_office(
    terminal: Terminal, settings: ServerSettings, clock: Clock
) -> None:
    result = terminal.file(proof(terminal.lay_card("li"), clock.time)).json()
    number, pdf = result["documents"][0]["number"], terminal.pdf(result)
    store = Store(settings.data / "platform.db")
    told = [revoke(store, one, "登记有误", clock.time) for one in (number, number, "1.2.3")]
    store.close()
    assert told == ["revoked", "already", "unknown"]
    for page in (terminal.http.get(f"/v/{number}"), shown(terminal, pdf)):
        assert state(page) == "revoked" and "登记有误" not in page.text


# ── by file ─────────────────────────────────────────────────────────────────
def test_the_file_as_it_was_issued_is_valid_and_shows_a_masked_name(
    standing: Terminal, issued: tuple[str, bytes]
) -> None:
    number, pdf = issued
    page = shown(standing, pdf, name="李若澜 330100197907230028.pdf")
    assert page.status_code == 200 and state(page) == "valid" and number in page.text
    who = person("li")
    assert "李**" in page.text and who.name not in page.text and who.number not in page.text
    assert page.headers["cache-control"] == "no-store" and "script" not in page.text


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_file_is_refused(standing: Terminal, issued: tuple[str, bytes], change: str) -> None:
    page = shown(standing, CHANGES[change](issued[1]))
    assert state(page) == "changed" and "请勿采信" in page.text and "李**" in page.text


def test_one_flipped_bit_anywhere_is_refused(standing: Terminal, issued: tuple[str, bytes]) -> None:
    pdf = issued[1]
    places = places_in_the_signature(pdf, many=10, seed=5)[::4]
    places += [(int(len(pdf) * part / 12), 1) for part in range(12)]
    assert {state(shown(standing, flipped(pdf, *place))) for place in places} == {"changed"}


def test_a_file_of_somebody_elses_is_unknown(standing: Terminal) -> None:
    for content in (unsigned_page(), b"%PDF", b"\0" * 1000, b"1.2.156.3005.2.A.B.C.001.X"):
        page = shown(standing, content)
        assert page.status_code == 200 and state(page) == "unknown" and "请勿采信" in page.text


def test_no_file_and_too_large_a_file_are_told_kindly(standing: Terminal) -> None:
    for nothing in (
        shown(standing, b""),
        standing.http.post("/v", data={"file": "x"}),
        standing.http.post("/v"),
    ):
        assert (nothing.status_code, state(nothing)) == (422, "missing")
    page = shown(standing, bytes(5_100_000))
    assert (page.status_code, state(page)) == (413, "too_large")


def test_only_so_many_files_at_once(standing: Terminal, issued: tuple[str, bytes]) -> None:
    """Slow senders hold their place; everybody else is asked to come back, and the numbers still answer."""
    let_go, where = threading.Event(), standing.http.base_url
    begun = b"POST /v HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n--x"

    def hold() -> None:
        """Again and again: it may be refused while somebody else has the last place."""
        while not let_go.is_set():
            with suppress(OSError), socket.create_connection((where.host, where.port or 80), 20) as line:
                line.sendall(begun)
                line.settimeout(0.02)
                while not let_go.is_set():
                    with suppress(TimeoutError):
                        line.recv(1)
                        break

    held = [threading.Thread(target=hold) for _ in range(4)]
    for one in held:
        one.start()
    try:
        while (page := shown(standing, issued[1])).status_code == 200:  # pytest's time-out ends the wait
            time.sleep(0.01)
        assert (page.status_code, state(page)) == (503, "busy")
        assert state(standing.http.get(f"/v/{issued[0]}")) == "valid"
    finally:
        let_go.set()
        for one in held:
            one.join(60)
    while (page := shown(standing, issued[1])).status_code == 503:  # until it is seen that they have gone
        time.sleep(0.01)
    assert state(page) == "valid"


def test_nothing_of_a_file_is_kept_or_logged(
    terminal: Terminal, settings: ServerSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert state(shown(terminal, b"%PDF a stranger's secret 90210", name="secret-name.pdf")) == "unknown"
    kept = b"".join(path.read_bytes() for path in settings.data.rglob("*") if path.is_file())
    said = "".join(capsys.readouterr())
    for trace in ("90210", "secret-name"):
        assert trace.encode() not in kept and trace not in said


def test_a_boundary_of_one_letter_does_not_cut_a_file_into_millions() -> None:
    body = b"\r\n--xab" * 700_000
    tracemalloc.start()
    assert uploads.file_in(body, "multipart/form-data; boundary=x") == b""
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 4 * len(body)


def test_a_number_of_dots_leads_nowhere_else(standing: Terminal) -> None:
    assert standing.http.get("/v", params={"number": ".."}).status_code == 200
    led = standing.http.get("/v", params={"number": "..1.2.3"})
    assert (led.status_code, led.headers["location"]) == (303, "v/1.2.3")


@given(some.binary(max_size=200), some.text(max_size=80))
def test_any_body_under_any_name_is_taken_apart_without_an_exception(body: bytes, name: str) -> None:
    assert isinstance(uploads.file_in(body, name), bytes)
    assert isinstance(uploads.file_in(body, "multipart/form-data; boundary=" + name), bytes)


@given(some.binary(max_size=300))
def test_a_file_comes_out_as_it_went_in(content: bytes) -> None:
    request = httpx.Request("POST", "http://x", files={"a": ("", b""), "file": ("c.pdf", content)})
    assert uploads.file_in(request.read(), request.headers["content-type"]) in (content, b"")


# ── in a browser, on a phone ────────────────────────────────────────────────
@pytest.fixture(scope="module")
def chromium() -> Any:
    with browser() as chromium:
        yield chromium


def test_a_phone_checks_a_file_without_a_script(
    standing: Terminal, issued: tuple[str, bytes], chromium: Browser, tmp_path: Path
) -> None:
    (tmp_path / "good.pdf").write_bytes(issued[1])
    (tmp_path / "changed.pdf").write_bytes(CHANGES["a note on page 1"](issued[1]))
    context = chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    for name, heading in (("good", "文件真实有效"), ("changed", "文件已被改动")):
        page.goto(str(standing.http.base_url.join("/v")))
        page.get_by_label("证明的电子文件").set_input_files(tmp_path / f"{name}.pdf")
        page.get_by_role("button", name="核验文件").click()
        expect(page.get_by_role("heading")).to_contain_text(heading)
        width = page.locator("main").evaluate("e => document.documentElement.scrollWidth")
        assert width <= 360, "nothing has to be pushed sideways"
    page.get_by_role("link", name="核验另一份证明").click()
    page.get_by_label("证明编号或验证码").fill(issued[0])
    page.get_by_role("button", name="核验").first.click()
    expect(page.get_by_role("heading")).to_contain_text("证明有效")
    context.close()


# ── the register ────────────────────────────────────────────────────────────
def test_a_register_of_the_first_release_is_taken_over(tmp_path: Path) -> None:
    store = Store(tmp_path / "platform.db")
    with store.transaction() as tx:
        for table, column in (
            *(("documents", one) for one in ("template", "time_stamped", "revoked_why")),
            ("tickets", "priority"),
            *(("cases", one) for one in ("staff", "agent", "agent_mode", "authorisation")),
        ):
            tx.execute(text(f"ALTER TABLE {table} DROP COLUMN {column}"))
        tx.execute(text("DROP TABLE ratings"))
        tx.execute(text("PRAGMA user_version = 1"))
        tx.execute(
            text(
                "INSERT INTO documents (document, number, code, case_no, kind, holder, sha256, pages,"
                " issued_on, valid_until, pdf) VALUES ('d', 'n', 'c', 'k', 'certificate',"
                " '张*', 's', 1, '2026-01-01', '2026-04-01', x'00')"
            )
        )
    store.close()
    store = Store(tmp_path / "platform.db")
    with store.transaction() as tx:
        row = tx.execute(text("SELECT template, time_stamped, revoked_why FROM documents")).one()
        assert tuple(row) == ("sb01", 0, "") and tx.execute(text("SELECT * FROM ratings")).all() == []
        tx.execute(text(f"PRAGMA user_version = {SCHEMA + 1}"))
    store.close()
    with pytest.raises(RuntimeError, match="newer"):
        Store(tmp_path / "platform.db")
