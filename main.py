"""One door: `main.py --help` lists what is behind it. Rooms are imported when they are entered."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from config import command_line
from hall import command_line as hall_words

if TYPE_CHECKING:
    from config.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code: 0 done, 1 something is not as it should be, 2 wrong input."""
    told = command_line.parser({act.__name__: act for act in _ACTS}, hall_words.add).parse_args(arguments)
    from config.toml_file import ConfigError

    act: command_line.Act = told.act
    try:
        return act(told)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    except Exception as error:
        if not (why := hall_words.remedy(error)):
            raise
        print(why, file=sys.stderr)
        return 2


def _settings(told: argparse.Namespace) -> Settings:
    """The terminal's, as they hold: with what its enrolment brought."""
    from kiosk import enrolled_settings

    return enrolled_settings.load(told.settings)


# ── the commands ────────────────────────────────────────────────────────────
def terminal(told: argparse.Namespace) -> int:
    """The citizen's window."""
    from screens import program

    return program.terminal(told.settings)


def notice(told: argparse.Namespace) -> int:
    """The out-of-service page, while the terminal itself cannot start."""
    from screens import program

    return program.show_notice(told.settings)


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
            special_port=told.special_port,
            cashier=told.cashier,
        )
    )
    return 0


def doctor(told: argparse.Namespace) -> int:
    """The readiness report; with --scan what is connected, as settings."""
    if told.scan:
        return _scan(told)
    from kiosk.doctor import report
    from kiosk.workplace import Allowed

    chosen = _settings(told)
    if unknown := sorted(set(told.device) - set(chosen.devices)):
        print(f"no device {', '.join(unknown)}; there are {', '.join(chosen.devices)}", file=sys.stderr)
        return 2
    allowed = Allowed(paper=told.paper, person=told.card, doors=told.open_doors)
    return report.run(chosen, allowed, told.language or chosen.screen.language, told.device, told.report)


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


def enroll(told: argparse.Namespace) -> int:
    """Gets this terminal its certificate from the hall, with a one-time token."""
    from config import settings
    from kiosk import enrolment_desk

    return enrolment_desk.enroll(settings.load(told.settings), told.hall, told.token_file, told.trust)


def move(told: argparse.Namespace) -> int:
    """Makes this terminal the one of the place that its settings name now, with a token for that."""
    from config import settings
    from kiosk import enrolment_desk

    return enrolment_desk.move(settings.load(told.settings), told.hall, told.token_file, told.trust)


def retire(told: argparse.Namespace) -> int:
    """Ends this terminal for good: all is told, the hall knows, its keys are destroyed."""
    from config import settings
    from kiosk import enrolment_desk

    return enrolment_desk.retire(settings.load(told.settings), told.anyway)


def catalogue_check(told: argparse.Namespace) -> int:
    """Reads every service and paper and lists them."""
    from config.catalogue_files import load_catalogue
    from config.services_page import counts
    from config.words import LANGUAGES

    catalogue = load_catalogue(told.folders)
    for service in sorted(catalogue.services.values(), key=lambda one: one.id):
        print(f"{service.id}  v{service.version}  {service.flow:<12} {service.name.zh} / {service.name.en}")
    print(f"{counts(catalogue)}, in {len(LANGUAGES)} languages: {', '.join(LANGUAGES)}")
    print(f"{len(catalogue.papers)} papers: {', '.join(sorted(catalogue.papers))}")
    print(
        f"{len(catalogue.letters)} letters, {len(catalogue.questions)} trees of questions, "
        f"{len(catalogue.routes)} routes"
    )
    return 0


def catalogue_key(told: argparse.Namespace) -> int:
    """Makes the key pair with which releases of the catalogue are signed."""
    from config import release_commands

    try:
        public = release_commands.make_key(told.file)
    except release_commands.ReleaseTrouble as why:
        print(why, file=sys.stderr)
        return 2
    print(f"{told.file}: the private key. It stays with the office that publishes.")
    print(f'for `keys` in the settings of terminals and hall:\n\n"{public}"')
    return 0


def catalogue_sign(told: argparse.Namespace) -> int:
    """Signs a catalogue folder as a release, when everything in it reads."""
    from config import release_commands
    from kiosk.software import software

    try:
        least = told.software or software()
        print(release_commands.sign(told.folder, told.key, told.number, least, told.out))
    except release_commands.ReleaseTrouble as why:
        print(why, file=sys.stderr)
        return 2
    return 0


