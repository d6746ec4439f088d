"""One page for each class of prompt; a page's module is imported when it is first shown."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from kiosk.prompts import Prompt
from screens.sheet import Sheet
from screens.turn import Turn

PAGES = {
    "Home": "home",
    "ChooseService": "services",
    "ChooseOne": "choose",
    "Guide": "guide",
    "PlaceCard": "place_card",
    "Consent": "consent",
    "LookAtCamera": "camera",
    "ScanDocument": "scan_document",
    "EnterCode": "code",
    "FillForm": "form",
    "Confirm": "confirm",
    "Pay": "pay",
    "Sign": "sign",
    "Working": "working",
    "Find": "find",
    "HoldCode": "hold_code",
    "EnterPin": "pin",
    "StaffCheck": "staff",
    "Materials": "materials",
    "ShowTable": "table",
    "Preview": "preview",
    "ShowCode": "show_code",
    "ShowResult": "result",
    "TakePaper": "take_paper",
    "Rate": "rate",
    "Trouble": "trouble",
    "Goodbye": "goodbye",
    "OutOfService": "out_of_service",
    "Masked": "masked",
    "TechnicianKey": "technician_key",
    "WorkList": "work_list",
    "WorkSheet": "work_sheet",
    "TouchCrosses": "touch_crosses",
    "CameraSight": "camera_sight",
}


def draw(sheet: Sheet, turn: Turn[Any]) -> None:
    """Draws the turn's prompt. KeyError for a class of prompt that has no page."""
    _module(turn.prompt).draw(sheet, turn)


def carried(before: Turn[Any], prompt: Prompt) -> dict[str, Any]:
    """What the page keeps of its memory when a prompt of the same class follows; usually nothing."""
    carry = getattr(_module(prompt), "carried", None)
    kept: dict[str, Any] = carry(before, prompt) if carry else {}
    return kept


def _module(prompt: Prompt) -> Any:
    return import_module(f"{__name__}.{PAGES[type(prompt).__name__]}")
