"""Each command has its effect, and says truthfully when it has none."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from config.catalogue_files import Catalogue
from config.commands import COMMANDS
from config.people import people
from config.settings import RemoteSettings
from config.words import Words
from kiosk.backstage import Backstage
from kiosk.doors import Doors
from kiosk.presence import Attendance
from kiosk.prompts import Chosen, Confirm, Goodbye, Home, OutOfService, Place, Row
from kiosk.remote import command_acts, programs, screenshot
from kiosk.remote.command_acts import Hands, acts
from kiosk.remote.command_desk import Done, NotDone
from kiosk.remote.commands import Kept
from kiosk.remote.in_view import InView
from tests.kiosk.small_visit import Script, backstage

ZHANG = people()["zhang"]
HOME = Home((), Words("大厅", "Hall"))


@asynccontextmanager
async def hands(
    folder: Path, stage: Script | None = None, serving: Callable[[], bool] = lambda: False, **remote: object
) -> AsyncIterator[Hands]:
    """What the acts take hold of, on a terminal without devices."""
    stage = stage or Script()
    async with backstage(folder, stage) as parts:
        told = RemoteSettings.model_validate(remote)
        parts.settings = parts.settings.model_copy(update={"remote": told})
        doors = Doors(parts.ledger, lambda: "12345")
        yield Hands(parts, doors, InView(stage), Attendance(parts.devices, parts.ledger, serving))


def command(name: str, **arguments: str | int) -> Kept:
    return Kept("c", name, arguments, 0.0, 0.0, "running")


def do(
    folder: Path,
    name: str,
    stage: Script | None = None,
    serving: Callable[[], bool] = lambda: False,
    show: object = None,
    arguments: dict[str, str | int] | None = None,
    **remote: object,
) -> Done | str:
    """Does one command; how it ended, or why not."""

    async def play() -> Done | str:
        async with hands(folder, stage, serving, **remote) as given:
            if show is not None:
                given.view.show(show, Place())  # type: ignore[arg-type]
            try:
                return await acts(given)[name](command(name, **(arguments or {})))
            except NotDone as why:
                return f"{why.code} {why.detail}".strip()

    return asyncio.run(play())


def script(folder: Path, text: str) -> tuple[str, ...]:
    """A program of the machine's own."""
    path = folder / "program.py"
    path.write_text(text, encoding="utf-8")
    return (sys.executable, str(path))


def test_every_command_of_the_table_is_obeyed_by_something(tmp_path: Path) -> None:
    async def play() -> set[str]:
        async with hands(tmp_path) as given:
            return set(acts(given))

    assert asyncio.run(play()) == set(COMMANDS)


# ── programs ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", ["reboot", "update"])
def test_without_a_program_of_the_settings_it_is_not_supported(tmp_path: Path, name: str) -> None:
    assert do(tmp_path, name, arguments={"version": "2.0"}) == "command_not_supported"


def test_an_update_calls_its_program_with_the_version_and_ends_with_a_restart(tmp_path: Path) -> None:
    into = tmp_path / "called"
    program = script(tmp_path, f"import sys\nopen({str(into)!r}, 'w').write(' '.join(sys.argv[1:]))\n")
    done = do(tmp_path, "update", arguments={"version": "2.1.0"}, update=[*program, "--to", "v{version}"])
    assert done == Done(restart=True)
    assert into.read_text() == "--to v2.1.0"


@pytest.mark.parametrize("version", ["--force", "../2.0", "2.0; reboot", "2 0", "最新"])
def test_what_is_no_version_never_reaches_a_program(tmp_path: Path, version: str) -> None:
    program = script(tmp_path, "raise SystemExit('called')")
    done = do(tmp_path, "update", arguments={"version": version}, update=[*program, "{version}"])
    assert done == "wrong_argument version"


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("import sys\nprint('a secret')\nsys.exit(7)", "command_failed exit 7"),
        ("import time\ntime.sleep(600)", "command_failed timeout"),
    ],
)
def test_a_program_that_fails_or_hangs_is_told_by_a_word_and_its_output_by_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, end: str
) -> None:
    monkeypatch.setattr(command_acts, "REBOOT_SECONDS", 60.0 if "exit" in end else 0.3)
    assert do(tmp_path, "reboot", reboot=script(tmp_path, text)) == end


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert do(tmp_path, "reboot", reboot=["/nowhere/reboot"]) == "command_failed FileNotFoundError"


def test_a_reboot_that_does_not_happen_has_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_acts, "GOING_SECONDS", 0.01)
    assert do(tmp_path, "reboot", reboot=script(tmp_path, "")) == "command_failed still up"


def test_a_program_that_is_cut_off_is_ended_with_all_that_it_has_started(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    text = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(pid)!r}, 'w').write(str(child.pid))\n"
        "time.sleep(600)\n"
    )

    async def play() -> None:
        running = asyncio.ensure_future(programs.run(script(tmp_path, text), 600.0))
        async with asyncio.timeout(60):
            while not (pid.exists() and pid.read_text()):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            while _runs(int(pid.read_text())):  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    asyncio.run(play())


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