def catalogue_publish(told: argparse.Namespace) -> int:
    """Publishes a signed release at the hall's desk, to all terminals or to some first."""
    from hall import catalogue_publishing, settings

    return catalogue_publishing.run(settings.load(told.settings), told.file, told.only)


def catalogue_preview(told: argparse.Namespace) -> int:
    """Says what a folder or release would change, and what is broken in it."""
    from config import release_commands
    from kiosk import catalogue_release

    try:
        current = catalogue_release.at_start(_settings(told))
        code, lines = release_commands.preview(told.what, current, told.against)
        print("\n".join(lines))
        return release_commands.show(told.what, demo_with) if told.screens and not code else code
    except release_commands.ReleaseTrouble as why:
        print(why, file=sys.stderr)
        return 2


def demo_with(folder: Path) -> int:
    """The demo with another catalogue laid over the built-in one."""
    return main(["demo", "--set", f"catalogue={[str(folder)]!r}"])


def journal_verify(told: argparse.Namespace) -> int:
    """Walks the journal's chain, and compares it with the hall."""
    from kiosk import journal_report

    try:
        token = told.hall_token.read_text("utf-8") if told.hall_token else os.environ.get("KT_HALL_TOKEN", "")
    except OSError as error:
        print(f"{told.hall_token}: {error.strerror}", file=sys.stderr)
        return 2
    return journal_report.run(_settings(told), told.hall, token.strip())


def stock_show(told: argparse.Namespace) -> int:
    """The account of certificate blanks."""
    from kiosk import stock_desk

    return stock_desk.show(_settings(told))


def stock_load(told: argparse.Namespace) -> int:
    """Enters a pack of blanks."""
    from kiosk import stock_desk

    return stock_desk.load(_settings(told), told.device, told.count, told.first)


def stock_withdraw(told: argparse.Namespace) -> int:
    """Writes off the blanks that are taken out of the tray."""
    from kiosk import stock_desk

    return stock_desk.withdraw(_settings(told), told.device)


def stock_settle(told: argparse.Namespace) -> int:
    """Says what became of the numbered sheet that is in doubt."""
    from kiosk import stock_desk

    return stock_desk.settle(_settings(told), told.device, told.fate)


def papers(told: argparse.Namespace) -> int:
    """What was printed, printing it again, and how it ended."""
    from kiosk import print_desk

    chosen = _settings(told)
    if told.deed == "reprint":
        return print_desk.reprint(chosen, told.record)
    if told.deed == "settle":
        return print_desk.settle(chosen, told.record, told.fate)
    return print_desk.show(chosen)


def maintenance(told: argparse.Namespace) -> int:
    """A technician works on the running terminal: the hall's commands wait until he has ended."""
    from kiosk import maintenance_desk

    return maintenance_desk.say(_settings(told), told.deed == "begin")


def support(told: argparse.Namespace) -> int:
    """Writes a support bundle: versions, settings without secrets, state and logs, nothing personal."""
    from kiosk import support_desk

    return support_desk.write(_settings(told), told.file)


def technician(told: argparse.Namespace) -> int:
    """Who may enter the technician's mode at the terminal's own screen."""
    from kiosk.technician import register

    return register.run(_settings(told), told)


def certificate_verify(told: argparse.Namespace) -> int:
    """Checks a certificate's file as the terminal does before it prints: 0 valid, 1 not, 2 not checked."""
    from kiosk import certificate_report

    chosen = _settings(told).platform
    site = f"{chosen.public.rstrip('/')}/v"
    return certificate_report.run(told.file, told.trust or chosen.trust, told.stamp_trust, site)


_ACTS = (
    terminal,
    notice,
    demo,
    bench,
    doctor,
    enroll,
    move,
    retire,
    catalogue_check,
    catalogue_key,
    catalogue_sign,
    catalogue_publish,
    catalogue_preview,
    journal_verify,
    stock_show,
    stock_load,
    stock_withdraw,
    stock_settle,
    papers,
    maintenance,
    technician,
    support,
    certificate_verify,
)


if __name__ == "__main__":
    sys.exit(main())
