"""Calls a vendor's photo decoder once: the chip's 1024 bytes come in by standard input, the answer goes out.

    python -I -S chip_photo_process.py LIBRARY SYMBOL bgr_save|bmp_len

The answer is the function's result (4 bytes, low first) and what it wrote. Run by `chip_photo.py` and by
nobody else; it imports nothing of ours, so that it starts quickly and has nothing to lose.
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct
import sys

BGR_BYTES = 102 * 126 * 3
ROOM = 1 << 20  # bytes: a library that writes more than it should meets this first
NO_LIBRARY = 3


def main() -> int:
    """The exit code: 0 when the function came back, NO_LIBRARY when there is none."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash must not leave somebody's photo on the disk
    library, symbol, convention = sys.argv[1:4]
    wlt = sys.stdin.buffer.read()
    answer = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whatever the library prints is no answer
    try:
        function = getattr(ctypes.CDLL(library), symbol)
    except (OSError, AttributeError):
        return NO_LIBRARY
    function.restype = ctypes.c_int
    source, target = ctypes.create_string_buffer(wlt, ROOM), ctypes.create_string_buffer(ROOM)
    if convention == "bgr_save":
        result, length = function(source, target, 0), BGR_BYTES
    else:
        given = ctypes.c_int(ROOM)
        result = function(source, len(wlt), target, ctypes.byref(given))
        length = max(0, min(given.value, ROOM)) if given.value != ROOM else 0
    with os.fdopen(answer, "wb") as out:
        out.write(struct.pack("<i", result) + target.raw[:length])
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # a library that crashes on being unloaded has done its work
