"""docs/services.md, made from the catalogue: each item, how it runs, what it needs, what is a stand-in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from config.catalogue_files import Catalogue, load_catalogue
from config.service import Flow, Level, Service

_LEVELS = {Level.NONE: "L0", Level.CARD: "L1", Level.PERSON: "L2", Level.STRONG: "L3"}
_HEAD = """# Services

Generated from `config/catalogue/` by `config/services_page.py`; `make lint` compares. What the levels mean: \
L0 nobody is known, L1 a card or an app, L2 and it is he, L3 strong and in person. Devices in brackets help, \
the others are needed. No department is connected to this project: each back end is the reference platform \
(`hall/platform/`), which a province replaces by an adapter, and each paper is marked as an invalid sample."""


def document() -> str:
    """The page, for the built-in catalogue."""
    return "\n".join(_lines(load_catalogue())) + "\n"


def counts(catalogue: Catalogue) -> str:
    """`53 services of 6 flows under 8 themes`, and how many are connected, as halls report it."""
    services = catalogue.services.values()
    connected = sum(one.status == "connected" for one in services)
    flows = len({one.flow for one in services})
    return (
        f"{len(catalogue.services)} services of {flows} flows under {len(catalogue.themes)} themes, "
        f"{connected} of them connected: {catalogue.items} items and what is part of one"
    )


def _lines(catalogue: Catalogue) -> Iterator[str]:
    yield _HEAD
    yield ""
    yield f"{counts(catalogue)}. {_by_flow(catalogue)}."
    for theme in catalogue.themes:
        yield f"\n## {theme.number} {theme.name.zh} {theme.name.en}\n"
        yield "| Item | Name | Flow | Level | Known by | Devices | Comes out | Agents | Stand-ins |"
        yield "|---|---|---|---|---|---|---|---|---|"
        yield from (_row(service) for service in catalogue.under(theme.number))
    yield "\n## Stand-ins\n"
    yield "What these items show is true of the invented records; the hardware or back end is not.\n"
    yield from _stand_ins(catalogue)


def _by_flow(catalogue: Catalogue) -> str:
    found = Counter(service.flow for service in catalogue.services.values())
    return ", ".join(f"{found[flow]} {flow}" for flow in Flow if found[flow])


def _row(service: Service) -> str:
    name = f"{service.name.zh}<br>{service.name.en}"
    if service.status != "connected":
        name += f" ({service.status})"
    known = "–" if service.level is Level.NONE else ", ".join((*service.cards, *service.means))
    devices = [*service.needs, *(f"({kind})" for kind in service.uses)]
    out = [f"{one.document}{' later' if one.later else ''}" for one in service.outputs]
    cells = (
        service.id,
        name,
        service.flow,
        _LEVELS[service.level],
        known,
        ", ".join(devices) or "–",
        ", ".join(out) or "on the screen",
        ", ".join(service.agents) or "–",
        ", ".join(service.stand_ins) or "–",
    )
    return f"| {' | '.join(cells)} |"


def _stand_ins(catalogue: Catalogue) -> Iterator[str]:
    found: dict[str, list[str]] = {}
    for id, service in sorted(catalogue.services.items()):
        for one in service.stand_ins:
            found.setdefault(one, []).append(id)
    for one, ids in sorted(found.items()):
        yield f"- {one}: {', '.join(ids)}"
