"""Counters as people say them: on a technician's pages and in the readiness report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from config.words import Words, joined, same, words

_OURS = ("cards", "codes", "pages", "cuts", "pulses", "paper_mm")
_FAILED = "failed:"


def counted(counts: Mapping[str, int]) -> Words:
    """`3 pages · 2 cuts`, and `0` for none; one of an outside driver by its own name."""
    return joined(_each(counts)) if counts else same("0")


def _each(counts: Mapping[str, int]) -> Iterator[Words]:
    for name, n in sorted(counts.items()):
        if name in _OURS:
            yield words(f"technician.count_{name}", n=n)
        elif name.startswith(_FAILED):
            yield words("doctor.count_failed", n=n, code=name.removeprefix(_FAILED))
        else:
            yield words("technician.count_other", name=name, n=n)
