"""Rows into what people read: words of `desk.toml` and of the agreements, local times, durations."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from config.catalogue_files import load_catalogue
from config.configuration import hours_read
from config.faults import faults
from config.money import yuan
from config.ratings import star_rows
from config.words import Words, same, words

_HOURS = re.compile(r"\d\d:\d\d-\d\d:\d\d")
MINUTE, HOUR, DAY = 60, 3600, 86400
LAST = 253_370_764_800_000  # ms: 9999-01-01. What a terminal's clock says may be any number


@dataclass(frozen=True)
class Wording:
    """One reader's language and the hall's clock; `now` in ms since 1970."""

    language: str
    zone: ZoneInfo
    now: int
    services: dict[str, Words]

    def t(self, key: str, **values: object) -> str:
        """The row `key` of desk.toml, filled."""
        return words(f"desk.{key}", **values)[self.language]

    def term(self, group: str, value: str) -> str:
        """The word for one value of a closed list, such as `availability` `online`; else the value itself."""
        try:
            return self.t(f"{group}_{value}")
        except KeyError:
            return value

    def service(self, identity: str) -> str:
        """A service by its name."""
        name = self.services.get(identity)
        return name[self.language] if name else identity

    def fault(self, code: str) -> str:
        """What is wrong: the fault's name; of a code that the table lacks the code itself."""
        return problem(code)[self.language]

    def remedy(self, code: str) -> str:
        """What the technician does."""
        known = faults().get(code)
        return known.technician[self.language] if known else self.term("remedy", code)

    def part_found(self, name: str, kind: str = "") -> str:
        """A part of a readiness report: a device by its kind, a part of the machine, else its own name."""
        if kind:
            return self.term("kind", kind)
        try:
            return words(f"doctor.part_{name}")[self.language]
        except KeyError:
            return name

    def measured(self, part: Mapping[str, Any]) -> str:
        """What was measured of a part; in English where its terminal says it in no other language."""
        return str((self.language == "zh" and part.get("detail_zh")) or part["detail"])

    def examiner(self, by: str) -> str:
        """Who had a terminal examined: a technician's number, the hall, or whoever installed it."""
        return self.term("examiner", by) if by in ("hall", "install") else self.t("examiner_number", n=by)

    def acted(self, detail: str) -> str:
        """What a technician's act says of itself; its first word, on what, and its last, how, in ours."""
        if " " not in detail:
            return self.touched(detail)
        on, *between, how = detail.split(" ")
        return " ".join((self.touched(on), *between, self.touched(how)))

    def touched(self, subject: str) -> str:
        """What somebody was busy with: `a4_printer:paper` as the device and its part, `hall` as a word."""
        name, _, part = subject.partition(":")
        if (kind := self.term("kind", name)) != name:
            return f"{kind} {self.term('part', part)}".strip()
        return hours_read(subject) if _HOURS.fullmatch(subject) else self.term("acted", subject)

    def given(self, group: str, content: str) -> list[str]:
        """What a JSON object holds, by its names in `group` (argument, item); another text as it stands."""
        try:
            values = json.loads(content)
        except ValueError:  # the audit has cut it
            return [content]
        if not isinstance(values, dict):
            return [content]
        return [f"{self.term(group, name)} {self.value(name, one)}" for name, one in values.items()]

    def value(self, name: str, value: object) -> str:
        """One argument of a command, or one setting."""
        if name == "device":
            return self.term("kind", str(value))
        said = self.term(f"value_{name}", str(value))
        return hours_read(said) if name == "hours" else said

    def yuan(self, fen: int) -> str:
        """An amount as people read it: `1,234.50`."""
        return f"-{yuan(-fen)}" if fen < 0 else yuan(fen)

    def stars(self, number: int) -> str:
        """A rating's name."""
        return next((row.name[self.language] for row in star_rows() if row.stars == number), str(number))

    def indicator(self, code: str) -> str:
        """A reason that a citizen ticked."""
        found = (i.name[self.language] for row in star_rows() for i in row.indicators if i.code == code)
        return next(found, code)

    def counted(self, counts: dict[str, int]) -> list[str]:
        """What a device has done and used up: `cards 120`; its failures as one sum, at the end."""
        said = []
        for name, number in sorted(counts.items()):
            if name == "paper_mm":
                said.append(self.t("count_paper", n=f"{number / 1000:,.1f}"))
            elif not name.startswith("failed:"):
                said.append(f"{self.term('count', name)} {number:,}")
        failed = sum(number for name, number in counts.items() if name.startswith("failed:"))
        return [*said, self.t("count_failed", n=f"{failed:,}")] if failed else said

    def failures(self, counts: dict[str, int]) -> str:
        """Failures one by one, the most frequent first."""
        codes = {name.removeprefix("failed:"): n for name, n in counts.items() if name.startswith("failed:")}
        return "\n".join(
            f"{self.fault(code)} {codes[code]:,}" for code in sorted(codes, key=lambda c: -codes[c])
        )

    def level(self, levels: dict[str, int], part: str) -> str:
        """How much is left of a supply, as far as it is known: `about 35 %`, with its trays or colours."""
        if part not in levels:
            return ""
        said = self.t("about_percent", percent=levels[part])
        each = [
            f"{name.partition(':')[2]} {percent} %"
            for name, percent in levels.items()
            if name.startswith(f"{part}:")
        ]
        return f"{said} ({', '.join(each)})" if each else said

    def runs_out(self, day: str) -> str:
        """When a supply will have run out: `until about 11-25`; empty while it is not known."""
        return "" if day in ("", "unknown") else self.t("runs_out", day=day[5:])

    def clock(self, moment: int) -> str:
        """`10:32:05` for today, `11-21 10:32` for this year, else with the year."""
        if not moment:
            return "–"
        local, today = self._local(moment), self._local(self.now)
        if local.date() == today.date():
            return local.strftime("%H:%M:%S")
        return local.strftime("%m-%d %H:%M" if local.year == today.year else "%Y-%m-%d %H:%M")

    def iso(self, moment: int) -> str:
        """For a `datetime` attribute."""
        return self._local(moment).isoformat(timespec="seconds")

    def ago(self, moment: int) -> str:
        """How long since then."""
        return self.span((self.now - moment) / 1000) if moment else "–"

    def span(self, seconds: float) -> str:
        """A duration in its two largest sensible units' first: `12 min`, `3 h`, `2 d`."""
        whole = max(0, int(seconds))
        for unit, name in ((DAY, "days"), (HOUR, "hours"), (MINUTE, "minutes")):
            if whole >= unit:
                return self.t(name, n=whole // unit)
        return self.t("seconds", n=whole) if whole >= 10 else self.t("just_now")

    def midnight(self) -> int:
        """When today began here, in ms."""
        start = self._local(self.now).replace(hour=0, minute=0, second=0, microsecond=0)
        return int(start.timestamp() * 1000)

    def _local(self, moment: int) -> datetime:
        return local(moment, self.zone)


def problem(code: str) -> Words:
    """What is wrong: the name of a fault, or of what the hall alone can know; else the code itself."""
    known = faults().get(code)
    if known is not None:
        return known.name
    try:
        return words(f"desk.fault_{code}")
    except KeyError:
        return same(code)


def local(moment: int, zone: ZoneInfo) -> datetime:
    """An instant on the clock of `zone`; one that no calendar has is the nearest that ours has."""
    return datetime.fromtimestamp(min(max(moment, 0), LAST) / 1000, zone)


@cache
def service_names(folders: tuple[Path, ...]) -> dict[str, Words]:
    """Names of the services that the terminals here know. toml_file.ConfigError for a bad file."""
    return {key: service.name for key, service in load_catalogue(folders).services.items()}
