"""The technicians of this terminal: a file of its own, written by `main.py technician`, read at each entry.

It has numbers, secrets of one-time codes, and keyed digests of cards: never a name, never what is on a card.
A file that is broken, or that somebody else could have written, lets nobody in.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from datetime import date
from pathlib import Path
from typing import Annotated

import tomli
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from kiosk import private_file
from kiosk.card_readers import Card
from kiosk.technician import one_time_code

KEY_FILE = "technician.key"  # in the data folder: a copy of the people file alone says nothing of a card
KEY_BYTES = 32
MOST = 200  # technicians in a file
Number = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,10}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
HEAD = "# Who may enter the technician's mode of this terminal. Written by `main.py technician`; secret.\n"


class PeopleError(Exception):
    """The file cannot be used, and nobody enters. `code` is of faults.toml; the text says what is wrong."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = "technician_people_broken", detail


class Technician(BaseModel):
    """One of them. `until` is the last day on which he may enter."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    number: Number
    secret: str = Field(repr=False)
    cards: tuple[Digest, ...] = Field((), repr=False)
    until: date | None = None

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, secret: str) -> str:
        if len(one_time_code.plain(secret)) < one_time_code.SECRET_BYTES:
            raise ValueError("is too short")
        return secret

    def expired(self, today: date) -> bool:
        """True when his last day is before `today`."""
        return self.until is not None and self.until < today


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    technicians: tuple[Technician, ...] = Field((), max_length=MOST)


def read(path: Path | None) -> tuple[Technician, ...]:
    """Everybody in the file; nobody where there is none. PeopleError."""
    if path is None:
        return ()
    try:
        text = private_file.read(path).decode("utf-8")
        people = _File.model_validate(tomli.loads(text)).technicians
    except FileNotFoundError:
        return ()
    except private_file.NotPrivate as why:
        raise PeopleError(str(why)) from None
    except OSError as error:
        raise PeopleError(f"it cannot be read ({error.strerror})") from None
    except ValidationError as error:  # its text would have the secret in it
        where = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
        raise PeopleError(f"{where or 'it'} is not as it should be") from None
    except (ValueError, RecursionError):
        raise PeopleError("it is not TOML in UTF-8") from None
    if len({one.number for one in people}) < len(people):
        raise PeopleError("a number stands there twice")
    return people


def write(path: Path, people: tuple[Technician, ...]) -> None:
    """Writes them all, whole or not at all. OSError."""
    private_file.write(path, (HEAD + "".join(_table(one) for one in people)).encode())


def _table(one: Technician) -> str:
    """Digits, Base32 and hexadecimal: nothing that TOML would want escaped."""
    cards = ", ".join(f'"{card}"' for card in one.cards)
    until = f"until = {one.until.isoformat()}\n" if one.until else ""
    return f'\n[[technicians]]\nnumber = "{one.number}"\nsecret = "{one.secret}"\ncards = [{cards}]\n{until}'


def card_digest(data: Path, card: Card) -> str:
    """What is kept of a card: HMAC-SHA-256 of its kind and number, under a key of this data folder."""
    told = f"{card.card}:{card.number}".encode()
    return hmac.new(_key(data / KEY_FILE), told, hashlib.sha256).hexdigest()


def number_digest(data: Path, number: str) -> str:
    """In place of a number that somebody typed, which may be anybody's: for counting wrong tries."""
    return hmac.new(_key(data / KEY_FILE), f"number:{number}".encode(), hashlib.sha256).hexdigest()[:16]


def _key(path: Path) -> bytes:
    """The key in the file; made first where there is none. PeopleError when it is not ours alone, or cannot
    be read or made."""
    try:
        if not os.path.lexists(path):
            private_file.write(path, os.urandom(KEY_BYTES))
        key = private_file.read(path)
    except private_file.NotPrivate as why:
        raise PeopleError(f"{KEY_FILE}: {why}") from None
    except OSError as error:
        raise PeopleError(f"{KEY_FILE}: {error.strerror}") from None
    if len(key) != KEY_BYTES:
        raise PeopleError(f"{KEY_FILE} is damaged")
    return key
