"""The table of certificates: one `NAME.toml` each, and its drawing; no code.

The drawing is `NAME.typ`, or the one that `drawing` names: `record.typ` draws what is said in a sentence,
in cells and in one table, which is what most papers are. The TOML file has what the platform must know
before and beside it: how long it is valid, where the signature lies, how it is to be printed, what stands
on every one of them, and a sample to try the drawing with.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from config import toml_file
from config.print_layout import PLAIN, PrintLayout
from config.words import Words, words

FOLDER = Path(__file__).parent / "templates"

Box = tuple[int, int, int, int]


class Template(BaseModel):
    """One kind of certificate."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Words  # the paper's name; the public's page shows it
    issuer: Words = Field(default_factory=lambda: words("platform.issuer"))  # an invented office
    type: str = Field(pattern=r"^[0-9A-Z]{21}$")  # in the certificate's number
    valid_months: int = Field(ge=1, le=120)
    signature_box: Box = (334, 74, 527, 159)  # the frame that page 1 draws, in points from its lower left
    drawing: str = ""  # NAME.typ of another name
    subtitle: str = ""
    intro: str = ""  # the sentence above the cells
    heads: tuple[str, ...] = ()  # of the table
    notes: tuple[str, ...] = ()
    layout: PrintLayout = PLAIN
    sample: dict[str, Any]  # facts to draw once at start, so that no citizen meets a broken template


def load_templates(folder: Path = FOLDER) -> Mapping[str, Template]:
    """Every certificate of the folder by its file's name. Raises toml_file.ConfigError, FileNotFoundError."""
    found = {}
    for path in sorted(folder.glob("*.toml")):
        template = toml_file.load(path, Template)
        found[path.stem] = template.model_copy(update={"drawing": template.drawing or path.stem})
        if not (folder / f"{found[path.stem].drawing}.typ").is_file():
            raise FileNotFoundError(f"{path.name} has no {found[path.stem].drawing}.typ: add the drawing")
    return found
