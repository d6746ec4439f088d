"""Make `build/assets/pinyin.txt`: for each syllable its characters, the frequent ones first.

Run by `setup.sh` inside the environment. Readings come from pypinyin's tables (MIT), frequencies from
jieba's word list (MIT); both archives are downloaded by hash and only opened, none of their code runs here.
Each line is `syllable characters`; ü is written v, as on keyboards: `lv 绿旅律…`. The first line, `*`, has
all of them by frequency.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import unicodedata
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
CHARACTERS = 8_500  # all of the everyday ones and those of most names; a table of 30 kB
_OTHER = 0.02  # of a character's frequency goes to each of its rarer readings


def main() -> int:
    """Make the table unless it is there; one line on stderr and exit code 1 if it cannot be made."""
    target = Path(os.environ.get("KT_ASSETS") or REPO / "build" / "assets") / "pinyin.txt"
    if target.is_file():
        return 0
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".pinyin-") as scratch:
            told = "".join(f"{line}\n" for line in from_archives(Path(scratch)))
            draft = Path(scratch) / "pinyin.txt"
            draft.write_text(told, "utf-8")
            draft.replace(target)
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
        print(f"pinyin table: {error}", file=sys.stderr)
        return 1
    return 0


def from_archives(folder: Path) -> list[str]:
    """Download both archives into `folder` and read them. ValueError if one lacks its table."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--require-hashes", "--no-build-isolation", "--dest", str(folder)]
    command += ["--requirement", str(REPO / "requirements" / "pinyin.txt")]
    subprocess.run(command, check=True, timeout=600)
    (wheel,), (source,) = folder.glob("pypinyin-*.whl"), folder.glob("jieba-*.tar.gz")
    with zipfile.ZipFile(wheel) as opened:
        readings = json.loads(opened.read("pypinyin/pinyin_dict.json"))
        phrases = json.loads(opened.read("pypinyin/phrases_dict.json"))
    with tarfile.open(source) as archive:
        named = next((one for one in archive if one.name.endswith("/jieba/dict.txt")), None)
        if named is None or (file := archive.extractfile(named)) is None:
            raise ValueError("the word list is not where it was")
        lines = list(io.TextIOWrapper(file, "utf-8"))
    return table({chr(int(code)): plain(told) for code, told in readings.items()}, phrases, lines)


def table(
    readings: Mapping[str, list[str]], phrases: Mapping[str, list[list[str]]], word_list: Iterable[str]
) -> list[str]:
    """The lines of the table. A word that has its own reading counts for that reading of its characters."""
    counted: defaultdict[tuple[str, str], float] = defaultdict(float)
    of_character: Counter[str] = Counter()
    for line in word_list:
        word, number, *_ = line.split(" ")
        told = [plain(one[0])[0] for one in phrases[word]] if word in phrases else []
        for place, character in enumerate(word):
            known = readings.get(character)
            if known is None or not "\u4e00" <= character <= "\u9fff":
                continue
            of_character[character] += int(number)
            first = told[place] if len(told) == len(word) and told[place] in known else known[0]
            for reading in known:
                counted[character, reading] += int(number) * (1 if reading == first else _OTHER)
    common = [character for character, _ in of_character.most_common(CHARACTERS)]
    kept = set(common)
    found: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    for (character, reading), often in counted.items():
        if character in kept:
            found[reading].append((-often, character))
    rows = [f"{syllable} {''.join(c for _, c in sorted(found[syllable]))}" for syllable in sorted(found)]
    return [f"* {''.join(common)}", *rows]


def plain(told: str) -> list[str]:
    """`lǜ,lù` as `["lv", "lu"]`: without tones, each reading once."""
    found = []
    for reading in told.split(","):
        letters = unicodedata.normalize("NFD", reading.replace("ü", "v"))
        letters = letters.replace("u\u0308", "v")
        bare = "".join(letter for letter in letters if "a" <= letter <= "z")
        if bare and bare not in found:
            found.append(bare)
    return found


if __name__ == "__main__":
    sys.exit(main())
