"""One invented card of each of the four kinds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from stdnum.iso7064 import mod_11_2

from config.people import people
from drivers import id_card
from drivers.id_card import IdCard
from drivers.virtual.id_card_reader import card_of

PHOTO = id_card.PHOTO_HEADER.ljust(1024, b"\0")
RESIDENT = card_of(people()["zhang"])


def numbered(first_17: str) -> str:
    return first_17 + mod_11_2.calc_check_digit(first_17)


PERMIT = replace(
    RESIDENT,
    card="permit",
    nation="",
    number=numbered("81000019900101001"),
    pass_number="H00000001",
    issue_count="01",
)
FOREIGN_2017 = IdCard(
    card="foreign",
    name="示例",
    sex="female",
    nation="",
    birth=date(1988, 8, 8),
    address="",
    number="GBR110088080800",
    issuer="1500",
    valid_from=date(2019, 5, 1),
    valid_to=date(2029, 4, 30),
    photo_wlt=PHOTO,
    latin="EXAMPLE, PERSON",
    nationality="GBR",
    version="01",
)
FOREIGN_2023 = replace(
    FOREIGN_2017,
    number=numbered("91182619880808001"),
    issuer="",
    latin="A NAME OF MORE THAN THIRTY-FIVE LETTERS, X",
    issue_count="00",
    version="",
    old_number="001",
)
CARDS = {"resident": RESIDENT, "permit": PERMIT, "foreign 2017": FOREIGN_2017, "foreign 2023": FOREIGN_2023}
