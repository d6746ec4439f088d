"""跨域通办: taken in here, decided elsewhere, where an agreement says so."""

from __future__ import annotations

from config import regions
from config.platform_api import Referral, ResultRow
from config.routes import Route
from config.words import same, words
from hall.platform.office import Decision, Filing, Handler, refused
from hall.platform.workdays import working_day


def _route(filing: Filing) -> Route | None:
    """The agreement in force that is the quickest."""
    region, item = filing.text("region"), filing.text("item")
    found = [one for one in filing.parts.catalogue.routes if one.reaches(region, item, filing.today)]
    return min(found, key=lambda route: route.days, default=None)


def _pre_accept(filing: Filing) -> Decision:
    """ZH06: on its way to the other place, or the reason why there is none."""
    route, item = _route(filing), filing.option("item", filing.text("item"))
    place = regions.full_name(filing.text("region")) or same(filing.text("region"))
    if route is None:
        return refused(
            words("office_general.route_none"),
            words("office_general.route_none_why", place=place, item=item),
            Referral(
                what=words("office_general.route_bring", item=item),
                where=words("office_general.route_where", place=place),
                phone=filing.service.guide.phone,
            ),
        )
    there = working_day(filing.today, route.days)
    until = working_day(there, filing.service.item.promised_days)
    told = {
        "item": item,
        "place": place,
        "scope": words(f"office_general.scope_{route.scope}"),
        "agreement": route.agreement,
        "way": route.way,
        "there": same(f"{there:%Y-%m-%d}"),
        "until": same(f"{until:%Y-%m-%d}"),
    }
    return Decision(
        "accepted",
        words("office_general.route_title"),
        words("office_general.route_message", place=place, there=f"{there:%Y-%m-%d}"),
        words("office_general.route_event", place=place),
        decided=False,
        rows=tuple(
            ResultRow(label=words(f"office_general.route_{name}"), value=value)
            for name, value in told.items()
        ),
    )


HANDLERS = {"ZH06": Handler(decides=_pre_accept)}
