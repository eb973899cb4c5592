"""Sur-Gard frames with what they say: one list that the tests read and write."""

from __future__ import annotations

from typing import NamedTuple

from protocols._core import Part
from protocols.contact_id import ContactId
from protocols.sia_dc03 import SiaEvent
from protocols.surgard import (
    Internal,
    ItiFields,
    Modifier,
    Output,
    PulseEvent,
    TwoWayAudio,
)
from protocols.surgard.message import CallerId, CallingName, Channels, Digits

RRL = Output(header="RRL", receiver="01", line="1")
RRLLL = Output(header="RRLLL", receiver="01", line="002")


class Case(NamedTuple):
    """A frame, who sends it, and what it says."""

    frame: bytes
    output: Output
    account: str
    parts: tuple[Part, ...]
    token: str = ""


def cid(account: str, q: str, event: str, group: str, zone: str) -> ContactId:
    """A Contact ID part, its letter told by its digit."""
    letter = {"1": "E", "3": "R", "6": "P"}[q]
    return ContactId(
        raw=b"",
        qualifier=q,
        event=event,
        group=group,
        zone=zone,
        account=account,
        qualifier_sent=letter,
    )


def sia(account: str, code: str, address: str, *modifiers: tuple[str, str]) -> SiaEvent:
    """A SIA event of an N block."""
    return SiaEvent(
        raw=b"", block="N", code=code, address=address, modifiers=modifiers, account=account
    )


def pulse(event_format: str, code: str, zone: str, group: str | None = None) -> PulseEvent:
    """A pulse event."""
    return PulseEvent(raw=b"", format=event_format, event_code=code, group=group, zone=zone)


def named(event_format: str, code: str, zone: str, meaning: str) -> PulseEvent:
    """An event whose code the format's own list names."""
    return PulseEvent(raw=b"", format=event_format, event_code=code, zone=zone, meaning=meaning)


def surtec(code: str, state: str) -> PulseEvent:
    """A pair of id Y."""
    return PulseEvent(raw=b"", format="surtec", event_code=code, state=state)


def channels(event_format: str, states: str, status: str | None = None) -> Channels:
    """All channels of a panel."""
    return Channels(raw=b"", format=event_format, channels=tuple(states), status=status)


