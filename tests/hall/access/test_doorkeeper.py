"""Who stands at the desk's door: what is refused, how it is said, and what the audit has of it."""

from __future__ import annotations

import http.client
import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hall.access import accounts, doorkeeper
from hall.desk import changes, desk
from hall.settings import DeskSettings
from mqtt import messages as m
from tests.hall.doors import HERS, OTHERS, Doors, csrf, doors
from tests.hall.fleet import Speaker
from tests.peers.desk import token

OPEN = {"/login", "/health", "/htmx.js", "/static", "/language/{language}"}
OPEN |= {"/enrolment/authority", "/enrolment/enrol", "/enrolment/renew", "/enrolment/retire"}
OPEN |= {"/catalogue/current"}
TERMINAL = f"/api/terminals/{OTHERS}/nanpu/K001"


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with doors(tmp_path_factory.mktemp("doors")) as running:
        yield running


def routes(app: Any) -> list[tuple[str, set[str]]]:
    """Every path of the application with its methods."""
    found: list[tuple[str, set[str]]] = []
    for route in app.routes:
        if hasattr(route, "path"):
            found.append((route.path, set(getattr(route, "methods", None) or {"GET"})))
        else:
            found += routes(route.original_router)
    return found


def test_every_route_but_the_few_open_ones_wants_to_know_who_asks(at: Doors) -> None:
    every = routes(desk.desk_app(at.settings))
    assert len(every) > 25 and {path for path, _ in every} >= OPEN
    with at.browser(Host="desk.example") as client:
        for path, methods in every:
            filled = re.sub(r"\{(\w+)(:\w+)?\}", "1", path)
            assert doorkeeper.is_open(filled) == (path in OPEN) or path == "/static", path
            if path in OPEN:
                continue
            for method in methods:
                answer = client.request(method, filled)
                assert answer.status_code == 401, (method, path)
                assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_person_is_led_to_the_login_and_back_to_the_page(at: Doors) -> None:
    with at.browser(Accept="text/html") as client:
        sent = client.get("/transactions?show=prints")
        assert sent.headers["location"] == "/login?back=/transactions%3Fshow%3Dprints"
        page = client.get(sent.headers["location"])
        fields = {"name": "officer", "password": "not-a-real-password", "csrf": csrf(page.text)}
        back = re.search(r'name="back" value="([^"]+)"', page.text)
        assert back is not None
        answer = client.post("/login", data=fields | {"back": back[1]})
        assert answer.headers["location"] == "/transactions?show=prints"
        assert client.get(answer.headers["location"]).status_code == 200


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil"])
def test_the_login_leads_nowhere_else(at: Doors, back: str) -> None:
    with at.browser() as client:
        fields = {"csrf": csrf(client.get("/login").text), "name": "officer"}
        answer = client.post("/login", data=fields | {"password": "not-a-real-password", "back": back})
        assert answer.headers["location"] == "/"


def test_what_no_database_takes_is_refused(at: Doors) -> None:
    with at.browser(**token(at.settings, "officer")) as client:
        for query in ("/api/cases?key=%00", "/api/prints?terminal=a%00", "/transactions?session=%00"):
            assert client.get(query).status_code == 422, query
        assert client.get(f"/api/cases?after={2**63}").status_code == 422
        fields = {"csrf": csrf(client.get("/login").text), "name": "\x00", "password": "x"}
        assert client.post("/login", data=fields).status_code == 401


def test_no_spelling_of_a_path_goes_round_the_door(at: Doors) -> None:
    host = at.address.removeprefix("http://")
    tricks = ["/static/../api/terminals", "//api/terminals", "/static/%2e%2e/api/terminals", "/API/terminals"]
    tricks += ["/login/../api/terminals", "/api/terminals/", "/login%2f..%2fapi/terminals", "/login;/../api"]
    tricks += ["/language/../api/terminals", "/enrolment/../api/terminals", "/./api/terminals", "/static/../"]
    tricks += ["/api%2fterminals", "/health/api/terminals", "/static//api/terminals", "/login?/api/terminals"]
    for path in tricks:
        line = http.client.HTTPConnection(host, timeout=60)
        line.request("GET", path, headers={"Host": "desk.example"})
        answer = line.getresponse()
        body = answer.read()
        line.close()
        assert b"K001" not in body and b"Stack" not in body, path
        assert answer.status in (303, 307, 401, 404, 405) or path.startswith("/login?"), (path, answer.status)


