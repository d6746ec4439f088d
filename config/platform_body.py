"""What every body of the platform's interface is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

Value = str | tuple[str, ...]  # of a field: text, code, `YYYY-MM`; several codes for `choices`


class Body(BaseModel):
    """An HTTP body: unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")
