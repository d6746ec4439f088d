"""The pages of a copy, as the steps of ZH05 ask them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from config.catalogue_files import load_catalogue
from config.faults import fault
from config.words import Words as W
from config.words import same, words
from drivers import document_page, opencv
from drivers.virtual.document_scene import Scene, draw
from kiosk.documents import papers
from kiosk.prompts import (
    Confirm,
    Field,
    FieldKind,
    FillForm,
    Goodbye,
    Guide,
    Option,
    Picture,
    Place,
    Row,
    ScanDocument,
    TakePaper,
    Working,
)
from tests.screens.scan_prompts import page

SERVICE = load_catalogue().services["ZH05"]


def at(step: int) -> Place:
    """A place inside the journey of ZH05."""
    return Place(SERVICE.name, step, 5)


@cache
def card() -> Picture:
    """A card, straightened."""
    cv2 = opencv.load()
    picture = draw(Scene("card"))
    taken = document_page.straighten(picture, document_page.look(picture), "card")
    height, width = taken.shape[:2]
    return Picture(width, height, cv2.cvtColor(taken, cv2.COLOR_BGR2RGB).tobytes())


GUIDE = Guide(
    name=SERVICE.name,
    summary=SERVICE.guide.summary,
    needs=SERVICE.guide.needs,
    gives=SERVICE.guide.gives,
    excludes=SERVICE.guide.excludes,
    facts=((words("journey.fee"), SERVICE.guide.fee), (words("journey.time"), SERVICE.guide.time)),
    action=words("journey.start"),
)
FORM = FillForm(
    words("journey.form_question"),
    tuple(
        Field(
            spec.key,
            FieldKind(spec.kind),
            spec.label,
            {"original": "card", "purpose": "none", "copies": "2"}.get(spec.key, ""),
            tuple(Option(one.value, one.name) for one in spec.options),
            required=spec.required,
        )
        for spec in SERVICE.fields
    ),
    words("journey.next"),
)
FORM_PROBLEM = replace(
    FORM,
    fields=tuple(
        replace(one, problem=words("rules.only_with", field=FORM.fields[0].label))
        if one.key == "purpose"
        else one
        for one in FORM.fields
    ),
)
SIDE = ScanDocument(
    words("copy.taken_side"),
    card,
    words("journey.scan_check"),
    actions=tuple(papers.option(way) for way in ("other_side", "one_side", "rescan", "turn")),
)
SAME_SIDE = replace(
    SIDE,
    hint=words("copy.same_side"),
    actions=tuple(papers.option(way) for way in ("rescan", "enough", "turn")),
)
SIDEWAYS = replace(
    SIDE,
    question=words("copy.taken"),
    frames=page,
    actions=tuple(papers.option(way) for way in ("enough", "next_page", "rescan", "turn")),
)
BACK = ScanDocument(words("copy.place_back"), lambda: None, fault("page_not_found").citizen)
CONFIRM = Confirm(
    words("copy.confirm_question"),
    (
        Row(words("copy.row_original"), W("证书、证明", "A certificate")),
        Row(words("copy.row_pages"), words("copy.two_sided", pages=3)),
        Row(words("copy.row_copies"), words("copy.copies", copies=2)),
        Row(words("copy.row_mark"), same(words("copy.mark", purpose="办理入学", date="2026-11-22").zh)),
    ),
    SERVICE.action,
    words("copy.confirm_note"),
)
PRINTING = Working(words("copy.printing"), 12, "a4_printer")
TAKE = TakePaper(words("copy.take"), "a4_printer", words("copy.take_note"))
TAKE_ORIGINAL = TakePaper(words("copy.take_original"), "document_camera", words("copy.take_original_note"))
GOODBYE = Goodbye(words("journey.thanks"), (words("copy.take_original"),))
