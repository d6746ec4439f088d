"""`python -m tests.shots`: every page as a picture in build/shots/, each checked as it is taken.

Each language and orientation has a folder; one process for each orientation,
since Kivy has one window in a process. Exits with 1 when a check fails.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

SIZES = {"portrait": (1080, 1920), "landscape": (1920, 1080), "small": (1280, 720)}
FOLDER = Path(__file__).resolve().parent.parent / "build" / "shots"


def take(shape: str, folder: Path, only: str = "") -> int:
    """All samples in one orientation, both languages. Returns how many; prints what is wrong."""
    from tests.screens.glass import Glass
    from tests.screens.samples import SAMPLES

    glass = Glass(*SIZES[shape])
    from tests.screens import contrast  # after the glass, for they know Kivy
    from tests.screens.checks import problems

    taken, wrong = 0, 0
    for language in ("zh", "en"):
        into = folder / f"{language}-{shape}"
        into.mkdir(parents=True, exist_ok=True)
        glass.scene.language = glass.scene._usual_language = language
        for number, sample in enumerate(SAMPLES, start=1):
            if only and only not in sample.name:
                continue
            glass.present(SAMPLES[0].prompt, SAMPLES[0].place)  # what the page before remembers is gone
            glass.scene.language = language
            glass.present(sample.prompt, sample.place)
            for name in sample.touch:
                if name in glass.names():  # a roomy window needs no second page
                    glass.touch(name)
            glass.scene.warn(sample.warn)
            glass.scene.ask_aside(sample.aside)
            glass.save(into / f"{number:02d}-{sample.name}.png")
            shown = problems(glass.scene, language)
            for problem in shown + contrast.problems(glass.scene.visible()[1], glass.pixels()):
                print(f"{into.name}/{number:02d}-{sample.name}: {problem}")
                wrong += 1
            glass.scene.warn(None)
            glass.scene.ask_aside(None)
            if "help:close" in glass.names():
                glass.touch("help:close")
            taken += 1
    glass.close()
    print(f"{shape}: {taken} pictures, {wrong} problems")
    return wrong


def main() -> int:
    """Takes both orientations, then the desk's pages where their module exists."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", choices=SIZES)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--only", default="", help="part of a sample's name")
    told = parser.parse_args()
    if told.shape:
        return 1 if take(told.shape, told.folder, told.only) else 0
    own = [sys.executable, "-m", "tests.shots", "--folder", str(told.folder), "--only", told.only]
    failed = [shape for shape in SIZES if subprocess.run([*own, "--shape", shape], timeout=600).returncode]
    if not told.only:
        from tests import shots_certificates, shots_desk, shots_documents, shots_services

        shots_desk.take(told.folder)
        shots_documents.take(told.folder)
        shots_certificates.take(told.folder)
        shots_services.take(told.folder)
    pictures = sorted(told.folder.rglob("*.png"))
    print(f"{len(pictures)} pictures in {told.folder}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
