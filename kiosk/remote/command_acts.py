"""How each command of the hall is obeyed: one function for each row of `config/commands.py`."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from config.catalogue_files import Catalogue, load_catalogue
from config.release import ReleaseError
from config.settings import Settings
from config.toml_file import ConfigError
from config.words import LANGUAGES, Words
from kiosk import catalogue_release, log_file
from kiosk.backstage import Backstage
from kiosk.doors import Doors
from kiosk.presence import Attendance
from kiosk.readiness.workplace import Allowed
from kiosk.remote import programs
from kiosk.remote.command_desk import Act, Done, NotDone
from kiosk.remote.commands import Kept
from kiosk.remote.in_view import InView
from kiosk.remote.screenshot import screenshot

REBOOT_SECONDS = 60.0  # for its program
GOING_SECONDS = 300.0  # until a computer that is going down has taken us with it
UPDATE_SECONDS = 3600.0
REPORT_SECONDS = 120.0
# A version goes into a program's arguments: nothing that could be an option or a path.
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]*")


@dataclass(frozen=True)
class Hands:
    """What the acts take hold of."""

    backstage: Backstage
    doors: Doors
    view: InView
    there: Attendance


def acts(hands: Hands) -> dict[str, Act]:
    """Each command's name with what obeys it."""
    return {name: partial(act, hands) for name, act in _ACTS.items()}


async def _restart(hands: Hands, command: Kept) -> Done:
    return Done(restart=True)


async def _reboot(hands: Hands, command: Kept) -> Done:
    await _run(hands.backstage.settings.remote.reboot, REBOOT_SECONDS)
    await asyncio.sleep(GOING_SECONDS)
    raise NotDone("command_failed", "still up")


async def _update(hands: Hands, command: Kept) -> Done:
    """The program returns when the version is in place; the next start says whether it is."""
    version = str(command.arguments["version"])
    if not _VERSION.fullmatch(version):
        raise NotDone("wrong_argument", "version")
    await _run(hands.backstage.settings.remote.update, UPDATE_SECONDS, version=version)
    return Done(restart=True)


async def _lock(hands: Hands, command: Kept) -> Done:
    notice = Words(str(command.arguments["notice_zh"]), str(command.arguments["notice_en"]))
    await hands.doors.lock(notice)
    return Done()


async def _unlock(hands: Hands, command: Kept) -> Done:
    await hands.doors.unlock()
    return Done("technician's notice stands" if hands.doors.locked else "")


async def _test_device(hands: Hands, command: Kept) -> Done:
    """A slip or a page that says TEST may come out. NotDone with the fault of one that is not ready."""
    from kiosk.readiness.device_trial import at_terminal, try_device

    name = str(command.arguments["device"])
    if name not in hands.backstage.settings.devices:
        raise NotDone("device_absent", name)
    finding = await try_device(at_terminal(hands.backstage), name, Allowed(paper=True))
    if not finding.ready:
        raise NotDone(finding.codes[0] if finding.codes else "device_offline", finding.found.en)
    return Done(finding.found.en)


async def _readiness_report(hands: Hands, command: Kept) -> Done:
    from kiosk.doctor import within
    from kiosk.readiness import examination, readiness_paper

    try:
        async with asyncio.timeout(REPORT_SECONDS):
            findings = [one async for one in within.examine(hands.backstage)]
    except TimeoutError:
        raise NotDone("command_failed", "timeout") from None
    await examination.tell_hall(hands.backstage, "hall", findings)
    settings, bad = hands.backstage.settings, sum(not one.ready for one in findings)
    report = "\n".join(readiness_paper.text(settings.identity, findings, one) for one in LANGUAGES)
    return Done(f"{bad} not ready", report.encode())


async def _screenshot(hands: Hands, command: Kept) -> Done:
    if not hands.backstage.settings.remote.screenshots:
        raise NotDone("command_not_supported", "screenshots")
    picture, page = await screenshot(hands.view, lambda: hands.there.citizen)
    return Done(page, picture)


async def _logs(hands: Hands, command: Kept) -> Done:
    hours, data = float(command.arguments["hours"]), hands.backstage.settings.data
    return Done(file=await asyncio.to_thread(log_file.packed, data, hours, time.time()))


async def _sync_catalogue(hands: Hands, command: Kept) -> Done:
    """A good one is in use from the next session on; a broken one never replaces it."""
    if hands.backstage.settings.catalogue_source.given:
        return await _sync_release(hands)
    try:
        catalogue = await asyncio.to_thread(fetch_catalogue, hands.backstage.settings)
    except ConfigError as error:
        raise NotDone("catalogue_broken", error.path.name) from None
    hands.backstage.coming = catalogue
    hands.doors.look()
    return Done(f"{len(catalogue.services)} services")


async def _sync_release(hands: Hands) -> Done:
    backstage = hands.backstage
    try:
        found = await catalogue_release.renew(backstage)
    except ReleaseError as error:
        raise NotDone(error.code, error.detail) from None
    hands.doors.look()
    now = found or backstage.coming or backstage.catalogue
    return Done(f"release {now.release}, {len(now.services)} services")


def fetch_catalogue(settings: Settings) -> Catalogue:
    """Where no releases are used: the folders are read again. ConfigError."""
    return load_catalogue(settings.catalogue)


async def _run(arguments: tuple[str, ...], seconds: float, **places: str) -> None:
    if not arguments:
        raise NotDone("command_not_supported")
    try:
        code = await programs.run(arguments, seconds, **places)
    except TimeoutError:
        raise NotDone("command_failed", "timeout") from None
    except OSError as error:
        raise NotDone("command_failed", type(error).__name__) from None
    if code:
        raise NotDone("command_failed", f"exit {code}")


_ACTS: Mapping[str, Callable[[Hands, Kept], Awaitable[Done]]] = {
    "restart": _restart,
    "reboot": _reboot,
    "lock": _lock,
    "unlock": _unlock,
    "test_device": _test_device,
    "readiness_report": _readiness_report,
    "screenshot": _screenshot,
    "logs": _logs,
    "sync_catalogue": _sync_catalogue,
    "update": _update,
}
