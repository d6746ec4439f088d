"""The two tables of docs/scaling.md that programs write: what `make bench-hall` measured, what follows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.bench.table import Row, number

PAGE = Path(__file__).parents[2] / "docs" / "scaling.md"
MEASURED, RECKONED = "measured", "reckoned"
_ROW = re.compile(r"\| (?P<what>[^|]+?) \| (?P<value>-?[\d,.]+)(?: (?P<unit>[^|]+?))? \|(?: [^|]* \|){2}$")
_HEAD = ("| what | ours | Node-RED | mq-bridge |", "|---|---|---|---|")


class PageError(ValueError):
    """The page lacks a marker, or a row cannot be read."""


def table(rows: Sequence[Row], head: str) -> str:
    """What was measured, as the page has it."""
    lines = [head, "", *_HEAD]
    for row in rows:
        others = " | ".join(
            number(row.peers[name]) if name in row.peers else "" for name in ("Node-RED", "mq-bridge")
        )
        lines.append(f"| {row.what} | {f'{number(row.ours)} {row.unit}'.strip()} | {others} |")
    return "\n".join(lines)


def figures(text: str) -> Mapping[str, float]:
    """By what was measured the figure, out of the page. PageError."""
    lines = block(text, MEASURED).splitlines()
    if list(_HEAD) != lines[2:4] or len(lines) < 5:
        raise PageError("the measured table has no head, or no rows")
    return dict(_figures(lines[4:]))


def block(text: str, name: str) -> str:
    """What stands between a pair of markers. PageError."""
    found = re.search(_between(name), text, re.DOTALL)
    if found is None:
        raise PageError(f"there is no <!-- {name} … --> with its end")
    return found[2]


def replaced(text: str, name: str, content: str) -> str:
    """The page with something else between a pair of markers. PageError."""
    block(text, name)
    return re.sub(_between(name), lambda found: f"{found[1]}{content}{found[3]}", text, flags=re.DOTALL)


def _between(name: str) -> str:
    return rf"(<!-- {name}[^>]*-->\n)(.*?)(\n<!-- /{name} -->)"


def _figures(lines: Sequence[str]) -> Iterator[tuple[str, float]]:
    for line in lines:
        found = _ROW.fullmatch(line)
        if found is None:
            raise PageError(f"not a row of the measured table: {line}")
        yield found["what"], float(found["value"].replace(",", ""))
