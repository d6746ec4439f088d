"""Where an ESC/POS command ends, as a virtual receipt printer takes it."""

from __future__ import annotations

# Whole lengths of commands whose length is fixed; others of their family have two bytes (GS: three).
_AFTER_ESC = {
    **dict.fromkeys(b" !-=3EGJMRTUVadrt{", 3),
    **dict.fromkeys(b"$\\c", 4),
    ord("p"): 5,
    ord("W"): 10,
}
_AFTER_FS = {**dict.fromkeys(b"!-CW", 3), **dict.fromkeys(b"Sp", 4)}
_AFTER_GS = {**dict.fromkeys(b"$\\LPW", 4), ord(":"): 2, ord("^"): 5, ord("g"): 6}


def length_of(held: bytearray | bytes, at: int = 0) -> int | None:
    """How many bytes the command at `at` has; None while not enough of it is there to tell, or to obey."""
    there = len(held) - at
    if there <= 0:
        return None
    first = held[at]
    second = held[at + 1] if there > 1 else None
    if first not in (0x10, 0x1B, 0x1C, 0x1D):
        return 1
    if second is None:
        return None
    if first == 0x1B:
        length = _esc_length(held, at, there)
    elif first == 0x1C:
        length = _fs_length(held, at, there)
    elif there < 3:
        return None
    elif first == 0x10:  # obeyed when it came in; here it is only stepped over
        length = 3 if second != 0x14 else 10 if held[at + 2] == 8 else 5
    else:
        length = _gs_length(held, at, there)
    return length if length is not None and there >= length else None


def _esc_length(held: bytearray | bytes, at: int, there: int) -> int | None:
    if held[at + 1] != 0x2A:
        return _AFTER_ESC.get(held[at + 1], 2)
    if there < 5:  # ESC * m nL nH: columns of 8 or 24 dots
        return None
    columns = int.from_bytes(held[at + 3 : at + 5], "little")
    return 5 + columns * (3 if held[at + 2] & 0x20 else 1)


def _fs_length(held: bytearray | bytes, at: int, there: int) -> int | None:
    if held[at + 1] != 0x28:
        return _AFTER_FS.get(held[at + 1], 2)
    return None if there < 5 else 5 + int.from_bytes(held[at + 3 : at + 5], "little")


def _gs_length(held: bytearray | bytes, at: int, there: int) -> int | None:
    second, third = held[at + 1], held[at + 2]
    if second == 0x76:
        if there < 8:
            return None
        width, height = (int.from_bytes(held[at + n : at + n + 2], "little") for n in (4, 6))
        return 8 + width * height
    if second == 0x56:
        return 4 if third >= 0x41 else 3
    if second == 0x65:  # GS e 3 m, GS e 32 m t
        return {0x03: 4, 0x20: 5}.get(third, 3)
    if second == 0x6B:  # GS k m …: closed by NUL, or counted
        if third < 0x41:
            end = held.find(b"\0", at + 3)
            return None if end < 0 else end + 1 - at
        return None if there < 4 else 4 + held[at + 3]
    if second in (0x28, 0x38):
        head = 5 if second == 0x28 else 7
        if there < head:
            return None
        return head + int.from_bytes(held[at + 3 : at + head], "little")
    return _AFTER_GS.get(second, 3)


def is_whole(held: bytearray | bytes) -> bool:
    """Whether the bytes end where a command ends."""
    at = 0
    while at < len(held):
        length = length_of(held, at)
        if length is None:
            return False
        at += length
    return True
