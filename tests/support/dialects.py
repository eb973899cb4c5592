"""Dialects of receivers and panels as the tests see them: frames, far ends, answers.

One entry for each way of speaking; what holds for all of them is tested once, over this list.
"""

from __future__ import annotations

from protocols import bosch6500, dc03_link, dc07, dtmf, fsk_router, mcdi, osborne_hoffman
from protocols._core.recogniser import Recogniser
from protocols.bosch6500 import frame as bosch_frame
from protocols.bosch6500 import layouts as bosch_layouts
from protocols.dc03_link import blocks as dc03_blocks
from protocols.dc03_link.blocks import Block, build_block
from protocols.dc07.session import LAYOUTS as DC07_LAYOUTS
from protocols.dtmf.digits import RECOGNISERS as DTMF_RECOGNISERS
from protocols.fsk_router.session import LAYOUTS as FSK_LAYOUTS
from protocols.osborne_hoffman.cutting import LAYOUTS as OH_LAYOUTS
from protocols.receiver_link import Channels, PulseEvent
from tests.support import automation
from tests.support.dialect import ACK, NAK, Declared, Dialect, cid, of_layouts, sia

_CALL = [
    Block(function="#", data=b"1234"),
    Block(function="N", data=b"ri1/BA015"),
]


DIALECTS = [
    Dialect(
        name="bosch-d6500",
        protocol="bosch6500",
        far_end=bosch6500.receiver,
        account="1234",
        said=(cid("1234"),),
        frame=b"a011 123418113101015\x14",
        ack=ACK,
        nak=NAK,
        heartbeat=b"1010           @    \x14",
        unreadable=b"a011 123418X13101015\x14",
    ),
    Dialect(
        name="bosch-d6500-header",
        protocol="bosch6500",
        far_end=lambda: bosch6500.receiver(bosch6500.Output(header=b" ")),
        account="1234",
        said=(
            PulseEvent(
                raw=b"", format="standard-digital", event_code="O", zone="15", meaning="opening"
            ),
        ),
        frame=b" 1011      1234 O  15\x14",
        ack=ACK,
        nak=NAK,
        heartbeat=b" 1010           @    \x14",
        unreadable=b"1011      1234 O  !!\x14",
    ),
    Dialect(
        name="bosch-sia-mode",
        protocol="bosch6500",
        options={"mode": "sia"},
        far_end=lambda: bosch6500.receiver(mode="sia"),
        account="1234",
        said=(cid("1234"),),
        frame=b"\n0000\t00010101[#1234|18113101015]\r",
        ack=b"\n0000\t00010101[]\r",
        nak=b"\n0000\t00000100[]\r",
        heartbeat=b"\n0000\t00010100[]\r",
        unreadable=b"\n0000\t00010101[no account]\r",
    ),
    Dialect(
        name="bosch-sia-mode-checked",
        protocol="bosch6500",
        options={"mode": "sia", "check": "arc"},
        far_end=lambda: bosch6500.receiver(bosch6500.Output(line="01", check="arc"), mode="sia"),
        account="1234",
        said=(sia("1234"),),
        frame=b"\n5BC9\t00010101[#1234|Nri1/BA015]\r",
        ack=b"\n8785\t00010101[]\r",
        nak=b"\n87C4\t00000100[]\r",
        heartbeat=b"\n47D4\t00010100[]\r",
        wrong_check=b"\n4E5B\t00010101[#1234|Nri1/BA015]\r",
    ),
    Dialect(
        name="dtmf-contact-id",
        protocol="dtmf",
        far_end=dtmf.panel,
        account="1234",
        said=(cid("1234"),),
        frame=b"1234181131010158\r",
        ack=ACK,
        nak=b"",
        unreadable=b"1234991131010158\r",
        wrong_check=b"1234181131010157\r",
    ),
    Dialect(
        name="dtmf-high-speed",
        protocol="dtmf",
        far_end=dtmf.panel,
        account="1234",
        said=(
            Channels(raw=b"", format="ademco-high-speed", channels=tuple("15555555"), status="7"),
        ),
        frame=b"123455155555557C\r",
        ack=ACK,
        nak=b"",
        wrong_check=b"123455155555557B\r",
    ),
    Dialect(
        name="dtmf-super-fast",
        protocol="dtmf",
        options={"refusal": "15"},
        far_end=dtmf.panel,
        account="1234",
        said=(
            Channels(raw=b"", format="ademco-super-fast", channels=tuple("15555555"), status="7"),
        ),
        frame=b"123456155555557\r",
        ack=ACK,
        nak=NAK,
        unreadable=b"12345615555555\r",
    ),
    Dialect(
        name="dtmf-express",
        protocol="dtmf",
        far_end=dtmf.panel,
        account="1234",
        said=(PulseEvent(raw=b"", format="express-4+1", event_code="3"),),
        frame=b"12341739\r",
        ack=ACK,
        nak=b"",
        wrong_check=b"12341738\r",
    ),
    Dialect(
        name="sia-dc03",
        protocol="sia-dc03",
        far_end=dc03_link.panel,
        account="1234",
        said=(sia("1234"),),
        frame=b"".join(map(build_block, _CALL)),
        ack=b"\x008\xc7",
        nak=b"\x009\xc6",
        wrong_check=build_block(_CALL[1])[:-1] + b"\x00",
        noise=b"\xff\x00x\x80",
    ),
    Dialect(
        name="osborne-hoffman-plain",
        protocol="osborne-hoffman",
        options={"cipher": "none"},
        far_end=lambda: osborne_hoffman.panel(cipher="none"),
        account="001234",
        said=(sia("001234"),),
        frame=b'\n01010033"SIA-DCS"0001R0001L0001[#001234|Nri1/BA015]\r',
        ack=b"ACK\r\n",
        nak=b"NACK\r\n",
        heartbeat=b"SR0001L0001    001234XX    \x00",
        unreadable=b'\n0101002F"SIA-DCS"0001R0001L0001{#001234|NBA015]\r',
        wrong_check=b'\n01010034"SIA-DCS"0001R0001L0001[#001234|Nri1/BA015]\r',
    ),
    Dialect(
        name="dc07",
        protocol="dc07",
        options={"check": "arc"},
        far_end=dc07.receiver,
        account="1234",
        said=(cid("1234"),),
        frame=b'\n1A9A002C"ADM-CID"0001R1L1[#1234|1131 01 015]\r',
        ack=b'\n0EE60017"ACK"0001R1L1[]\r',
        nak=b'\n43EE0017"NAK"0001R1L1[]\r',
        heartbeat=b'\n4AE70018"NULL"0001R1L1[]\r',
        wrong_check=b'\n1A9B002C"ADM-CID"0001R1L1[#1234|1131 01 015]\r',
    ),
    Dialect(
        name="fsk7",
        protocol="fsk-router",
        far_end=fsk_router.receiver,
        account="01234",
        said=(cid("01234", "E"),),
        frame=b"\x02C01234E1310101500500B00\r",
        ack=ACK,
        nak=NAK,
        unreadable=b"\x02C01234X1310101500500B00\r",
    ),
    Dialect(
        name="fsk-extended",
        protocol="fsk-router",
        far_end=fsk_router.receiver,
        account="01234",
        said=(PulseEvent(raw=b"", format="fsk-extended", event_code="123"),),
        frame=b"\x0201234123050\r\n\x04",
        ack=ACK,
        nak=NAK,
        filling=2,
    ),
    Dialect(
        name="mcdi",
        protocol="mcdi",
        far_end=mcdi.receiver,
        account="1234",
        said=(cid("1234", "E"),),
        frame=b"5011 181234E13101015\x14",
        ack=ACK,
        nak=NAK,
        heartbeat=b"@",
        unreadable=b"5011 181234X13101015\x14",
    ),
    *automation.DIALECTS,
]


