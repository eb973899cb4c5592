"""The contract as documents: complete, fresh, and true of what is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from gateway.contract import status
from gateway.contract.schema import MESSAGES, asyncapi, documents, json_schema
from gateway.contract.topics import Topics
from tests.support.contract import EXAMPLE, example

DOCS = Path(__file__).parents[3] / "docs" / "contract"
BY_NAME = {message.name: message for message in MESSAGES}
NOW = "2026-11-20T09:15:02.417Z"
SENT = {
    "event": [example(), example(zone=None, raw=None, attributes={}, media=[])],
    "confirm": [status.Confirm(consumer="core-1", ids=("a-1", "b_2"))],
    "status": [status.Status(state="offline"), status.Status(state="online", time=NOW)],
    "info": [
        status.Info(
            site="a", version="0.1.0", contract=1, schemas={"event": "x"}, confirm_by=("core-1",),
            inputs=(status.InputInfo(name="ip-1", protocol="dc09", transport="tcp+udp"),),
        )
    ],
    "health": [
        status.Health(
            time=NOW, state="degraded", degraded={"mqtt": "away"}, outstanding=3,
            oldest_age_s=1.5, unconfirmed=2, dead_lettered=0, last_commit=None,
            inputs={"ip-1": "up"}, disk_used_bytes=1, disk_free_bytes=None, days_kept=0.5,
            clock_trusted=True, counters={"event_done": 7},
        )
    ],
    "input-status": [status.InputState(state="down", reason="no such port", time=NOW)],
    "supervision": [status.AccountSupervision(state="lost", group="main", id="1", time=NOW)],
    "unrecognised": [
        status.Unrecognised(
            input="ip-1", peer="192.0.2.7:1", time=NOW, reason="CRC at byte 1",
            raw=status.Raw(encoding="latin-1", value="\x00\xff"),
        )
    ],
}  # fmt: skip


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json_schema(BY_NAME[name]))


@pytest.mark.parametrize("file", sorted(documents()))
def test_what_lies_in_docs_is_what_the_structs_say(file: str) -> None:
    assert (DOCS / file).read_text(encoding="utf-8") == documents()[file], (
        "stale: alarm-gateway schema --write docs/contract"
    )


def test_nothing_else_is_generated_there() -> None:
    assert {path.name for path in DOCS.glob("*.json")} == set(documents())


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.name)
class TestEachSchema:
    def test_is_a_schema_of_draft_2020_12(self, message: Any) -> None:
        schema = json_schema(message)
        Draft202012Validator.check_schema(schema)
        assert schema["$id"] == f"alarm-gateway.{message.name}.v1"

    def test_says_what_every_struct_is_for(self, message: Any) -> None:
        schema = json_schema(message)
        for part in (schema, *schema.get("$defs", {}).values()):
            assert part["description"]

    def test_takes_what_is_sent(self, message: Any) -> None:
        for sent in SENT[message.name]:
            validator(message.name).validate(json.loads(msgspec.json.encode(sent)))


def test_the_event_of_the_design_is_valid_and_reads_back_equal() -> None:
    validator("event").validate(EXAMPLE)
    assert json.loads(msgspec.json.encode(example())) == EXAMPLE


@pytest.mark.parametrize("field", sorted(EXAMPLE["data"]))
def test_no_field_of_an_event_may_be_absent(field: str) -> None:
    without = {k: v for k, v in EXAMPLE["data"].items() if k != field}
    with pytest.raises(ValidationError):
        validator("event").validate(EXAMPLE | {"data": without})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("event", EXAMPLE | {"type": "alarm-gateway.event.v2"}),
        ("event", EXAMPLE | {"id": "a b"}),
        ("event", EXAMPLE | {"data": EXAMPLE["data"] | {"class": "panic"}}),
        ("event", EXAMPLE | {"data": EXAMPLE["data"] | {"severity": 0}}),
        ("event", EXAMPLE | {"data": EXAMPLE["data"] | {"area": None}}),
        ("confirm", {"consumer": "core-1", "ids": []}),
        ("confirm", {"consumer": "core-1", "ids": ["x"] * 1001}),
        ("confirm", {"consumer": "core-1", "ids": ["a/b"]}),
        ("confirm", {"consumer": "", "ids": ["a"]}),
        ("status", {"state": "away"}),
    ],
)
def test_what_is_wrong_is_refused(name: str, message: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        validator(name).validate(message)


def test_the_last_will_is_a_status_without_time() -> None:
    will = json.loads(status.LAST_WILL)
    validator("status").validate(will)
    assert will == {"state": "offline"}


class TestAsyncApi:
    def test_every_reference_leads_somewhere(self) -> None:
        document = asyncapi()

        def walk(part: Any) -> None:
            if isinstance(part, dict):
                if "$ref" in part:
                    at: Any = document
                    for step in part["$ref"].removeprefix("#/").split("/"):
                        at = at[step]
                for value in part.values():
                    walk(value)
            elif isinstance(part, list):
                for value in part:
                    walk(value)

        walk(document)
        assert document["asyncapi"].startswith("3.")

    def test_its_addresses_are_the_topics(self) -> None:
        topics = Topics("site")
        filled = {
            "event": topics.event("alarm", "1234"),
            "confirm": topics.confirm("core-1"),
            "status": topics.status,
            "info": topics.info,
            "health": topics.health,
            "input-status": topics.input_status("ip-1"),
            "supervision": topics.supervision("1234"),
            "unrecognised": topics.unrecognised("ip-1"),
        }
        values = {
            "site": "site", "class": "alarm", "account": "1234", "consumer": "core-1",
            "input": "ip-1",
        }  # fmt: skip
        channels = asyncapi()["channels"]
        assert {n: c["address"].format(**values) for n, c in channels.items()} == filled

    def test_only_confirms_come_in_and_events_are_never_retained(self) -> None:
        operations = asyncapi()["operations"]
        assert [n for n, o in operations.items() if o["action"] == "receive"] == ["take-confirm"]
        assert operations["publish-event"]["bindings"]["mqtt"] == {"qos": 1, "retain": False}