def test_another_areas_terminal_is_not_there(at: Doors) -> None:
    known = token(at.settings, "watcher")
    with at.browser(**known) as client:
        assert client.get(TERMINAL).status_code == 404
        assert client.get(f"{TERMINAL}/messages").status_code == 404
        assert client.get(f"/terminals/{OTHERS}/nanpu/K001").status_code == 404
        assert client.get(f"/api/terminals/{HERS}/donghu/K001").status_code == 200
    refused = at.audited(actor="watcher", act="refused", outcome="area")
    assert TERMINAL in {row["subject"] for row in refused}


def test_lists_pages_and_counts_have_only_the_areas_of_who_looks(at: Doors) -> None:
    with at.browser(**token(at.settings, "watcher")) as client:
        seen = client.get("/api/terminals").json()["items"]
        assert {row["path"].split("/")[0] for row in seen} == {HERS} and len(seen) >= 6
        for what in ("cases", "prints", "ratings", "sessions", "faults", "refused", "payments"):
            rows = client.get(f"/api/{what}", params={"limit": 1000}).json()["items"]
            assert {row["terminal"].split("/")[0] for row in rows} <= {HERS}, what
        foreign = client.get("/api/cases", params={"terminal": f"{OTHERS}/nanpu/K001"}).json()
        assert foreign == {"items": []}
        pages = ("/", "/transactions", "/ratings", "/refused", "/transactions?show=sessions")
        for page in pages:
            assert OTHERS not in client.get(page).text, page
    with at.browser(**token(at.settings, "newcomer")) as client:
        assert client.get("/api/terminals").json() == {"items": []}
        assert client.get("/").status_code == 200


def test_what_changes_something_wants_the_logins_own_token_and_origin(at: Doors) -> None:
    with at.inside("officer") as mine, at.inside("watcher") as hers:
        own, other = csrf(mine.get("/").text), csrf(hers.get("/").text)
        tries: list[tuple[dict[str, str], dict[str, str]]] = [
            ({}, {}),
            ({"csrf": other}, {}),
            ({}, {"X-CSRF-Token": other}),
            ({"csrf": ""}, {}),
            ({"csrf": own}, {"Origin": "https://evil.example"}),
            ({"csrf": own}, {"Origin": "null"}),
            ({"csrf": own}, {"Sec-Fetch-Site": "cross-site"}),
            ({"csrf": own}, {"Sec-Fetch-Site": "same-site"}),
            ({}, {"X-CSRF-Token": own, "Origin": "https://evil.example", "Content-Type": "text/plain"}),
        ]
        for fields, headers in tries:
            assert mine.post("/logout", data=fields, headers=headers).status_code == 403, (fields, headers)
        del mine.headers["Origin"]
        assert mine.post("/logout", data={"csrf": own}).status_code == 403, "nobody says where it is from"
        assert mine.get("/").status_code == 200, "still in"
        assert mine.post("/logout", data={"csrf": own}, headers={"Origin": at.address}).status_code == 303
        assert mine.get("/").status_code == 401
    outcomes = {row["outcome"] for row in at.audited(actor="officer", act="refused")}
    assert outcomes >= {"csrf", "origin"}


def test_a_form_too_large_is_refused_and_the_desk_goes_on(at: Doors) -> None:
    with at.inside("officer") as client:
        assert client.post("/logout", data={"csrf": "x" * 100_000}).status_code == 413
        assert client.get("/").status_code == 200


def test_a_login_form_of_another_browser_does_not_log_in(at: Doors) -> None:
    with at.browser() as victim, at.browser() as attacker:
        fields = {"name": "officer", "password": "not-a-real-password"}
        theirs = csrf(attacker.get("/login").text)
        assert victim.post("/login", data=fields | {"csrf": theirs}).status_code == 403
        victim.get("/login")
        assert victim.post("/login", data=fields | {"csrf": theirs}).status_code == 403
        assert victim.post("/login", data=fields).status_code == 403
        own = csrf(victim.get("/login").text)
        foreign = {"Origin": "https://evil.example"}
        assert victim.post("/login", data=fields | {"csrf": own}, headers=foreign).status_code == 403
        assert victim.get("/").status_code == 401


