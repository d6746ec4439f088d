"""What `main.py enroll`, `move` and `retire` say to who typed them, and their exit codes."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from pathlib import Path

from config import enrolment as words
from config.settings import Settings
from kiosk import enrolment, identity, moving, retiring
from kiosk.identity import IdentityError
from kiosk.store import StoreError
from kiosk.vault import VaultError

RUNS = "end the terminal first (systemctl stop kiosk-terminal), then run it again"


def enroll(settings: Settings, hall: str, token_file: Path | None, trust: Path | None) -> int:
    """0 enrolled, 1 the hall or the disk says no, 2 the token cannot be read."""

    def work() -> int:
        found = enrolment.enrol(settings, hall, _token(token_file), trust)
        print(f"enrolled as {found.home.terminal} until {found.ends:%F}, in {identity.link(settings.data)}")
        print("nothing is to be copied: start the terminal (again)")
        return 0

    return _told(work)


def move(settings: Settings, hall: str, token_file: Path | None, trust: Path | None) -> int:
    """0 moved, 1 not yet, with what to do, 2 the token cannot be read."""

    def work() -> int:
        found, left = moving.move(settings, hall, _token(token_file), trust)
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
    except (words.TokenError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    except StoreError as error:
        print(f"{error.detail}: {RUNS}" if "another" in error.detail else error, file=sys.stderr)
        return 1
    except (IdentityError, VaultError) as error:
        print(error, file=sys.stderr)
        return 1


def _token(file: Path | None) -> words.Token:
    """The token in the file, or as it is typed. TokenError, OSError."""
    try:
        return words.read_token(file.read_text("utf-8") if file else input("token: "))
    except PermissionError:
        raise words.TokenError(f"{file}: {getpass.getuser()} may not read it: chmod 644 {file}") from None
