"""The hall server's commands: their words and what they do. A room is imported when it is entered."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from config.command_line import Act, Rooms, command
from hall.access import account_words
from hall.fleet import words
from hall.machines import machine_words


def add(rooms: Rooms) -> None:
    """Puts the hall's commands behind the word `hall`."""
    for act in (desk, ingest, scheduler, platform, department, migrate):
        _settled(rooms, act)
    withdraw = _settled(rooms, revoke, "the platform's")
    withdraw.add_argument("--reason", required=True, help="for the office's own record; no person in it")
    withdraw.add_argument("number", help="the certificate's number, or the code on the paper")
    account_words.arguments(command(rooms, "account", account))
    words.arguments(command(rooms, "fleet-sim", fleet_sim))
    machine_words.add(rooms)
    _settled(rooms, backup).add_argument("file", type=Path, metavar="FILE")
    back = _settled(rooms, restore)
    back.add_argument("--replace", action="store_true", help="even a store that has rows")
    back.add_argument("file", type=Path, metavar="FILE")
    _settled(rooms, ask_again)
    command(rooms, "openapi", openapi).add_argument("which", choices=("hall", "platform", "department"))


def _settled(rooms: Rooms, act: Act, whose: str = "the hall's") -> argparse.ArgumentParser:
    """A command that reads a settings file; it is called as its function is."""
    parser = command(rooms, act.__name__.replace("_", "-"), act)
    parser.add_argument("--settings", type=Path, required=True, metavar="FILE", help=whose)
    return parser


def remedy(error: Exception) -> str:
    """What whoever runs the hall does about it, without any password; empty for a mistake of ours."""
    if "sqlalchemy" not in sys.modules:
        return ""
    from sqlalchemy.exc import OperationalError

    from hall.data.store import FolderRefused

    if isinstance(error, FolderRefused):
        return str(error)
    if not isinstance(error, OperationalError):
        return ""
    why = str(error.orig).partition("\n")[0]
    return f"the database does not answer ({why}): does it run, and is `database` in the settings right?"


# ── the commands ────────────────────────────────────────────────────────────
def desk(told: argparse.Namespace) -> int:
    """The hall's web pages."""
    from hall import serve, settings

    serve.run_desk(settings.load(told.settings))
    return 0


def ingest(told: argparse.Namespace) -> int:
    """Takes the terminals' messages into the hall's store."""
    from hall import serve, settings

    serve.run_ingest(settings.load(told.settings))
    return 0


def scheduler(told: argparse.Namespace) -> int:
    """Does what is due: sends commands, watches for incidents, hands ratings on, deletes what is old."""
    from hall import serve, settings

    serve.run_scheduler(settings.load(told.settings))
    return 0


def migrate(told: argparse.Namespace) -> int:
    """Brings the hall's store to this version."""
    from hall import serve, settings

    serve.migrate(settings.load(told.settings))
    return 0


def backup(told: argparse.Namespace) -> int:
    """Copies the hall's store to a file, while everything runs."""
    from hall import settings
    from hall.data import backup_commands

    return backup_commands.make(settings.load(told.settings), told.file)


def restore(told: argparse.Namespace) -> int:
    """Puts a copy in the place of the hall's store; the terminals then send again what it lacks."""
    from hall import settings
    from hall.data import backup_commands

    return backup_commands.put_back(settings.load(told.settings), told.file, replace=told.replace)


def ask_again(told: argparse.Namespace) -> int:
    """After the store was put back otherwise (replica, snapshot): the terminals send again what it lacks."""
    from hall import settings
    from hall.data import backup_commands

    return backup_commands.ask_again(settings.load(told.settings))


def platform(told: argparse.Namespace) -> int:
    """The reference acceptance system."""
    from config import toml_file
    from hall.platform import serve, settings

    serve.run_platform(toml_file.load(told.settings, settings.ServerSettings))
    return 0


def department(told: argparse.Namespace) -> int:
    """An example of a department's own system behind the platform."""
    from config import toml_file
    from hall import department_example

    department_example.run_department(toml_file.load(told.settings, department_example.ExampleSettings))
    return 0


def account(told: argparse.Namespace) -> int:
    """Who may come to the desk and the API, and what they may."""
    from hall import settings
    from hall.access import account_commands

    return account_commands.run(settings.load(told.settings), told)


def openapi(told: argparse.Namespace) -> int:
    """The interface of the hall, of the platform, or of a department behind it, as OpenAPI."""
    import hall.department_example
    import hall.desk.openapi
    import hall.platform.openapi

    of = {"hall": hall.desk.openapi, "platform": hall.platform.openapi, "department": hall.department_example}
    print(of[told.which].document(), end="")
    return 0


def revoke(told: argparse.Namespace) -> int:
    """Withdraws a certificate that the platform has issued."""
    from config import toml_file
    from hall.platform import revoke as office
    from hall.platform import settings

    return office.run(toml_file.load(told.settings, settings.ServerSettings), told.number, told.reason)


def fleet_sim(told: argparse.Namespace) -> int:
    """Simulates terminals at a broker, to find out how large a hall must be."""
    from hall import settings
    from hall.fleet import command as fleet

    return fleet.act(told, settings.load(told.settings) if told.settings else None)
