"""Signing what has just been confirmed: on the signature pad, or with the finger on the screen.

Commitments are read in full before; one signature stands under all of it.
"""

from __future__ import annotations

from config.devices import Kind
from config.strokes import Strokes
from config.words import Words, words
from kiosk import brought
from kiosk.pads import answer_of
from kiosk.prompts import Consent, Sign, Signed
from kiosk.stage import GoBack
from kiosk.visit import Visit


async def sign(visit: Visit) -> None:
    """Asks until there is ink enough; the session holds the signature as an SVG path afterwards.

    Raises GoBack when the citizen does not promise what a commitment says.
    """
    letters = brought.letters(visit)
    for letter in letters.values():
        page = Consent(letter.title, letter.paragraphs, words("bring.promise"), words("bring.no_promise"))
        if await visit.choose(page) != "agree":
            raise GoBack
    titles = [words("bring.sign_letter", title=letter.title) for letter in letters.values()]
    text = (words("journey.sign_text", service=visit.service.name), *titles)
    visit.session.signature = await _ink(visit, text)
    visit.session.letters = {name: letter.version for name, letter in letters.items()}


async def _ink(visit: Visit, text: tuple[Words, ...]) -> str:
    problem: Words | None = None
    while True:
        prompt = Sign(
            question=words("journey.sign_question"),
            text=text,
            action=words("journey.sign_action"),
            problem=problem,
        )
        on_pad = answer_of(visit.backstage.devices, Kind.SIGNATURE_PAD, "sign")
        answer = await visit.ask_or(prompt, on_pad)
        strokes = answer.strokes if isinstance(answer, Signed) else answer
        assert isinstance(strokes, Strokes)
        if strokes.enough:
            return strokes.svg_path()
        problem = words("journey.sign_more")
