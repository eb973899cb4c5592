"""Dialects of automation outputs as the tests see them: 685, CAPS, CP-220, MX8000, ITI, PIMA.

``tests.support.dialects`` joins them to its own.
"""

from __future__ import annotations

from protocols import ademco685, iti, mx8000, pima
from protocols.ademco685.layouts import layouts as ademco_layouts
from protocols.iti.layouts import layouts as iti_layouts
from protocols.mx8000.layouts import layouts as mx_layouts
from protocols.pima.session import LAYOUTS as PIMA_LAYOUTS
from protocols.receiver_link import (
    CallerId,
    CallingName,
    Channels,
    ItiFields,
    PulseEvent,
)
from protocols.sia_dc03 import SiaBlock
from tests.support.dialect import ACK, NAK, Dialect, cid, of_layouts, pulse, sia

SK_HEARTBEAT = b"\x03C\r"
"""Of the tests alone: no manual shows one."""


ITI_EVENT = PulseEvent(
    raw=b"",
    format="iti",
    event_code="A",
    group="8",
    zone="45",
    iti=ItiFields(attribute=ord("j"), user="b"),
)


def _sealed(body: bytes) -> bytes:
    return body + bytes((mx8000.v_byte(body),)) + b"\r"


DIALECTS = [
    Dialect(
        name="685",
        protocol="ademco685",
        far_end=ademco685.receiver,
        account="1234",
        said=(cid("1234", "E"),),
        frame=b"\n11 1234 18 E131 01 C015 \r",
        ack=ACK,
        nak=NAK,
        heartbeat=b"\n11 OKAY @ \r",
        unreadable=b"\n11 1234 18 X131 01 C015 \r",
    ),
    Dialect(
        name="685-visoralarm",
        protocol="ademco685",
        far_end=lambda: ademco685.receiver(
            ademco685.Output(has_blank=False, receiver="2", line="3")
        ),
        account="0123",
        said=(pulse("pulse-3/1", "A"),),
        frame=b"\n23 0123 A\r",
        ack=ACK,
        nak=NAK,
        heartbeat=b"\n23 OKAY @\r",
        unreadable=b"\n23 012G A\r",
    ),
    Dialect(
        name="685-high-speed",
        protocol="ademco685",
        far_end=lambda: ademco685.receiver(ademco685.Output(header=b"\x02", terminator=b"\x03")),
        options={"header": "02", "terminator": "03"},
        account="1234",
        said=(
            Channels(raw=b"", format="ademco-high-speed", channels=tuple("15555555"), status="7"),
        ),
        frame=b"\x0211 1234 1555 5555 7\x03",
        ack=ACK,
        nak=NAK,
        heartbeat=b"\x0211 OKAY @ \x03",
        unreadable=b"\x0211 1234 1555 5555 77\x03",
    ),
    Dialect(
        name="caps",
        protocol="ademco685",
        far_end=lambda: ademco685.receiver(ademco685.Output(format="caps", terminator=b"A")),
        options={"format": "caps"},
        account="1234",
        said=(pulse("pulse-4/2", "3", "2"),),
        frame=b"\n11 1234 0 5 0A",
        ack=ACK,
        nak=NAK,
        heartbeat=b"\n11 OKAY @ A",
        unreadable=b"\n11 1234 2 5 6A",
    ),
    Dialect(
        name="cp220-fsk0",
        protocol="ademco685",
        far_end=lambda: ademco685.receiver(
            ademco685.Output(format="cp220", receiver="Z", line="7")
        ),
        options={"format": "cp220"},
        account="1234",
        said=(pulse("sk-fsk0", "3"),),
        frame=b"Z71234A3\r",
        ack=ACK,
        nak=NAK,
        heartbeat=b"\nZ7 OKAY @ \r",
    ),
    Dialect(
        name="cp220-fsk2",
        protocol="ademco685",
        far_end=lambda: ademco685.receiver(ademco685.Output(format="cp220")),
        options={"format": "cp220"},
        account="123456",
        said=(pulse("sk-fsk2", "4131"),),
        frame=b"111234564131\r",
        ack=ACK,
        nak=NAK,
        heartbeat=b"\n11 OKAY @ \r",
        unreadable=b"\n11 1234 18 X131 01 C015 \r",
    ),
    Dialect(
        name="ae8000",
        protocol="mx8000",
        far_end=mx8000.receiver,
        account="123456",
        said=(
            sia("123456", "BA", "01", area=""),
            CallerId(raw=b"", number="1-800-328-0103"),
            CallingName(raw=b"", name="ADEMCO"),
            SiaBlock(raw=b"", function="L", data="060"),
        ),
        frame=_sealed(
            b'&112026"091502"01"0001"00401\x121-800-328-0103\x11ADEMCO\x05123456"BA01*060'
        ),
        ack=ACK,
        nak=NAK,
        heartbeat=_sealed(b'\x03112026"091502"01"0000'),
        unreadable=_sealed(b'&112026"091502"01"0001"0040105123456"BA01'),
        wrong_check=b'&112026"091502"01"0001"00401\x05123456"BA01@\r',
    ),
    Dialect(
        name="sk9000",
        protocol="mx8000",
        far_end=lambda: mx8000.receiver(
            mx8000.Output(kind="sk9000", line="1", heartbeat=SK_HEARTBEAT)
        ),
        options={"output": "sk9000", "heartbeat": SK_HEARTBEAT.hex()},
        account="1234",
        said=(sia("1234", "BA", "01", area=""), sia("1234", "BA", "02", area="")),
        frame=_sealed(b'\'112026"0915"51\x051234"BA01"BA02'),
        ack=ACK,
        nak=NAK,
        heartbeat=SK_HEARTBEAT,
        unreadable=_sealed(b'\'112026"0915"5?\x051234"BA01'),
        wrong_check=b'\'112026"0915"51\x051234"BA01@\r',
    ),
    Dialect(
        name="iti-generic",
        protocol="iti",
        far_end=lambda: iti.receiver(iti.Output(line="B")),
        account="12345",
        said=(ITI_EVENT,),
        frame=b"\n1B1j23458b45A\r",
        ack=ACK,
        nak=NAK,
        heartbeat=b"\n00 OKAY @\r",
        unreadable=b"\n1B1j2345#b45A\r",
    ),
    Dialect(
        name="iti-computer",
        protocol="iti",
        far_end=lambda: iti.receiver(iti.Output(output="computer", line="B")),
        options={"output": "computer"},
        account="123456",
        said=(pulse("iti", "A", "1"),),
        frame=b"|[R|IA1|LB|A123456|V55600|D1120|T0915|N0001|Z1|CA|]A0000\r",
        ack=ACK,
        nak=NAK,
        heartbeat=b"|[S|IA1|D261120|T091502|]A0000\r",
        unreadable=b"|[R|IA1|LB|A123456|]A00\r",
    ),
    Dialect(
        name="pima-38",
        protocol="pima",
        far_end=pima.receiver,
        account="000001",
        said=(pulse("pima-38", "B2"),),
        frame=b"\n59303______________000001B2_______DD\r",
        ack=ACK,
        nak=NAK,
        unreadable=b"\n59303______________000001_________DD\r",
        wrong_check=b"\n59303______________000001B2_______DE\r",
    ),
]


