"""The contract as documents: JSON Schema for each message and one AsyncAPI page, from the structs.

Nothing is written by hand here but the addresses and who says what; a test fails when the files
under ``docs/contract`` are not what this makes.
"""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from gateway.contract import event, status
from gateway.contract.event import CLASSES, EVENT_TYPE, AlarmEvent
from gateway.contract.topics import ROOT

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
ASYNCAPI_FILE: Final = "asyncapi.json"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of message of the contract."""

    name: str
    struct: type[msgspec.Struct]
    topic: str
    """Below the root, with its variable levels in braces."""
    retained: bool
    content_type: str = "application/json"
    by_gateway: bool = True

    @property
    def schema_id(self) -> str:
        """Names the schema and its version, e.g. ``alarm-gateway.status.v1``."""
        return f"alarm-gateway.{self.name}.v{status.CONTRACT_VERSION}"

    @property
    def file(self) -> str:
        """Name of the schema's file."""
        return f"{self.name}.schema.json"


MESSAGES: Final = (
    Message(
        name="event",
        struct=AlarmEvent,
        topic="event/{class}/{account}",
        retained=False,
        content_type="application/cloudevents+json",
    ),
    Message(
        name="confirm",
        struct=status.Confirm,
        topic="confirm/{consumer}",
        retained=False,
        by_gateway=False,
    ),
    Message(name="status", struct=status.Status, topic="status", retained=True),
    Message(name="info", struct=status.Info, topic="info", retained=True),
    Message(name="health", struct=status.Health, topic="health", retained=True),
    Message(
        name="input-status",
        struct=status.InputState,
        topic="input/{input}/status",
        retained=True,
    ),
    Message(
        name="supervision",
        struct=status.AccountSupervision,
        topic="account/{account}/supervision",
        retained=True,
    ),
    Message(
        name="unrecognised",
        struct=status.Unrecognised,
        topic="unrecognised/{input}",
        retained=False,
    ),
)

assert MESSAGES[0].schema_id == EVENT_TYPE  # noqa: S101  two spellings of one name

_PARAMETERS: Final[Mapping[str, dict[str, Any]]] = {
    "site": {"description": "The station's name, `site` in its configuration."},
    "class": {"description": "What kind of event.", "enum": list(CLASSES)},
    "account": {
        "description": "The account: its id, upper-cased, in the group `main`, `<group>.<id>` "
        "otherwise; bytes outside [A-Za-z0-9-] as _XX; `_none` without one.",
    },
    "consumer": {"description": "Whoever confirms; must equal `consumer` in the payload."},
    "input": {"description": "Name of an input in the configuration, encoded as an account is."},
}


_STRUCTS: Final[Mapping[str, type[msgspec.Struct]]] = {
    name: value
    for module in (event, status)
    for name, value in vars(module).items()
    if isinstance(value, type) and issubclass(value, msgspec.Struct)
}


def schema_ids() -> dict[str, str]:
    """Message name -> schema id, as ``info`` tells it."""
    return {message.name: message.schema_id for message in MESSAGES}


def json_schema(message: Message) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one message, complete in itself."""
    (root,), components = msgspec.json.schema_components(
        [message.struct], ref_template="#/$defs/{name}"
    )
    name = root["$ref"].rsplit("/", 1)[1]
    schemas = _finished(components, by_gateway=message.by_gateway)
    schema: dict[str, Any] = {"$schema": DIALECT, "$id": message.schema_id}
    schema |= schemas.pop(name) | {"title": message.schema_id}
    if schemas:
        schema["$defs"] = schemas
    return schema


def asyncapi() -> dict[str, Any]:
    """The whole contract as one AsyncAPI 3 document."""
    messages: dict[str, Any] = {}
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for message in MESSAGES:
        (root,), components = msgspec.json.schema_components(
            [message.struct], ref_template="#/components/schemas/{name}"
        )
        schemas |= _finished(components, by_gateway=message.by_gateway)
        summary = _summary(message.struct)
        messages[message.name] = {
            "name": message.schema_id,
            "title": message.name,
            "summary": summary,
            "contentType": message.content_type,
            "payload": root,
        }
        address = f"{ROOT}/{{site}}/{message.topic}"
        channels[message.name] = {
            "address": address,
            "messages": {message.name: {"$ref": f"#/components/messages/{message.name}"}},
            "parameters": {
                name: {"$ref": f"#/components/parameters/{name}"}
                for name in _PARAMETERS
                if f"{{{name}}}" in address
            },
        }
        operations[f"{'publish' if message.by_gateway else 'take'}-{message.name}"] = {
            "action": "send" if message.by_gateway else "receive",
            "channel": {"$ref": f"#/channels/{message.name}"},
            "messages": [{"$ref": f"#/channels/{message.name}/messages/{message.name}"}],
            "bindings": {"mqtt": {"qos": 1, "retain": message.retained}},
            "summary": summary,
        }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Alarm Gateway over MQTT",
            "version": f"{status.CONTRACT_VERSION}.0.0",
            "description": "Seen from the gateway: it sends everything but confirms. "
            "What PUBACK and confirm mean stands in mqtt.md.",
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": messages,
            "parameters": dict(_PARAMETERS),
            "schemas": dict(sorted(schemas.items())),
        },
    }


def documents() -> dict[str, str]:
    """File name -> text of every generated document."""
    texts = {message.file: _text(json_schema(message)) for message in MESSAGES}
    texts[ASYNCAPI_FILE] = _text(asyncapi())
    return texts


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _summary(struct: type[msgspec.Struct]) -> str:
    return (struct.__doc__ or "").strip().split("\n", 1)[0]


def _finished(components: dict[str, Any], *, by_gateway: bool) -> dict[str, Any]:
    """Complete what msgspec makes of the structs.

    The texts below the fields become descriptions. What the gateway sends always holds every
    field, except in structs that leave out defaults; so every field is required there.
    """
    finished = {}
    for name in sorted(components):
        schema = components[name]
        struct = _STRUCTS[name]
        schema["description"] = " ".join(inspect.cleandoc(struct.__doc__ or "").split())
        for field, text in _field_texts(struct).items():
            described = schema["properties"][field]
            # Beside a $ref, siblings count since draft 2019-09.
            described["description"] = text
        if by_gateway and not struct.__struct_config__.omit_defaults:
            schema["required"] = list(schema["properties"])
        finished[name] = schema
    return finished


def _field_texts(struct: type[msgspec.Struct]) -> dict[str, str]:
    """The text that stands below a field in the source, by the field's name in JSON."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(struct))).body
    assert isinstance(definition, ast.ClassDef)  # noqa: S101  that is what getsource gives
    encoded = {field.name: field.encode_name for field in msgspec.structs.fields(struct)}
    texts = {}
    for field, below in zip(definition.body, definition.body[1:], strict=False):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                texts[encoded[name]] = " ".join(text.split())
            case _:
                pass
    return texts
