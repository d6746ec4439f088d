"""The words of `main.py hall account …`; what they do is in `hall/access/account_commands.py`."""

from __future__ import annotations

import argparse
from pathlib import Path

WORDS = {  # what each does, and what it is told after its name
    "list": "every account with its roles and its tokens",
    "add": "a new account; its password is asked for, or read from --password-fd",
    "password": "another password; every login of the account is over",
    "unlock": "whoever waits after failed attempts need not wait any more",
    "grant": "a role in an area (* for every one), in place of the one that it had there",
    "withdraw": "no role in that area any more",
    "disable": "shut out; every login of the account is over",
    "enable": "let in again",
    "token": "a token for a program that acts as this account; it is printed once",
    "end-token": "the token with this number, as the list names it, holds no more",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `hall account`."""
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="COMMAND")
    made = {word: deeds.add_parser(word, help=about, description=about) for word, about in WORDS.items()}
    for word, one in made.items():
        one.add_argument("--settings", type=Path, required=True, metavar="FILE", help="the hall's")
        if word != "list":
            one.add_argument("name", help="of the account")
    for word in ("add", "password"):
        made[word].add_argument(
            "--password-fd", type=int, metavar="N", help="read the password from this open file, not a prompt"
        )
    for role in ("watch", "command"):
        about = f"an area (* for every one) where it may {role}"
        made["add"].add_argument(f"--{role}", action="append", default=[], metavar="AREA", help=about)
    made["grant"].add_argument("role", choices=("watch", "command"))
    made["grant"].add_argument("area")
    made["withdraw"].add_argument("area")
    made["token"].add_argument("--label", required=True, help="what it is for, as the list shall say")
    made["token"].add_argument("--days", type=float, default=365.0, metavar="N", help="how long it holds")
    made["end-token"].add_argument("number")
