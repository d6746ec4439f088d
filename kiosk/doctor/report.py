"""`main.py doctor`: the report shown as it is made, printed, and told to the hall."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import NoReturn

import structlog

from config.settings import Settings
from config.words import Words, words
from kiosk import control, doctor
from kiosk.control import Report
from kiosk.data.ledger import Ledger
from kiosk.data.store import Store, StoreError, in_use
from kiosk.data.vault import Vault, VaultError
from kiosk.doctor import own_opening
from kiosk.readiness import readiness_paper
from kiosk.readiness.finding import Finding
from kiosk.readiness.workplace import Allowed, Ask
from mqtt.topics import TerminalPath

PATIENCE = 180.0  # seconds for a running terminal to print and note it
BY = "install"  # who examined, when nobody says


def run(settings: Settings, allowed: Allowed, language: str, only: Sequence[str], report: bool) -> int:
    """Shows each finding as soon as it is there; 0 when all is ready, else 1."""

    def ask(asked: Words) -> None:
        print(f"→ {asked[language]}", flush=True)

    with _quiet():
        findings = _shown(settings, allowed, language, only, ask)
        if report:
            print("\n".join(one[language] for one in hand_in(settings, findings, language)))
    return 0 if all(one.ready for one in findings) else 1


def _shown(
    settings: Settings, allowed: Allowed, language: str, only: Sequence[str], ask: Ask
) -> list[Finding]:
    print("\n".join(readiness_paper.head(settings.identity, language)))
    findings = []
    for finding in doctor.examine(settings, allowed, ask, only):
        findings.append(finding)
        print("\n".join(readiness_paper.lines_of(finding, language)), flush=True)
    print("\n".join(readiness_paper.foot(findings, language)))
    return findings


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The workers' log would stand between the lines; the findings say the same."""

    def drop(logger: object, method: str, event: object) -> NoReturn:
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(processors=[drop])
    try:
        yield
    finally:
        structlog.configure(**before)


def hand_in(settings: Settings, findings: Sequence[Finding], language: str, by: str = BY) -> list[Words]:
    """Prints the report and tells the hall: by the running terminal, else by ourselves. What became of it."""
    if in_use(settings.data):
        try:
            answer = control.ask(settings.data, Report(by, list(findings), paper=True), PATIENCE)
        except (OSError, ValueError):
            answer = None
        if answer is None:
            return [words("doctor.told_later", why=words("doctor.no_answer"))]
        printed = answer.code if answer.state != "confirmed" else ""
        return [words("doctor.told"), _printed(printed)]
    return [_told(settings, by, findings), _printed(own_opening.print_report(settings, findings, language))]


def _printed(code: str) -> Words:
    return words("doctor.printed_not", why=code) if code else words("doctor.printed")


def _told(settings: Settings, by: str, findings: Sequence[Finding]) -> Words:
    """Into the outbox, with its journal entry; the terminal sends it as soon as it runs."""
    identity = settings.identity
    try:
        store = Store(settings.data)
        try:
            ledger = Ledger(
                store, Vault(settings.data), TerminalPath(identity.area, identity.hall, identity.kiosk)
            )
            ledger.tell_sync("", readiness_paper.message(by, findings))
        finally:
            store.close()
    except (StoreError, VaultError) as error:
        return words("doctor.told_later", why=error.code)
    return words("doctor.told")
