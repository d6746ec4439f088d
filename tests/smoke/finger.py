"""A citizen who finishes any service on the real window: each page is answered by touches, as it asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.smoke.citizen import Citizen
from tests.smoke.permit import NAME
from tests.smoke.report import Stuck
from tests.smoke.whole import Whole
from tests.smoke.window import Outline

FIRST = "*"  # of the options that a platform offers
LONGEST = 90.0  # seconds that one page may stand
PAGES = 60  # more would be a circle


@dataclass
class Errand:
    """What somebody comes for. `values` of the form: a choice's value, what is written, what is touched."""

    service: str
    theme: int
    person: str
    values: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)  # page → what is touched on it
    reads: Mapping[str, str] = field(default_factory=dict)  # language → what the pages must have said
    filed: bool = True  # a case comes of it
    principal: str = ""  # whose card is laid second, where an agent acts
    cards: int = 0  # cards laid so far


@dataclass
class Walk:
    """The pages that came, each in a row once, and all that was to be read on them."""

    pages: list[str]
    text: str


def finish(whole: Whole, errand: Errand) -> Walk:
    """From home to home. Stuck when a page leads nowhere."""
    window = whole.window
    person = whole.citizen(errand.person)
    window.visited.clear()
    person.open_guide(errand.service, errand.theme)
    read: list[str] = []
    for _ in range(PAGES):
        outline = window.until(lambda o: o.page != "Working", "the work to end", LONGEST)
        read.append(outline.text)
        if outline.page == "Home":
            return Walk(window.visited, "\n".join(read))
        _ANSWERS.get(outline.page, _main)(whole, person, errand, outline)
    raise Stuck(f"{errand.service} goes in circles: {window.visited[-8:]}")


def _go(whole: Whole, name: str, seconds: float = 60.0) -> None:
    """Touches it once it may be touched, and waits for what follows."""
    window = whole.window
    before = window.until(
        lambda o: (i := o.item(name)) is not None and i.enabled, f"{name} to touch", seconds
    )
    window.tap(name)
    _turned(whole, before)


def _leave(whole: Whole, name: str) -> None:
    """Touches what ends a page. Stuck, with its words, when it is not content."""
    page = whole.window.look().page
    whole.window.tap(name)
    whole.window.until(lambda o: o.page != page, f"{page} to be content", LONGEST / 3)


def _turned(whole: Whole, before: Outline) -> None:
    """Waits until the page has gone, or says something else than the time."""
    whole.window.until(
        lambda now: now.page != before.page or _said(now) != _said(before), f"{before.page} to turn", LONGEST
    )


def _said(outline: Outline) -> list[tuple[str, str]]:
    return [(i.name, i.text) for i in outline.still]


def _main(whole: Whole, person: Citizen, errand: Errand, outline: Outline) -> None:
    """What the errand wants touched here; else the main action."""
    wanted = errand.answers.get(outline.page)
    for name in (wanted,) if wanted else _MAIN:
        if (item := outline.item(name)) is not None and item.enabled:
            _go(whole, name)
            return
    on = ("choice:", "page:next")
    choice = next(
        (i.name for start in on for i in outline.items if i.name.startswith(start) and i.enabled), ""
    )
    if not choice or outline.page == "Trouble":
        raise Stuck(f"{outline.page} leads nowhere: {' / '.join(outline.text.splitlines())[:300]}")
    _go(whole, choice)


def _place_card(whole: Whole, person: Citizen, errand: Errand, outline: Outline) -> None:
    errand.cards += 1
    who = errand.principal if errand.cards > 1 and errand.principal else errand.person
    whole.bench.act("id_card_reader", "put", person=who)
    person.lift_card()
    whole.window.until(lambda o: o.page != "PlaceCard", "the card to be done with", LONGEST)


def _choose(whole: Whole, person: Citizen, errand: Errand, outline: Outline) -> None:
    """A means of being known is a text message, or the hall's staff where it must be in person."""
    for means in ("choice:sms", "choice:staff"):
        if outline.item(means) is not None:
            _go(whole, means)
            return
    _main(whole, person, errand, outline)


