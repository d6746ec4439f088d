"""One door: `main.py --help` lists what is behind it. Rooms are imported when they are entered."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

DEMO_PROFILE = Path(__file__).resolve().parent / "config" / "profiles" / "demo.toml"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code: 0 done, 1 something is not as it should be, 2 wrong input."""
    told = _parser().parse_args(arguments)
    from config.toml_file import ConfigError

    act: Callable[[argparse.Namespace], int] = told.act
    try:
        return act(told)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2


# ── the commands ────────────────────────────────────────────────────────────
def terminal(told: argparse.Namespace) -> int:
    """The citizen's window."""
    from config import service, settings
    from kiosk import terminal as core
    from screens import app

    chosen = settings.load(told.settings)
    catalogue = service.load_catalogue(chosen.catalogue)
    identity = chosen.identity
    os.environ["TZ"] = identity.time_zone  # the hall's time, wherever the computer was installed
    time.tzset()

    async def start(stage: Any, loop: asyncio.AbstractEventLoop) -> None:
        ready = loop.create_task(_say_ready(stage))
        try:
            await core.serve(chosen, catalogue, stage)
        finally:
            ready.cancel()

    app.run(chosen.screen, identity.hall_name, start, chosen.data / "kivy", identity.help_phone)
    return 0


async def _say_ready(stage: Any) -> None:
    """Tells whoever started us that the window draws: it has answered a ping sent after this began."""
    began = time.monotonic()
    while time.monotonic() - stage.beat_age() <= began:  # noqa: ASYNC110 (another thread answers)
        await asyncio.sleep(0.02)
    print("terminal ready", flush=True)


def demo(told: argparse.Namespace) -> int:
    """Everything on one computer."""
    from drivers.virtual import demo as whole
    from drivers.virtual import demo_settings, running

    if told.kill:
        print(running.kill(told.data))
        return 0
    chosen = demo_settings.DemoSettings(
        data=told.data.resolve(),
        port_base=told.port_base,
        headless=told.headless,
        view=not told.no_view,
        size=told.size,
        camera=told.camera,
        changes=dict(demo_settings.parse_change(one) for one in told.set),
    )
    try:
        return whole.run(chosen)
    except (demo_settings.PortTaken, whole.DemoRuns) as error:
        print(error, file=sys.stderr)
        return 2


def bench(told: argparse.Namespace) -> int:
    """The virtual hardware and its page."""
    from drivers.virtual import bench as virtual

    virtual.serve(
        virtual.BenchSettings(
            port=told.port,
            folder=told.folder,
            page_seconds=told.page_seconds,
            receipt_port=told.receipt_port,
            a4_port=told.a4_port,
            camera_port=told.camera_port,
            document_port=told.document_port,
            cashier=told.cashier,
        )
    )
    return 0


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


def migrate(told: argparse.Namespace) -> int:
    """Brings the hall's store to this version."""
    from hall import serve, settings

    serve.migrate(settings.load(told.settings))
    return 0


def platform(told: argparse.Namespace) -> int:
    """The reference acceptance system."""
    from config import toml_file
    from hall.platform import serve, settings

    serve.run_platform(toml_file.load(told.settings, settings.ServerSettings))
    return 0


def openapi(told: argparse.Namespace) -> int:
    """The interface of the hall or of the platform, as OpenAPI."""
    import hall.openapi
    import hall.platform.openapi

    interface = hall.openapi if told.which == "hall" else hall.platform.openapi
    print(interface.document(), end="")
    return 0


def doctor(told: argparse.Namespace) -> int:
    """The readiness report; with --scan what is connected, as settings."""
    if told.scan:
        return _scan(told)
    from config import settings
    from kiosk import doctor as examiner

    return examiner.report(settings.load(told.settings))


def _scan(told: argparse.Namespace) -> int:
    from drivers import scan, scan_finds

    found = scan.scan(told.ask, told.host)
    text = scan.proposal(found)
    if told.write is None:
        print(text, end="")
        return 0
    try:
        with told.write.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        print(f"{told.write}: {error.strerror}; nothing was written", file=sys.stderr)
        return 2
    number = sum(isinstance(one, scan_finds.Find) for one in found)
    print(f"{told.write}: {number} proposed; copy what is right into the terminal's settings")
    return 0


