"""What must lie on the disk for a terminal to run: fonts, models, catalogue, and what the settings name."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator

from config import assets
from config.catalogue_files import Catalogue, load_catalogue
from config.release import ReleaseError
from config.settings import Settings
from config.toml_file import ConfigError
from kiosk import catalogue_release
from kiosk.doctor.parts import part
from kiosk.readiness import Finding
from kiosk.software import software

_FONTS = ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf", "HanaMinA.ttf", "HanaMinB.ttf")
_MODELS = (
    "face_detection_yunet_2023mar_int8bq.onnx",
    "face_recognition_sface_2021dec_int8bq.onnx",
)


def examine(settings: Settings) -> Iterator[Finding]:
    """Version, settings, catalogue, fonts and models."""
    yield part("version", f"{software()}, Python {platform.python_version()}")
    yield _settings(settings)
    yield _catalogue(settings)
    yield _fonts()


def _fonts() -> Finding:
    try:
        for name in _FONTS:
            assets.font(name)
    except (FileNotFoundError, ValueError) as error:
        return part("fonts", str(error), "fonts_missing")
    try:
        for model in _MODELS:
            assets.face_model(model)
    except (FileNotFoundError, ValueError) as error:
        return part("fonts", str(error), "face_models_missing")
    return part("fonts", "all there")


def _catalogue(settings: Settings) -> Finding:
    """The release that a start would use; else the built-in one and the folders of the settings."""
    try:
        catalogue = _kept(settings)
    except ReleaseError as error:
        return part("catalogue", error.detail or error.code, error.code)
    except ConfigError as error:
        return part("catalogue", error.problems[0] if error.problems else error.path.name, "catalogue_broken")
    release = f"release {catalogue.release}" if catalogue.release else "built-in"
    return part("catalogue", f"{release}, {len(catalogue.services)} services, {len(catalogue.papers)} papers")


def _kept(settings: Settings) -> Catalogue:
    given = settings.catalogue_source.given
    return catalogue_release.kept(settings) if given else load_catalogue(settings.catalogue)


def _settings(settings: Settings) -> Finding:
    """That they can be read has been seen; here: whether what they name is there."""
    wrong = [*_empty(settings), *_missing_files(settings), *_missing_programs(settings)]
    said = f"{len(settings.devices)} devices" if not wrong else "; ".join(wrong)
    if (people := settings.technician.people) is not None and not people.exists():
        said += "; no technician has been added yet: kiosk technician add NUMBER"
    return part("settings", said, "settings_wrong" if wrong else "")


def _empty(settings: Settings) -> Iterator[str]:
    """What a new machine's settings leave open, and no start would name."""
    for key, told in (("url", settings.platform.url), ("public", settings.platform.public)):
        if not told:
            yield f"platform.{key} is empty"
    if not settings.devices:
        yield "no device is named: kiosk doctor --scan proposes them"


def _missing_files(settings: Settings) -> Iterator[str]:
    named = [("catalogue", folder) for folder in settings.catalogue]
    if (tls := settings.link.tls) is not None:
        named += [("link.tls.authority", tls.authority), ("link.tls.certificate", tls.certificate)]
        named += [("link.tls.key", tls.key)]
    for key, path in named:
        if not path.exists():
            yield f"{key}: there is no {path}"


def _missing_programs(settings: Settings) -> Iterator[str]:
    remote = settings.remote
    for key, program in (
        ("reboot", remote.reboot),
        ("update", remote.update),
        ("brightness", remote.brightness),
    ):
        if program and shutil.which(program[0]) is None:
            yield f"remote.{key}: there is no program {program[0]}"
