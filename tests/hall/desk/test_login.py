"""Coming in and going out: in a real browser, by HTTPS, and by somebody who guesses passwords."""

from __future__ import annotations

import datetime
import ipaddress
import re
import signal
import sqlite3
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from hall import settings
from hall.access import accounts, logins, passwords
from hall.data import store
from hall.data.desk_tables import accounts as account_rows
from tests.hall.doors import Doors, csrf, doors
from tests.hall.test_serve import CODE
from tests.peers.desk import PASSWORD, account, browser


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Doors]:
    with doors(tmp_path, fleet=False) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture
def page(chromium: Browser, at: Doors) -> Iterator[Page]:
    context = chromium.new_context(base_url=at.address)
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def fill_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def test_an_officer_logs_in_works_and_logs_out_and_the_back_button_shows_nothing(
    at: Doors, page: Page
) -> None:
    page.goto("/ratings")
    expect(page).to_have_url(f"{at.address}/login?back=/ratings")
    fill_in(page, "officer", "not-the-password")
    expect(page.get_by_role("alert")).to_have_text("账号或密码不正确。")
    fill_in(page, "nobody-at-all", PASSWORD)
    expect(page.get_by_role("alert")).to_have_text("账号或密码不正确。")
    fill_in(page, "officer", PASSWORD)
    expect(page).to_have_url(f"{at.address}/ratings")
    expect(page.locator("#line")).to_have_class("on", timeout=60_000)
    expect(page.locator("header")).to_contain_text("officer")
    assert "desk=" not in page.evaluate("document.cookie"), "no script reads the session"
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading")).to_have_text("登录")
    page.go_back()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    assert [row["act"] for row in at.audited(actor="officer")] == ["login_failed", "login", "logout"]
    failed = at.audited(act="login_failed")
    assert [row["actor"] for row in failed] == ["officer", ""], "an unknown name may be a password"


def test_a_page_left_open_leads_to_the_login_when_its_time_is_over(at: Doors, page: Page) -> None:
    page.goto("/login?back=/transactions")
    fill_in(page, "officer", PASSWORD)
    expect(page.locator("#line")).to_have_class("on", timeout=60_000)
    with sqlite3.connect(at.settings.data / "hall.db", timeout=30) as base:
        base.execute("UPDATE logins SET expires = ?", (int(time.time() * 1000) - 1,))
    page.evaluate("askAll()")  # as the page does by itself after a while
    expect(page).to_have_url(f"{at.address}/login?back=/transactions")
    fill_in(page, "officer", PASSWORD)
    expect(page).to_have_url(f"{at.address}/transactions")


def test_a_link_from_elsewhere_opens_for_who_is_logged_in(at: Doors, page: Page) -> None:
    page.goto("/login")
    fill_in(page, "officer", PASSWORD)
    expect(page.locator("#line")).to_have_class("on", timeout=60_000)
    page.route(
        "http://tickets.example/",
        lambda route: route.fulfill(
            content_type="text/html", body=f'<a href="{at.address}/ratings">the terminal in question</a>'
        ),
    )
    page.goto("http://tickets.example/")
    page.get_by_role("link").click()
    expect(page).to_have_url(f"{at.address}/ratings")
    form = f'<form method="post" action="{at.address}/logout"><button>win a prize</button></form>'
    page.route("http://evil.example/", lambda route: route.fulfill(content_type="text/html", body=form))
    page.goto("http://evil.example/")
    page.get_by_role("button").click()
    page.goto(f"{at.address}/ratings")
    expect(page).to_have_url(f"{at.address}/ratings")  # another site logs nobody out


