"""A panel and a receiver talk: the same codec in both roles, through bytes alone."""

import os
from datetime import timedelta

import pytest

from protocols._core import Verdict
from protocols.dc09 import Connection, LinkState, Role, build_frame
from protocols.dc09.crypto import aes_key
from tests.support.dc09 import KEY, NOON, no_keys, real, seal


def with_key(account: str) -> list[bytes]:
    return [KEY] if account == "1234" else []


@pytest.fixture(params=[False, True], ids=["stream", "datagram"])
def ends(request):
    """Return (panel, receiver)."""
    return tuple(
        Connection(role, keys=with_key, pad=os.urandom, datagram=request.param)
        for role in (Role.PE, Role.CSR)
    )


def talk(panel, receiver, verdict=Verdict.ACK, *, step=None):
    """Carry everything over, answer it, carry the answers back; return both sides' views."""
    sent = panel.data_to_send()
    heard = receiver.receive(sent, now=0.0)
    for incoming in heard:
        receiver.answer(incoming, verdict, utc=NOON)
    said = receiver.data_to_send()
    answers = []
    for start in range(0, len(said), step or max(1, len(said))):
        answers += panel.receive(said[start : start + (step or len(said))], now=0.0)
    return heard, answers


ENCRYPTED = {"account": "1234", "key": KEY, "timestamp": NOON}
PLAIN = {"account": "5678"}


@pytest.mark.parametrize("how", [PLAIN, ENCRYPTED, {**PLAIN, "is_binary_crc": True}])
@pytest.mark.parametrize("verdict", [Verdict.ACK, Verdict.NAK_TIME, Verdict.DUH])
def test_every_answer_arrives(ends, how, verdict):
    panel, receiver = ends
    sent = panel.report("SIA-DCS", sequence="0042", data=b"#1234|NBA1", receiver="1", **how)
    assert panel.state is LinkState.AWAITING_ANSWER
    [report], [answer] = talk(panel, receiver, verdict)
    assert report.raw == sent
    assert report.envelope.data == b"#1234|NBA1"
    assert answer.verdict is verdict
    assert panel.state is receiver.state is LinkState.IDLE
    if verdict is Verdict.NAK_TIME:
        assert answer.utc == NOON
    else:
        assert (answer.sequence, answer.account) == ("0042", how["account"])


def test_a_link_test(ends):
    panel, receiver = ends
    panel.link_test(account="5678")
    [test], [answer] = talk(panel, receiver)
    assert test.account == "5678"
    assert answer.verdict is Verdict.ACK


def test_several_at_once_and_the_answers_byte_by_byte():
    panel, receiver = (
        Connection(role, keys=with_key, pad=os.urandom) for role in (Role.PE, Role.CSR)
    )
    for number in (1, 2, 3):
        panel.report("ADM-CID", sequence=f"{number:04d}", data=b"#1234|1130 01 001", **ENCRYPTED)
    heard, answers = talk(panel, receiver, step=1)
    assert [each.sequence for each in heard] == ["0001", "0002", "0003"]
    assert [each.sequence for each in answers] == ["0001", "0002", "0003"]


def test_silence_leaves_the_panel_waiting(ends):
    panel, receiver = ends
    panel.report("SIA-DCS", sequence="0001", data=b"#1|NBA1", **PLAIN)
    _, answers = talk(panel, receiver, Verdict.SILENCE)
    assert answers == []
    assert panel.state is LinkState.AWAITING_ANSWER


def test_raw_bytes_go_as_they_are(ends):
    panel, receiver = ends
    panel.raw(real("syn-bad-crc"))
    [rejected], answers = talk(panel, receiver)
    assert rejected.reason == "crc_wrong"
    assert answers == []


class TestPanel:
    """What a panel does with answers that are not quite right."""

    def panel(self, keys=with_key):
        return Connection(Role.PE, keys=keys, pad=os.urandom)

    @pytest.mark.parametrize(
        "answer",
        [
            real("pysia-ack-none"),  # the word None where R was absent
            b"\n00000012" + real("pyronix-ack")[9:],
            seal(b'"NULL"0000L0#1409[]'),
            seal(b'"NAK"0000R0L0A0[]'),  # a NAK must tell the time
            b"\n\r",
            b"noise",
        ],
    )
    def test_ignores_what_is_no_answer(self, answer):
        assert self.panel().receive(answer, now=0.0) == []

    def test_ignores_an_answer_in_a_foreign_key(self):
        assert self.panel(no_keys).receive(real("pysia-ack-enc"), now=0.0) == []
        assert self.panel(lambda _: [KEY[::-1]]).receive(real("pysia-ack-enc"), now=0.0) == []

    def test_accepts_a_pad_without_separator(self):
        """As pysiaalarm sends it; dc09_spt accepts it too."""
        [answer] = self.panel().receive(real("pysia-ack-enc"), now=0.0)
        assert (answer.verdict, answer.sequence) == (Verdict.ACK, "0001")

    def test_accepts_the_filling_that_iobroker_appends(self):
        body = b"0123456789|]_12:00:00,11-20-2026" + b"\x10" * 16
        digits = aes_key(KEY).encrypt(body).hex().upper().encode()
        [answer] = self.panel().receive(seal(b'"*ACK"0001R1L0#1234[' + digits), now=0.0)
        assert answer.verdict is Verdict.ACK

    def test_takes_a_positive_answer_with_data_for_a_yes(self):
        [answer] = self.panel().receive(seal(b'"RSP"0001L0#1234[][K0123]'), now=0.0)
        assert answer.verdict is Verdict.ACK


def test_every_frame_has_a_pad_of_its_own():
    first, second = (
        build_frame("NULL", account="1234", key=KEY, timestamp=NOON, pad=os.urandom)
        for _ in range(2)
    )
    assert first != second
    later = build_frame(
        "NULL", account="1234", key=KEY, timestamp=NOON + timedelta(seconds=1), pad=bytes
    )
    assert later != build_frame("NULL", account="1234", key=KEY, timestamp=NOON, pad=bytes)
