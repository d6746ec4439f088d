"""Fill `build/assets/` with the fonts and photographs that may not be committed.

Run by `setup.sh` inside the environment: `python config/deploy/assets.py`; with the word `fonts`, by
`install.sh`: a machine in a hall has no use for photographs. What is already right is left alone; each file
appears whole or not at all, so an interrupted run is mended by the next.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

from config.usual_characters import usual_characters

REPO = Path(__file__).resolve().parents[2]
NOTO = Path("/usr/share/fonts/opentype/noto")
HANAZONO = Path("/usr/share/fonts/truetype/hanazono")
# What the text engine does to a line of its own accord. Without kerning a line would change its width.
FEATURES = ("calt", "ccmp", "clig", "kern", "liga", "mark", "mkmk", "rlig")
ICONS = "fontawesomefree/static/fontawesomefree/webfonts/fa-solid-900.ttf"


@dataclass(frozen=True)
class Photograph:
    """A public-domain photograph: our neutral name, where it is found, what it must be."""

    name: str
    archive: str  # file name of the archive begins so
    member: str  # path inside the archive ends so
    sha256: str
    source: str


# Three pictures of one person, and two further persons. All public domain in the United States.
PHOTOGRAPHS = (
    Photograph(
        "person-a-1.jpg",
        "face_recognition-",
        "/tests/test_images/obama.jpg",
        "0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6",
        "work of the US government",
    ),
    Photograph(
        "person-a-2.jpg",
        "face_recognition-",
        "/tests/test_images/obama2.jpg",
        "a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6",
        "work of the US government",
    ),
    Photograph(
        "person-a-3.jpg",
        "face_recognition-",
        "/tests/test_images/obama3.jpg",
        "76ac6bf97c36dc2da0ad16a537d6a5ac1b10f48d49aac29a0cca9a17cdbc3ca3",
        "work of the US government",
    ),
    Photograph(
        "person-b-1.jpg",
        "face_recognition-",
        "/tests/test_images/biden.jpg",
        "3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c",
        "work of the US government",
    ),
    Photograph(
        "person-c-1.png",
        "scikit_image-",
        "skimage/data/astronaut.png",
        "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        "work of NASA",
    ),
)


def main() -> int:
    """Fill the folder; one line on stderr and exit code 1 if something cannot be had."""
    base = Path(os.environ.get("KT_ASSETS") or REPO / "build" / "assets")
    try:
        fonts(base / "fonts")
        screen_fonts(base / "fonts", base / "screen")
        if sys.argv[1:] != ["fonts"]:
            photographs(base / "photographs")
    except (OSError, subprocess.CalledProcessError, metadata.PackageNotFoundError, ValueError) as error:
        print(f"assets: {error}", file=sys.stderr)
        return 1
    return 0


def fonts(folder: Path) -> None:
    """The Chinese face in two weights, the two fonts of rare characters, and the icons.

    Raises FileNotFoundError if a Debian font is absent, ValueError if the collection has no SC face.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for weight, family in (("Regular", "Noto Sans CJK SC"), ("Bold", "Noto Sans CJK SC Bold")):
        target = folder / f"NotoSansSC-{weight}.otf"
        if not target.exists():
            extract_face(NOTO / f"NotoSansCJK-{weight}.ttc", family, target)
    for name in ("HanaMinA.ttf", "HanaMinB.ttf"):
        link(HANAZONO / name, folder / name)
    icons = metadata.distribution("fontawesomefree").locate_file(ICONS)
    link(Path(str(icons)), folder / "icons.ttf")


def extract_face(collection: Path, full_name: str, target: Path) -> None:
    """Write the named face of a collection as a font of its own.

    Kivy loads the first face of a collection only, which is the Japanese one: wrong shapes for 门 直 令.
    """
    for face in TTCollection(str(collection), recalcTimestamp=False).fonts:
        if face["name"].getDebugName(4) == full_name:
            with whole(target) as draft:
                face.save(str(draft))
            return
    raise ValueError(f"{collection} has no face {full_name!r}")


def screen_fonts(wholes: Path, folder: Path) -> None:
    """The Chinese face in two weights with the usual characters only: outlines, hints and measures stay."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf"):
        if not has_usual(folder / name):
            cut(wholes / name, folder / name)


def has_usual(font: Path) -> bool:
    """Whether the cut is there and has what this release thinks usual."""
    if not font.is_file():
        return False
    with TTFont(str(font), lazy=True) as opened:
        return usual_characters() <= set(opened.getBestCmap())


def cut(source: Path, target: Path) -> None:
    """Write the face with only the usual characters."""
    options = subset.Options(
        layout_features=list(FEATURES), name_IDs=["*"], notdef_outline=True, recalc_timestamp=False
    )
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=usual_characters())
    with subset.load_font(str(source), options) as face, whole(target) as draft:
        cutter.subset(face)
        face.save(str(draft))


def link(source: Path, target: Path) -> None:
    """Point `target` at `source`, anew if the environment has moved."""
    if not source.is_file():
        raise FileNotFoundError(f"{source} is missing: install config/deploy/debian-packages.txt")
    if target.is_file() and target.resolve() == source.resolve():
        return
    with whole(target) as draft:
        draft.symlink_to(source)


def photographs(folder: Path) -> None:
    """Take the photographs out of the archives that carry them, checked by SHA-256.

    Raises ValueError if an archive lacks one or holds another picture.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [p for p in PHOTOGRAPHS if not is_right(p, folder / p.name)]
    if not missing:
        return
    with tempfile.TemporaryDirectory(dir=folder, prefix=".archives-") as scratch:
        download(Path(scratch))
        for photograph in missing:
            data = take_out(photograph, Path(scratch))
            if hashlib.sha256(data).hexdigest() != photograph.sha256:
                raise ValueError(f"{photograph.member} is not the picture it should be")
            with whole(folder / photograph.name) as draft:
                draft.write_bytes(data)


def is_right(photograph: Photograph, path: Path) -> bool:
    """Whether the file is there and is the picture it should be."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == photograph.sha256


def download(folder: Path) -> None:
    """Fetch both archives, each checked against its hash in the lock file; nothing is built or installed.

    The tests that hold the portraits are in the source archive only, hence `--no-binary`.
    """
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--require-hashes", "--no-build-isolation", "--no-binary", "face-recognition"]
    command += ["--dest", str(folder), "--requirement", str(REPO / "requirements" / "photographs.txt")]
    subprocess.run(command, check=True, timeout=600)


def take_out(photograph: Photograph, folder: Path) -> bytes:
    """The bytes of one member of one archive."""
    (archive,) = folder.glob(photograph.archive + "*")
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(photograph.member)
    with tarfile.open(archive) as source:
        for member in source:
            if member.name.endswith(photograph.member) and (file := source.extractfile(member)):
                return file.read()
    raise ValueError(f"{archive.name} has no {photograph.member}")


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """A draft beside `target` that takes its place at the end, or vanishes."""
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        yield draft
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
