"""The screen of ``simulate``: what a technician reads while it happens."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from simulators.ledger import Ledger, Outcome, SentKind, Transmission
from simulators.show import Conversation, spell, words

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def screen(*, terminal: bool = False) -> tuple[Conversation, io.StringIO]:
    file = io.StringIO()
    console = Console(
        file=file, force_terminal=terminal, color_system="standard" if terminal else None, width=60
    )
    return Conversation(console, begin=100.0), file


def a_report(**fields: object) -> Transmission:
    return Transmission(
        **{
            "id": "rx-1", "account": "1234", "code": "131", "qualifier": "1", "area": "01",
            "address": "015", "meaning": "perimeter_alarm", **fields,
        }
    )  # fmt: skip


def played(conversation: Conversation) -> None:
    ledger = Ledger(on_line=conversation)
    told = ledger.open(a_report())
    ledger.sent(b"5011 181234E13101015\x14", at=101.5, transmission=told)
    ledger.ended(told, Outcome.ACKNOWLEDGED, at=101.504)
    ledger.heard(b"\x06", at=101.504, transmission=told)


def test_each_line_has_its_time_its_direction_and_its_meaning() -> None:
    conversation, file = screen()
    played(conversation)
    assert file.getvalue().splitlines() == [
        "    1.500 > 5011 181234E13101015<DC4>",
        "            1234 E131 burglary alarm, perimeter, area 01, zone 015",
        "    1.504 < <ACK>",
        "            acknowledged after 4.0 ms",
    ]


def test_it_is_in_colours_on_a_terminal_and_the_same_without_them() -> None:
    (plain, plain_file), (coloured, coloured_file) = screen(), screen(terminal=True)
    played(plain)
    played(coloured)
    assert ESCAPES.search(coloured_file.getvalue())
    assert ESCAPES.sub("", coloured_file.getvalue()) == plain_file.getvalue()


def test_a_frame_that_is_only_a_part_says_which_and_no_part_counts_as_a_retry() -> None:
    conversation, file = screen()
    ledger = Ledger(on_line=conversation)
    told = ledger.open(a_report())
    ledger.sent(b"D#1234\x9c", at=100.0, transmission=told, gist="block: account 1234")
    ledger.heard(b"\x008\xc7", at=100.0, transmission=told, gist="block: acknowledge")
    ledger.sent(b"INri1/BA015", at=100.0, transmission=told, kind=SentKind.PART)
    assert file.getvalue().splitlines()[1::2] == [
        "            block: account 1234",
        "            block: acknowledge",
        "            1234 E131 burglary alarm, perimeter, area 01, zone 015",
    ]
    assert ledger.summary().retries == 0


def test_what_the_story_does_to_the_line_is_told() -> None:
    conversation, file = screen()
    conversation.deed("the line is cut for 60 s", at=107.25)
    assert file.getvalue() == "    7.250 -- the line is cut for 60 s\n"


def test_the_same_trouble_is_told_once_until_something_else_happens() -> None:
    conversation, file = screen()
    reason = "nobody listens on 127.0.0.1 port 9; is the gateway running, and on this port?"
    conversation.trouble(reason)
    conversation.trouble(reason)
    assert file.getvalue().count("nobody listens") == 1
    played(conversation)
    conversation.trouble(reason)
    assert file.getvalue().count(reason) == 2


@pytest.mark.parametrize(
    ("data", "shown"),
    [(b"\n1A\x80\r", "<LF>1A<x80><CR>"), (b"x" * 300, "x" * 200 + "... (300 bytes)")],
)
def test_every_byte_can_be_read(data: bytes, shown: str) -> None:
    assert spell(data) == shown


def test_a_user_is_called_a_user() -> None:
    told = a_report(code="401", qualifier="3", address="003", meaning="closed")
    assert words(told) == "1234 R401 closing (armed) by user, area 01, user 003"