# ── lock ────────────────────────────────────────────────────────────────────
def test_a_lock_holds_over_a_stop_until_it_is_unlocked(tmp_path: Path) -> None:
    notice: dict[str, str | int] = {"notice_zh": "设备检修", "notice_en": "Being repaired"}
    assert do(tmp_path, "lock", arguments=notice) == Done()

    async def after_a_stop() -> tuple[OutOfService | None, OutOfService | None]:
        async with hands(tmp_path) as given:
            locked = given.doors.closed()
            await acts(given)["unlock"](command("unlock"))
            return locked, given.doors.closed()

    locked, unlocked = asyncio.run(after_a_stop())
    assert locked is not None and locked.note == Words("设备检修", "Being repaired")
    assert "12345" in locked.call.zh
    assert unlocked is None


# ── pictures ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "page",
    [
        HOME,
        Goodbye(Words("谢谢", "Thank you")),
        OutOfService(Words("暂停", "Closed"), Words("电话", "Call")),
    ],
    ids=lambda page: type(page).__name__,
)
def test_of_an_idle_terminal_the_picture_is_taken_at_once(tmp_path: Path, page: object) -> None:
    stage = Script()
    done = do(tmp_path, "screenshot", stage, lambda: isinstance(page, Goodbye), show=page)
    assert isinstance(done, Done) and done.file.startswith(b"\x89PNG")
    assert stage.pictures == [None] and stage.asides == []
    assert done.detail == type(page).__name__


CONFIRM = Confirm(
    Words("请核对", "Please check"),
    tuple(Row(Words("项", "Row"), Words(text, text)) for text in (ZHANG.name, ZHANG.number)),
    Words("提交", "Submit"),
)


def test_of_a_citizens_page_it_is_masked_and_taken_only_after_his_yes(tmp_path: Path) -> None:
    stage = Script([Chosen("agree")])
    done = do(tmp_path, "screenshot", stage, lambda: True, show=CONFIRM)
    assert isinstance(done, Done) and done.detail == "Confirm"
    assert len(stage.asides) == 1
    ((copy, _),) = [one for one in stage.pictures if one is not None]
    assert (copy.kind, copy.heading, copy.blanks) == ("Confirm", CONFIRM.question, 2)
    assert ZHANG.name not in repr(copy) and ZHANG.number not in repr(copy)


def test_who_says_no_is_not_looked_at(tmp_path: Path) -> None:
    stage = Script([Chosen("other")])
    told = do(tmp_path, "screenshot", stage, lambda: True, show=CONFIRM)
    assert told == "command_no_consent refused" and stage.pictures == []


class Silent(Script):
    """Says neither yes nor no."""

    async def ask_aside(self, question: object) -> Chosen:
        await asyncio.Event().wait()
        raise AssertionError


def test_who_says_nothing_has_said_no(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screenshot, "CONSENT_SECONDS", 0.05)
    stage = Silent()
    told = do(tmp_path, "screenshot", stage, lambda: True, show=CONFIRM)
    assert told == "command_no_consent no answer" and stage.pictures == []


def test_the_question_ends_with_the_session_that_it_was_asked_in(tmp_path: Path) -> None:
    asked = iter([True, True, False, False, False])
    stage = Silent()
    told = do(tmp_path, "screenshot", stage, lambda: next(asked, False), show=CONFIRM)
    assert told == "command_no_consent session ended" and stage.pictures == []


def test_a_terminal_whose_settings_say_so_gives_no_pictures(tmp_path: Path) -> None:
    told = do(tmp_path, "screenshot", show=HOME, screenshots=False)
    assert told == "command_not_supported screenshots"


# ── the catalogue ───────────────────────────────────────────────────────────
def test_a_broken_catalogue_never_replaces_a_good_one(tmp_path: Path) -> None:
    folder = tmp_path / "services"
    folder.mkdir()

    async def play() -> str:
        async with hands(tmp_path) as given:
            parts = given.backstage
            parts.settings = parts.settings.model_copy(update={"catalogue": (folder,)})
            (folder / "sb77.toml").write_text("id = 7", encoding="utf-8")
            before = parts.catalogue
            sync = acts(given)["sync_catalogue"]
            with pytest.raises(NotDone) as why:
                await sync(command("sync_catalogue"))
            assert (coming(parts), parts.catalogue) == (None, before)
            (folder / "sb77.toml").unlink()
            await sync(command("sync_catalogue"))
            assert coming(parts) is not None and parts.catalogue is before, "from the next session on"
            return f"{why.value.code} {why.value.detail}"

    assert asyncio.run(play()) == "catalogue_broken sb77.toml"


def coming(parts: Backstage) -> Catalogue | None:
    return parts.coming
