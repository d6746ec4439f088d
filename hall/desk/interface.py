"""What the OpenAPI document says of all routes: how one shows who one is, and what is answered if not."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from hall.access.doorkeeper import is_open

SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "of a program; made by `main.py hall account token`",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "desk",
        "description": "of a browser that has logged in (`__Host-desk` by HTTPS); what changes something "
        "wants the header `X-CSRF-Token` besides, and comes from a page of the desk",
    },
}
PROBLEM = {"type": "object", "properties": {"detail": {"type": "string"}}, "required": ["detail"]}
EXAMPLES = {"area": "330101", "hall": "donghu", "kiosk": "K001"}
UNKNOWN = "nobody has shown who they are, or what they showed holds no more"
UNREADABLE = "the body cannot be read"
FOREIGN = "the account may not do this, or what came is not of its login"


def describe(app: FastAPI) -> None:
    """Completes the document of `app`; its routes are already there."""
    plain = app.openapi

    def whole() -> dict[str, Any]:
        schema = plain()
        schema["components"]["securitySchemes"] = SCHEMES
        schema["security"] = [{name: []} for name in SCHEMES]
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                for part in operation.get("parameters", []):
                    if part["in"] == "path" and part["name"] in EXAMPLES:
                        part["example"] = EXAMPLES[part["name"]]
                if "requestBody" in operation:
                    operation["responses"].setdefault("400", _answer(UNREADABLE))
                if is_open(path):
                    operation["security"] = []
                    continue
                operation["responses"].setdefault("401", _answer(UNKNOWN))
                if method != "get":
                    operation["responses"].setdefault("403", _answer(FOREIGN))
        return schema

    app.openapi = whole  # type: ignore[method-assign]  # as FastAPI's manual has it


def _answer(description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": PROBLEM}}}
