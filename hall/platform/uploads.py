"""What a browser's form sends: read into memory with a bound, and taken apart there. Nothing touches a disk.

A few lines instead of a package: one file is all that any form of ours sends.
"""

from __future__ import annotations

import asyncio
import re

from fastapi import Request
from starlette.requests import ClientDisconnect

_BOUNDARY = re.compile(
    r'multipart/form-data\s*;.*\bboundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE
)
SECONDS = 30.0  # for a form to arrive, over the worst line
_SLACK = 4096  # bytes of a form around its file
_PARTS = 20  # looked at: a boundary of one letter would cut a file into millions


class TooLarge(Exception):
    """More came than is taken."""


class Late(Exception):
    """It did not come in time, or who sent it has gone."""


async def body(request: Request, largest: int) -> bytes:
    """The body. Raises TooLarge when it is over `largest` bytes and a form's own few, Late when it stays out.

    What is somewhat larger is read to its end and thrown away: a browser that is still sending when the
    line is closed shows its own error, and never our page.
    """
    content, came = bytearray(), 0
    try:
        async with asyncio.timeout(SECONDS):
            async for piece in request.stream():
                came += len(piece)
                if came <= largest + _SLACK:
                    content += piece
                elif came > 4 * largest:
                    raise TooLarge
    except (TimeoutError, ClientDisconnect):
        raise Late from None
    if came > largest + _SLACK:
        raise TooLarge
    return bytes(content)


def file_in(body: bytes, content_type: str) -> bytes:
    """The first file of a form (RFC 7578); empty when there is none, or it is no such form."""
    found = _BOUNDARY.match(content_type)
    if found is None:
        return b""
    line = b"\r\n--" + (found[1] or found[2]).encode("latin-1", "replace")
    for part in (b"\r\n" + body).split(line, _PARTS + 1)[1 : _PARTS + 1]:
        head, blank, content = part.partition(b"\r\n\r\n")
        if blank and b"filename" in head.lower():
            return content
    return b""
