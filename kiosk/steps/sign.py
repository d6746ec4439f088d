"""Signing what has just been confirmed: on the signature pad, or with the finger on the screen."""

from __future__ import annotations

from config.devices import Kind
from config.strokes import Strokes
from config.words import Words, words
from kiosk.pads import answer_of
from kiosk.prompts import Sign, Signed
from kiosk.visit import Visit


async def sign(visit: Visit) -> None:
    """Asks until there is ink enough; the session holds the signature as an SVG path afterwards."""
    problem: Words | None = None
    while True:
        prompt = Sign(
            question=words("journey.sign_question"),
            text=(words("journey.sign_text", service=visit.service.name),),
            action=words("journey.sign_action"),
            problem=problem,
        )
        on_pad = answer_of(visit.backstage.devices, Kind.SIGNATURE_PAD, "sign")
        answer = await visit.ask_or(prompt, on_pad)
        strokes = answer.strokes if isinstance(answer, Signed) else answer
        assert isinstance(strokes, Strokes)
        if strokes.enough:
            visit.session.signature = strokes.svg_path()
            return
        problem = words("journey.sign_more")
