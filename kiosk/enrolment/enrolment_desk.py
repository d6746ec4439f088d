"""What `main.py enroll`, `move` and `retire` say to who typed them, and their exit codes."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from pathlib import Path

from cryptography import x509

from config import enrolment as words
from config.settings import Settings
from kiosk.data.store import StoreError
from kiosk.data.vault import VaultError
from kiosk.enrolment import enrolment, identity, moving, retiring
from kiosk.enrolment.identity import IdentityError

TYPE_IT = "put the token into a file and name it with --token-file, or leave that out and type it"
NO_TERMINAL = "no token was typed: run it at a terminal (ssh -t), or name a file with it: --token-file FILE"
RUNS = "end the terminal first (systemctl stop kiosk-terminal), then run it again"


class WrongInput(Exception):
    """What was typed, or a file that it names, cannot be used. The text says where, and what to do."""


def enroll(settings: Settings, hall: str, token_file: Path | None, trust: Path | None) -> int:
    """0 enrolled, 1 the hall or the disk says no, 2 address, token or file cannot be used."""

    def work() -> int:
        found = enrolment.enrol(settings, hall, _token(hall, token_file, trust), trust)
        print(f"enrolled as {found.home.terminal} until {found.ends:%F}, in {identity.link(settings.data)}")
        print("nothing is to be copied: start the terminal (again)")
        return 0

    return _told(work)


def move(settings: Settings, hall: str, token_file: Path | None, trust: Path | None) -> int:
    """0 moved, 1 not yet, with what to do, 2 address, token or file cannot be used."""

    def work() -> int:
        found, left = moving.move(settings, hall, _token(hall, token_file, trust), trust)
        print(f"this terminal is {found.home.terminal} now, until {found.ends:%F}: start it")
        if left:
            print(f"the hall has withdrawn the certificates of {left}")
        else:
            print("if its old place was at another hall: `hall machine retire` or `revoke` it there")
        return 0

    return _told(work)


def retire(settings: Settings, anyway: str) -> int:
    """0 retired, 1 not yet, with what is in the way."""

    def work() -> int:
        try:
            left = retiring.retire(settings, anyway)
        except retiring.NotYet as error:
            print("\n".join(error.reasons), file=sys.stderr)
            print('nothing was destroyed; to do it all the same: --anyway "REASON"', file=sys.stderr)
            return 1
        print(f"retired; its keys are destroyed. On the disk in {settings.data} there is still:")
        for one in left:
            print(f"  {one.name:<20} {one.size:>12} bytes  {one.what}".rstrip())
        print("the settings file has the platform's token: withdraw that there; wipe a disk that leaves")
        return 0

    return _told(work)


def _told(work: Callable[[], int]) -> int:
    try:
        return work()
    except (words.TokenError, WrongInput, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    except StoreError as error:
        print(f"{error.detail}: {RUNS}" if "another" in error.detail else error, file=sys.stderr)
        return 1
    except (IdentityError, VaultError) as error:
        print(error, file=sys.stderr)
        return 1


def _token(hall: str, file: Path | None, trust: Path | None) -> words.Token:
    """The token, asked for when all else that was typed can be used. TokenError, WrongInput."""
    try:
        enrolment.address(hall)
    except IdentityError as error:
        raise WrongInput(f"--hall {error.remedy}") from None
    if trust is not None:
        _look_at_root(trust)
    if file is not None:
        return words.read_token(_text(file, TYPE_IT))
    try:
        return words.read_token(input("token: "))
    except EOFError:
        raise WrongInput(NO_TERMINAL) from None


def _look_at_root(file: Path) -> None:
    """That it has certificates. WrongInput."""
    next = "--trust names the root certificate of the desk, in PEM"
    text = _text(file, next)
    try:
        x509.load_pem_x509_certificates(text.encode("ascii"))
    except (ValueError, x509.InvalidVersion):
        raise WrongInput(f"{file}: no certificate: {next}") from None


def _text(file: Path, next: str) -> str:
    """What is in the file. WrongInput, with what to do next."""
    try:
        return file.read_text("utf-8")
    except PermissionError:
        raise WrongInput(f"{file}: {getpass.getuser()} may not read it: chmod 644 {file}") from None
    except UnicodeDecodeError:
        raise WrongInput(f"{file}: it is no text: {next}") from None
    except OSError as error:
        raise WrongInput(f"{file}: {error.strerror}: {next}") from None
