"""A template and its values become the lines of a paper, for both renderings alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from config.paper import PLACE, LineSpec, Mask, Paper, values_of
from config.words import words
from kiosk.documents.receipts import RULE, Line
from kiosk.masked import masked_name, masked_number

LONGEST_CODE = 600  # bytes; the squares of a longer one are too small for a phone on 58 mm paper

Values = Mapping[str, str]
Lists = Mapping[str, Sequence[Values]]


def fill(paper: Paper, values: Values, lists: Lists | None = None, language: str = "zh") -> tuple[Line, ...]:
    """The lines of `paper`. A value that is not given is empty; names and numbers are masked by the table.

    The last line says 样张 · 无效 in the paper's language, whatever the template says.
    """
    lists = lists or {}
    shown = _masked(paper, values)
    lines = [line for spec in paper.line for line in _lines(spec, shown, lists)]
    return (*_tidy(lines), Line("text", words("receipt.sample")[language], bold=True, centre=True))


def _masked(paper: Paper, values: Values) -> dict[str, str]:
    table = values_of(paper.document)
    return {name: _mask(table[name].mask, text) for name, text in values.items()}


def _mask(mask: Mask, text: str) -> str:
    if not text or not mask:
        return text
    return (masked_name if mask == "name" else masked_number)(text).zh


def _lines(spec: LineSpec, values: Values, lists: Lists) -> Iterator[Line]:
    there = {
        *(name for name, text in values.items() if text),
        *(name for name, rows in lists.items() if rows),
    }
    if (spec.when and spec.when not in there) or spec.unless in there:
        return
    for own in lists.get(spec.each, ()) if spec.each else ({},):
        told = {**values, **own}
        if not _empty(spec, told):
            line = _line(spec, told)
            if line.kind != "code" or len(line.text.encode()) <= LONGEST_CODE:
                yield line


def _empty(spec: LineSpec, values: Values) -> bool:
    """Whether it has places and none of them is filled. Of a code its content counts alone."""
    texts = [spec.code.content] if spec.code else [text for _, text in spec.texts()]
    named = [name for text in texts for name in PLACE.findall(text)]
    return bool(named) and not any(values.get(name) for name in named)


def _line(spec: LineSpec, values: Values) -> Line:
    def filled(text: str) -> str:
        return PLACE.sub(lambda place: values.get(place[1], ""), text)

    if spec.rule:
        return RULE
    if spec.code is not None:
        code = spec.code
        return Line("code", filled(code.content), filled(code.words), filled(code.note))
    if spec.label:
        return Line("pair", filled(spec.value), filled(spec.label))
    centre = spec.align == "centre"
    return Line("text", filled(spec.text), size=spec.size, bold=spec.bold, centre=centre)


def _tidy(lines: Sequence[Line]) -> Iterator[Line]:
    """Between two rules nothing may be left: then one of them goes, as does one at the top."""
    before = RULE
    for line in lines:
        if line != RULE or before != RULE:
            yield line
        before = line
