"""What must lie on the disk for a terminal to run: fonts, models, catalogue, and what the settings name."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from pathlib import Path

from config import assets
from config.catalogue_files import Catalogue, load_catalogue
from config.release import ReleaseError
from config.settings import Settings
from config.toml_file import ConfigError
from config.words import Words, joined, words
from kiosk import catalogue_release
from kiosk.doctor.parts import part
from kiosk.readiness.finding import Finding
from kiosk.software import software
from kiosk.technician import people
from kiosk.technician.people import PeopleError

_FONTS = ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf", "HanaMinA.ttf", "HanaMinB.ttf")
_MODELS = (
    "face_detection_yunet_2023mar_int8bq.onnx",
    "face_recognition_sface_2021dec_int8bq.onnx",
)


def examine(settings: Settings) -> Iterator[Finding]:
    """Version, settings, catalogue, fonts and models."""
    yield part(
        "version", words("doctor.found_version", software=software(), python=platform.python_version())
    )
    yield _settings(settings)
    yield _catalogue(settings)
    yield _fonts()


def _fonts() -> Finding:
    for find, names, code in (
        (assets.font, _FONTS, "fonts_missing"),
        (assets.screen_font, assets.SCREEN_FONTS, "fonts_missing"),
        (assets.face_model, _MODELS, "face_models_missing"),
    ):
        for name in names:
            try:
                find(name)
            except (FileNotFoundError, ValueError):
                return part("fonts", words("doctor.file_lost", file=name), code)
    return part("fonts", words("doctor.all_files"))


def _catalogue(settings: Settings) -> Finding:
    """The release that a start would use; else the built-in one and the folders of the settings."""
    try:
        catalogue = _kept(settings)
    except ReleaseError as error:
        return part("catalogue", words("doctor.release_wrong", why=error.detail or error.code), error.code)
    except ConfigError as error:
        why = error.problems[0] if error.problems else "–"
        wrong = words("doctor.catalogue_wrong", file=error.path.name, why=why)
        return part("catalogue", wrong, "catalogue_broken")
    held = {"services": len(catalogue.services), "papers": len(catalogue.papers)}
    if catalogue.release:
        return part("catalogue", words("doctor.catalogue_release", release=catalogue.release, **held))
    return part("catalogue", words("doctor.catalogue_built_in", **held))


def _kept(settings: Settings) -> Catalogue:
    given = settings.catalogue_source.given
    return catalogue_release.kept(settings) if given else load_catalogue(settings.catalogue)


def _settings(settings: Settings) -> Finding:
    """That they can be read has been seen; here: whether what they name is there."""
    wrong = [*_empty(settings), *_missing_files(settings), *_missing_programs(settings)]
    said = wrong or [words("doctor.devices", n=len(settings.devices))]
    if settings.technician.people is not None and _nobody(settings.technician.people):
        said = [*said, words("doctor.no_technician")]
    return part("settings", joined(said), "settings_wrong" if wrong else "")


def _nobody(path: Path) -> bool:
    """Whether the technicians' file lets nobody in. One that cannot be read is told where they enter."""
    try:
        return not people.read(path)
    except PeopleError:
        return False


def _empty(settings: Settings) -> Iterator[Words]:
    """What a new machine's settings leave open, and no start would name."""
    for key, told in (("url", settings.platform.url), ("public", settings.platform.public)):
        if not told:
            yield words("doctor.setting_empty", setting=f"platform.{key}")
    if not settings.devices:
        yield words("doctor.no_devices")


def _missing_files(settings: Settings) -> Iterator[Words]:
    named = [("catalogue", folder) for folder in settings.catalogue]
    if (tls := settings.link.tls) is not None:
        named += [("link.tls.authority", tls.authority), ("link.tls.certificate", tls.certificate)]
        named += [("link.tls.key", tls.key)]
    for key, path in named:
        if not path.exists():
            yield words("doctor.no_file", setting=key, path=path)


def _missing_programs(settings: Settings) -> Iterator[Words]:
    remote = settings.remote
    for key, program in (
        ("reboot", remote.reboot),
        ("update", remote.update),
        ("brightness", remote.brightness),
    ):
        if program and shutil.which(program[0]) is None:
            yield words("doctor.no_program", setting=f"remote.{key}", program=program[0])
