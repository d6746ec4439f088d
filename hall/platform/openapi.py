"""The platform's interface as an OpenAPI document, for a province that puts its own in this one's place."""

from __future__ import annotations

from pathlib import Path

import yaml

from hall.platform.app import platform_app
from hall.platform.settings import ServerSettings

HEAD = "# Generated: `python main.py hall openapi platform > docs/openapi-platform.yaml`\n"


def document() -> str:
    """The document as YAML. Opens neither database nor keys."""
    app = platform_app(ServerSettings(data=Path("unused"), tokens=()))
    return HEAD + yaml.safe_dump(app.openapi(), sort_keys=False, allow_unicode=True, width=110)
