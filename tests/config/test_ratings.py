"""The rating table (好差评): five stars, each with the indicator codes of the interface in use."""

from __future__ import annotations

import pytest

from config.ratings import star_rows, valid
from config.words import LANGUAGES

# The interface gives each star eight codes, one after the other, counted from here.
FIRST_CODE = {5: 510, 4: 406, 3: 307, 2: 207, 1: 108}
CODES = {stars: [str(first + n) for n in range(8)] for stars, first in FIRST_CODE.items()}


def test_the_best_rating_stands_first() -> None:
    assert [row.stars for row in star_rows()] == [5, 4, 3, 2, 1]
    assert [row.name.zh for row in star_rows()] == ["非常满意", "满意", "基本满意", "不满意", "非常不满意"]


@pytest.mark.parametrize("stars", CODES)
def test_a_star_has_the_codes_of_the_interface_and_words_for_each(stars: int) -> None:
    (row,) = (row for row in star_rows() if row.stars == stars)
    assert [indicator.code for indicator in row.indicators] == CODES[stars]
    assert all(indicator.name[language].strip() for indicator in row.indicators for language in LANGUAGES)


@pytest.mark.parametrize("stars", CODES)
def test_any_of_its_own_codes_goes_with_a_star_and_none_of_another(stars: int) -> None:
    assert valid(stars, ())
    assert valid(stars, tuple(CODES[stars]))
    for other in CODES.keys() - {stars}:
        assert not valid(stars, (CODES[stars][0], CODES[other][0]))


@pytest.mark.parametrize(("stars", "codes"), [(0, ()), (6, ()), (-5, ()), (5, ("",)), (5, ("999",))])
def test_what_nobody_offered_is_no_rating(stars: int, codes: tuple[str, ...]) -> None:
    assert not valid(stars, codes)
