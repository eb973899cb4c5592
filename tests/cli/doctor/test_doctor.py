"""The doctor names each mistake that technicians make, from what the simulators say."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from gateway.accounts import AccountRecord, Accounts
from gateway.cli._doctor.examine import examine
from gateway.cli._doctor.observed import Known, observe
from protocols._core import Verdict
from protocols._core.transcript import Writer, as_text, header, read
from protocols.dc09.answers import seal_hex
from protocols.registry import PROTOCOLS
from simulators.ledger import Ledger
from simulators.panels import Panel, PanelClock, PanelPath, PanelSettings
from simulators.receivers import Receiver, ReceiverSettings
from simulators.scenarios import Happening, meanings
from tests.support.simulated_time import BEGIN, Bench

KEY = bytes.fromhex("9f3c1d7be2405a6688c1f02b7d94e3a5")  # of the tests alone
PEER = "192.0.2.7:51823"
PATH = PanelPath(host="192.0.2.1", port=12000)


def happening(number: int = 1) -> Happening:
    found = meanings()["perimeter_alarm"]
    return Happening(name="perimeter_alarm", meaning=found, area=1, address=number)


class Capture:
    """The far end of a device, which writes down what is said, as ``capture`` does."""

    def __init__(self, protocol: str, *, key: bytes | None = None, is_mute: bool = False):
        self.protocol = protocol
        self.codec = PROTOCOLS[protocol].connect(
            keys=lambda _account: (key,) if key else (), pad=bytes
        )
        self.is_mute = is_mute
        self.bench: Bench | None = None
        self.lines = list(header(["made"], protocol=protocol, is_datagram=False, utc=BEGIN))
        self.writer = Writer()
        self.change = lambda data: data

    def __call__(self, _path: int, data: bytes) -> bytes:
        self.note(self.change(data), is_ours=False)
        for item in self.codec.receive(data, now=self.bench.now):
            self.codec.answer(item, Verdict.ACK, utc=self.bench.utc)
        back = self.codec.data_to_send()
        if back:
            self.note(back, is_ours=True)
        return b"" if self.is_mute else back

    def note(self, data: bytes, *, is_ours: bool, at_s: float | None = None) -> None:
        now = self.bench.now if at_s is None else at_s
        self.lines += self.writer.lines(now, PEER, is_ours=is_ours, text=as_text(data))

    def diagnosed(self, **known):
        said = read("\n".join(self.lines))
        return examine(observe(said, PROTOCOLS[self.protocol], Known(**known)))


def panel(capture: Capture, *, reports: int = 3, every_s: float = 30.0, clock=None, **settings):
    given = {"account": "1234", "paths": (PATH,), "is_stamped": True, **settings}
    device = Panel(
        PanelSettings(**given), ledger=Ledger(keeps_bytes=False), random=Random(7),
        clock=clock or PanelClock(), now=0.0,
    )  # fmt: skip
    capture.bench = Bench(device, capture)
    for number in range(reports):
        device.tell(happening(number + 1), now=capture.bench.now)
        capture.bench.run(until=capture.bench.now + every_s)
    return capture


def receiver(capture: Capture, *, seconds: float = 200.0, **settings):
    device = Receiver(
        ReceiverSettings(protocol=capture.protocol, **settings), ledger=Ledger(keeps_bytes=False),
        random=Random(7), account="7000", now=0.0,
    )  # fmt: skip
    capture.bench = Bench(device, capture)
    for number in range(3):
        device.tell(happening(number + 1), now=capture.bench.now)
        capture.bench.run(until=seconds * (number + 1) / 3)
    return capture


def station(*records: AccountRecord) -> dict:
    accounts = Accounts.of(records or [AccountRecord(id="1234")])
    return {"accounts": accounts, "keys": accounts.keys("main")}


def ids(findings) -> list[str]:
    return [finding.id for finding in findings]


def test_a_healthy_panel_gives_nothing():
    assert panel(Capture("dc09")).diagnosed(**station()) == []


def test_a_healthy_encrypted_panel_gives_nothing():
    seen = panel(Capture("dc09", key=KEY), key=KEY)
    assert seen.diagnosed(**station(AccountRecord(id="1234", keys=(KEY,)))) == []


def test_a_healthy_receiver_gives_nothing():
    seen = receiver(Capture("surgard"), heartbeat_s=30.0)
    assert seen.diagnosed(**station(AccountRecord(id="7000"))) == []


def test_a_wrong_key():
    seen = panel(Capture("dc09", key=KEY), key=KEY)
    (found,) = seen.diagnosed(**station(AccountRecord(id="1234", keys=(bytes(range(16)),))))
    assert found.id == "key_wrong"
    assert "3 encrypted frames" in found.evidence
    assert KEY.hex() not in f"{found}".lower()


@pytest.mark.parametrize(
    ("in_panel", "in_station"),
    [
        (KEY.hex().upper().encode(), KEY),
        (KEY, KEY.hex().upper().encode()),
        (KEY, KEY.hex().encode()),
    ],
    ids=["letters in the panel", "letters in the station", "small letters there"],
)
def test_a_key_in_the_other_notation(in_panel, in_station):
    seen = panel(Capture("dc09", key=in_panel), key=in_panel)
    (found,) = seen.diagnosed(**station(AccountRecord(id="1234", keys=(in_station,))))
    assert found.id == "key_spelled_otherwise"
    assert "key_format" in found.remedy


def test_plain_frames_for_a_keyed_account():
    seen = panel(Capture("dc09"))
    (found,) = seen.diagnosed(**station(AccountRecord(id="1234", keys=(KEY,))))
    assert found.id == "plain_for_keyed_account"


def test_encrypted_frames_for_an_account_without_a_key():
    seen = panel(Capture("dc09", key=KEY), key=KEY)
    assert ids(seen.diagnosed(**station())) == ["key_missing"]


@pytest.mark.parametrize(
    ("clock", "name", "words"),
    [
        (PanelClock(offset_s=-7200), "clock_in_another_zone", "2 h behind"),
        (PanelClock(offset_s=3600 * 5.5), "clock_in_another_zone", "5.5 h ahead of"),
        (PanelClock(offset_s=-600), "clock_off", "10 min behind our clock"),
        (PanelClock(stopped_at=datetime(2014, 1, 1, tzinfo=UTC)), "clock_stopped", "the same time"),
    ],
    ids=["another zone", "half an hour zone", "ten minutes", "stopped"],
)
def test_a_wrong_clock(clock, name, words):
    (found,) = panel(Capture("dc09"), clock=clock).diagnosed(**station())
    assert found.id == name
    assert words in found.title + found.evidence


def test_a_clock_that_is_a_bit_late_is_well():
    assert panel(Capture("dc09"), clock=PanelClock(offset_s=-15)).diagnosed(**station()) == []


def _straight(start: int, region: bytes) -> int:
    """CRC of 16 bits by 0x1021, bit by bit, the highest first."""
    crc = start
    for byte in region:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def _reflected(polynomial: int, start: int, region: bytes) -> int:
    """CRC of 16 bits, bit by bit, the lowest first."""
    crc = start
    for byte in region:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ polynomial if crc & 1 else crc >> 1
    return crc


def _swapped(region: bytes) -> int:
    right = _reflected(0xA001, 0, region)
    return (right & 0xFF) << 8 | right >> 8


def _checked(check, data: bytes, *, form: bytes = b"%04X") -> bytes:
    """A frame with a check value that is counted in another way."""
    return data[:1] + form % check(data[9:-1]) + data[5:]


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (lambda region: _straight(0xFFFF, region), "CCITT (start FFFF)"),
        (lambda region: _straight(0, region), "XMODEM"),
        (lambda region: _reflected(0xA001, 0xFFFF, region), "MODBUS"),
        (lambda region: _reflected(0x8408, 0xFFFF, region), "X-25, not inverted"),
        (lambda region: _straight(0xFFFF, region + b"\r"), "CCITT (start FFFF)"),
        (lambda region: _reflected(0xA001, 0, b"\n" + region), "the LF counts too"),
        (_swapped, "swapped"),
    ],
    ids=["ccitt", "xmodem", "modbus", "x25", "ccitt with the CR", "with the LF", "swapped"],
)
def test_a_check_value_of_another_kind(check, words):
    capture = Capture("dc09")
    capture.change = lambda data: _checked(check, data)
    (found,) = panel(capture).diagnosed(**station())
    assert found.id == "crc_style_wrong"
    assert words in found.title


@pytest.mark.parametrize("form", [b"+%03X", b" %03X", b"%03X ", b"0_%02X", b"0x%02X"])
def test_only_digits_are_a_check_value(form):
    """What ``int`` would read as one beside them says nothing about how it was counted."""
    bound = 0x100 if form[:1] == b"0" else 0x1000
    regions = (b'"SIA-DCS"%04dL0#1234[#1234|Nri1/BA001]' % number for number in range(10_000))
    region = next(each for each in regions if _straight(0xFFFF, each) < bound)
    capture = Capture("dc09")
    data = _checked(lambda each: _straight(0xFFFF, each), seal_hex(region), form=form)
    capture.note(data, is_ours=False, at_s=0.0)
    assert ids(capture.diagnosed(**station())) == ["frames_damaged"]


def test_a_length_that_is_counted_otherwise():
    capture = Capture("dc09")
    capture.change = lambda data: data[:5] + b"0%03X" % (int(data[6:9], 16) + 9) + data[9:]
    found = panel(capture).diagnosed(**station())
    assert ids(found)[0] == "crc_style_wrong"
    assert "length" in found[0].title


def test_frames_that_are_damaged_now_and_then():
    capture = Capture("dc09")
    count = iter(range(100))
    capture.change = lambda data: data.replace(b"|1", b"|x") if next(count) == 1 else data
    found = panel(capture, reports=5).diagnosed(**station())
    assert ids(found) == ["frames_damaged"]
    assert "1 of 5 frames" in found[0].evidence


def test_seven_bits_with_parity_read_as_eight():
    capture = Capture("surgard")

    def with_even_parity(data: bytes) -> bytes:
        return bytes(byte | (0x80 if byte.bit_count() % 2 else 0) for byte in data)

    capture.change = with_even_parity
    found = receiver(capture).diagnosed()
    assert ids(found)[0] == "parity_wrong"
    assert "bits = 7" in found[0].remedy


def test_the_wrong_speed():
    capture = Capture("surgard")
    capture.change = lambda data: Random(len(data)).randbytes(len(data) * 2)
    found = receiver(capture).diagnosed()
    assert ids(found)[0] == "baud_wrong"


@pytest.mark.parametrize(("sent", "known"), [("001234", "1234"), ("1234", "001234")])
def test_a_leading_zero(sent, known):
    found = panel(Capture("dc09"), account=sent).diagnosed(**station(AccountRecord(id=known)))
    assert ids(found) == ["account_leading_zero"]
    assert known in found[0].title


def test_an_unknown_account_with_one_that_is_near():
    found = panel(Capture("dc09"), account="1243").diagnosed(**station(AccountRecord(id="1244")))
    assert ids(found) == ["account_unknown"]
    assert "1244" in found[0].remedy


def test_a_missing_heartbeat():
    found = receiver(Capture("surgard"), heartbeat_s=None).diagnosed(
        **station(AccountRecord(id="7000"))
    )
    assert ids(found) == ["heartbeat_missing"]


def test_answers_that_do_not_arrive():
    seen = panel(Capture("dc09", is_mute=True), reports=1, every_s=60.0, tries_per_path=4)
    found = seen.diagnosed(**station())
    assert ids(found) == ["answers_lost"]
    assert "4 times" in found[0].evidence


def test_sound_reports_without_an_answer():
    seen = panel(Capture("dc09"), reports=2)
    del seen.lines[max(n for n, line in enumerate(seen.lines) if line[0] == "<")]
    found = seen.diagnosed(**station())
    assert ids(found) == ["reports_unanswered"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(40), "TLS"),
    ],
)
def test_strangers_on_the_port(data, words):
    capture = Capture("dc09")
    capture.note(data, is_ours=False, at_s=0.0)
    (found,) = capture.diagnosed()
    assert found.id == "protocol_foreign"
    assert words in found.title


def test_a_receiver_on_a_panel_port_and_a_panel_on_a_receiver_port():
    capture = Capture("dc09")
    for number in range(3):
        capture.note(b"5011 181234E1310100%d\x14" % number, is_ours=False, at_s=float(number))
    assert ids(capture.diagnosed()) == ["protocol_wrong"]
    capture = Capture("surgard")
    for number in range(3):
        frame = seal_hex(b'"SIA-DCS"000%dL0#1234[#1234|Nri1/BA001]' % (number + 1))
        capture.note(frame, is_ours=False, at_s=float(number))
    found = capture.diagnosed()
    assert ids(found)[0] == "protocol_wrong"
    assert "dc09" in found[0].title


def test_a_sequence_that_stands_still():
    capture = Capture("dc09")
    for number in range(5):
        frame = seal_hex(b'"SIA-DCS"0007L0#1234[#1234|Nri1/BA%03d]' % number)
        capture.note(frame, is_ours=False, at_s=float(number))
        capture.note(seal_hex(b'"ACK"0007L0#1234[]'), is_ours=True, at_s=float(number))
    assert ids(capture.diagnosed(**station())) == ["sequence_stands_still"]


def test_every_finding_says_what_to_do_in_whole_sentences():
    seen = panel(Capture("dc09", key=KEY), key=KEY, clock=PanelClock(offset_s=-7200))
    for found in seen.diagnosed(**station(AccountRecord(id="1234", keys=(bytes(range(16)),)))):
        assert found.remedy.endswith(".")
        assert not found.title.endswith(".")
        assert json.dumps(found.evidence)


def test_times_of_the_capture_are_used_and_not_those_of_today():
    seen = panel(Capture("dc09"))
    assert BEGIN + timedelta(days=1) != datetime.now(UTC)
    assert seen.diagnosed(**station()) == []
