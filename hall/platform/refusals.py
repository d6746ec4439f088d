"""How the platform says no: a code, a status, words for the citizen."""

from __future__ import annotations

from config.platform_api import Refusal
from config.words import words


class Refused(Exception):
    """The platform says no. `code` is a row of config/locale/platform.toml; `status` is 4xx."""

    def __init__(self, code: str, status: int, **values: object) -> None:
        super().__init__(code)  # the words may quote what a citizen typed; the exception's text does not
        self.code = code
        self.status = status
        self._values = values

    def body(self) -> Refusal:
        """What goes over the wire. The words are the remedy too: what to do now."""
        return Refusal(code=self.code, message=words(f"platform.{self.code}", **self._values))
