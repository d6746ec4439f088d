"""The words of `hall machine …` and `hall broker-config`; what they do is in `machine_commands.py`."""

from __future__ import annotations

import argparse
from pathlib import Path

from config.command_line import Act, Rooms, command, group


def add(rooms: Rooms) -> None:
    """Puts them behind the word `hall`."""
    machine = group(rooms, "machine", "terminals, and the certificates by which they are known")
    one = _settled(machine, "token", token)
    one.add_argument("terminal", metavar="AREA/HALL/KIOSK")
    one.add_argument("--picture", type=Path, metavar="FILE", help="also as a code to scan: .png or .svg")
    other = _settled(machine, "move", move)
    other.add_argument("terminal", metavar="OLD", help="AREA/HALL/KIOSK where it is enrolled")
    other.add_argument("to", metavar="NEW", help="AREA/HALL/KIOSK where it goes")
    _settled(machine, "list", show)
    end = _settled(machine, "revoke", revoke)
    end.add_argument("terminal", metavar="AREA/HALL/KIOSK")
    end.add_argument("--reason", default="", help="for the record, 40 characters; no person in it")
    _settled(machine, "retire", retire).add_argument("terminal", metavar="AREA/HALL/KIOSK")
    process = _settled(machine, "process-certificate", process_certificate)
    process.add_argument("--name", required=True, help="ingest-1, ingest-2 …, scheduler, scheduler-2 …")
    server = _settled(machine, "server-certificate", server_certificate)
    server.add_argument(
        "--name", action="append", required=True, help="host name or address; several if need be"
    )
    for made in (process, server, _settled(machine, "requests", requests)):
        made.add_argument("--out", type=Path, required=True, metavar="DIR")
    _settled(machine, "authority", authority).add_argument(
        "--anew", action="store_true", help="begin another one: the present one is lost or stolen"
    )
    _settled(machine, "import", take_in).add_argument("files", nargs="+", type=Path, metavar="FILE")
    _broker(rooms)


def _broker(rooms: Rooms) -> None:
    broker = _settled(rooms, "broker-config", broker_config)
    broker.add_argument("--out", type=Path, required=True, metavar="DIR")
    broker.add_argument(
        "--name", action="append", default=[], help="by which terminals reach it; several if need be"
    )
    broker.add_argument("--port", type=int, default=8883)
    broker.add_argument("--user", default="", help="that it runs as, when root starts it (default: who asks)")
    broker.add_argument("--connections", type=int, default=20_000, help="the most at a time")
    broker.add_argument(
        "--loopback",
        type=int,
        default=0,
        metavar="PORT",
        help="also a port of this machine without encryption",
    )
    broker.add_argument(
        "--denials", action="store_true", help="its log names whom it denied what (and every packet)"
    )
    broker.add_argument(
        "--reload", action="store_true", help="only what changes with the machines, and tell the broker"
    )


def _settled(rooms: Rooms, name: str, act: Act) -> argparse.ArgumentParser:
    parser = command(rooms, name, act)
    parser.add_argument("--settings", type=Path, required=True, metavar="FILE", help="the hall's")
    return parser


# ── the commands ────────────────────────────────────────────────────────────
def token(told: argparse.Namespace) -> int:
    """A one-time token with which a terminal enrols."""
    from hall import settings
    from hall.machines import machine_commands

    return machine_commands.token(settings.load(told.settings), told.terminal, told.picture)


def move(told: argparse.Namespace) -> int:
    """A one-time token with which a terminal moves to another place, its old certificates withdrawn."""
    from hall import settings
    from hall.machines import machine_commands

    return machine_commands.move(settings.load(told.settings), told.terminal, told.to)


def show(told: argparse.Namespace) -> int:
    """Every machine, and until when its certificate holds."""
    from hall import settings
    from hall.machines import machine_commands

    return machine_commands.show(settings.load(told.settings))


def revoke(told: argparse.Namespace) -> int:
    """Withdraws a terminal's certificates; a new token lets it in again."""
    from hall import settings
    from hall.machines import machine_commands

    return machine_commands.revoke(settings.load(told.settings), told.terminal, told.reason)


def retire(told: argparse.Namespace) -> int:
    """Ends a terminal for good."""
    from hall import settings
    from hall.machines import machine_commands

    return machine_commands.retire(settings.load(told.settings), told.terminal)


def process_certificate(told: argparse.Namespace) -> int:
    """Makes key and certificate for an ingest or a scheduler."""
    from hall import settings
    from hall.machines import machine_commands

    return machine_commands.process_certificate(settings.load(told.settings), told.name, told.out)


def server_certificate(told: argparse.Namespace) -> int:
    """Makes key and certificate for a broker or the desk."""
    from hall import settings
    from hall.machines import machine_commands

    return machine_commands.server_certificate(settings.load(told.settings), told.name, told.out)


def authority(told: argparse.Namespace) -> int:
    """Tells who vouches for the machines."""
    from hall import settings
    from hall.machines import machine_commands

    return machine_commands.authority_state(settings.load(told.settings), told.anew)


def requests(told: argparse.Namespace) -> int:
    """Writes what an external authority is to sign."""
    from hall import settings
    from hall.machines import machine_commands

    return machine_commands.requests(settings.load(told.settings), told.out)


def take_in(told: argparse.Namespace) -> int:
    """Takes in what an external authority has signed."""
    from hall import settings
    from hall.machines import machine_commands

    return machine_commands.take_in(settings.load(told.settings), told.files)


def broker_config(told: argparse.Namespace) -> int:
    """Writes the files of a mosquitto that knows the terminals by their certificates."""
    from hall import settings
    from hall.machines import machine_commands
    from hall.machines.broker_files import BrokerPlan

    chosen = settings.load(told.settings)
    names = tuple(told.name) or (chosen.machines.broker_host or chosen.broker.host,)
    plan = BrokerPlan(told.out, names, told.port, told.loopback, told.user, told.connections, told.denials)
    return machine_commands.broker_config(chosen, plan, told.reload)