def test_whoever_guesses_waits_longer_and_longer_and_learns_nothing(at: Doors) -> None:
    with at.browser() as client:
        told = {}
        for name in ("officer", "nobody-at-all"):
            tried = [at.come_in(client, name, f"guess number {n}").status_code for n in range(6)]
            assert tried == [401] * 6
            with sqlite3.connect(at.settings.data / "hall.db", timeout=30) as base:  # no race with the clock
                base.execute("UPDATE login_waits SET until = until + 50000 WHERE key LIKE 'account:%'")
            answer = at.come_in(client, name, "guess number 7")
            assert answer.status_code == 429 and 1 <= int(answer.headers["retry-after"]) <= 60
            told[name] = re.sub(r'value="[^"]*"|\d+', "", answer.text)
        assert told["officer"] == told["nobody-at-all"], "the two cannot be told apart"
        assert at.come_in(client, "officer").status_code == 429, "the right password waits, too"
        with at.engine.begin() as tx:
            accounts.unlock(tx, "cli:test", "officer")
        assert at.come_in(client, "officer").status_code == 303
    assert len(at.audited(act="login_failed", actor="officer")) == 6


def test_many_guesses_at_once_are_counted_as_many(at: Doors) -> None:
    now = 1_800_000_000_000
    with at.engine.begin() as tx:
        waits = [logins.attempt(tx, f"name-{n}", "192.0.2.9", now) for n in range(25)]
        assert waits[:21] == [0] * 21 and any(waits[21:]), "an address that tries many names"
        for _ in range(40):
            now += max(1, logins.attempt(tx, "officer", "192.0.2.10", now))
        assert 0 < logins.attempt(tx, "officer", "198.51.100.1", now) <= logins.LONGEST["account"]
        later = now + logins.FORGET + logins.LONGEST["address"]
        assert logins.attempt(tx, "officer", "192.0.2.10", later) == 0, "and in time it is forgotten"


def test_a_password_that_was_kept_at_lower_costs_is_kept_anew_at_the_next_login(at: Doors) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    kept = update(account_rows).where(account_rows.c.name == "officer")
    with at.engine.begin() as tx:
        tx.execute(kept.values(password=weak))
    with at.inside("officer") as client:
        with at.engine.connect() as tx:
            now = tx.execute(account_rows.select().where(account_rows.c.name == "officer")).one().password
        assert now.startswith("$argon2id$v=19$m=19456,t=2,p=1$") and passwords.fits(PASSWORD, now)
        assert client.get("/").status_code == 200, "and the login goes on"


def test_over_https_the_cookie_is_for_https_alone_and_a_wrong_certificate_is_said(tmp_path: Path) -> None:
    certificate, key = tmp_path / "desk.pem", tmp_path / "desk.key"
    make_certificate(certificate, key)
    file = tmp_path / "hall.toml"
    own = f'certificate = "{certificate}"\nkey = "{key}"\n'
    file.write_text(f'data = "{tmp_path}/data"\narea = "a"\nhall = "h"\n[desk]\nport = 0\n{own}')
    command = [sys.executable, "-c", CODE.format("desk"), str(file)]
    store.migrate(settings.load(file))
    account(settings.load(file))
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None and child.stderr is not None
            address = child.stdout.readline().split()[-1]
            assert address.startswith("https://127.0.0.1:")
            trust = ssl.create_default_context(cafile=certificate)
            with httpx.Client(base_url=address, verify=trust, trust_env=False, timeout=60) as client:
                page = client.get("/login")
                assert "max-age" in page.headers["strict-transport-security"]
                fields = {"csrf": csrf(page.text), "name": "officer", "password": PASSWORD}
                answer = client.post("/login", data=fields, headers={"Origin": address})
                assert answer.status_code == 303 and "__Host-desk" in client.cookies
                assert client.get("/").status_code == 200
            child.send_signal(signal.SIGTERM)
            assert child.wait(60) == 0 and "GET" not in child.stderr.read(), "no line about who asked what"
        finally:
            child.kill()
    key.write_text("no key")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and "give PEM files" in done.stderr and "Traceback" not in done.stderr


def make_certificate(certificate: Path, key: Path) -> None:
    """A certificate that vouches for 127.0.0.1 by itself."""
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "desk")])
    now = datetime.datetime.now(datetime.UTC)
    near = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, secret.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(hours=1))
    builder = builder.not_valid_after(now + datetime.timedelta(days=1)).add_extension(near, critical=False)
    made = builder.sign(secret, hashes.SHA256())
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        secret.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