def test_a_cookie_that_somebody_else_planted_is_worth_nothing_after_the_login(at: Doors) -> None:
    with at.inside("watcher") as attacker, at.browser() as victim:
        planted = attacker.cookies["desk"]
        victim.cookies.set("desk", planted)
        assert at.come_in(victim, "officer").status_code == 303
        fresh = next(one.value for one in victim.cookies.jar if one.value != planted)
        assert attacker.get("/").status_code == 401, "the planted session is over"
        known = {"Cookie": f"desk={fresh}"}
        assert "officer" in httpx.get(at.address, headers=known, trust_env=False, timeout=60).text


def test_a_made_up_secret_opens_nothing(at: Doors) -> None:
    genuine = token(at.settings, "officer")["Authorization"]
    wrong = ["Bearer kt_wrong", "Bearer", genuine[:-1], "Basic b2ZmaWNlcjp4", genuine + "x"]
    for shown in wrong:
        with at.browser(Authorization=shown) as client:
            assert client.get("/api/terminals").status_code == 401, shown
    with at.inside("officer") as client:
        answer = client.get("/api/terminals", headers={"Authorization": "Bearer kt_wrong"})
        assert answer.status_code == 401, "a wrong token is not mended by a cookie"
        secret = client.cookies["desk"]
    with at.browser(Authorization=f"Bearer {secret}") as client:
        assert client.get("/api/terminals").status_code == 401, "a session is no token"
    with at.browser(Cookie=f"desk={genuine.removeprefix('Bearer ')}") as client:
        assert client.get("/api/terminals").status_code == 401, "a token is no session"


def test_who_is_disabled_or_has_another_password_is_out_at_once(at: Doors) -> None:
    who = "leaver"
    with at.engine.begin() as tx:
        accounts.add(tx, "cli:test", who, "not-a-real-password")
        accounts.grant(tx, "cli:test", who, "watch", "*")
    known = token(at.settings, who)
    with at.inside(who) as browser, at.browser(**known) as program:
        assert browser.get("/").status_code == program.get("/api/cases").status_code == 200
        with at.engine.begin() as tx:
            accounts.set_disabled(tx, "cli:test", who, True)
        assert browser.get("/").status_code == program.get("/api/cases").status_code == 401
        assert at.come_in(browser, who).status_code == 401
        with at.engine.begin() as tx:
            accounts.set_disabled(tx, "cli:test", who, False)
        assert browser.get("/").status_code == program.get("/api/cases").status_code == 401, "stays over"
        assert at.come_in(browser, who).status_code == 303
        with at.engine.begin() as tx:
            accounts.set_password(tx, "cli:test", who, "another-long-one")
        assert browser.get("/").status_code == 401
        assert at.come_in(browser, who).status_code == 401
        assert at.come_in(browser, who, "another-long-one").status_code == 303
    outcomes = [row["outcome"] for row in at.audited(actor=who, act="refused")]
    assert outcomes.count("disabled") == 2 and outcomes.count("ended") >= 3


def test_an_angry_script_does_not_fill_the_audit(at: Doors) -> None:
    with at.browser(**token(at.settings, "newcomer")) as client:
        for _ in range(2 * doorkeeper.NOTES_A_MINUTE + 5):
            assert client.get(TERMINAL).status_code == 404
    noted = len(at.audited(actor="newcomer", act="refused"))
    assert 0 < noted <= 2 * doorkeeper.NOTES_A_MINUTE, "at most two minutes' worth"


