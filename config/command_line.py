"""The words of the command line: commands, their options, what `--help` says. What they do is in `main.py`,
and in `command_line.py` of the room that they belong to.

Nothing is imported here that a start would have to wait for.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TypeAlias

HOUSE = Path(__file__).resolve().parents[1]
DEMO_PROFILE = HOUSE / "config" / "profiles" / "demo.toml"

Act = Callable[[argparse.Namespace], int]
Rooms: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def parser(acts: Mapping[str, Act], hall: Callable[[Rooms], None]) -> argparse.ArgumentParser:
    """The parser of the whole command line; `acts` are what it calls, by name, `hall` adds the hall's own.

    What it answers with has `act`, and `settings` unless the command needs none.
    """
    parser = argparse.ArgumentParser(prog="main.py", description="A self-service terminal and its hall.")
    parser.set_defaults(act=acts["terminal"], settings=Path(os.environ.get("KT_SETTINGS") or DEMO_PROFILE))
    _settings(parser)
    rooms = parser.add_subparsers(title="commands", metavar="COMMAND")
    _settings(command(rooms, "terminal", acts["terminal"]))
    _settings(command(rooms, "notice", acts["notice"]))
    _demo(rooms, acts)
    hall(group(rooms, "hall", "the hall server and the reference platform"))
    examine = command(rooms, "doctor", acts["doctor"])
    _settings(examine)
    examine.add_argument("--device", action="append", default=[], metavar="NAME", help="try this one alone")
    examine.add_argument("--paper", action="store_true", help="print a slip and a page that say TEST")
    examine.add_argument(
        "--card", action="store_true", help="somebody is there: a card is laid, a code held, a pad touched"
    )
    examine.add_argument("--open-doors", action="store_true", help="open the locker's doors and the strikes")
    examine.add_argument("--language", choices=("zh", "en"), help="of the report (default: the settings')")
    examine.add_argument("--report", action="store_true", help="print the report too, and tell the hall")
    examine.add_argument("--scan", action="store_true", help="look for devices and propose their settings")
    examine.add_argument(
        "--ask", nargs="*", metavar="PORT", help="ask serial lines what they are; nothing moves or prints"
    )
    examine.add_argument(
        "--host", action="append", default=[], metavar="ADDRESS", help="of a printer, or a camera's URL"
    )
    examine.add_argument("--write", type=Path, metavar="FILE", help="a new file for what --scan proposes")
    _catalogue(group(rooms, "catalogue", "the services"), acts)
    verify = command(group(rooms, "journal", "the terminal's own record"), "verify", acts["journal_verify"])
    _settings(verify)
    verify.add_argument(
        "--hall", metavar="URL", help="compare with what this hall has: http://127.0.0.1:8080"
    )
    verify.add_argument(
        "--hall-token", type=Path, metavar="FILE", help="the hall's token for us (default: $KT_HALL_TOKEN)"
    )
    _enroll(rooms, acts)
    _stock(group(rooms, "stock", "the account of certificate blanks"), acts)
    _papers(rooms, acts)
    _technician(rooms, acts)
    work = command(rooms, "maintenance", acts["maintenance"])
    _settings(work)
    work.add_argument("deed", choices=("begin", "end"))
    bundle = command(rooms, "support", acts["support"])
    _settings(bundle)
    bundle.add_argument("file", type=Path, metavar="FILE|FOLDER", help="a new .tar.gz, or a folder for it")
    verify = command(
        group(rooms, "certificate", "printed certificates"), "verify", acts["certificate_verify"]
    )
    _settings(verify)
    verify.add_argument("--trust", type=Path, help="PEM of the root (default: the settings')")
    verify.add_argument("--stamp-trust", type=Path, help="PEM of the root that vouches for time stamps")
    verify.add_argument("file", type=Path)
    return parser


def _catalogue(rooms: Rooms, acts: Mapping[str, Act]) -> None:
    check = command(rooms, "check", acts["catalogue_check"])
    check.add_argument("folders", nargs="*", type=Path, help="further folders of services")
    command(rooms, "key", acts["catalogue_key"]).add_argument("file", type=Path, help="for the private key")
    sign = command(rooms, "sign", acts["catalogue_sign"])
    sign.add_argument("folder", type=Path)
    sign.add_argument("--key", type=Path, required=True, metavar="FILE", help="the private key")
    sign.add_argument("--number", type=int, required=True, metavar="N", help="higher than any before")
    sign.add_argument("--software", default="", metavar="X.Y.Z", help="the least version (default: this one)")
    sign.add_argument("-o", "--out", type=Path, required=True, metavar="FILE")
    publish = command(rooms, "publish", acts["catalogue_publish"])
    publish.add_argument("file", type=Path)
    publish.add_argument("--settings", type=Path, required=True, metavar="FILE", help="the hall's")
    publish.add_argument(
        "--only", action="append", default=[], metavar="PLACE", help="first these: AREA/HALL/KIOSK, AREA/HALL"
    )
    look = command(rooms, "preview", acts["catalogue_preview"])
    _settings(look)
    look.add_argument("what", type=Path, metavar="FILE|FOLDER")
    look.add_argument("--against", type=Path, metavar="FILE|FOLDER", help="default: the terminal's own")
    look.add_argument("--screens", action="store_true", help="then run the demo with it")


def _demo(rooms: Rooms, acts: Mapping[str, Act]) -> None:
    parser = command(rooms, "demo", acts["demo"])
    parser.add_argument("--data", type=Path, default=HOUSE / "data" / "demo")
    parser.add_argument("--port-base", type=int, metavar="N", help="ports from N on; 0: free ones")
    parser.add_argument("--headless", action="store_true", help="a virtual display in any case")
    parser.add_argument("--no-view", action="store_true", help="do not serve the virtual display to browsers")
    parser.add_argument("--size", type=_size, default=(720, 1280), metavar="WxH", help="of the window")
    parser.add_argument("--camera", type=int, metavar="N", help="a real webcam; enrols whoever agrees")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a terminal setting")
    parser.add_argument("--kill", action="store_true", help="end what an earlier demo has left running")
    wires = command(parser.add_subparsers(metavar="[bench]"), "bench", acts["bench"])
    wires.add_argument("--folder", type=Path, required=True)
    wires.add_argument("--port", type=int, default=8090)
    ports = (("receipt", 9100), ("a4", 8631), ("camera", 8091), ("document", 8092), ("special", 9101))
    for name, port in ports:
        wires.add_argument(f"--{name}-port", type=int, default=port)
    wires.add_argument("--cashier", default="", help="address of the reference platform, for the phone")
    wires.add_argument("--page-seconds", type=float, default=2.0, help="for a page of the A4 printer")


def _enroll(rooms: Rooms, acts: Mapping[str, Act]) -> None:
    for name in ("enroll", "move"):
        parser = command(rooms, name, acts[name])
        _settings(parser)
        parser.add_argument("--hall", required=True, metavar="URL", help="the desk: https://desk.hall")
        parser.add_argument(
            "--token-file", type=Path, metavar="FILE", help="with the token (else it is asked)"
        )
        parser.add_argument("--trust", type=Path, metavar="PEM", help="root of the desk, if another")
    end = command(rooms, "retire", acts["retire"])
    _settings(end)
    end.add_argument(
        "--anyway", default="", metavar="REASON", help="although something is in the way; for the record"
    )


def _stock(rooms: Rooms, acts: Mapping[str, Act]) -> None:
    _settings(command(rooms, "show", acts["stock_show"]))
    for name in ("load", "withdraw", "settle"):
        parser = command(rooms, name, acts[f"stock_{name}"])
        _settings(parser)
        parser.add_argument("--device", default="", help="the printer, where the settings have several")
        if name == "load":
            parser.add_argument("--count", type=int, required=True, metavar="N", help="sheets of the pack")
            parser.add_argument("--first", default="", help="the first sheet's number, where it has one")
        elif name == "settle":
            parser.add_argument("fate", choices=("used", "spoiled", "blank"))


def _papers(rooms: Rooms, acts: Mapping[str, Act]) -> None:
    parser = command(rooms, "papers", acts["papers"])
    _settings(parser)
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="COMMAND")
    _settings(deeds.add_parser("list", help="open and recent prints, and how they ended"))
    again = deeds.add_parser("reprint", help="have the running terminal print a document again")
    seen = deeds.add_parser("settle", help="say how a print ended that the terminal cannot know of")
    for one in (again, seen):
        _settings(one)
        one.add_argument("record", help="as the list names it")
    seen.add_argument("fate", choices=("came", "nothing"), help="what lay in the tray")


def _technician(rooms: Rooms, acts: Mapping[str, Act]) -> None:
    parser = command(rooms, "technician", acts["technician"])
    _settings(parser)
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="COMMAND")
    _settings(deeds.add_parser("list", help="who is registered, with how many cards, until when"))
    add = deeds.add_parser("add", help="register a technician, or give him a card or a new secret")
    gone = deeds.add_parser("remove", help="one who may not enter any more")
    for one in (add, gone):
        _settings(one)
        one.add_argument("number", help="his number, 2 to 10 digits")
    add.add_argument("--card", action="store_true", help="read a card of his at the terminal's reader")
    add.add_argument("--anew", action="store_true", help="a new secret in place of the old one")
    add.add_argument("--until", type=_day, metavar="YYYY-MM-DD", help="his last day")


def group(rooms: Rooms, name: str, about: str) -> Rooms:
    """Commands under one word."""
    return rooms.add_parser(name, help=about).add_subparsers(required=True, metavar="COMMAND")


def command(rooms: Rooms, name: str, act: Act) -> argparse.ArgumentParser:
    """A command that does `act`, described by its docstring."""
    about = (act.__doc__ or "").strip()
    parser = rooms.add_parser(name, help=about[0].lower() + about[1:].rstrip("."), description=about)
    parser.set_defaults(act=act)
    return parser


def _settings(parser: argparse.ArgumentParser) -> None:
    """The option, before the command or behind it; its default stands in the parser of all."""
    text = "the terminal's settings (default: $KT_SETTINGS, else the demo profile)"
    parser.add_argument("--settings", type=Path, default=argparse.SUPPRESS, metavar="FILE", help=text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("write a day as 2027-12-31") from None


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise argparse.ArgumentTypeError("write it as 720x1280")
    return int(width), int(height)
