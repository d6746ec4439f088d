"""What of a person's number or name may be seen, on pages, papers and receipts alike."""

from __future__ import annotations

from config.words import Words, same

ID_GROUPS = (6, 4, 4, 4)  # of an identity number, as people read it and as the pad shows it while it is typed


def in_groups(text: str, sizes: tuple[int, ...]) -> str:
    """The text in groups of these sizes with spaces between; what is left over is a group of its own."""
    found, at = [], 0
    for size in (*sizes, len(text)):
        found.append(text[at : at + size])
        at += size
    return " ".join(part for part in found if part)


def masked_number(number: str) -> Words:
    """An identity number as it may be seen: `3301** **** **** 1234`.

    Of another number, which has groups of its own or none, the ends in one piece: at most half of it.
    """
    shown = min(4, len(number) // 4)
    end = len(number) - shown
    told = f"{number[:shown]}{'*' * (end - shown)}{number[end:]}"
    return same(in_groups(told, ID_GROUPS) if len(number) == sum(ID_GROUPS) else told)


def masked_name(name: str) -> Words:
    """A name as it may be printed: the first character and stars."""
    return same(name[:1] + "*" * max(1, len(name) - 1))
