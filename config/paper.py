"""The layout of the terminal's own papers as data: one TOML file a paper, in `catalogue/papers/`.

A paper is a list of lines; `{name}` in a text is one of the closed table of values below, never an
expression. The same lines become a picture or text in the printer's own type. The page for who writes one
is `docs/papers.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from config import toml_file

Document = Literal["receipt", "ticket", "progress", "referral", "reprint", "staff", "draft"]
Size = Literal["body", "title", "huge"]
Mask = Literal["", "name", "number"]
PLACE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Value:
    """What a name stands for, and as what it is masked: no paper can show it otherwise."""

    what: str
    mask: Mask = ""


EVERYWHERE: Mapping[str, Value] = {
    "hall": Value("the hall's name"),
    "terminal": Value("the terminal's number"),
    "printed": Value("date and time of the print"),
    "help_phone": Value("the hall's telephone"),
    "service": Value("the service's name in Chinese"),
    "service_en": Value("the service's name in English"),
    "department": Value("whose service it is"),
    "pending": Value("that it is not synchronised yet, while the link to the hall is down; else nothing"),
}
_HOLDER = {
    "name": Value("the holder's name", mask="name"),
    "number": Value("the holder's identity number", mask="number"),
    "agent": Value("the name of who acts for the holder; nothing where he is there himself", mask="name"),
}
_CASE = {
    "case_no": Value("the case's number"),
    "rate_code": Value("address where the service is rated later; nothing where it is not"),
}
OF_DOCUMENT: Mapping[str, Mapping[str, Value]] = {
    "receipt": {
        **_HOLDER,
        **_CASE,
        "fee_for": Value("what was paid for"),
        "fee": Value("what was paid, in yuan"),
        "check_code": Value("address where the certificate is checked; nothing without one"),
        "case_code": Value("the case's number for a scanner; nothing where there is a certificate"),
    },
    "ticket": {
        **_CASE,
        "queue_no": Value("the number that is called"),
        "case_code": Value("as for receipts"),
    },
    "progress": {**_HOLDER, "title": Value("what was found")},
    "referral": {
        **_HOLDER,
        "reason": Value("why it could not be done here"),
        "window": Value("where to go"),
        "what": Value("what to bring or ask for there, when an office has said so"),
        "say": Value("the number to say there: the case's, else this visit's"),
        "phone": Value("the telephone for this service"),
        "certificate_no": Value("the certificate's number, when there is one already"),
    },
    "reprint": {
        "certificate_no": Value("the certificate's number, the same as on the first print"),
        "copy": Value("which print it is, in words: the second, say"),
        "decided_by": Value("who decided that it is printed again"),
        "decided_at": Value("when"),
        "check_code": Value("address where the certificate is checked"),
    },
    "draft": {
        "draft_code": Value("the code that opens it, for a scanner"),
        "draft_letters": Value("the same as people read it, in fours"),
        "until": Value("date and time when it is destroyed"),
    },
    "staff": {
        "title": Value("what the slip is about"),
        "big": Value("what must be seen first; nothing when there is none"),
        "next": Value("what is to be done now"),
    },
}
# What is repeated: a line with `each` is printed once for each of them, with these names of its own.
LISTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "receipt": {"rows": ("label", "value")},
    "ticket": {"rows": ("label", "value")},
    "progress": {"rows": ("label", "value"), "timeline": ("when", "what")},
    "referral": {},
    "reprint": {},
    "draft": {},
    "staff": {"rows": ("label", "value")},
}


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CodeSpec(_Model):
    """A QR code with the words beside it; left out when its content is empty."""

    content: str = Field(min_length=1)
    words: str = Field(min_length=1)
    note: str = ""


class LineSpec(_Model):
    """One line: a text, a label with its value, a rule, or a code.

    One with places that are all empty is left out. `when` prints it only if that value is there, `unless`
    only if it is not.
    """

    text: str = ""
    label: str = ""
    value: str = ""
    rule: bool = False
    code: CodeSpec | None = None
    size: Size = "body"
    bold: bool = False
    align: Literal["left", "centre"] = "left"
    each: str = ""
    when: str = ""
    unless: str = ""

    @model_validator(mode="after")
    def _is_one_thing(self) -> LineSpec:
        if sum((bool(self.text), bool(self.label or self.value), self.rule, self.code is not None)) != 1:
            raise ValueError("a line is one of: text; label and value; rule = true; code")
        if bool(self.label) != bool(self.value):
            raise ValueError("label and value go together")
        if not self.text and (self.size != "body" or self.bold or self.align != "left"):
            raise ValueError("size, bold and align are for text")
        return self

    def texts(self) -> Iterator[tuple[str, str]]:
        """The keys with their texts."""
        yield from (("text", self.text), ("label", self.label), ("value", self.value))
        if self.code is not None:
            told = (self.code.content, self.code.words, self.code.note)
            yield from (("code", one) for one in told)


class Paper(_Model):
    """One paper."""

    document: Document
    line: tuple[LineSpec, ...] = Field(min_length=1)


def values_of(document: str) -> Mapping[str, Value]:
    """Every name that a paper of this document may use outside of `each`."""
    return {**EVERYWHERE, **OF_DOCUMENT[document]}


def load(path: Path) -> Paper:
    """The paper in `path`. toml_file.ConfigError with key and line when it is wrong or names no value."""
    paper = toml_file.load(path, Paper)
    problems = list(_unknown(paper))
    if problems:
        text = path.read_text(encoding="utf-8-sig")
        told = [
            f"line.{n}.{key}: {what}, line {toml_file.line_of(text, ('line', n, key))}"
            for n, key, what in problems
        ]
        raise toml_file.ConfigError(path, told)
    return paper


def load_all(folders: Iterable[Path]) -> dict[str, Paper]:
    """The papers of `folder/papers/*.toml` by file name; a later folder replaces one of the same name.

    ConfigError as of `load`, or when one that replaces another is for another document.
    """
    found: dict[str, Paper] = {}
    for folder in folders:
        for path in sorted((folder / "papers").glob("*.toml")):
            paper = load(path)
            due = path.stem if path.stem in get_args(Document) else paper.document
            if paper.document != due:
                problem = f"document: a paper called {path.stem} is of document {due!r}, line "
                text = path.read_text(encoding="utf-8-sig")
                raise toml_file.ConfigError(path, [problem + str(toml_file.line_of(text, ("document",)))])
            found[path.stem] = paper
    return found


def _unknown(paper: Paper) -> Iterator[tuple[int, str, str]]:
    """Line, key and complaint for every name that the document's table lacks."""
    names, lists = values_of(paper.document), LISTS[paper.document]
    for n, line in enumerate(paper.line):
        if line.each and line.each not in lists:
            yield n, "each", f"no list {line.each!r}; a {paper.document} has {_told(lists)}"
        own = lists.get(line.each, ())
        for key in ("when", "unless"):
            asked = getattr(line, key)
            if asked and asked not in {**names, **lists}:
                yield n, key, f"no value {asked!r}; a {paper.document} has {_told({**names, **lists})}"
        for key, text in line.texts():
            for name in PLACE.findall(text):
                if name not in names and name not in own:
                    yield n, key, f"no value {{{name}}}; a {paper.document} has {_told((*own, *names))}"
            if set("{}") & set(PLACE.sub("", text)):
                yield n, key, "a brace without its other half; a value is written {name}"


def _told(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
