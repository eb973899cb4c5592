"""SEC-9: every event says how far it can be trusted, and its transport in one place only."""

from __future__ import annotations

import json
from itertools import product

import pytest

from gateway.accounts import AccountRecord
from gateway.admission import InputPolicy
from hardware.sink import Origin
from protocols._core import Verdict
from tests.support.receiving import Bench, report

KEY = bytes(range(16))
CASES = list(product(("serial", "udp", "tcp", "tls"), (0, 128, 256), (True, False), (True, False)))


def _event(transport: str, key_bits: int, *, is_pinned: bool, is_untrusted: bool):
    is_receiver = transport == "serial"
    record = AccountRecord(
        id="1234", keys=(KEY,), encryption="optional",
        sources=("192.0.2.0/24",) if is_pinned else (),
    )  # fmt: skip
    bench = Bench(record, in_1=InputPolicy(is_receiver=is_receiver))
    bench.is_clock_untrusted = is_untrusted
    origin = Origin(
        input="in-1", protocol="dc09", transport=transport, peer="192.0.2.7:1", host="192.0.2.7"
    )
    assert bench.receive(report(stamp_s=0, key_bits=key_bits), origin=origin) == [Verdict.ACK]
    return json.loads(bench.entries[0].json)["data"]


@pytest.mark.parametrize(("transport", "key_bits", "is_pinned", "is_untrusted"), CASES)
def test_the_matrix(transport, key_bits, is_pinned, is_untrusted):
    data = _event(transport, key_bits, is_pinned=is_pinned, is_untrusted=is_untrusted)
    trust = data["trust"]
    is_tls, is_receiver = transport == "tls", transport == "serial"
    if key_bits:
        assert trust["confidentiality"] == f"aes-{key_bits}"
        assert trust["authenticity"] == "key"
    else:
        assert trust["confidentiality"] == ("tls" if is_tls else "none")
        weaker = "line" if is_receiver else "source" if is_pinned else "none"
        assert trust["authenticity"] == weaker
    # CBC and CRC protect nothing that somebody changes on purpose.
    assert trust["integrity"] == ("tls" if is_tls else "none")
    is_checked = bool(key_bits) and not is_receiver and not is_untrusted
    assert trust["replay_checked"] is is_checked
    assert data["time_untrusted"] is is_untrusted
    assert data["origin"]["transport"] == transport


def test_the_transport_stands_in_the_origin_and_nowhere_else():
    data = _event("udp", 0, is_pinned=False, is_untrusted=False)
    data["origin"].pop("transport")
    assert "udp" not in json.dumps(data)


@pytest.mark.parametrize("is_shown", [True, False])
def test_a_certificate_of_the_account_is_who_speaks(is_shown):
    bench = Bench(AccountRecord(id="1234", certificates=("cn:panel-1234",)))
    shown = ("cn:panel-1234", "sha256:00") if is_shown else ("cn:somebody",)
    origin = Origin(
        input="ip-1", protocol="dc09", transport="tls", peer="192.0.2.7:1", host="192.0.2.7",
        certificate=shown,
    )  # fmt: skip
    answer = bench.receive(report(), origin=origin)
    assert answer == [Verdict.ACK if is_shown else Verdict.SILENCE]
    if is_shown:
        trust = json.loads(bench.entries[0].json)["data"]["trust"]
        assert (trust["authenticity"], trust["integrity"]) == ("certificate", "tls")
