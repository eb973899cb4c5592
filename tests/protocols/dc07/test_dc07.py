"""DC-07: the shape that DC-09 took over; check value and length rule are options."""

import pytest

from protocols import dc07
from protocols._core import LinkTest, Rejected, Report, Unreadable, Verdict
from protocols.dc07 import Output, build_frame
from tests.support.dialect import cid, receive, sia


def link(**options):
    return dc07.connect(keys=lambda _: (), pad=bytes, options=options)


def frame(token="ADM-CID", said=b"1131 01 015", **more):
    fields = {"sequence": "0001", "receiver": "1", "line": "2", "account": "1234"} | more
    return build_frame(token, said=said, **fields)


def with_check(raw, check):
    return raw[:1] + check + raw[5:]


class TestCheckValue:
    """CRC-16/ARC where a link proves to use it."""

    def test_auto_takes_what_it_cannot_judge_and_says_so(self):
        (report,) = receive(link(), with_check(frame(), b"0101"))
        assert report.quirks == ("check_unproved",)

    def test_auto_judges_from_the_first_frame_that_proves_it(self):
        connection = link()
        (report,) = receive(connection, frame())
        assert report.quirks == ()
        (rejected,) = receive(connection, with_check(frame(), b"0101"))
        assert (rejected.reason, rejected.error.offset) == ("crc_wrong", 1)
        assert rejected.account == "1234"

    def test_arc_judges_at_once_and_off_never(self):
        wrong = with_check(frame(), b"0101")
        assert isinstance(receive(link(check="arc"), wrong)[0], Rejected)
        (report,) = receive(link(check="off"), wrong)
        assert report.quirks == ()

    def test_off_writes_zeros(self):
        connection = link(check="off")
        (report,) = receive(connection, frame())
        connection.answer(report, Verdict.ACK, utc=None)
        assert connection.data_to_send()[1:5] == b"0000"


class TestLength:
    """Everything but LF and CR, or from the quote to before the CR."""

    @pytest.mark.parametrize("counts_frame", [True, False])
    def test_auto_takes_both_and_answers_in_kind(self, counts_frame):
        connection = link()
        raw = frame(counts_frame=counts_frame)
        (report,) = receive(connection, raw)
        connection.answer(report, Verdict.ACK, utc=None)
        answer = connection.data_to_send()
        assert int(answer[5:9], 16) == len(answer) - (2 if counts_frame else 10)

    def test_one_rule_refuses_the_other(self):
        (rejected,) = receive(link(length="body"), frame(counts_frame=True))
        assert rejected.reason == "length_wrong"
        assert isinstance(receive(link(length="frame"), frame())[0], Report)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (frame("SIA-DCS", b"Nri1/BA015"), Report),
        (frame("XYZ", b"anything"), Report),
        (frame("NULL", None, account=None), LinkTest),
        (frame("ADM-CID", b"1131 01 015", receiver=None, line=None), Report),
    ],
)
def test_tokens(raw, kind):
    (incoming,) = receive(link(), raw)
    assert isinstance(incoming, kind)
    if b"XYZ" in raw:
        assert isinstance(incoming.parts[0], Unreadable)


def test_a_missing_bracket_is_told_with_its_place():
    raw = frame().replace(b"[", b"{")
    (rejected,) = receive(link(check="off"), raw)
    assert (rejected.reason, rejected.error.offset) == ("body_unreadable", raw.index(b"{"))
    assert rejected.envelope_sound


@pytest.mark.parametrize("output", [Output(), Output(counts_frame=False), Output(has_check=False)])
def test_the_receiver_writes_what_we_read(output):
    far_end = dc07.receiver(output)
    for part in (sia("1234"), cid("1234")):
        far_end.report(part, account="1234", now=0.0, line="3")
        connection = link()
        (report,) = receive(connection, far_end.data_to_send())
        assert report.line == "3"
        connection.answer(report, Verdict.ACK, utc=None)
        late = build_frame("ACK", sequence="FFFF", receiver="1", line="3", account=None)
        assert far_end.receive(late + connection.data_to_send()[:5], now=0.0) == []
        far_end.eof()
        far_end.resume(now=0.0)
        (report,) = receive(connection, far_end.data_to_send())
        connection.answer(report, Verdict.ACK, utc=None)
        (answer,) = far_end.receive(connection.data_to_send(), now=0.0)
        assert answer.verdict is Verdict.ACK


def test_what_fits_no_frame_is_not_written():
    with pytest.raises(ValueError, match="no frame can be built"):
        frame(sequence="xyz")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (frame(), "event"),
        (frame("NULL", None, account=None), "heartbeat"),
        (frame().replace(b"[", b"{"), "invalid"),
        (b"\x06", "ack"),
        (b"xyz", "noise"),
        (b"", "noise"),
    ],
)
def test_an_explanation_of_everything(data, kind):
    assert dc07.explain(data).kind == kind