D6500_SAMPLES = {
    "contact-id": (b"a011 123418113101015\x14", b" a01A 123498R13101015\r"),
    "link-test": (b"1010           @    \x14", b" 1011           @    "),
    "standard-digital": (b"1011      1234 O  15\x14", b"1011    12345612ABCD"),
    "acron-super-fast": (b"9011    123455515555\x14",),
    "scancom": (b"g011  1234 5555 5155 5555 5555 7\x14",),
    "sia": (b"S011[#1234|Nri1/BA015*'HALL'NM]\x14",),
    "text": (b"3011 REJECT COMMAND  \x14",),
    "other": (b"N01112345678901\x14", b"I011A1B2C3D4E5\r"),
}

OH_WITH_TEXT = (
    b"\n01010053\"SIA-DCS\"0001R6666L1234[#001234|Nri01/NR001*'HA'NM]E69B557E0CE8BD98|#001234\r"
)

DECLARED = [
    *of_layouts("d6500", bosch_layouts.d6500(b" ", b"\x14"), D6500_SAMPLES),
    *of_layouts(
        "bosch sia mode",
        bosch_layouts.sia_mode(4),
        {"sia-mode": (b"\n0000\t00010101[#1234|18113101015]\r", b"\nBEEFa99990102[]\r")},
    ),
    *(
        Declared(
            name=f"bosch data {digits}",
            declaration=form,
            recogniser=Recogniser(form, bosch6500.meaning._Dialled),
            samples=samples,
        )
        for digits, form, samples in (
            (4, bosch_frame.CONTACT_ID_DATA, (b"#1234|18113101015", b"# 123|98R13101015")),
            (10, bosch_frame.CONTACT_ID_DATA_10, (b"#    123456|58113101015",)),
        )
    ),
    *(
        Declared(
            name=f"dtmf {name}",
            declaration=recogniser.declaration,
            recogniser=recogniser,
            samples=samples,
        )
        for (name, recogniser), samples in zip(
            DTMF_RECOGNISERS.items(),
            (
                (b"1234181131010158\r", b"B234981131010158"),
                (b"123455155555557C\n",),
                (b"123456155555557",),
                (b"123427121\r",),
                (b"12341739\r", b"1234173"),
            ),
            strict=True,
        )
    ),
    Declared(
        name="dc03 block",
        declaration=dc03_blocks.BLOCK.declaration,
        recogniser=dc03_blocks.BLOCK,
        samples=(*map(build_block, _CALL), b"\x008\xc7", b"\xc008"),
    ),
    Declared(
        name="dc03 region",
        declaration=dc03_blocks.INSIDE.declaration,
        recogniser=dc03_blocks.INSIDE,
        samples=(b"F#012345", b"\x008"),
    ),
    *of_layouts(
        "osborne-hoffman",
        OH_LAYOUTS,
        {
            "event": (
                OH_WITH_TEXT,
                b'\n01010034"ADM-CID"0005RABCDLDEAD[#005412|1150 04 261]T5F000000\r',
            ),
            "heartbeat": (
                b"SRDEADLBEEF    F0000DXX    \x00",
                b"SRDEADLBEEF    F0000DXX    \x00[ID2F958DB3] T5F000000\x00",
            ),
        },
    ),
    *of_layouts(
        "dc07",
        DC07_LAYOUTS,
        {
            "frame": (
                b'\n1A9A002C"ADM-CID"0001R1L1[#1234|1131 01 015]\r',
                b'\n4AE70018"NULL"0001R1L1[]\r',
            )
        },
    ),
    *of_layouts(
        "fsk-router",
        FSK_LAYOUTS,
        {
            "fsk7": (b"\x02C01234E1300101500500A00\r",),
            "fsk-extended": (b"\x0201234123317\r",),
        },
    ),
    *automation.DECLARED,
]
