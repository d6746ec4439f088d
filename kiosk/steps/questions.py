"""A few questions about what somebody needs (情形引导), which lead to the item and begin its form."""

from __future__ import annotations

from collections.abc import Mapping

from config.catalogue_files import Catalogue
from config.questions import AnswerSpec, Questions
from config.words import Words, words
from kiosk.prompts import ChooseOne, Chosen, Option, Place, Prompt, ShowResult
from kiosk.stage import GoBack, GoHome, Stage

MOST = 8  # answers on a page
AGAIN = "again"


async def ask_questions(
    stage: Stage, catalogue: Catalogue, reasons: Mapping[str, Words | None]
) -> tuple[str, dict[str, str]]:
    """The service that the answers lead to, and the values of its form that they have given.

    `reasons` greys services that cannot be had now. Raises GoBack out of the first page, or GoHome.
    """
    while True:
        tree = await _tree(stage, catalogue)
        try:
            return await _walk(stage, tree, reasons)
        except GoBack:
            continue


async def _tree(stage: Stage, catalogue: Catalogue) -> Questions:
    """What is it about? By theme first, where there are too many for a page."""
    trees = dict(catalogue.questions)
    place = Place(words("ways.questions"), back=False)
    if len(trees) > MOST:
        themes = {tree.theme for tree in trees.values()}
        options = tuple(Option(str(t.number), t.name) for t in catalogue.themes if t.number in themes)
        theme = await _choose(stage, ChooseOne(words("ways.which_theme"), options), place)
        trees = {name: tree for name, tree in trees.items() if str(tree.theme) == theme}
        place = Place(words("ways.questions"))
    ordered = sorted(trees.items(), key=lambda item: (item[1].theme, item[0]))[:MOST]
    options = tuple(Option(name, tree.title) for name, tree in ordered)
    return trees[await _choose(stage, ChooseOne(words("ways.about"), options), place)]


async def _walk(
    stage: Stage, tree: Questions, reasons: Mapping[str, Words | None]
) -> tuple[str, dict[str, str]]:
    """Question by question; *back* leads to the one before."""
    way, place = [tree.first], Place(tree.title)
    while True:
        question = tree.question[way[-1]]
        options = tuple(
            Option(str(n), answer.words, reason=reasons.get(answer.service) if answer.service else None)
            for n, answer in enumerate(question.answers)
        )
        try:
            chosen = await _choose(stage, ChooseOne(question.words, options), place)
        except GoBack:
            way.pop()
            if not way:
                raise
            continue
        answer = question.answers[int(chosen)]
        if answer.service:
            return answer.service, dict(answer.values)
        if answer.next:
            way.append(answer.next)
        else:
            await _refer(stage, answer, place)


async def _refer(stage: Stage, answer: AnswerSpec, place: Place) -> None:
    """No machine does that: who does it, and back to the question if he likes."""
    assert answer.refer is not None
    actions = (Option("home", words("journey.way_home")), Option(AGAIN, words("ways.other_answer")))
    page = ShowResult(False, answer.words, note=answer.refer, actions=actions)
    if await _choose(stage, page, place) != AGAIN:
        raise GoHome


async def _choose(stage: Stage, prompt: Prompt, place: Place) -> str:
    answer = await stage.ask(prompt, place)
    assert isinstance(answer, Chosen)
    return answer.value
