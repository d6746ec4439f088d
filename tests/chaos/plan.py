"""What a chaos run does, all of it drawn from one seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Literal

from tests.chaos.ingest_child import POINTS
from tests.chaos.proxy import Weather

Database = Literal["sqlite", "postgresql"]
Victim = Literal["terminal", "broker", "ingest", "database", "scheduler", "backup", "restore"]
DATABASES: tuple[Database, ...] = ("sqlite", "postgresql")
INGESTS = ("ingest-1", "ingest-2")
EACH: tuple[Victim, ...] = ("terminal", "ingest", "broker", "database", "ingest", "terminal")
SHARES: dict[Victim, int] = {"terminal": 45, "ingest": 25, "broker": 15, "database": 15}


BAD = Weather()
FAIR = Weather(cut=0, half_close=0, black_hole=0, beside=0, late=0, slow=False)


@dataclass(frozen=True)
class Kill:
    """One kill -9, when so many transactions have been done in all; up again after `down` seconds.

    Chosen ones may also be `backup`, and `restore`: the hall is lost, and comes back as it was then.
    """

    after: int
    victim: Victim
    name: str  # of the child; of broker and database their own
    point: str = ""  # of an ingest: where it dies; empty: wherever it is
    down: float = 0.0
    beyond: Victim | None = None  # and not up again before this one has been killed, and is back


@dataclass(frozen=True)
class Plan:
    """One run. `broken` has the mistakes to make, by child."""

    database: Database
    seed: int
    terminals: int = 50
    transactions: int = 200
    kills: int = 30
    pace: float = 0.25  # mean seconds between two transactions of a terminal
    unstorable_every: int = 90  # one message in so many transactions must be refused
    waits: tuple[float, float] = (5.0, 60.0)  # seconds until a message goes again: first and longest
    patience: float = 120.0  # seconds without any progress until a run has failed
    weather: Weather = BAD
    hall_weather: Weather = BAD  # between broker and ingests
    ingests: tuple[str, ...] = INGESTS
    scheduler: bool = False  # runs, and is killed with the others
    broken: dict[str, str] = field(default_factory=dict)
    chosen: tuple[Kill, ...] = ()  # these kills instead of drawn ones

    @property
    def names(self) -> list[str]:
        """The terminals."""
        return [f"K{number:03}" for number in range(1, self.terminals + 1)]

    def schedule(self) -> list[Kill]:
        """The kills in their order, spread over the work; with six of them each kind of victim has one."""
        if self.chosen:
            return list(self.chosen)
        chance = random.Random(f"{self.seed}/{self.database}")
        shares: dict[Victim, int] = {**SHARES, "scheduler": 7} if self.scheduler else SHARES
        victims = list(EACH[: self.kills])
        victims += chance.choices(list(shares), list(shares.values()), k=max(0, self.kills - len(victims)))
        chance.shuffle(victims)
        work = self.terminals * self.transactions
        return [
            self._kill(chance, victim, work * (n + 1) // (self.kills + 2)) for n, victim in enumerate(victims)
        ]

    def _kill(self, chance: random.Random, victim: Victim, after: int) -> Kill:
        down = round(chance.uniform(0.0, 3.0), 1)
        if victim == "terminal":
            return Kill(after, victim, chance.choice(self.names), down=down)
        if victim == "ingest":
            return Kill(after, victim, chance.choice(self.ingests), chance.choice(["", *POINTS]), down)
        return Kill(after, victim, victim, down=down)
