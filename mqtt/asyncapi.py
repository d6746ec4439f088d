"""The link as an AsyncAPI 3 document, made from the message types and the topic tree.

`python -m mqtt.asyncapi > docs/asyncapi.yaml` after a change; a test says when that was forgotten.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import msgspec
import yaml

from config.words import words
from mqtt import messages
from mqtt.messages import (
    Ack,
    BirthAsked,
    CaseFiled,
    CommandGiven,
    CommandPart,
    CommandState,
    ConfigurationDesired,
    ConfigurationReported,
    Data,
    DeviceHealth,
    DocumentPrinted,
    Envelope,
    FaultCleared,
    FaultRaised,
    Health,
    HostState,
    PartFound,
    PaymentEnded,
    RatingGiven,
    ReadinessReported,
    SessionEnded,
    SessionStarted,
    Stored,
    TechnicianActed,
    TerminalState,
)
from mqtt.topics import ROOT, TerminalPath

_PATH = TerminalPath("{area}", "{hall}", "{kiosk}")
_EXAMPLE_PATH = TerminalPath("330100", "demo", "K001")
_SESSION = "0199a5b0-27c3-7a51-9d0e-6f1f3c0b7e11"
_KEY = "0199a5b0-4f02-7c66-8f3b-2a9d51c4e870"
_COMMAND = "0199a5b0-6a90-7d15-b6c8-41f7de02a935"
_ROOM = words("doctor.room", free="41.2 GB", whole="58.0 GB")

EXAMPLES: tuple[Data, ...] = (
    TerminalState(online=True, boot=12, software="0.1.0", catalogue="2026-03", connection=3),
    HostState(online=True, generation="g-1"),
    Health(
        devices=[
            DeviceHealth(
                "receipt_printer",
                "receipt_printer",
                "online",
                media="none",
                supplies={"paper": "low"},
                faults=["receipt_paper_low"],
                counts={"paper_mm": 71200, "cuts": 640, "failed:device_timeout": 2},
                runs_out={"paper": "2026-11-25"},
            ),
            DeviceHealth(
                "a4_printer",
                "a4_printer",
                "online",
                media="none",
                supplies={"paper": "full", "toner": "full"},
                levels={"paper": 80, "toner": 35, "paper:main": 40, "paper:lower": 100},
            ),
        ],
        uptime=86400,
        connection=3,
        number=217,
    ),
    CaseFiled(_SESSION, "SB01", _KEY, "accepted", case_no="330100-2026-000123"),
    DocumentPrinted(_SESSION, "SB01", _KEY, "certificate", "confirmed", "a4_printer"),
    PaymentEnded(_SESSION, "SB01", _KEY, "paid", 500, order_no="P20261122000042"),
    RatingGiven(_SESSION, "SB01", "330100-2026-000123", 5),
    SessionStarted(_SESSION),
    SessionEnded(_SESSION, "completed", "SB01", 184),
    FaultRaised("receipt_paper_out", "receipt_printer"),
    FaultCleared("receipt_paper_out", "receipt_printer"),
    TechnicianActed("107", "supply_changed", "receipt_printer:paper"),
    ReadinessReported("107", [PartFound("disk", True, detail=_ROOM.en, detail_zh=_ROOM.zh)]),
    CommandState(_COMMAND, "accepted", detail="citizen"),
    CommandPart(_COMMAND, 1, b"a readiness report"),
    CommandGiven(_COMMAND, "test_device", "2026-03-02T04:00:00Z", {"device": "receipt_printer"}),
    BirthAsked(),
    ConfigurationDesired(4, {"speak": "on"}),
    ConfigurationReported(4, {"speak": "on"}),
    Ack(_KEY, "stored"),
    Stored("g-1", {"tx": (12, 3), "evt": (12, 9)}),
)

# channel → (address, who speaks on it as the terminal sees it, what stands there)
CHANNELS: Mapping[str, tuple[str, str, str]] = {
    "state": (
        _PATH.topic("state"),
        "send",
        "Retained, QoS 1. Birth at each connection and when asked for; death at a clean end and as the will"
        " (will delay 30 s). (boot, connection, not online) orders them: an older one is ignored.",
    ),
    "health": (
        _PATH.topic("health"),
        "send",
        "QoS 1, expires after 300 s. On change and at an interval. What found no line comes late, with its"
        " own time: (boot, number) orders the reports.",
    ),
    "tx": (
        _PATH.topic("tx"),
        "send",
        "QoS 1. Transactions, numbered by boot and seq, sent again until `/ack` names them.",
    ),
    "res": (
        _PATH.topic("res"),
        "send",
        "QoS 1. How far a command is and what it brings, numbered and acknowledged like transactions.",
    ),
    "evt": (_PATH.topic("evt"), "send", "QoS 1. Events, numbered and acknowledged like transactions."),
    "reported": (
        _PATH.topic("cfg/reported"),
        "send",
        "Retained, QoS 1. What is set, at each connection and on change.",
    ),
    "ack": (
        _PATH.topic("ack"),
        "receive",
        "QoS 1. `Ack` after the hall's database has committed, or refuses; `Stored` answers each birth.",
    ),
    "cmd": (
        _PATH.topic("cmd/{name}"),
        "receive",
        "QoS 1, expires at the deadline. The name stands in the payload too; idempotent by its id.",
    ),
    "birth": (
        _PATH.topic("cmd/birth"),
        "receive",
        "QoS 1. Asks for state and health. Nothing is recorded and nothing acknowledged.",
    ),
    "desired": (
        _PATH.topic("cfg/desired"),
        "receive",
        "Retained, QoS 1. All that the hall wants to be set.",
    ),
    "host": (
        _PATH.host_state,
        "receive",
        "Retained, QoS 1, with a will. After a new `generation` each terminal says its birth again.",
    ),
}
RETAINED = ("state", "host", "reported", "desired")


def document() -> str:
    """The AsyncAPI document as YAML."""
    return yaml.safe_dump(_document(), allow_unicode=True, sort_keys=False, width=110)


def channel_of(data: type[Data]) -> str:
    """The channel that a message type travels on."""
    name = messages.NAMES[data]
    if data is HostState or data is CommandGiven:
        return "host" if data is HostState else "cmd"
    leaf = messages.STREAM.get(name) or messages.LEAF[name]
    return leaf.rpartition("/")[2]


def example(data: Data) -> Envelope[Data]:
    """A whole message around `data`, as it goes over the wire."""
    numbered = messages.NAMES[type(data)] in messages.STREAM
    return Envelope(
        id="0199a5b0-5d1e-7b0c-a4f7-93c2e6d80b5a",
        type=messages.NAMES[type(data)],
        source=f"{ROOT}/{_EXAMPLE_PATH}",
        time="2026-03-02T03:04:05.678Z",
        data=data,
        boot=12 if numbered or isinstance(data, Health) else 0,
        seq=4 if numbered else 0,
        head="5a8a148dbdc3bcec6a81c4bc5c107a2efa1aa747f199c7b2462e14a6924fdda7" if numbered else "",
    )


def _document() -> dict[str, Any]:
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Terminal and hall",
            "version": ROOT.rpartition("/")[2] + ".0.0",
            "description": "What a self-service terminal and its hall server tell each other over MQTT 5 (or"
            " 3.1.1: all that is needed stands in the payload), as the terminal sees it. CloudEvents 1.0 in"
            " JSON, structured mode. No message holds a person's name, number, phone or picture.",
        },
        "defaultContentType": "application/cloudevents+json",
        "servers": {"hall": {"host": "{broker}", "protocol": "mqtt5", "variables": {"broker": _broker()}}},
        "channels": {name: _channel(name) for name in CHANNELS},
        "operations": {name: _operation(name) for name in CHANNELS},
        "components": {
            "messages": {type(data).__name__: _message(data) for data in EXAMPLES},
            "schemas": _schemas(),
        },
    }


def _broker() -> dict[str, str]:
    return {"default": "127.0.0.1:1883", "description": "The hall's broker, `link` in the settings."}


def _channel(name: str) -> dict[str, Any]:
    address, _, description = CHANNELS[name]
    known = {
        "area": "Administrative division, six digits.",
        "hall": "The hall within the area.",
        "kiosk": "The terminal within the hall. `area/hall/kiosk` is its certificate's name.",
        "name": "The command, of the closed table that both sides have.",
    }
    return {
        "address": address,
        "description": description,
        "messages": {kind: {"$ref": f"#/components/messages/{kind}"} for kind in _kinds(name)},
        "parameters": {
            part: {"description": text} for part, text in known.items() if f"{{{part}}}" in address
        },
    }


def _operation(name: str) -> dict[str, Any]:
    action, retained = CHANNELS[name][1], name in RETAINED
    binding = {"qos": 1, "retain": retained} if action == "send" else {"qos": 1}
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{name}"},
        "messages": [{"$ref": f"#/channels/{name}/messages/{kind}"} for kind in _kinds(name)],
        "bindings": {"mqtt": binding},
    }


def _kinds(channel: str) -> list[str]:
    return [type(data).__name__ for data in EXAMPLES if channel_of(type(data)) == channel]


def _message(data: Data) -> dict[str, Any]:
    kind = type(data)
    return {
        "name": messages.NAMES[kind],
        "summary": _first_line(kind),
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}Message"},
        "examples": [{"payload": msgspec.json.decode(messages.encode(example(data)))}],
    }


def _first_line(kind: type[Data]) -> str:
    """What the docstring says in its first line; the type's name where it has none of its own."""
    text = (kind.__doc__ or kind.__name__).strip()
    return kind.__name__ if text.startswith(f"{kind.__name__}(") else text.partition("\n")[0]


