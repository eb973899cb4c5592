"""`decode` finds out by itself whose frame it is, and says who else would read it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli._decode import source
from gateway.cli.decode import app
from protocols.registry import PROTOCOLS
from tests.corpus.judge import frame_bytes, rows_of
from tests.protocols.recognition.test_corpus_rows import TELLS_NOTHING, family_of

SHARED = rb"1011      1234 O  15\x14"
CORPUS = Path(__file__).parents[1] / "corpus"
ROWS = [
    row
    for _, row in rows_of(CORPUS / "receivers.jsonl")
    if row["id"] not in TELLS_NOTHING and family_of(row)
]


def told(*arguments: str) -> dict:
    result = CliRunner().invoke(app, ["--json", *arguments])
    return json.loads(result.stdout)


def test_every_family_can_be_named():
    assert set(PROTOCOLS) <= set(source.PROTOCOLS)


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_the_family_of_a_row_is_guessed_or_named_among_those_that_fit(row):
    raw, family = frame_bytes(row), family_of(row)
    guessed = source.guess(raw)
    assert guessed == family or family in source.fitting(raw) or guessed == "contact-id"


def test_others_that_fit_are_named_with_what_to_say():
    shown = " ".join(CliRunner().invoke(app, [SHARED.decode()]).stdout.split())
    assert "Guessed to be surgard; bosch6500 and mcdi would read it too" in shown
    assert "--protocol bosch6500 explains it so" in shown
    assert told(SHARED.decode())["fits"] == ["surgard", "bosch6500", "mcdi"]


def test_nothing_is_guessed_where_the_protocol_is_told():
    found = told("--protocol", "bosch6500", SHARED.decode())
    assert found["fits"] == []
    assert found["frames"][0]["protocol"] == "bosch6500"


@pytest.mark.parametrize(
    "frame",
    [r"a011 123418113101015\x14", r"\n11 1234 18 E131 01 C015 \r", r"5011 181234E13101015\x14"],
)
def test_frames_glued_together_are_all_told(frame):
    assert len(told(frame * 3)["frames"]) == 3
