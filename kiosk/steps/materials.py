"""The papers that a service wants: how each is had, and those that are left to be brought here and now."""

from __future__ import annotations

from collections.abc import Mapping

from config.devices import Kind
from config.materials import MaterialSpec
from config.platform_api import MaterialsKnown, MaterialWay
from config.words import Words, words
from kiosk import brought
from kiosk.found import query_of
from kiosk.platform import PlatformError
from kiosk.prompts import ChooseOne, MaterialLine, Materials, Option, Working
from kiosk.session import Had
from kiosk.stage import GoBack
from kiosk.steps.scan import scan
from kiosk.steps.upload import upload
from kiosk.visit import Visit

USUAL_LOOK = 2  # seconds
CHANGE = "change:"
_BROUGHT = ("scan", "upload")  # ways that still have to be gone

Open = Mapping[str, tuple[MaterialWay, ...]]


async def materials(visit: Visit) -> None:
    """Asks how each paper is had, and takes those that are brought; they stand in the session afterwards."""
    session, wanted = visit.session, brought.wanted(visit)
    if brought.only_scanned(visit):
        session.had.clear()
        await scan(visit, wanted)
        return
    await bring(visit, wanted, await _known(visit))


async def bring(visit: Visit, wanted: tuple[MaterialSpec, ...], known: MaterialsKnown) -> None:
    """As `materials`, for these papers by the ways that are known already."""
    session, ways = visit.session, await _open(visit, wanted, known)
    session.had = {one.key: _kept(visit, one, ways[one.key]) for one in wanted}
    while True:
        answer = await visit.choose(_page(visit, wanted, ways, known))
        if answer.startswith(CHANGE):
            key = answer.removeprefix(CHANGE)
            await _change(visit, next(one for one in wanted if one.key == key), ways[key])
        elif await _take(visit, wanted):
            return


def _kept(visit: Visit, material: MaterialSpec, ways: tuple[MaterialWay, ...]) -> Had:
    """How it was had before, where that way is still open; else the best one."""
    before = visit.session.had.get(material.key)
    offered = [had for had, _ in _choices(ways)]
    if before is not None and any(_same(before, one) for one in offered):
        return before
    return offered[0]


def _same(had: Had, other: Had) -> bool:
    return (had.source, had.certificate) == (other.source, other.certificate)


def _choices(ways: tuple[MaterialWay, ...]) -> list[tuple[Had, Words]]:
    """Every way as it may be chosen; each certificate is one."""
    found: list[tuple[Had, Words]] = []
    for way in ways:
        name = words(f"bring.way_{way.source}")
        if way.source == "certificate":
            for one in way.certificates:
                cited = words("bring.way_this_certificate", name=one.name)
                found.append((Had("certificate", one.identifier), cited))
        else:
            found.append((Had(way.source), name))
    return found


async def _known(visit: Visit) -> MaterialsKnown:
    query = query_of(visit)
    while True:
        visit.show(Working(words("bring.looking"), USUAL_LOOK))
        try:
            with visit.clock.hold():
                return await visit.backstage.platform.materials_known(query)
        except PlatformError as error:
            await visit.tell_refusal(error, "again", "back", "home")


async def _open(visit: Visit, wanted: tuple[MaterialSpec, ...], known: MaterialsKnown) -> Open:
    """The ways that are open here. A paper that can only be scanned waits for the camera, or for a window."""
    while True:
        camera = visit.backstage.devices.ready(Kind.DOCUMENT_CAMERA)
        found = {one.key: _ways(one, known, camera) for one in wanted}
        if all(found.values()):
            return found
        code = visit.backstage.devices.fault(Kind.DOCUMENT_CAMERA)
        await visit.tell_trouble(code, "again", "window", "home")


def _ways(material: MaterialSpec, known: MaterialsKnown, camera: bool) -> tuple[MaterialWay, ...]:
    """What the platform is silent about can still be scanned, if the service lets it."""
    told = known.ways.get(material.key, ())
    if not told and "scan" in material.sources:
        told = (MaterialWay(source="scan"),)
    return tuple(
        way
        for way in told
        if (way.source != "scan" or camera) and (way.source != "certificate" or way.certificates)
    )


def _page(visit: Visit, wanted: tuple[MaterialSpec, ...], ways: Open, known: MaterialsKnown) -> Materials:
    lines = tuple(_line(visit, one, ways[one.key]) for one in wanted)
    later = any(had.source == "later" for had in visit.session.had.values())
    note = words("bring.until", day=known.until.isoformat()) if later and known.until is not None else None
    left = any(not line.done for line in lines)
    action = words("bring.go_take" if left else "journey.then_check")
    return Materials(words("bring.materials_question"), lines, action, note)


def _line(visit: Visit, material: MaterialSpec, ways: tuple[MaterialWay, ...]) -> MaterialLine:
    choices = _choices(ways)
    had = visit.session.had[material.key]
    name = next(name for one, name in choices if _same(one, had))
    note = next((way.note for way in ways if way.source == had.source), None)
    if note is not None:
        name = words("bring.way_noted", way=name, note=note)
    done = had.source not in _BROUGHT or _taken(visit, material)
    return MaterialLine(material.key, material.name, name, done, change=len(choices) > 1)


def _taken(visit: Visit, material: MaterialSpec) -> bool:
    had = visit.session.had[material.key]
    if had.source == "upload":
        return bool(had.handles)
    return had.source != "scan" or bool(visit.session.pages.get(material.key))


async def _change(visit: Visit, material: MaterialSpec, ways: tuple[MaterialWay, ...]) -> None:
    """Another way for one paper. Chosen anew, pages are taken anew. *Back* changes nothing."""
    choices = _choices(ways)
    options = tuple(Option(str(n), name) for n, (_, name) in enumerate(choices))
    try:
        chosen = await visit.choose(ChooseOne(words("bring.change_question", name=material.name), options))
    except GoBack:
        return
    visit.session.had[material.key] = choices[int(chosen)][0]
    visit.session.pages.pop(material.key, None)


async def _take(visit: Visit, wanted: tuple[MaterialSpec, ...]) -> bool:
    """Takes what is left. False when the citizen stepped back to choose otherwise; what was taken stays."""
    left = [one for one in wanted if not _taken(visit, one)]
    try:
        for one in left:
            if visit.session.had[one.key].source == "upload":
                visit.session.had[one.key] = Had("upload", handles=await upload(visit, one))
        await scan(visit, tuple(one for one in left if visit.session.had[one.key].source == "scan"))
    except GoBack:
        if visit.session.subject is None and visit.service.level:
            raise  # who it is must be asked anew
        return False
    return True
