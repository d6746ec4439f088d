"""The adapter to one department's own system, over HTTP: query, submit, status, document.

Nothing is tried twice here. What may or may not have arrived is `unclear`: `department_outbox.py` asks, and
sends again.
"""

from __future__ import annotations

from typing import Literal, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from config.platform_api import QueryResult, Refusal
from config.words import Words
from hall.platform.department_api import DepartmentQuery, HandedOver, Paper, Standing, Taken
from hall.platform.settings import DepartmentSettings

Model = TypeVar("Model", bound=BaseModel)
Trouble = Literal["down", "unclear", "refused"]  # nothing arrived; it may have; it said no


class DepartmentError(Exception):
    """The department did not do it; `words` are its own, of a refusal."""

    def __init__(self, trouble: Trouble, words: Words | None = None) -> None:
        super().__init__(trouble)
        self.trouble, self.words = trouble, words


class Department:
    """One department's line. Any thread; close it with `close()`."""

    def __init__(self, settings: DepartmentSettings) -> None:
        self.settings = settings
        self._client = httpx.Client(
            base_url=settings.url,
            timeout=settings.timeout_seconds,
            headers={"Authorization": f"Bearer {settings.token}"},
            trust_env=False,
        )

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def query(self, query: DepartmentQuery) -> QueryResult:
        """Asks a question that changes nothing. DepartmentError."""
        return _read(self._ask("POST", "/v1/queries", query), QueryResult)

    def submit(self, case: HandedOver) -> Taken:
        """Hands a case over, under its number as key. DepartmentError."""
        taken = _read(self._ask("POST", "/v1/cases", case, key=case.case_no), Taken)
        if taken.case_no != case.case_no:
            raise DepartmentError("unclear")
        return taken

    def status(self, case_no: str) -> Standing | None:
        """How far it is; None when the department never saw it. DepartmentError."""
        answer = self._ask("GET", f"/v1/cases/{case_no}", missing=True)
        return None if answer.status_code == 404 else _read(answer, Standing)

    def document(self, case_no: str) -> Paper | None:
        """What its decision says; None without any. DepartmentError."""
        answer = self._ask("GET", f"/v1/cases/{case_no}/document", missing=True)
        return None if answer.status_code == 404 else _read(answer, Paper)

    def _ask(
        self, method: str, path: str, body: BaseModel | None = None, *, key: str = "", missing: bool = False
    ) -> httpx.Response:
        headers = {"Content-Type": "application/json"} if body else {}
        if key:
            headers["Idempotency-Key"] = key
        content = body.model_dump_json() if body else None
        try:
            answer = self._client.request(method, path, content=content, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise DepartmentError("down") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise DepartmentError("unclear") from None
        if missing and answer.status_code == 404:
            return answer
        if answer.status_code in (400, 409, 410, 422):  # of the case itself; 401 or 429 may be mended
            try:
                raise DepartmentError("refused", Refusal.model_validate_json(answer.content).message)
            except ValidationError:
                raise DepartmentError("unclear") from None
        if not answer.is_success:
            raise DepartmentError("unclear")
        return answer


def _read(answer: httpx.Response, model: type[Model]) -> Model:
    try:
        return model.model_validate_json(answer.content)
    except ValidationError:  # it said yes in words that nobody can read; they may be personal
        raise DepartmentError("unclear") from None
