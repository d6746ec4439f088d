"""Whether somebody may enter: a pure judgement of a card or a code, and what is kept between two of them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from kiosk.technician import one_time_code, tries
from kiosk.technician.people import Technician
from kiosk.technician.tries import AT_TERMINAL, Tries

TERMINAL = "terminal"  # whose wrong tries are everybody's
_NONE = "A" * 32  # the secret of nobody: an unknown number costs the same work


class Memory(msgspec.Struct, frozen=True):
    """What lasts from entry to entry, over restarts too."""

    wrong: dict[str, Tries] = {}  # by a digest of the number, and of the terminal as a whole
    used: dict[str, int] = {}  # by number: the step of the code that he entered with last, of its secret
    inside: str = ""  # whoever has entered and not left


@dataclass(frozen=True)
class Said:
    """What somebody has shown: the digest of a card, or a number with six digits. `name` is for counting."""

    how: str  # card, code
    name: str
    number: str = ""
    code: str = ""
    card: str = ""


@dataclass(frozen=True)
class Judged:
    """`technician` may enter when `code` is empty; else it says why not. `wait`: seconds to the next try."""

    technician: Technician | None
    code: str
    memory: Memory
    wait: float = 0.0


def judge(
    people: Sequence[Technician], memory: Memory, said: Said, now: float, today: date, ran: float
) -> Judged:
    """`now` in seconds since 1970, for codes; `ran` the running time, for waits. While one of these lasts
    nothing is looked at, right or wrong.

    `technician` is also told with a refusal, where the number is one of the file's.
    """
    one = _who(people, said)
    memory = msgspec.structs.replace(memory, wrong=tries.not_ahead(memory.wrong, ran))
    wait = waits(memory, said.name, ran)
    if wait > 0:
        return Judged(one, "technician_locked_out", memory, wait)
    step = _step(one, memory, said, now)
    if one is None or step is None:
        memory = _failed(memory, said.name, ran)
        return Judged(one, "technician_refused", memory, waits(memory, said.name, ran))
    if one.expired(today):
        return Judged(one, "technician_expired", memory)
    wrong = {name: one for name, one in memory.wrong.items() if name not in (said.name, TERMINAL)}
    used = {**memory.used, _used(one): step} if said.how == "code" else memory.used
    return Judged(one, "", Memory(wrong, used, one.number))


def waits(memory: Memory, name: str, ran: float) -> float:
    """Seconds until whoever is counted under this name may try, at this terminal."""
    own = tries.seconds_left(memory.wrong.get(name, Tries()), ran)
    everybody = tries.seconds_left(memory.wrong.get(TERMINAL, Tries()), ran, AT_TERMINAL)
    return max(own, everybody)


def _who(people: Sequence[Technician], said: Said) -> Technician | None:
    if said.how == "card":
        fits = [one for one in people if any(hmac.compare_digest(said.card, card) for card in one.cards)]
    else:
        fits = [one for one in people if one.number == said.number]
    return fits[0] if fits else None


def _step(one: Technician | None, memory: Memory, said: Said, now: float) -> int | None:
    """The step of the code that was said; any number for a card; None when it does not fit."""
    if said.how == "card":
        return 0
    secret = one_time_code.plain(one.secret if one else _NONE)
    return one_time_code.step_of(secret, said.code, now, memory.used.get(_used(one), -1) if one else -1)


def _used(one: Technician) -> str:
    """A new secret begins anew: the codes of the old one say nothing of its."""
    return f"{one.number}/{hashlib.sha256(one.secret.encode()).hexdigest()[:16]}"


def _failed(memory: Memory, name: str, ran: float) -> Memory:
    """A card that nobody has counts for the terminal alone."""
    wrong = {one: tries.failed(memory.wrong.get(one, Tries()), ran) for one in {name, TERMINAL}}
    return msgspec.structs.replace(memory, wrong=tries.newest({**memory.wrong, **wrong}))