CASES = (
    # Contact ID: MLR2-DG manual (duress), MLR2000 header, restoral, still present, ten digits
    Case(b"5011 181234E12101001\x14", RRL, "1234", (cid("1234", "1", "121", "01", "001"),)),
    Case(b"501002 181234E12101001\x14", RRLLL, "1234", (cid("1234", "1", "121", "01", "001"),)),
    Case(b"5011 181234R40101001\x14", RRL, "1234", (cid("1234", "3", "401", "01", "001"),)),
    Case(b"5011 18B23FP13001015\x14", RRL, "B23F", (cid("B23F", "6", "130", "01", "015"),)),
    Case(
        b"Q01002 581234567890E13001015\x14", RRLLL, "1234567890",
        (cid("1234567890", "1", "130", "01", "015"),),
    ),
    # SIA protocol 2 and 1
    Case(b"S01002[#1234|NBA01]\x14", RRLLL, "1234", (sia("1234", "BA", "01"),)),
    Case(
        b"S011[#123456|Nri2/BA01|Nri2/FA3]\x14", RRL, "123456",
        (sia("123456", "BA", "01", ("ri", "2")), sia("123456", "FA", "3", ("ri", "2"))),
    ),
    Case(b"3011      1234BA0005\x14", RRL, "1234", (sia("1234", "BA", "0005"),), "3"),
    Case(
        b"3011    123456ri  02\x14", RRL, "123456",
        (Modifier(raw=b"", name="ri", value="02"),),
    ),
    # the receiver's own
    Case(
        b"001000[#0000|NRU0000]\x14", Output(header="RRLLL", line="000"), "0000",
        (Internal(raw=b"", code="RU", number="0000", meaning="host time update failed"),),
    ),
    Case(
        b"1011      0000 A  20\x14", RRL, "0000",
        (Internal(raw=b"", code="A", number="20", meaning="phone line fault"),),
    ),
    Case(
        b"1011      0000 P  04\x14", RRL, "0000",
        (TwoWayAudio(raw=b"", event_code="P", audio_line="04"),),
    ),
    # pulse formats, told by shape
    Case(b"1011      1234 A  22\x14", RRL, "1234", (pulse("pulse-4/2", "A", "22"),)),
    Case(b"1011      1234 A   2\x14", RRL, "1234", (pulse("pulse-4/1", "A", "2"),)),
    Case(b"1011      1234 A 222\x14", RRL, "1234", (pulse("surgard-dtmf-4/3", "A", "222"),)),
    Case(b"1011       123 A   2\x14", RRL, "123", (pulse("pulse-3/1", "A", "2"),)),
    Case(b"1011       123 A  32\x14", RRL, "123", (pulse("pulse-3/1-extended", "A", "32"),)),
    Case(b"101002      0012 C1128\x14", RRLLL, "0012", (pulse("surgard-4/3", "C", "128", "1"),)),
    Case(b"1011      7112 R F01\x14", RRL, "7112", (pulse("modem-ii", "R", "F01"),)),
    Case(b"1011      7112BA0005\x14", RRL, "7112", (pulse("modem-ii", "BA", "0005"),)),
    Case(b"1011      7002    TH\x14", RRL, "7002", (pulse("pima-2char", "TH", ""),)),
    Case(b"1011    123456 A   2\x14", RRL, "123456", (pulse("pulse", "A", "2"),)),
    Case(
        b"1011    1j23458b45A01\x14", RRL, "12345",
        (
            PulseEvent(
                raw=b"", format="iti", event_code="A", group="8", zone="45",
                iti=ItiFields(attribute=ord("j"), user="b", was_level="0", now_level="1"),
            ),
        ),
    ),
    # Modem II, FSK2, Telenot, Surtec, downlook: formats with an id of their own
    Case(b"6011      7112 T   9\x14", RRL, "7112", (pulse("modem-ii", "T", "9"),), "6"),
    Case(b"6011    127112BA0005\x14", RRL, "127112", (pulse("modem-ii", "BA", "0005"),), "6"),
    Case(
        b"C011      1234B600  \x14", RRL, "1234",
        (named("sk-fsk2", "B6", "00", "battery trouble"),),
    ),
    Case(b"C01002    123456X703  \x14", RRLLL, "123456", (pulse("sk-fsk2", "X7", "03"),)),
    Case(b"T011  1234 A  05\x14", RRL, "1234", (named("telenot", "A", "05", "alarm"),)),
    Case(b"T010021234AB R   5\x14", RRLLL, "1234AB", (named("telenot", "R", "5", "test"),)),
    Case(
        b"Y01002 12345678 821509\x14", RRLLL, "12345678",
        (surtec("82", "alarm"), surtec("15", "restore")),
    ),
    Case(b"D01002  1234A7 VP2\x14", RRLLL, "1234", (pulse("video-downlook", "A7 VP2", ""),)),
    Case(
        b"I01002   1j23458b45A01\x14", RRLLL, "12345",
        (
            PulseEvent(
                raw=b"", format="iti", event_code="A", group="8", zone="45",
                iti=ItiFields(attribute=ord("j"), user="b", was_level="0", now_level="1"),
            ),
        ),
        "I",
    ),
    # channels
    Case(
        b"80111234 1555 5555 7\x14", RRL, "1234",
        (channels("ademco-high-speed", "15555555", "7"),),
    ),
    Case(
        b"8011  1234 15555555 7\x14", RRL, "1234",
        (channels("ademco-high-speed-dvl2a", "15555555", "7"),),
    ),
    Case(
        b"8011123456 1555555555555553 7\x14", RRL, "123456",
        (channels("ademco-high-speed-dvl2a", "1555555555555553", "7"),),
    ),
    Case(b"9011    123455515555\x14", RRL, "1234", (channels("acron-super-fast", "55515555"),)),
    Case(b"V01112..A...........9.\x14", RRL, "12", (channels("vonk", "..A...........9."),)),
    # companions: who called
    Case(
        b"4011  12344165551234\x14", RRL, "1234",
        (CallerId(raw=b"", area="416", number="5551234"),),
    ),
    Case(
        b"U011  123402071234567FFFFFFF\x14", RRL, "1234",
        (CallerId(raw=b"", number="02071234567"),),
    ),
    Case(
        b"u011  1234SMITH & SON       \x14", RRL, "1234",
        (CallingName(raw=b"", name="SMITH & SON"),),
    ),
)  # fmt: skip
"""Frames that are read and written; where a manual prints one, it is that one."""

WITHOUT_ACCOUNT = (
    Case(
        b"e01002       123456700\x14", RRLLL, "",
        (Digits(raw=b"", format="adt-pulse-extended", digits="123456700"),),
    ),
    Case(
        b"e01002       1234567  \x14", RRLLL, "",
        (Digits(raw=b"", format="adt-pulse-extended", digits="1234567"),),
    ),
)  # fmt: skip
"""Id e has no field for one."""
