"""Scenario questions (情形引导): two to five answers lead to the right item and its materials.

One TOML file each in `catalogue/questions/`: questions by name, each answer leading to another question or
to a service. Nothing here asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import Field, model_validator

from config import toml_file
from config.part import Part
from config.words import Words

LONGEST = 5  # questions on the way to an item


class AnswerSpec(Part):
    """One answer: on to the question `next`, to the service `service`, or to a window with a reason."""

    words: Words
    next: str = ""
    service: str = ""
    values: dict[str, str] = Field(default_factory=dict)  # of its form: what was said already
    refer: Words | None = None

    @model_validator(mode="after")
    def _leads_somewhere(self) -> AnswerSpec:
        if sum(bool(way) for way in (self.next, self.service, self.refer)) != 1:
            raise ValueError("an answer has exactly one of next, service, refer")
        return self


class QuestionSpec(Part):
    """One question with at most eight answers."""

    words: Words
    answers: tuple[AnswerSpec, ...] = Field(min_length=2, max_length=8)


class Questions(Part):
    """A tree of questions that begins at `first`."""

    title: Words
    theme: int = Field(ge=1, le=8)
    first: str
    question: dict[str, QuestionSpec]

    @model_validator(mode="after")
    def _is_a_tree(self) -> Questions:
        seen = set(self._walk(self.first, ()))
        if unused := self.question.keys() - seen:
            raise ValueError(f"nothing leads to {', '.join(sorted(unused))}")
        return self

    def _walk(self, name: str, way: tuple[str, ...]) -> Iterator[str]:
        if name not in self.question:
            raise ValueError(f"there is no question {name}")
        if name in way or len(way) >= LONGEST:
            raise ValueError(f"the questions {' → '.join((*way, name))} are more than {LONGEST}, or a circle")
        yield name
        for answer in self.question[name].answers:
            if answer.next:
                yield from self._walk(answer.next, (*way, name))

    def services(self) -> frozenset[str]:
        """Every service that an answer leads to."""
        return frozenset(a.service for q in self.question.values() for a in q.answers if a.service)


def load_all(folders: Iterable[Path]) -> Mapping[str, Questions]:
    """The trees of every `questions/` by file name; a later folder's replace. toml_file.ConfigError."""
    return {
        path.stem: toml_file.load(path, Questions)
        for folder in folders
        for path in sorted((folder / "questions").glob("*.toml"))
    }