_SAMPLES_685 = {
    "heartbeat": (b"\n11 OKAY @ \r", b"\n00 OKAY @\r"),
    "contact-id": (b"\n11 1234 18 E131 01 C015 \r", b"\n11 1234 98 P130 00 U007\r"),
    "high-speed": (b"\n11 1234 1555 5555 7\r",),
    "four-two": (b"\n12 1234 3 5\r",),
    "four-one": (b"\n11 0123 A\r",),
}
_SAMPLES_CAPS = {
    name: tuple(sample[:-1] + b"A" for sample in samples)
    for name, samples in _SAMPLES_685.items()
    if name != "four-two"
}
DECLARED = [
    *of_layouts("685", ademco_layouts("685", b"\n", b"\r"), _SAMPLES_685),
    *of_layouts(
        "caps",
        ademco_layouts("caps", b"\n", b"A"),
        {**_SAMPLES_CAPS, "four-two-decimal": (b"\n11 1234 0 5 0A", b"\n11 1234 2 5 5A")},
    ),
    *of_layouts(
        "cp220",
        ademco_layouts("cp220", b"\n", b"\r"),
        {
            **_SAMPLES_685,
            "sk-fsk0": (b"111234A3\r",),
            "sk-fsk1": (b"Z9123431\r", b"Z912343 \r"),
            "sk-fsk2": (b"111234564131\r",),
        },
    ),
    *of_layouts(
        "ae8000",
        mx_layouts("ae8000", b""),
        {
            "call": (
                b'&051697"081356"01"0001"00401\x121-800-3\x11ADEMCO\x05123456"BA01"RPT\r',
                b'&051697"081356"01"0002"00401\x05123456"BA01*060y\r',
                b'&051697"081356"01"0002"00401\x05123456#B!BA01,y\r',
            ),
            "system": (b'\x02051697"081356"01"0003"p02@\r',),
            "heartbeat": (b'\x03051697"081356"01"0000@\r', b'\x03051697"081356"01"0000"x@\r'),
        },
    ),
    *of_layouts(
        "sk9000",
        mx_layouts("sk9000", b""),
        {
            "call": (
                b'\'062794"0345"51\x051234"BA01"BA02"BA04~\r',
                b'\'062794"0345"51\x051234"BA01*,h\r',
            ),
            "system": (b'\x01062794"0345"z9000c\r', b'\x01062794"0345"wD\r'),
        },
    ),
    *of_layouts(
        "iti generic",
        iti_layouts("generic"),
        {
            "event": (b"\n1B1j23458b45A\r",),
            "test": (b"\nIT IRCV 234A\r",),
            "heartbeat": (b"\n00 OKAY @\r",),
        },
    ),
    *of_layouts(
        "iti computer",
        iti_layouts("computer"),
        {
            "event": (b"|[R|IA1|LB|A123456|V55600|D0514|T1019|N0005|Z1|CA|]A0000\r",),
            "heartbeat": (b"|[S|IA1|D970425|T080020|V042597|L10|]B0000\r",),
            "log": (b"|[L|IA1|L1|Nooo1|S970425080020|]C0000\r",),
            "test": (b"|[T|IA1|]Zbeef\r",),
        },
    ),
    *of_layouts(
        "pima",
        PIMA_LAYOUTS,
        {"event": (b"\n59303______________000001B2_______DD\r",)},
    ),
]
