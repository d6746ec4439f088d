"""The table of certificates: one `NAME.typ` and one `NAME.toml` beside it for each, and no code.

What stands in the TOML file is what the platform must know before and beside the drawing: how long it is
valid, where the signature lies, how it is to be printed, and a sample to try the drawing with.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from config import toml_file
from config.print_layout import PLAIN, PrintLayout
from config.words import Words

FOLDER = Path(__file__).parent / "templates"

Box = tuple[int, int, int, int]


class Template(BaseModel):
    """One kind of certificate."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Words  # the paper's name; the public's page shows it
    type: str = Field(pattern=r"^[0-9A-Z]{21}$")  # in the certificate's number
    valid_months: int = Field(ge=1, le=120)
    signature_box: Box  # the frame that page 1 draws, in points from its lower left
    layout: PrintLayout = PLAIN
    sample: dict[str, Any]  # facts to draw once at start, so that no citizen meets a broken template


def load_templates(folder: Path = FOLDER) -> Mapping[str, Template]:
    """Every certificate of the folder by its file's name. Raises toml_file.ConfigError, FileNotFoundError."""
    found = {}
    for path in sorted(folder.glob("*.toml")):
        if not path.with_suffix(".typ").is_file():
            raise FileNotFoundError(f"{path.name} has no {path.stem}.typ beside it: add the drawing")
        found[path.stem] = toml_file.load(path, Template)
    return found
