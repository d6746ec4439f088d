"""The options of `main.py hall fleet-sim`. Nothing is imported here that a start would have to wait for."""

from __future__ import annotations

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("--terminals", type=_positive, required=True, metavar="N")
    parser.add_argument("--broker", type=_address, default=("127.0.0.1", 1883), metavar="HOST:PORT")
    parser.add_argument("--minutes", type=float, default=1.0, metavar="M")
    parser.add_argument("--health-seconds", type=float, default=60.0, metavar="S")
    parser.add_argument(
        "--transactions-per-day", type=float, default=200.0, metavar="N", help="of a terminal"
    )
    parser.add_argument("--keepalive-seconds", type=_positive, default=60, metavar="S")
    parser.add_argument(
        "--connects-per-second", type=float, default=200.0, metavar="N", help="while it begins"
    )
    parser.add_argument("--storm", action="store_true", help="at half time all lines break at once")
    parser.add_argument("--tls-dir", type=Path, metavar="DIR", help="ca.pem, client.pem, client.key")
    parser.add_argument("--area", default="sim", metavar="WORD", help="of the simulated terminals")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="number of the first terminal")
    parser.add_argument(
        "--settings", type=Path, metavar="FILE", help="the hall's: its store is checked at the end"
    )
    parser.add_argument(
        "--yes-this-is-our-test-hall", action="store_true", help="for a broker that is not on this machine"
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit():
        raise argparse.ArgumentTypeError("write it as 127.0.0.1:1883")
    return host.strip("[]"), int(port)
