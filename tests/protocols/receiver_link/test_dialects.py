"""What holds in every dialect: both ways, split anywhere, glued, after noise, refused."""

from datetime import UTC, datetime
from random import Random

import msgspec
import pytest

from protocols._core import LinkTest, Rejected, Repeat, Report, Verdict
from tests.support.dialect import receive
from tests.support.dialects import DIALECTS

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def bare(part):
    return msgspec.structs.replace(part, raw=b"")


def reports(incoming):
    return [each for each in incoming if isinstance(each, Report)]


def greeted(dialect):
    """Both ends of a connection that stands."""
    gateway, far_end = dialect.gateway(), dialect.far_end()
    far_end.receive(gateway.data_to_send(), now=0.0)
    return gateway, far_end


def converse(gateway, far_end, verdict=Verdict.ACK, *, turns=8, now=0.0):
    """Let both ends talk until nobody says anything; give what each heard."""
    heard, answers = [], []
    for _ in range(turns):
        said = far_end.data_to_send()
        for incoming in receive(gateway, said, now):
            heard.append(incoming)
            gateway.answer(incoming, verdict, utc=NOW)
        back = gateway.data_to_send()
        answers += far_end.receive(back, now=now)
        if not said and not back:
            break
    return heard, answers


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
class TestEveryDialect:
    def test_the_sample_is_read(self, dialect):
        (report,) = reports(receive(dialect.gateway(), dialect.frame))
        assert report.protocol == dialect.protocol
        assert report.account == dialect.account
        assert tuple(map(bare, report.parts)) == dialect.said
        assert report.repeat is Repeat.LINK

    def test_the_far_end_writes_it_and_takes_our_ack(self, dialect):
        gateway, far_end = greeted(dialect)
        number = far_end.report(*dialect.said, account=dialect.account, now=0.0)
        heard, answers = converse(gateway, far_end)
        (report,) = reports(heard)
        assert tuple(map(bare, report.parts)) == dialect.said
        assert [(each.verdict, each.sequence) for each in answers] == [(Verdict.ACK, number)]
        assert far_end.side.backlog_count == 0

    def test_byte_by_byte_it_is_the_same(self, dialect):
        whole = receive(dialect.gateway(), dialect.frame)
        link = dialect.gateway()
        got = [each for byte in dialect.frame for each in link.receive(bytes([byte]), now=0.0)]
        got += receive(link, b"")
        assert got == whole

    def test_split_anywhere_it_is_the_same(self, dialect):
        whole = reports(receive(dialect.gateway(), dialect.frame))
        for cut in range(1, len(dialect.frame)):
            link = dialect.gateway()
            got = link.receive(dialect.frame[:cut], now=0.0)
            got += receive(link, dialect.frame[cut:])
            assert reports(got) == whole, cut

    def test_glued_frames_come_apart(self, dialect):
        got = reports(receive(dialect.gateway(), dialect.frame * 3))
        assert len(got) == 3
        assert len({each.identity for each in got}) == 1

    def test_noise_before_a_frame_costs_nothing_and_is_not_answered(self, dialect):
        link = dialect.gateway()
        link.data_to_send()
        noise, *rest = receive(link, dialect.noise + dialect.frame)
        assert isinstance(noise, Rejected)
        assert not noise.envelope_sound
        assert len(reports(rest)) == 1
        for verdict in Verdict:
            link.answer(noise, verdict, utc=NOW)
        assert link.data_to_send() == b""

    def test_ack_and_nak_in_the_words_of_the_family(self, dialect):
        for verdict, expected in (
            (Verdict.ACK, dialect.ack),
            (Verdict.DUH, dialect.nak),
            (Verdict.SILENCE, b""),
        ):
            link = dialect.gateway()
            link.data_to_send()
            (report,) = reports(receive(link, dialect.frame))
            link.answer(report, verdict, utc=NOW)
            assert link.data_to_send() == expected

    def test_half_a_frame_is_given_up_after_a_second(self, dialect):
        link = dialect.gateway()
        half = dialect.frame[: len(dialect.frame) // 2]
        link.receive(half, now=10.0)
        due = link.deadline()
        assert due is not None
        assert 10.0 < due <= 11.0
        (rejected,) = [each for each in link.on_deadline(now=due) if isinstance(each, Rejected)]
        assert not rejected.envelope_sound
        assert link.deadline() is None
        assert len(reports(receive(link, dialect.frame, 20.0))) == 1

    def test_an_answer_to_an_earlier_opening_is_not_sent(self, dialect):
        link = dialect.gateway()
        (report,) = reports(receive(link, dialect.frame))
        link.eof()
        link.answer(report, Verdict.ACK, utc=NOW)
        assert link.data_to_send() == b""

    def test_without_an_answer_the_same_bytes_come_again(self, dialect):
        gateway, far_end = greeted(dialect)
        far_end.report(*dialect.said, account=dialect.account, now=0.0)
        heard, _ = converse(gateway, far_end, Verdict.SILENCE, turns=1)
        due = far_end.deadline()
        assert far_end.on_deadline(now=due) == []
        again, _ = converse(gateway, far_end, Verdict.SILENCE, turns=1, now=due)
        assert [each.raw for each in again] == [each.raw for each in heard]

    def test_the_far_end_begins_again_after_a_lost_connection(self, dialect):
        gateway, far_end = greeted(dialect)
        far_end.report(*dialect.said, account=dialect.account, now=0.0)
        far_end.eof()
        gateway = dialect.gateway()
        far_end.receive(gateway.data_to_send(), now=0.0)
        far_end.resume(now=0.0)
        heard, answers = converse(gateway, far_end)
        assert len(reports(heard)) == 1
        assert [each.verdict for each in answers] == [Verdict.ACK]

    def test_an_option_that_does_not_exist_is_refused(self, dialect):
        with pytest.raises(ValueError, match="siren"):
            type(dialect)(**{**vars(dialect), "options": {"siren": 1}}).gateway()


@pytest.mark.parametrize("dialect", [one for one in DIALECTS if one.heartbeat], ids=str)
def test_a_heartbeat_is_a_link_test_and_is_acknowledged(dialect):
    gateway, far_end = greeted(dialect)
    assert far_end.heartbeat(now=0.0)
    assert not far_end.heartbeat(now=0.0)  # one is outstanding
    heard, answers = converse(gateway, far_end)
    (test,) = heard
    assert isinstance(test, LinkTest)
    assert test.raw == dialect.heartbeat
    assert [(each.verdict, each.sequence) for each in answers] == [(Verdict.ACK, None)]


@pytest.mark.parametrize("dialect", [one for one in DIALECTS if one.unreadable], ids=str)
def test_a_sound_envelope_with_unreadable_data_is_refused_by_name(dialect):
    for fed in ([dialect.unreadable], [bytes([byte]) for byte in dialect.unreadable]):
        link = dialect.gateway()
        link.data_to_send()
        got = [each for data in fed for each in link.receive(data, now=0.0)]
        (rejected,) = got or receive(link, b"")
        assert isinstance(rejected, Rejected)
        assert rejected.envelope_sound, rejected.error
        assert rejected.raw == dialect.unreadable
        assert "seen" in rejected.error.reason
        link.answer(rejected, Verdict.DUH, utc=NOW)
        assert link.data_to_send() == (
            b"\n0000\t00000100[]\r" if dialect.options.get("mode") == "sia" else dialect.nak
        )


@pytest.mark.parametrize("dialect", [one for one in DIALECTS if one.wrong_check], ids=str)
def test_a_wrong_check_value_is_refused_and_the_next_frame_read(dialect):
    link = dialect.gateway()
    link.data_to_send()
    rejected, *rest = receive(link, dialect.wrong_check + dialect.frame)
    assert isinstance(rejected, Rejected)
    assert rejected.envelope_sound
    assert rejected.reason in {"crc_wrong", "checksum_wrong", "parity_wrong", "length_wrong"}
    assert "expected" in rejected.error.reason or "says" in rejected.error.reason
    assert len(reports(rest)) == 1


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_whatever_bit_flips_the_connection_lives_and_reads_on(dialect):
    """REL-28, over every byte of a valid frame."""
    for position in range(len(dialect.frame)):
        for bit in range(8):
            damaged = bytearray(dialect.frame)
            damaged[position] ^= 1 << bit
            link = dialect.gateway()
            receive(link, bytes(damaged))
            receive(link, dialect.frame, 20.0)
            assert reports(receive(link, dialect.frame, 40.0))


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
@pytest.mark.parametrize("letters", [range(256), range(0x20, 0x7F)], ids=["bytes", "text"])
def test_noise_is_never_acknowledged_and_never_an_event(dialect, letters):
    """REL-33; the seed is fixed, so that a failure can be looked at."""
    dice = Random(33)
    link = dialect.gateway()
    link.data_to_send()
    for turn in range(20):
        noise = bytes(dice.choices(list(letters), k=4096))
        for incoming in link.receive(noise, now=turn * 0.01):
            assert isinstance(incoming, Rejected), incoming


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_a_frame_after_a_long_stretch_of_the_same_byte(dialect):
    """A line held low, or a device that repeats itself, costs time in proportion, no memory."""
    for byte in (b"\x00", b"\xff", dialect.frame[:1], b" "):
        link = dialect.gateway()
        link.receive(byte * 65_536, now=0.0)
        link.eof()
        assert reports(receive(link, dialect.frame, 10.0)), byte


@pytest.mark.parametrize("dialect", [one for one in DIALECTS if one.nak], ids=str)
def test_a_refused_message_is_sent_again_and_the_next_ack_settles_it(dialect):
    gateway, far_end = greeted(dialect)
    far_end.report(*dialect.said, account=dialect.account, now=0.0)
    _, answers = converse(gateway, far_end, Verdict.DUH, turns=1)
    assert [each.verdict for each in answers] == [Verdict.DUH]
    _, answers = converse(gateway, far_end)
    assert [each.verdict for each in answers] == [Verdict.ACK]
