"""The AsyncAPI document: up to date, valid, and true of what goes over the wire."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from mqtt import asyncapi, messages
from mqtt.messages import Data
from mqtt.topics import TerminalPath

DOCUMENT: dict[str, Any] = yaml.safe_load(asyncapi.document())


def test_the_document_in_docs_is_the_one_that_the_code_makes() -> None:
    kept = Path(__file__).parents[2] / "docs" / "asyncapi.yaml"
    assert kept.read_text("utf-8") == asyncapi.document(), "python -m mqtt.asyncapi > docs/asyncapi.yaml"


def test_the_document_fits_the_object_model_of_asyncapi_3() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the package's own making
        from asyncapi3.models import AsyncAPI3  # type: ignore[import-untyped]
    assert AsyncAPI3.model_validate(DOCUMENT).asyncapi == "3.0.0"
    with pytest.raises(ValueError, match="channels"):  # the control: it does refuse what does not fit
        AsyncAPI3.model_validate(DOCUMENT | {"channels": {"tx": {"adress": "kt/1"}}})


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from references(one)


def test_every_reference_leads_somewhere() -> None:
    found = set(references(DOCUMENT))
    assert len(found) > 20
    for reference in found:
        place: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


@pytest.mark.parametrize("data", asyncapi.EXAMPLES, ids=lambda data: type(data).__name__)
def test_given_a_message_as_it_is_sent_then_its_schema_takes_it_and_refuses_a_damaged_one(data: Data) -> None:
    schema = {**DOCUMENT["components"]["messages"][type(data).__name__]["payload"], **DOCUMENT}
    validator = jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())
    said = json.loads(messages.encode(asyncapi.example(data)))
    validator.validate(said)
    assert said in [
        one["payload"] for one in DOCUMENT["components"]["messages"][type(data).__name__]["examples"]
    ]
    for damaged in (said | {"type": "hall.unheard.of"}, said | {"data": 5}, said | {"specversion": "0.3"}):
        assert not validator.is_valid(damaged)


def test_the_channels_are_the_topics_that_the_code_uses() -> None:
    path = TerminalPath("{area}", "{hall}", "{kiosk}")
    addresses = {name: channel["address"] for name, channel in DOCUMENT["channels"].items()}
    leaves = {*messages.STREAM.values(), *messages.LEAF.values(), "cmd/{name}"}
    assert {path.topic(leaf) for leaf in leaves} | {path.host_state} == set(addresses.values())
    assert {leaf: addresses[leaf] for leaf in ("tx", "res", "evt")} == {
        leaf: path.topic(leaf) for leaf in ("tx", "res", "evt")
    }
    carried = [kind for channel in DOCUMENT["channels"].values() for kind in channel["messages"]]
    assert sorted(carried) == sorted(kind.__name__ for kind in messages.TYPES.values())
