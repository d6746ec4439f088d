"""The out-of-service page with no terminal behind it: while that cannot start, or crashes too often.

It needs as little as there may be left: no store, no device, no room on the disk, no whole settings file.
What can still be read of the settings is said; what cannot has words of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import tomli
from pydantic import ValidationError

from config.configuration import objection
from config.faults import any_fault
from config.settings import ScreenSettings
from config.toml_file import ConfigError
from config.words import Words, words
from kiosk import last_end
from kiosk.data.store import StoreError, read_only
from kiosk.doors import opening
from kiosk.enrolment import enrolled_settings
from kiosk.prompts import OutOfService, Place
from kiosk.stage import Stage

LOOK_SECONDS = 5.0  # between looks whether something else is to be said
_NOWHERE = Place(back=False, home=False)
_SECTION = re.compile(r"^(?=\s*\[)", re.MULTILINE)
_REMEMBERED = "SELECT name, value FROM meta WHERE name IN ('lock here', 'lock', 'configuration')"


@dataclass(frozen=True)
class Known:
    """What is still known of this terminal. `data` is None when the settings do not say it."""

    hall_name: Words
    screen: ScreenSettings
    time_zone: str
    data: Path | None
    page: OutOfService


def known(file: Path, now: datetime | None = None) -> Known:
    """All that can be read now, whatever is broken; raises nothing. `now` is for tests."""
    told, broken = _settings(file)
    identity = _table(told.get("identity"))
    data = _data(told.get("data"), file)
    zone = _zone(identity.get("time_zone"))
    notice, values = _remembered(data)
    at = now or datetime.now(ZoneInfo(zone))
    code = "terminal_settings_broken" if broken else last_end.read(data) if data is not None else ""
    phone = str(values.get("help_phone") or _text(identity.get("help_phone")))
    place = _elsewhere(_words(identity.get("elsewhere")), values)
    page = OutOfService(
        what=words("journey.locked"),
        call=words("journey.call", phone=phone) if phone else words("journey.call_desk"),
        note=notice or (any_fault(code).citizen if code else None),
        hours=opening(str(values.get("hours", "always")), at),
        elsewhere=words("journey.elsewhere", place=place) if place else None,
    )
    hall = _words(identity.get("hall_name")) or words("journey.some_hall")
    return Known(hall, _screen(told.get("screen"), bool(identity.get("enrolled"))), zone, data, page)


async def show(file: Path, stage: Stage) -> None:
    """Shows it until cancelled, and says something else when there is something else to say."""
    told = None
    while True:
        now = await asyncio.to_thread(known, file)
        if now.page != told:
            stage.show(now.page, _NOWHERE)
            told = now.page
        await asyncio.sleep(LOOK_SECONDS)


# ── as far as it can be read ────────────────────────────────────────────────
def _settings(file: Path) -> tuple[Mapping[str, Any], bool]:
    """The settings, section by section where they do not read as a whole; whether something is wrong."""
    try:
        text = file.read_text("utf-8-sig", errors="replace")
    except OSError:
        return {}, True
    try:
        enrolled_settings.load(file)  # as the terminal does: what stops it there is told here
        return tomli.loads(text), False
    except (ConfigError, tomli.TOMLDecodeError, OSError):
        return _salvaged(text), True


def _salvaged(text: str) -> dict[str, Any]:
    """What reads of it: whole sections, and of a section that does not, the lines that do."""
    found: dict[str, Any] = {}
    for section in _SECTION.split(text):
        head, _, rest = section.partition("\n") if section.lstrip().startswith("[") else ("", "", section)
        for part in (section, *(f"{head}\n{line}" for line in rest.splitlines())):
            with contextlib.suppress(tomli.TOMLDecodeError, RecursionError):
                for name, value in tomli.loads(part).items():
                    both = isinstance(value, dict) and isinstance(found.get(name), dict)
                    found[name] = found[name] | value if both else value
                if part is section:
                    break
    return found


def _remembered(data: Path | None) -> tuple[Words | None, Mapping[str, Any]]:
    """From the store, if it still reads: the notice of a lock, and what the hall has set."""
    if data is None:
        return None, {}
    rows: dict[str, str] = {}
    with contextlib.suppress(StoreError, sqlite3.Error, OSError), read_only(data) as read:
        rows = dict(read.execute(_REMEMBERED).fetchall())
    notice, values = None, {}
    with contextlib.suppress(ValueError, TypeError):
        notice = _words(json.loads(rows.get("lock here") or rows.get("lock") or "{}"))
    with contextlib.suppress(ValueError, TypeError, AttributeError):
        wanted = json.loads(rows.get("configuration") or "{}").get("values", {})
        values = {name: value for name, value in wanted.items() if not objection(name, value)}
    return notice, values


def _elsewhere(own: Words | None, values: Mapping[str, Any]) -> Words | None:
    said = {one: str(values.get(f"elsewhere_{one}") or (own[one] if own else "")) for one in ("zh", "en")}
    return _words({one: said[one] or said["zh"] or said["en"] for one in said})


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _words(value: object) -> Words | None:
    told = _table(value)
    zh, en = _text(told.get("zh")), _text(told.get("en"))
    return Words(zh, en) if zh and en else None


def _data(value: object, file: Path) -> Path | None:
    told = _text(value).replace("{here}", str(file.resolve().parent))
    return Path(told) if told and "\0" not in told else None


def _screen(value: object, enrolled: bool) -> ScreenSettings:
    try:
        told = ScreenSettings.model_validate(_table(value))
    except ValidationError:
        return ScreenSettings()
    return told.model_copy(update={"outline_socket": ""}) if enrolled else told  # as the settings demand


def _zone(value: object) -> str:
    try:
        return ZoneInfo(_text(value) or "Asia/Shanghai").key
    except (ValueError, OSError, KeyError):
        return "Asia/Shanghai"
