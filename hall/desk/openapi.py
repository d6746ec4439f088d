"""The hall's JSON interface as an OpenAPI document; `docs/openapi-hall.yaml` is what this says."""

from __future__ import annotations

from pathlib import Path

import yaml

from hall.desk.desk import desk_app
from hall.settings import HallSettings


def document() -> str:
    """The document as YAML. Opens no store and no port."""
    schema = desk_app(HallSettings(data=Path(), area="area", hall="hall")).openapi()
    text: str = yaml.safe_dump(schema, sort_keys=False, allow_unicode=True, width=110)
    return text
