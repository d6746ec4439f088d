"""What people do at the desk, by browser and by program: take, give, follow, fetch, set; and who may not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from hall.access.actors import Role
from hall.data import store
from hall.scheduler import incidents
from hall.scheduler.dispatch import Dispatch
from hall.settings import DeskSettings, HallSettings
from mqtt import messages as m
from tests.hall.conftest import Hall, wait_for
from tests.hall.fleet import Speaker, health
from tests.hall.scheduler.test_dispatch import Ear
from tests.peers.desk import account, browser, desk, log_in, token

SOON = 30_000  # ms
K = "a/h/k"
JAM = health({"a4_printer": {"availability": "fault", "faults": ["a4_jam"]}})


class Place:
    """A desk on a store, the voice of its terminal a/h/k, and people of several rights."""

    def __init__(self, settings: HallSettings, address: str) -> None:
        self.settings, self.address = settings, address
        self.engine = store.open_store(settings)
        self.speaker = Speaker(self.engine, K)
        self.speaker.say(m.TerminalState(True, 1), health())
        account(settings, "officer")
        self.look()

    def look(self) -> None:
        """The scheduler's work at this moment."""
        incidents.evaluate(self.engine, self.settings, int(time.time() * 1000))

    def program(self, name: str = "officer", *grants: tuple[Role, str]) -> httpx.Client:
        """A program that acts as this account, which is made if it has grants of its own."""
        if grants:
            account(self.settings, name, *grants)
        headers = token(self.settings, name)
        return httpx.Client(base_url=self.address, headers=headers, trust_env=False, timeout=60)

    def tab(self, chromium: Browser, name: str = "officer") -> Page:
        """A logged-in tab, closed with the browser."""
        context = chromium.new_context(base_url=self.address)
        context.set_default_timeout(60_000)
        log_in(context, self.address, self.settings, name)
        return context.new_page()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A desk on a store of its own, without a broker; while somebody reads slowly, no scheduler is missed."""
    monkeypatch.setattr(incidents, "STALE_MS", 600_000)
    settings = HallSettings(data=tmp_path, area="a", hall="h", desk=DeskSettings(silent_seconds=3600))
    store.migrate(settings)
    with desk(settings) as address:
        made = Place(settings, address)
        yield made
        made.engine.dispose()


def test_one_whole_act_from_the_officers_keyboard_to_the_file_in_their_hands(
    hall: Hall, chromium: Browser
) -> None:
    sending, ear = Dispatch(), Ear(hall)
    with desk(hall.settings) as address:
        place = Place(hall.settings, address)
        page = place.tab(chromium)
        page.goto(f"/terminals/{K}")
        expect(page.locator("#line")).to_have_class("on")
        page.locator("#give summary", has_text="取日志").press("Enter")
        page.get_by_label("小时数").fill("48")
        page.get_by_label("小时数").press("Enter")
        row = page.locator('#commands tr[data-command="logs"]')
        expect(row).to_contain_text("已下发")
        expect(row).to_contain_text("officer")
        sending.work(hall.engine, hall.settings, int(time.time() * 1000))
        wait_for(ear.commands, "the command at the terminal")
        (given,) = ear.commands()
        assert (given.name, given.arguments) == ("logs", {"hours": 48})
        place.speaker.say(m.CommandState(given.command, "accepted", detail="technician"))
        expect(row).to_contain_text("等技术员离开", timeout=SOON)
        place.speaker.say(m.CommandState(given.command, "running"))
        expect(row).to_contain_text("执行中", timeout=SOON)
        place.speaker.say(
            m.CommandPart(given.command, 1, b"one "),
            m.CommandPart(given.command, 2, b"two"),
            m.CommandState(given.command, "done", parts=2),
        )
        expect(row).to_contain_text("已完成", timeout=SOON)
        with page.expect_download() as fetched:
            row.get_by_role("link", name="下载").click()
        assert fetched.value.path().read_bytes() == b"one two"
        assert fetched.value.suggested_filename.startswith("k-logs-")
        assert fetched.value.suggested_filename.endswith(".log.gz")
        page.goto("/audit")
        first = page.locator("tbody tr").first
        expect(first).to_contain_text("下发命令")
        expect(first).to_contain_text("officer")
        page.context.close()
        place.engine.dispose()
    sending.close()
    ear.close()


def test_somebody_takes_a_jam_with_a_note_and_it_stands_there_until_it_is_over(
    place: Place, chromium: Browser
) -> None:
    place.speaker.say(JAM)
    place.look()
    page = place.tab(chromium)
    page.goto("/language/en?back=/")
    row = page.locator('#needs tr[data-incident="a4_jam"]')
    expect(row).to_contain_text("A4 printer: paper jam")
    expect(row).to_contain_text("Remove the jammed sheet and look for scraps")
    row.locator("summary").click()
    row.get_by_label("Note").fill("on my way")
    with page.expect_response(lambda answer: answer.request.headers.get("hx-target") == "needs"):
        place.speaker.say(health({"a4_printer": {"faults": ["a4_jam", "a4_toner_low"]}}))
        place.look()
    page.evaluate("() => new Promise(requestAnimationFrame)")
    # What changes meanwhile takes nothing from who writes.
    expect(row.get_by_label("Note")).to_have_value("on my way")
    row.get_by_role("button", name="I have it").click()
    expect(row).to_contain_text("officer")
    expect(row).to_contain_text("on my way")
    place.speaker.say(health())
    place.look()
    expect(page.locator("#needs")).to_contain_text("Nothing needs anybody now", timeout=SOON)
    over = page.locator("#cleared tbody tr").filter(has_text="paper jam")
    expect(over).to_contain_text("on my way", timeout=SOON)
    page.context.close()


def test_while_no_scheduler_runs_the_page_says_so_and_shows_what_is_so(
    place: Place, chromium: Browser
) -> None:
    place.speaker.say(JAM)
    place.look()
    place.speaker.say(m.TerminalState(False, 1))
    page = place.tab(chromium)
    with place.engine.begin() as tx:
        incidents._say_evaluated(tx, int(time.time() * 1000) - 1_200_000)  # and nobody has looked since
    page.goto("/")
    expect(page.locator("#needs .unwatched")).to_contain_text("调度程序没有运行")
    expect(page.locator("#needs tbody tr")).to_have_count(1)
    expect(page.locator("#needs")).to_contain_text("终端离线")
    expect(page.locator("#needs summary")).to_have_count(0)
    place.look()
    expect(page.locator("#needs .unwatched")).to_have_count(0, timeout=SOON)
    page.context.close()


def test_a_setting_is_wanted_at_the_desk_and_its_standing_follows_the_terminal(
    place: Place, chromium: Browser
) -> None:
    page = place.tab(chromium)
    page.goto(f"/terminals/{K}")
    page.get_by_label("音量").fill("35")
    page.get_by_label("开放时间").fill("09:00-17:00")
    page.get_by_role("button", name="保存设置").click()
    volume, hours = page.locator('tr[data-item="volume"]'), page.locator('tr[data-item="hours"]')
    expect(volume).to_contain_text("等待终端")
    told: dict[str, str | int] = {"volume": 35}
    place.speaker.say(m.ConfigurationReported(1, told, {"hours": "unknown"}))
    expect(volume).to_contain_text("已生效", timeout=SOON)
    expect(hours).to_contain_text("被拒绝", timeout=SOON)
    page.get_by_label("音量").fill("loud")
    page.get_by_role("button", name="保存设置").click()
    expect(page.get_by_role("alert")).to_contain_text("有一个值不合要求")
    page.context.close()


def test_a_reboot_wants_a_tick_and_a_second_click_gives_no_second_command(
    place: Place, chromium: Browser
) -> None:
    page = place.tab(chromium)
    page.goto(f"/terminals/{K}")
    fields: dict[str, str | float | bool] = {
        "csrf": page.locator("#give input[name=csrf]").first.get_attribute("value") or "",
        "key": page.locator('#give form:has(input[value="reboot"]) input[name=key]').get_attribute("value")
        or "",
        "command": "reboot",
    }
    own = {"Origin": place.address}
    sent = page.request.post(f"/terminals/{K}/commands", headers=own, form=fields)
    assert sent.status == 400 and "需要先勾选确认" in sent.text()
    for _ in range(2):
        sent = page.request.post(f"/terminals/{K}/commands", headers=own, form={**fields, "confirm": "yes"})
        assert sent.status == 200
    assert (
        page.request.post(f"/terminals/{K}/commands", headers=own, form={**fields, "csrf": "x"}).status == 403
    )
    page.goto("/commands?state=open")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("button", name="撤回").click()
    expect(page.locator("#rows")).to_contain_text("没有命令")
    page.context.close()


def test_who_may_only_watch_takes_an_incident_and_commands_nothing(place: Place) -> None:
    place.speaker.say(JAM)
    place.look()
    with place.program("watcher", ("watch", "a")) as watcher:
        page = watcher.get(f"/terminals/{K}", headers={"Accept": "text/html"}).text
        assert 'id="give"' not in page and "configuration_save" not in page and "value.volume" not in page
        assert watcher.post(f"/api/terminals/{K}/commands", json={"name": "restart"}).status_code == 403
        put = watcher.put(f"/api/terminals/{K}/configuration", json={"values": {"volume": 1}})
        assert put.status_code == 403 and watcher.get("/api/audit").status_code == 403
        (jam,) = watcher.get("/api/incidents").json()["items"]
        assert (jam["code"], jam["name"]["en"]) == ("a4_jam", "A4 printer: paper jam")
        taken = watcher.post(f"/api/incidents/{jam['n']}/acknowledge", json={"note": "seen"})
        assert taken.status_code == 200 and taken.json()["acknowledged_by"] == "watcher"
        assert taken.json()["name"] == jam["name"]
    with place.program("stranger", ("command", "b")) as stranger:
        assert stranger.get("/api/incidents").json()["items"] == []
        assert stranger.post(f"/api/incidents/{jam['n']}/acknowledge", json={}).status_code == 404
        assert stranger.post(f"/api/terminals/{K}/commands", json={"name": "restart"}).status_code == 404
        assert stranger.get(f"/api/terminals/{K}/configuration").status_code == 404
    with place.program() as officer:
        id = officer.post(f"/api/terminals/{K}/commands", json={"name": "screenshot"}).json()["id"]
        place.speaker.say(m.CommandPart(id, 1, b"x"), m.CommandState(id, "done", parts=1))
        file = officer.get(f"/api/commands/{id}/file")
        assert file.content == b"x" and file.headers["content-type"] == "image/png"
        assert file.headers["content-disposition"].startswith('attachment; filename="k-screenshot-')
        acts = [entry["act"] for entry in officer.get("/api/audit").json()["items"]]
        assert {"acknowledge", "command", "refused"} <= set(acts)
    with place.program("other", ("watch", "a")) as other:
        assert other.get(f"/api/commands/{id}").status_code == 200
        assert other.get(f"/api/commands/{id}/file").status_code == 403
    with place.program("stranger") as stranger:
        assert stranger.get(f"/api/commands/{id}").status_code == 404
        assert stranger.get("/api/commands").json()["items"] == []
        assert {entry["area"] for entry in stranger.get("/api/audit").json()["items"]} <= {"b"}


def test_by_program_a_key_gives_one_command_and_what_does_not_fit_is_named(place: Place) -> None:
    give = f"/api/terminals/{K}/commands"
    with place.program() as officer:
        key = {"Idempotency-Key": "run-7:restart"}
        first, second = (officer.post(give, json={"name": "restart"}, headers=key) for _ in range(2))
        assert first.status_code == second.status_code == 201
        assert first.json()["id"] == second.json()["id"] and first.json()["state"] == "given"
        other = officer.post(give, json={"name": "unlock"}, headers=key)
        assert other.status_code == 409 and "key" in other.json()["detail"]
        wrong = officer.post(give, json={"name": "logs", "arguments": {"hours": 999}})
        assert wrong.status_code == 400 and "hours must be 1 to 168" in wrong.json()["detail"]
        assert officer.post(give, json={"name": "logs", "arguments": {"hours": True}}).status_code == 422
        nowhere = officer.post("/api/terminals/a/h/none/commands", json={"name": "restart"})
        assert nowhere.status_code == 404
        id = first.json()["id"]
        assert officer.post(f"/api/commands/{id}/cancel").json()["state"] == "cancelled"
        assert officer.post(f"/api/commands/{id}/cancel").status_code == 409
        assert officer.get(f"/api/commands/{id}/file").status_code == 404
        settings = f"/api/terminals/{K}/configuration"
        done = officer.put(settings, json={"values": {"speak": "on"}, "version": 0}).json()
        assert done["version"] == 1
        again = officer.put(settings, json={"values": {"speak": "off"}, "version": 0})
        assert again.status_code == 409
        odd = officer.put(settings, json={"values": {"speak": "loudly"}})
        assert odd.status_code == 400 and "speak must be like on, off" in odd.json()["detail"]
