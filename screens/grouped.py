"""Numbers as people read them aloud: in groups; and what is left of them when they are masked."""

from __future__ import annotations

from config.money import yuan
from kiosk.masked import ID_GROUPS, in_groups, masked_number
from kiosk.prompts import FieldKind

_GROUPS = {
    FieldKind.PHONE: (3, 4, 4),
    FieldKind.ID_NUMBER: ID_GROUPS,
    FieldKind.CREDIT_CODE: (4, 4, 4, 4, 2),
    FieldKind.BANK_CARD: (4, 4, 4, 4, 3),
}


def grouped(kind: FieldKind, text: str) -> str:
    """The value in groups: `6222 0212 …`, `浙A 12345`, `1,200.50`."""
    if kind is FieldKind.MONEY:
        return yuan(int(text)) if text.isascii() and text.isdigit() else text
    if kind is FieldKind.PLATE:
        return f"{text[:2]} {text[2:]}".strip()
    if kind is FieldKind.PHONE and not text.startswith("1"):
        return text  # a landline's groups depend on its area
    return in_groups(text, _GROUPS.get(kind, ()))


def masked(kind: FieldKind, text: str) -> str:
    """Another person's value on the page once it is written: its ends are enough to check it by."""
    if kind is FieldKind.TEXT and len(text) < 8:
        return text[:1] + "*" * (len(text) - 1)
    if len(text) < 8:
        return "*" * len(text)
    if kind is FieldKind.ID_NUMBER:
        return masked_number(text).zh
    head = 3 if kind is FieldKind.PHONE else 4
    return grouped(kind, text[:head] + "*" * (len(text) - head - 4) + text[-4:])


def typed_money(fen: str) -> str:
    """What one would have typed for so many fen: `1200.5` for 120050."""
    if not fen.isdigit():
        return ""
    whole, rest = divmod(int(fen), 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".")


def money_key(text: str, key: str) -> str:
    """The amount as typed after a key: one point, two places after it, no more than nine before."""
    if key == "clear":
        return ""
    if key == "delete":
        return text[:-1]
    if key == ".":
        return text if "." in text else (text or "0") + "."
    whole, point, rest = text.partition(".")
    if point:
        return text + key if len(rest) < 2 else text
    return (whole + key).lstrip("0")[:9] or "0"


def fen_of(text: str) -> str:
    """Whole fen as digits of an amount as typed; empty for none."""
    if not text.strip("."):
        return ""
    whole, _, rest = text.partition(".")
    return str(int(whole or "0") * 100 + int((rest + "00")[:2]))


def shown_money(text: str) -> str:
    """The amount as typed, the whole yuan in groups: `1,200.5`."""
    whole, point, rest = text.partition(".")
    return f"{int(whole or '0'):,}{point}{rest}" if text else ""
