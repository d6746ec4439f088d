"""What the hall can tell a terminal to do: a closed table, checked alike at the desk and at the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

Value = str | int
RESTART_CODE = 75  # exit code of a terminal that wants to be started again (EX_TEMPFAIL of sysexits.h)
MOST_BYTES = 2 * 1024 * 1024  # of the file that a command brings
Presence = Literal["citizen", "technician"]


@dataclass(frozen=True)
class Argument:
    """One argument: a text of at most `longest` characters, one of `choices`, or a whole number in bounds."""

    kind: Literal["text", "number"] = "text"
    longest: int = 200
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    required: bool = True


@dataclass(frozen=True)
class Command:
    """A command. It waits while one of `waits_for` is at the terminal; `brings` is its file's media type."""

    name: str
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    waits_for: tuple[Presence, ...] = ("technician",)
    within: timedelta = timedelta(minutes=10)  # the deadline that the desk proposes
    brings: str = ""


class CommandError(ValueError):
    """A command that cannot be given. `code` is unknown_command or wrong_argument; the text names which."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


_BOTH: tuple[Presence, ...] = ("citizen", "technician")
COMMANDS: Mapping[str, Command] = {
    command.name: command
    for command in (
        Command("restart", waits_for=_BOTH),
        Command("reboot", waits_for=_BOTH),
        # Out of service, with a notice in both languages. Whoever is served is served to the end.
        Command("lock", {"notice_zh": Argument(longest=60), "notice_en": Argument(longest=120)}),
        Command("unlock"),
        Command("test_device", {"device": Argument(longest=64)}, waits_for=_BOTH),
        Command("readiness_report", waits_for=_BOTH, brings="text/plain"),
        # Never of a citizen's page: of an idle terminal, or masked and with the citizen's consent.
        Command("screenshot", waits_for=("technician",), brings="image/png"),
        Command("logs", {"hours": Argument("number", least=1, most=168)}, brings="application/gzip"),
        Command("sync_catalogue", within=timedelta(hours=12)),
        Command("update", {"version": Argument(longest=40)}, waits_for=_BOTH, within=timedelta(hours=24)),
    )
}


def check(name: str, arguments: Mapping[str, Value]) -> Command:
    """The command of this name, if the arguments are what it takes. CommandError otherwise."""
    command = COMMANDS.get(name)
    if command is None:
        raise CommandError("unknown_command", name[:40])
    for unknown in arguments.keys() - command.arguments.keys():
        raise CommandError("wrong_argument", f"{name} takes no {unknown[:40]}")
    for key, argument in command.arguments.items():
        if key not in arguments:
            if argument.required:
                raise CommandError("wrong_argument", f"{name} needs {key}")
        elif objection := _objection(argument, arguments[key]):
            raise CommandError("wrong_argument", f"{key} {objection}")
    return command


def _objection(argument: Argument, value: Value) -> str:
    if argument.kind == "number":
        if not isinstance(value, int) or isinstance(value, bool):
            return "must be a whole number"
        fits = argument.least <= value <= argument.most
        return "" if fits else f"must be {argument.least} to {argument.most}"
    if not isinstance(value, str) or not value.strip() or len(value) > argument.longest:
        return f"must be a text of 1 to {argument.longest} characters"
    if any(ord(letter) < 32 for letter in value):
        return "must have no control characters"
    if argument.choices and value not in argument.choices:
        return f"must be one of {', '.join(argument.choices)}"
    return ""