def catalogue_check(told: argparse.Namespace) -> int:
    """Reads every service and paper and lists them."""
    from config.service import load_catalogue

    catalogue = load_catalogue(told.folders)
    for service in sorted(catalogue.services.values(), key=lambda one: one.id):
        print(f"{service.id}  v{service.version}  {service.flow:<12} {service.name.zh} / {service.name.en}")
    print(f"{len(catalogue.services)} services under {len(catalogue.themes)} themes")
    print(f"{len(catalogue.papers)} papers: {', '.join(sorted(catalogue.papers))}")
    return 0


def journal_verify(told: argparse.Namespace) -> int:
    """Walks the journal's chain, and compares it with the hall."""
    from config import settings
    from kiosk import journal_report

    return journal_report.run(settings.load(told.settings), told.hall)


def stock_show(told: argparse.Namespace) -> int:
    """The account of certificate blanks."""
    from config import settings
    from kiosk import stock_desk

    return stock_desk.show(settings.load(told.settings))


def stock_load(told: argparse.Namespace) -> int:
    """Enters a pack of blanks."""
    from config import settings
    from kiosk import stock_desk

    return stock_desk.load(settings.load(told.settings), told.device, told.count, told.first)


def stock_withdraw(told: argparse.Namespace) -> int:
    """Writes off the blanks that are taken out of the tray."""
    from config import settings
    from kiosk import stock_desk

    return stock_desk.withdraw(settings.load(told.settings), told.device)


def stock_settle(told: argparse.Namespace) -> int:
    """Says what became of the numbered sheet that is in doubt."""
    from config import settings
    from kiosk import stock_desk

    return stock_desk.settle(settings.load(told.settings), told.device, told.fate)


def papers(told: argparse.Namespace) -> int:
    """What was printed, printing it again, and how it ended."""
    from config import settings
    from kiosk import print_desk

    chosen = settings.load(told.settings)
    if told.deed == "reprint":
        return print_desk.reprint(chosen, told.record)
    if told.deed == "settle":
        return print_desk.settle(chosen, told.record, told.fate)
    return print_desk.show(chosen)


def certificate_verify(told: argparse.Namespace) -> int:
    """Checks a certificate's file as the terminal does before it prints: 0 valid, 1 not, 2 not checked."""
    from config import settings
    from kiosk import certificate_report

    chosen = settings.load(told.settings).platform
    site = f"{chosen.public.rstrip('/')}/v"
    return certificate_report.run(told.file, told.trust or chosen.trust, told.stamp_trust, site)


def revoke(told: argparse.Namespace) -> int:
    """Withdraws a certificate that the platform has issued."""
    from config import toml_file
    from hall.platform import revoke as office
    from hall.platform import settings

    return office.run(toml_file.load(told.settings, settings.ServerSettings), told.number, told.reason)


# ── the command line ────────────────────────────────────────────────────────
def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="main.py", description="A self-service terminal and its hall.")
    parser.set_defaults(act=terminal, settings=Path(os.environ.get("KT_SETTINGS") or DEMO_PROFILE))
    _settings(parser)
    rooms = parser.add_subparsers(title="commands", metavar="COMMAND")
    _settings(_command(rooms, "terminal", terminal))
    _demo(rooms)
    _hall(rooms)
    examine = _command(rooms, "doctor", doctor)
    _settings(examine)
    examine.add_argument("--scan", action="store_true", help="look for devices and propose their settings")
    examine.add_argument(
        "--ask", nargs="*", metavar="PORT", help="ask serial lines for an ID card reader: one status frame"
    )
    examine.add_argument("--host", action="append", default=[], metavar="ADDRESS", help="a printer's address")
    examine.add_argument("--write", type=Path, metavar="FILE", help="a new file for what --scan proposes")
    check = _command(_group(rooms, "catalogue", "the services"), "check", catalogue_check)
    check.add_argument("folders", nargs="*", type=Path, help="further folders of services")
    verify = _command(_group(rooms, "journal", "the terminal's own record"), "verify", journal_verify)
    _settings(verify)
    verify.add_argument(
        "--hall", metavar="URL", help="compare with what this hall has: http://127.0.0.1:8080"
    )
    _stock(_group(rooms, "stock", "the account of certificate blanks"))
    _papers(rooms)
    verify = _command(_group(rooms, "certificate", "printed certificates"), "verify", certificate_verify)
    _settings(verify)
    verify.add_argument("--trust", type=Path, help="PEM of the root (default: the settings')")
    verify.add_argument("--stamp-trust", type=Path, help="PEM of the root that vouches for time stamps")
    verify.add_argument("file", type=Path)
    return parser


