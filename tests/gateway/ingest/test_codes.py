"""REL-26: every code that no table knows is committed, visible as unknown, and ACKed."""

from __future__ import annotations

import itertools
from string import ascii_uppercase

import msgspec
import pytest

from gateway.accounts import AccountRecord
from gateway.contract.event import AlarmEvent
from gateway.normalise import tables
from tests.support.receiving import Bench
from tests.support.running import panel_frame
from tests.support.wired import Wired, dc09_codec, surgard_codec

CONTACT_ID = [f"{number:03d}" for number in range(1000)]
SIA = ["".join(two) for two in itertools.product(ascii_uppercase, repeat=2)]


def _over(kind: str, code: str, number: int) -> bytes:
    match kind:
        case "dc09 contact id":
            return panel_frame(f"#1234|1{code} 01 015", sequence=f"{number + 1:04d}")
        case "dc09 sia":
            return panel_frame(
                f"#1234|Nri1/{code}12", token="SIA-DCS", sequence=f"{number + 1:04d}"
            )
        case "surgard contact id":
            return f"5011 181234E{code}01015\x14".encode()
        case _:
            return f"S011[#1234|Nri1/{code}12]\x14".encode()


@pytest.mark.parametrize(
    "kind", ["dc09 contact id", "dc09 sia", "surgard contact id", "surgard sia"]
)
def test_every_code_becomes_an_event_that_says_whether_it_is_known(kind):
    is_contact_id = kind.endswith("contact id")
    codes = CONTACT_ID if is_contact_id else SIA
    table = tables.contact_id() if is_contact_id else tables.sia()
    link = Wired(
        dc09_codec() if kind.startswith("dc09") else surgard_codec(),
        Bench(AccountRecord(id="1234")),
    )
    for number, code in enumerate(codes):
        answer = link.hear(_over(kind, code, number)) + link.wait()
        assert answer == b"\x06" or b'"ACK"' in answer, code
        link.bench.clock.go(20.0)  # two alike of a line would be a repeat before that
    events = [msgspec.json.decode(one.json, type=AlarmEvent).data for one in link.bench.entries]
    assert [event.code.value for event in events] == codes
    known = {event.code.value for event in events if event.code.known}
    assert known == set(codes) & set(table)
    unknown = [event for event in events if not event.code.known]
    assert len(unknown) > 300
    assert all(event.raw is not None for event in unknown)
