"""Bodies of the platform's interface: ratings (好差评), once a case or visit, and one follow-up (追评)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from config.platform_body import Body
from config.words import Words

RATED = "rated_already"  # the refusal of a second first rating, or a second follow-up
LONGEST = 150  # characters of a citizen's own words


class NewRating(Body):
    """A rating given at a terminal. The same one again is taken for the same; another one is refused."""

    case_no: str = Field("", max_length=50)
    visit: str = Field("", max_length=64)  # the session, where nothing was filed
    service: str = Field(max_length=10)
    stars: int = Field(ge=1, le=5)  # 5 best
    codes: tuple[str, ...] = Field((), max_length=8)  # of config/ratings.toml
    text: str = Field("", max_length=LONGEST)
    number: Literal[1, 2] = 1  # 2: the follow-up

    @model_validator(mode="after")
    def _about_one_thing(self) -> NewRating:
        if bool(self.case_no) == bool(self.visit):
            raise ValueError("either a case or a visit is rated")
        if self.visit and self.number != 1:
            raise ValueError("a visit has no follow-up: nobody could come back to it")
        return self


class RatingKept(Body):
    """It is recorded."""

    number: Literal[1, 2]


class Rateable(Body):
    """A case that may be rated. `number` 2: it was rated, and one follow-up is open."""

    case_no: str
    service: str
    name: Words
    filed: date
    number: Literal[1, 2]


class Rateables(Body):
    items: tuple[Rateable, ...] = ()