def test_an_open_page_hears_only_its_areas_and_no_more_when_its_login_is_over(
    at: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(changes, "QUIET_SECONDS", 0.5)
    with at.inside("watcher") as client, client.stream("GET", "/events", timeout=60) as events:
        lines = events.iter_lines()
        assert next(lines).startswith("retry:")
        for area in (OTHERS, HERS):
            Speaker(at.engine, f"{area}/new/K999").say(m.TerminalState(True, 1))
        told = next(line for line in lines if line.startswith("data:"))
        assert HERS in told and OTHERS not in told
        with sqlite3.connect(at.settings.data / "hall.db", timeout=30) as base:
            base.execute("DELETE FROM logins WHERE account = 'watcher' AND kind = 'session'")
        Speaker(at.engine, f"{HERS}/new/K998").say(m.TerminalState(True, 1))
        assert "K998" not in "".join(lines), "and the stream has an end"


def test_looking_at_a_page_that_refreshes_itself_is_nobodys_hand(tmp_path: Path) -> None:
    with doors(tmp_path, DeskSettings(idle_minutes=30), False) as at, at.inside("officer") as client:
        base = sqlite3.connect(at.settings.data / "hall.db", timeout=30, isolation_level=None)

        def seen(minutes: float) -> int:
            row = base.execute("SELECT seen FROM logins").fetchone()
            base.execute("UPDATE logins SET seen = ?", (int((time.time() - minutes * 60) * 1000),))
            return int(time.time() - row[0] / 1000)

        seen(20)
        assert client.get("/", headers={"HX-Request": "true"}).status_code == 200
        assert seen(20) > 1000, "a section that fetched itself does not count"
        assert client.get("/").status_code == 200
        assert seen(31) < 1000, "a hand does"
        answer = client.get("/", headers={"HX-Request": "true", "HX-Current-URL": f"{at.address}/ratings"})
        assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login?back=/ratings")
        seen(0)
        base.execute("UPDATE logins SET expires = ?", (int(time.time() * 1000) - 1,))
        assert client.get("/").status_code == 401, "and after so many hours one logs in again in any case"
        base.close()


def test_settings_that_would_send_passwords_in_clear_are_refused() -> None:
    for host in ("0.0.0.0", "10.1.2.3", "::", "desk.example"):
        with pytest.raises(ValueError, match=r"desk\.certificate.*behind_proxy"):
            DeskSettings(host=host)
        assert DeskSettings(host=host, behind_proxy=True).https
    with pytest.raises(ValueError, match="belong together"):
        DeskSettings(certificate=Path("a.pem"))
    assert not DeskSettings(host="127.0.0.2").https


def test_behind_a_proxy_cookies_are_for_https_and_the_address_is_what_the_proxy_added(tmp_path: Path) -> None:
    with doors(tmp_path, DeskSettings(behind_proxy=True), False) as at:
        proxied = {"X-Forwarded-For": "203.0.113.5, 198.51.100.7", "X-Forwarded-Proto": "https"}
        with at.browser(**proxied) as client:
            page = client.get("/login")
            assert page.headers["strict-transport-security"].startswith("max-age=")
            pre = page.headers["set-cookie"]
            name, _, rest = pre.partition("=")
            fields = {"csrf": csrf(page.text), "name": "officer", "password": "not-a-real-password"}
            known = {"Cookie": f"{name}={rest.partition(';')[0]}"}
            answer = client.post("/login", data=fields, headers=known)
            begun = next(one for one in answer.headers.get_list("set-cookie") if "Max-Age=0" not in one)
            assert begun.startswith("__Host-desk=")
            assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(begun.split("; "))
            assert client.get("/metrics").status_code == 401, "through a proxy nobody is this computer"
        assert at.audited(act="login")[-1]["detail"] == "198.51.100.7"


def test_an_address_is_what_nobody_can_invent_and_an_ipv6_neighbour_counts_with_its_network() -> None:
    told = DeskSettings()
    scope = {"client": ("2001:db8:1:2:aaaa::1", 5), "headers": []}
    assert doorkeeper.address(scope, told) == "2001:db8:1:2::/64"
    assert doorkeeper.address({"client": ("::ffff:192.0.2.1", 5), "headers": []}, told) == "192.0.2.1"
    assert doorkeeper.address({"client": None, "headers": []}, told) == "unknown"
    lines = [(b"x-forwarded-for", b"203.0.113.5"), (b"x-forwarded-for", b"198.51.100.7")]
    proxied = {"client": ("10.0.0.1", 5), "headers": lines}
    assert doorkeeper.address(proxied, DeskSettings(behind_proxy=True)) == "198.51.100.7", "the proxy's own"
    assert doorkeeper.address(proxied, told) == "10.0.0.1"
