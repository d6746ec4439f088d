"""What the terminal's own commands do; their words stand in `config/command_line.py`.

A part of the terminal is imported when its command is called. Each returns its exit code: 0 done, 1 something
is not as it should be, 2 wrong input.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.settings import Settings


def _settings(told: argparse.Namespace) -> Settings:
    """The terminal's, as they hold: with what its enrolment brought."""
    from kiosk.enrolment import enrolled_settings

    return enrolled_settings.load(told.settings)


def doctor(told: argparse.Namespace) -> int:
    """The readiness report; with --scan what is connected, as settings."""
    if told.scan:
        return _scan(told)
    from kiosk.doctor import report
    from kiosk.readiness.workplace import Allowed

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
    from kiosk.enrolment import enrolment_desk

    return enrolment_desk.enroll(settings.load(told.settings), told.hall, told.token_file, told.trust)


def move(told: argparse.Namespace) -> int:
    """Makes this terminal the one of the place that its settings name now, with a token for that."""
    from config import settings
    from kiosk.enrolment import enrolment_desk

    return enrolment_desk.move(settings.load(told.settings), told.hall, told.token_file, told.trust)


def retire(told: argparse.Namespace) -> int:
    """Ends this terminal for good: all is told, the hall knows, its keys are destroyed."""
    from config import settings
    from kiosk.enrolment import enrolment_desk

    return enrolment_desk.retire(settings.load(told.settings), told.anyway)


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
    from kiosk.printing import stock_desk

    return stock_desk.show(_settings(told))


def stock_load(told: argparse.Namespace) -> int:
    """Enters a pack of blanks."""
    from kiosk.printing import stock_desk

    return stock_desk.load(_settings(told), told.device, told.count, told.first)


def stock_withdraw(told: argparse.Namespace) -> int:
    """Writes off the blanks that are taken out of the tray."""
    from kiosk.printing import stock_desk

    return stock_desk.withdraw(_settings(told), told.device)


def stock_settle(told: argparse.Namespace) -> int:
    """Says what became of the numbered sheet that is in doubt."""
    from kiosk.printing import stock_desk

    return stock_desk.settle(_settings(told), told.device, told.fate)


def papers(told: argparse.Namespace) -> int:
    """What was printed, printing it again, and how it ended."""
    from kiosk.printing import print_desk

    chosen = _settings(told)
    if told.deed == "reprint":
        return print_desk.reprint(chosen, told.record)
    if told.deed == "settle":
        return print_desk.settle(chosen, told.record, told.fate)
    return print_desk.show(chosen)


def maintenance(told: argparse.Namespace) -> int:
    """A technician works on the running terminal: the hall's commands wait until he has ended."""
    from kiosk.remote import maintenance_desk

    return maintenance_desk.say(_settings(told), told.deed == "begin")


def support(told: argparse.Namespace) -> int:
    """Writes a support bundle: versions, settings without secrets, state and logs, nothing personal."""
    from kiosk.technician import support_desk

    return support_desk.write(_settings(told), told.file)


def technician(told: argparse.Namespace) -> int:
    """Who may enter the technician's mode at the terminal's own screen."""
    from kiosk.technician import register

    return register.run(_settings(told), told)


def certificate_verify(told: argparse.Namespace) -> int:
    """Checks a certificate's file as the terminal does before it prints: 0 valid, 1 not, 2 not checked."""
    from kiosk.documents import certificate_report

    chosen = _settings(told).platform
    site = f"{chosen.public.rstrip('/')}/v"
    return certificate_report.run(told.file, told.trust or chosen.trust, told.stamp_trust, site)


ACTS = (
    doctor,
    enroll,
    move,
    retire,
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