def _demo(rooms: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _command(rooms, "demo", demo)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parent / "data" / "demo")
    parser.add_argument("--port-base", type=int, metavar="N", help="ports from N on; 0: free ones")
    parser.add_argument("--headless", action="store_true", help="a virtual display in any case")
    parser.add_argument("--no-view", action="store_true", help="do not serve the virtual display to browsers")
    parser.add_argument("--size", type=_size, default=(720, 1280), metavar="WxH", help="of the window")
    parser.add_argument("--camera", type=int, metavar="N", help="a real webcam; enrols whoever agrees")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a terminal setting")
    parser.add_argument("--kill", action="store_true", help="end what an earlier demo has left running")
    wires = _command(parser.add_subparsers(metavar="[bench]"), "bench", bench)
    wires.add_argument("--folder", type=Path, required=True)
    wires.add_argument("--port", type=int, default=8090)
    for name, port in (("receipt", 9100), ("a4", 8631), ("camera", 8091), ("document", 8092)):
        wires.add_argument(f"--{name}-port", type=int, default=port)
    wires.add_argument("--cashier", default="", help="address of the reference platform, for the phone")
    wires.add_argument("--page-seconds", type=float, default=2.0, help="for a page of the A4 printer")


def _stock(rooms: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    _settings(_command(rooms, "show", stock_show))
    for name, act in (("load", stock_load), ("withdraw", stock_withdraw), ("settle", stock_settle)):
        parser = _command(rooms, name, act)
        _settings(parser)
        parser.add_argument("--device", default="", help="the printer, where the settings have several")
        if name == "load":
            parser.add_argument("--count", type=int, required=True, metavar="N", help="sheets of the pack")
            parser.add_argument("--first", default="", help="the first sheet's number, where it has one")
        elif name == "settle":
            parser.add_argument("fate", choices=("used", "spoiled", "blank"))


def _papers(rooms: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _command(rooms, "papers", papers)
    _settings(parser)
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="COMMAND")
    _settings(deeds.add_parser("list", help="open and recent prints, and how they ended"))
    again = deeds.add_parser("reprint", help="have the running terminal print a document again")
    seen = deeds.add_parser("settle", help="say how a print ended that the terminal cannot know of")
    for one in (again, seen):
        _settings(one)
        one.add_argument("record", help="as the list names it")
    seen.add_argument("fate", choices=("came", "nothing"), help="what lay in the tray")


def _hall(rooms: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    hall = _group(rooms, "hall", "the hall server and the reference platform")
    for name, act in (("desk", desk), ("ingest", ingest), ("platform", platform), ("migrate", migrate)):
        _command(hall, name, act).add_argument("--settings", type=Path, required=True, metavar="FILE")
    withdraw = _command(hall, "revoke", revoke)
    withdraw.add_argument("--settings", type=Path, required=True, metavar="FILE", help="the platform's")
    withdraw.add_argument("--reason", required=True, help="for the office's own record; no person in it")
    withdraw.add_argument("number", help="the certificate's number, or the code on the paper")
    _command(hall, "openapi", openapi).add_argument("which", choices=("hall", "platform"))


def _group(
    rooms: argparse._SubParsersAction[argparse.ArgumentParser], name: str, about: str
) -> argparse._SubParsersAction[argparse.ArgumentParser]:
    return rooms.add_parser(name, help=about).add_subparsers(required=True, metavar="COMMAND")


def _command(
    rooms: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    act: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    about = (act.__doc__ or "").strip()
    parser = rooms.add_parser(name, help=about[0].lower() + about[1:].rstrip("."), description=about)
    parser.set_defaults(act=act)
    return parser


def _settings(parser: argparse.ArgumentParser) -> None:
    """The option, before the command or behind it; its default stands in the parser of all."""
    text = "the terminal's settings (default: $KT_SETTINGS, else the demo profile)"
    parser.add_argument("--settings", type=Path, default=argparse.SUPPRESS, metavar="FILE", help=text)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise argparse.ArgumentTypeError("write it as 720x1280")
    return int(width), int(height)


if __name__ == "__main__":
    sys.exit(main())
