"""`main.py certificate verify FILE`: what a file is, why, and what to do. For somebody at a keyboard."""

from __future__ import annotations

import sys
from pathlib import Path

from kiosk.documents.certificate_check import LARGEST, Verdict, verify

VALID, NOT_VALID, NOT_CHECKED = 0, 1, 2  # exit codes

_ASK = "do not rely on it; ask its holder for the original file, or check the number on the paper at {site}"
# By the verdict's reason: why, and what to do.
_WHY = {
    "too_large": ("it is larger than any certificate", "see whether it is the right file"),
    "unreadable": ("it is no PDF that can be read, or it is damaged", "have it sent again"),
    "unsigned": (
        "nobody has signed it: a scan, a draft, or a copy that was saved anew",
        "ask its holder for the original file, or check the number on the paper at {site}",
    ),
    "changed": ("it differs from what was signed, be it by one byte, a page or a comment", _ASK),
    "untrusted": (
        "its signature holds, but is by nobody whom {trust} vouches for",
        "do not rely on it; with another issuer's certificates, name that one's root with --trust",
    ),
}


def run(file: Path, trust: Path, stamp_trust: Path | None, site: str) -> int:
    """Prints the verdict. 0: valid; 1: not valid; 2: it could not be checked.

    `site` is where the public checks numbers: no file knows whether it was withdrawn since.
    """
    remedy = "check the path"
    try:
        with file.open("rb") as paper:
            pdf = paper.read(LARGEST + 1)  # one more is too large; the rest need not be read to say so
        remedy = "name the terminal's settings with --settings, or the root's own file with --trust"
        root = trust.read_bytes()
        remedy = "check --stamp-trust"
        stamp_root = stamp_trust.read_bytes() if stamp_trust else None
    except OSError as error:
        print(f"{error.filename}: {error.strerror}; {remedy}", file=sys.stderr)
        return NOT_CHECKED
    try:
        verdict = verify(pdf, root, None, stamp_root)
    except ValueError:
        named = f"{trust} or {stamp_trust}" if stamp_trust else str(trust)
        print(f"{named} holds no certificate of a root in PEM", file=sys.stderr)
        return NOT_CHECKED
    print("\n".join(_good(verdict, site) if verdict.valid else _bad(verdict, trust, site)))
    return VALID if verdict.valid else NOT_VALID


def _good(verdict: Verdict, site: str) -> list[str]:
    signed = f"{verdict.signed_at:%Y-%m-%d %H:%M:%S %Z}" if verdict.signed_at else "at a time it does not say"
    lines = [f"valid: signed by {verdict.signer}, {signed}, and not one byte was changed since"]
    if verdict.stamped_at is not None:
        stamped = f"{verdict.stamped_at:%Y-%m-%d %H:%M:%S %Z}"
        lines.append(f"  time stamp: {stamped}, by an authority that you trust")
    else:
        lines.append("  time stamp: none that you trust; the time above is the signer's own word")
    return [*lines, f"  what to do: look at {site} whether it has lapsed or was withdrawn since"]


def _bad(verdict: Verdict, trust: Path, site: str) -> list[str]:
    why, remedy = _WHY[verdict.reason]
    return [
        f"not valid: {verdict.reason}",
        f"  why: {why.format(trust=trust)}",
        f"  what to do: {remedy.format(site=site)}",
    ]