def _schemas() -> dict[str, Any]:
    """The bodies as msgspec describes them, and one envelope around each."""
    bodies = [type(data) for data in EXAMPLES]
    _, found = msgspec.json.schema_components(bodies, ref_template="#/components/schemas/{name}")
    schemas = {name: _draft_07(schema) for name, schema in sorted(found.items())}
    return schemas | {f"{kind.__name__}Message": _envelope(kind) for kind in bodies}


def _envelope(kind: type[Data]) -> dict[str, Any]:
    """A CloudEvent around one kind of body; numbered where the kind is of a stream."""
    name = messages.NAMES[kind]
    numbers: dict[str, Any] = {
        "boot": {"type": "integer", "minimum": 1, "description": "Counts the terminal's starts."},
        "seq": {"type": "integer", "minimum": 1, "description": "1, 2, 3 … within stream and boot."},
        "head": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "Head of the journal."},
    }
    numbered = name in messages.STREAM
    return {
        "type": "object",
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string", "format": "uuid", "description": "UUIDv7 where it is of a stream."},
            "type": {"const": name},
            "source": {"type": "string", "description": "The sender's topic without its leaf."},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": "application/json"},
            "data": {"$ref": f"#/components/schemas/{kind.__name__}"},
            **(numbers if numbered else {}),
        },
        "required": ["specversion", "id", "type", "source", "time", "data", *(numbers if numbered else ())],
    }


def _draft_07(schema: Any) -> Any:
    """The schema with tuples as draft 07 writes them, which is what AsyncAPI's own dialect builds on."""
    if isinstance(schema, list):
        return [_draft_07(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: _draft_07(part) for key, part in schema.items() if key != "prefixItems"}
    if "prefixItems" in schema:
        plain["items"] = _draft_07(schema["prefixItems"])
    return plain


if __name__ == "__main__":
    sys.stdout.write(document())
