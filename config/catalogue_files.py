"""The catalogue: themes, services and what they name, read from folders and checked against each other.

A folder holds one TOML file a service, and where it has any `papers/`, `letters/`, `questions/` and
`routes.toml`.
A release (`config/release.py`) is such a folder with a signature.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from config import letters, paper, questions, routes, toml_file
from config.letters import Letter
from config.part import Part
from config.questions import Questions
from config.routes import Route
from config.service import MemberSpec, Service
from config.words import Words

BUILT_IN = Path(__file__).parent / "catalogue"
NOT_SERVICES = ("themes.toml", "routes.toml")


@dataclass(frozen=True)
class Theme:
    """One of the eight tiles."""

    number: int
    name: Words
    icon: str


class _ThemeRow(Part):
    number: int
    name: Words
    icon: str


class _Themes(Part):
    theme: tuple[_ThemeRow, ...]


@dataclass(frozen=True)
class Catalogue:
    """Themes, services, and what services name: papers, letters, trees of questions, routes."""

    themes: tuple[Theme, ...]
    services: Mapping[str, Service]
    papers: Mapping[str, paper.Paper] = dataclasses.field(default_factory=dict)
    letters: Mapping[str, Letter] = dataclasses.field(default_factory=dict)
    questions: Mapping[str, Questions] = dataclasses.field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    release: int = 0  # the number of the release that stands in the place of the built-in one

    def under(self, theme: int) -> tuple[Service, ...]:
        """The services of a theme, in the order of their ids; not those that are only had within a bundle."""
        return tuple(s for _, s in sorted(self.services.items()) if s.theme == theme and s.listed)

    @property
    def items(self) -> int:
        """How many items the directory has: what is part of another one is counted with it."""
        return sum(not service.part_of for service in self.services.values())


def load_catalogue(folders: Iterable[Path] = (), base: Path = BUILT_IN, release: int = 0) -> Catalogue:
    """The built-in catalogue and that of `folders`; a later file replaces an earlier one of its name or id.

    `base` stands in the place of the built-in one, which then lends only the papers and themes that it lacks.

    Raises toml_file.ConfigError naming file, key and line of the first bad file, or the missing folder.
    """
    folders = (base, *folders)
    for folder in folders:
        if not folder.is_dir():  # a hall's own services would be missing without a word
            raise toml_file.ConfigError(folder, [f"there is no such folder as {folder}; check the path"])
    papers = paper.load_all(folders if base == BUILT_IN else (BUILT_IN, *folders))
    own = base / "themes.toml"
    themes = toml_file.load(own if own.is_file() else BUILT_IN / "themes.toml", _Themes).theme
    services: dict[str, Service] = {}
    files: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            if path.name not in NOT_SERVICES:
                service = toml_file.load(path, Service)
                _check_templates(path, service, papers)
                services[service.id], files[service.id] = service, path
    found = Catalogue(
        tuple(Theme(t.number, t.name, t.icon) for t in themes),
        services,
        papers,
        letters.load_all(folders),
        questions.load_all(folders),
        routes.load_all(folders),
        release,
    )
    _check_names(found, files)
    return found


def _check_names(catalogue: Catalogue, files: Mapping[str, Path]) -> None:
    """What services and questions name is there. ConfigError naming the file."""
    for service in catalogue.services.values():
        if service.part_of and service.part_of not in catalogue.services:
            raise toml_file.ConfigError(files[service.id], [f"part_of: there is no {service.part_of}"])
        if problems := list(_unknown(catalogue, service)):
            raise toml_file.ConfigError(files[service.id], problems)
    for name, tree in catalogue.questions.items():
        if problems := list(_astray(catalogue, tree)):
            raise toml_file.ConfigError(Path(f"{name}.toml"), problems)


def _astray(catalogue: Catalogue, tree: Questions) -> Iterator[str]:
    """Each answer leads to a service that may be chosen, with values that its form could have."""
    if lost := sorted(tree.services() - catalogue.services.keys()):
        yield f"leads to no service: {', '.join(lost)}"
    answers = (answer for question in tree.question.values() for answer in question.answers)
    for answer in answers:
        service = catalogue.services.get(answer.service)
        if service is None:
            continue
        if not service.listed:
            yield f"{service.id} is only had within a bundle"
        fields = {spec.key: spec for spec in service.fields}
        for key, value in answer.values.items():
            spec = fields.get(key)
            if spec is None or spec.kind != "choice" or value not in {one.value for one in spec.options}:
                yield f"{service.id} has no choice {key} = {value}"


def _unknown(catalogue: Catalogue, service: Service) -> Iterator[str]:
    named = {*service.letters, *(one.letter for one in service.materials if one.letter)}
    for letter in sorted(named - catalogue.letters.keys()):
        yield f"there is no letter {letter}; add letters/{letter}.toml"
    for member in service.bundle:
        other = catalogue.services.get(member.service)
        if other is None:
            yield f"bundle: there is no service {member.service}"
            continue
        yield from _unfilled(service, member, other)


def _unfilled(service: Service, member: MemberSpec, other: Service) -> Iterator[str]:
    """A bundle's one form gives each of its items what that item's own form would have asked."""
    keys, theirs = {spec.key for spec in service.fields}, {spec.key for spec in other.fields}
    for key, ours in member.fields.items():
        if ours not in keys or key not in theirs:
            yield f"bundle: {other.id} takes {key} from {ours}, but one is no field"
    given = member.fields.keys() | member.values.keys()
    for spec in other.fields:
        if spec.required and not spec.card and spec.only_if is None and spec.key not in given:
            yield f"bundle: {other.id} asks for {spec.key}, which nothing gives"
    before = [one.service for one in service.bundle[: service.bundle.index(member)]]
    if member.after and member.after not in before:
        yield f"bundle: {other.id} comes after {member.after}, which does not stand before it"
    if other.level > service.level:
        yield f"bundle: {other.id} is of level {other.level}, the bundle only of {service.level}"
    if other.fee is not None or other.materials or other.letters or other.bundle:
        yield f"bundle: {other.id} wants a fee, papers or letters, or is a bundle: it is done by itself"


def _check_templates(path: Path, service: Service, papers: Mapping[str, paper.Paper]) -> None:
    """Each `template` is a paper there is, and of that output's document."""
    for n, output in enumerate(service.outputs):
        found = papers.get(output.template)
        if not output.template or (found is not None and found.document == output.document):
            continue
        fitting = ", ".join(sorted(name for name, one in papers.items() if one.document == output.document))
        line = toml_file.line_of(path.read_text(encoding="utf-8-sig"), ("outputs", n, "template"))
        problem = f"no paper {output.template!r} for a {output.document}; there is {fitting or 'none'}"
        raise toml_file.ConfigError(path, [f"outputs.{n}.template: {problem}, line {line}"])
