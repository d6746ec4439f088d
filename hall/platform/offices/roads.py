"""公安交管: offences on the road (GA06)."""

from __future__ import annotations

from config.money import yuan
from config.platform_api import QueryResult, Referral, ResultRow, ResultTable
from config.words import Words, same, words
from hall.platform.office import Asking, Handler
from hall.platform.registers import driving
from hall.platform.registers.driving import Offence

PHONE = "12123"


def _offences(asking: Asking) -> QueryResult:
    """Open ones of the citizen's vehicles and licence, or of the one plate that he names."""
    person, wanted = asking.person, asking.text("plate").strip().upper()
    plates = driving.plates(person.key) if person else ()
    licence = driving.licence(person.key) if person else None
    if person is None or not (plates or licence):
        return _nothing(words("office_roads.none_note"))
    if wanted and wanted not in plates:
        return _nothing(words("office_roads.not_yours"))
    found = tuple(one for one in driving.offences(person.key) if wanted in ("", one.plate))
    rows = [
        (words("office_roads.plates"), same(" ".join((wanted,) if wanted else plates) or "—")),
        (words("office_roads.count"), same(str(len(found)))),
        (words("office_roads.fines"), same(yuan(sum(one.fine for one in found)))),
        (words("office_roads.points"), same(str(sum(one.points for one in found)))),
    ]
    if licence is not None and not wanted:
        told = words("office_roads.licence_told", classes=licence.classes, until=licence.valid_to)
        rows.append((words("office_roads.licence"), told))
        rows.append((words("office_roads.points_now"), same(f"{licence.points} / 12")))
    return QueryResult(
        found=True,
        title=words("office_roads.title_some" if found else "office_roads.title_none"),
        rows=tuple(ResultRow(label=label, value=value) for label, value in rows),
        table=_table(found) if found else None,
        note=words("office_roads.pay_elsewhere") if found else None,
    )


def _nothing(note: Words) -> QueryResult:
    referral = Referral(what=words("office_roads.referral"), where=words("office_roads.window"), phone=PHONE)
    return QueryResult(found=False, title=words("office_roads.none_title"), note=note, referral=referral)


def _table(found: tuple[Offence, ...]) -> ResultTable:
    heads = (
        words("office_roads.head_when"),
        words("office_roads.head_plate"),
        words("office_roads.head_where"),
        words("office_roads.head_what"),
        words("office_roads.head_fine"),
        words("office_roads.head_points"),
    )
    rows = tuple(
        (
            same(f"{one.when:%Y-%m-%d %H:%M}"),
            same(one.plate),
            one.where,
            one.what,
            same(yuan(one.fine)),
            same(str(one.points)),
        )
        for one in found
    )
    return ResultTable(heads=heads, rows=rows)


HANDLERS = {"GA06": Handler(answers=_offences)}
