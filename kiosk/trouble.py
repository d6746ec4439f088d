"""Bad news as a prompt: what happened, what is safe, what to do now, whom to call."""

from __future__ import annotations

from config.faults import any_fault
from config.settings import Settings
from config.words import Words, words
from kiosk.prompts import Option, Trouble


def trouble(
    code: str, settings: Settings, *ways: str, what: Words | None = None, safe: Words | None = None
) -> Trouble:
    """The prompt for a fault of `faults.toml`, in its own words or in `what`.

    `safe` says what is not lost, where there is more to say than always.
    `ways` are rows `way_…` of `locale/journey.toml`; the first is the main one and says what is next.
    """
    return Trouble(
        what=what or any_fault(code).citizen,
        safe=safe or words("journey.nothing_lost"),
        next=words(f"journey.next_{ways[0]}"),
        call=words("journey.call", phone=settings.identity.help_phone),
        options=tuple(Option(way, words(f"journey.way_{way}")) for way in ways),
        code=code,
    )