def _code(whole: Whole, person: Citizen, errand: Errand, outline: Outline) -> None:
    for digit in person.code():
        whole.window.tap(f"digit:{digit}")
    _leave(whole, "confirm")


def _staff(whole: Whole, person: Citizen, errand: Errand, outline: Outline) -> None:
    """Somebody of the demo's hall comes, looks, and types his numbers."""
    if outline.item("field:number") is None:
        _go(whole, "same")
        return
    for name, digits in (("number", "1001"), ("pin", "246810")):
        whole.window.tap(f"field:{name}")
        for digit in digits:
            _key(whole, digit)
    _leave(whole, "confirm")


def _fill(whole: Whole, person: Citizen, errand: Errand, outline: Outline) -> None:
    """The values in the order of the form, turning its pages forward; then the form's own button."""
    for key, value in errand.values.items():
        _field(whole, key, value)
    while (now := whole.window.look()).item("confirm") is None:
        if now.page != "FillForm" or now.item("page:next") is None:
            raise Stuck(f"the form has no way on: {' / '.join(now.text.splitlines())[:300]}")
        _go(whole, "page:next")
    _leave(whole, "confirm")


def _field(whole: Whole, key: str, value: str | tuple[str, ...]) -> None:
    while True:
        now = whole.window.look()
        names = {item.name for item in now.items if item.enabled}
        start = f"option:{key}:"
        offered = [item.name for item in now.items if item.enabled and item.name.startswith(start)]
        chosen = offered[:1] if value == FIRST else [one for one in offered if one == f"{start}{value}"]
        if chosen:
            whole.window.tap(chosen[0])
            return
        if f"write:{key}" in names:
            _go(whole, f"write:{key}")
            if any(item.name.startswith(start) for item in whole.window.look().items):
                _field(whole, key, value)  # a page of its own: so many options are offered
                return
            _write(whole, tuple(f"key:{one}" for one in value) if isinstance(value, str) else value)
            return
        if "page:next" not in names:
            raise Stuck(f"the form has no field {key}: {sorted(names)}")
        _go(whole, "page:next")


def _write(whole: Whole, keys: tuple[str, ...]) -> None:
    """Touches each key of a pad; *done* where the pad does not go by itself."""
    for place, name in enumerate(keys):
        now = whole.window.look()
        names = {item.name for item in now.items}
        if name not in names and (name.startswith("mode:") or names & set(keys[place + 1 :])):
            continue  # the pad is there already: in this language, or where the field was filled in before
        while name.startswith("region:") and name not in names and "page:next" in names:
            _go(whole, "page:next")
            names = {item.name for item in whole.window.look().items}
        if name.startswith("key:"):
            _key(whole, name[4:])
        else:
            whole.window.tap(name)
        time.sleep(0.15)
    if whole.window.look().item("write:done") is not None:
        _go(whole, "write:done")
    whole.window.until(lambda o: o.item("write:done") is None, "the form again")


def _key(whole: Whole, key: str) -> None:
    """One key of whatever pad stands there."""
    whole.window.until(lambda o: bool(o.item(f"key:{key}") or o.item(f"digit:{key}")), f"the key {key}")
    name = f"key:{key}"
    whole.window.tap(name if whole.window.look().item(name) else f"digit:{key}")


def _sign(whole: Whole, person: Citizen, errand: Errand, outline: Outline) -> None:
    """Every page of what is signed is turned, then the name is written."""
    while (now := whole.window.look()).item("slate") is None:
        _main(whole, person, errand, now)
    person.write("slate", NAME)
    _go(whole, "signed")


def _scan(whole: Whole, person: Citizen, errand: Errand, outline: Outline) -> None:
    if outline.item("use") is None:
        whole.bench.act("document_camera", "put", sheet="form")
    _go(whole, "use")
    whole.bench.act("document_camera", "remove")


_MAIN = ("start", "agree", "next", "confirm", "taken", "skip", "done", "choice:done")
Answer = Callable[[Whole, Citizen, Errand, Outline], None]
_ANSWERS: dict[str, Answer] = {
    "PlaceCard": _place_card,
    "ChooseOne": _choose,
    "EnterCode": _code,
    "StaffCheck": _staff,
    "FillForm": _fill,
    "Sign": _sign,
    "ScanDocument": _scan,
}
