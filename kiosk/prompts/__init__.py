"""What the core asks a citizen, and the answers, as plain data.

A prompt says *what* is asked, never how it is drawn: `screens/` has one page
per class, a test answers from a list. Words are bilingual, so a page can be
drawn again in another language without asking the core. A prompt lives no
longer than its session.
"""

from __future__ import annotations

from kiosk.prompts.answers import Answer, Chosen, Filled, Rated, Signed, StaffSaid, Touched, Wrong
from kiosk.prompts.doing import Confirm, Pay, Row, ShowCode, Sign, Working
from kiosk.prompts.form import Field, FieldKind, FillForm, MaterialLine, Materials, ScanDocument
from kiosk.prompts.frame import Picture, Place, Value
from kiosk.prompts.results import (
    Event,
    Goodbye,
    Masked,
    OutOfService,
    Preview,
    Rate,
    ShowResult,
    ShowTable,
    Star,
    TakePaper,
    Trouble,
)
from kiosk.prompts.technician import (
    CameraSight,
    Condition,
    TechnicianKey,
    TouchCrosses,
    WorkLine,
    WorkList,
    WorkSheet,
)
from kiosk.prompts.ways_in import ChooseOne, ChooseService, Entry, Find, Guide, Home, Option, Tile, Way
from kiosk.prompts.who import (
    CardKind,
    CardScene,
    Consent,
    EnterCode,
    EnterPin,
    HoldCode,
    LookAtCamera,
    PlaceCard,
    StaffCheck,
)

Prompt = (
    Home
    | ChooseService
    | Find
    | ChooseOne
    | Guide
    | PlaceCard
    | HoldCode
    | EnterPin
    | StaffCheck
    | Consent
    | LookAtCamera
    | ScanDocument
    | EnterCode
    | FillForm
    | Materials
    | Confirm
    | Pay
    | Sign
    | Working
    | ShowResult
    | ShowTable
    | Preview
    | ShowCode
    | TakePaper
    | Rate
    | Trouble
    | Goodbye
    | OutOfService
    | Masked
    | TechnicianKey
    | WorkList
    | WorkSheet
    | TouchCrosses
    | CameraSight
)


__all__ = [
    "Answer",
    "CameraSight",
    "CardKind",
    "CardScene",
    "ChooseOne",
    "ChooseService",
    "Chosen",
    "Condition",
    "Confirm",
    "Consent",
    "EnterCode",
    "EnterPin",
    "Entry",
    "Event",
    "Field",
    "FieldKind",
    "FillForm",
    "Filled",
    "Find",
    "Goodbye",
    "Guide",
    "HoldCode",
    "Home",
    "LookAtCamera",
    "Masked",
    "MaterialLine",
    "Materials",
    "Option",
    "OutOfService",
    "Pay",
    "Picture",
    "Place",
    "PlaceCard",
    "Preview",
    "Prompt",
    "Rate",
    "Rated",
    "Row",
    "ScanDocument",
    "ShowCode",
    "ShowResult",
    "ShowTable",
    "Sign",
    "Signed",
    "StaffCheck",
    "StaffSaid",
    "Star",
    "TakePaper",
    "TechnicianKey",
    "Tile",
    "TouchCrosses",
    "Touched",
    "Trouble",
    "Value",
    "Way",
    "WorkLine",
    "WorkList",
    "WorkSheet",
    "Working",
    "Wrong",
]
