"""Is it the frames? Another check value, another protocol, a line with the wrong settings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from fastcrc import crc16

from gateway.cli._doctor.finding import Confidence, Finding, lines_of, many
from gateway.cli._doctor.observed import Observed
from hardware.foreign import foreign
from protocols._core import Rejected
from protocols._core.alphabet import HEX
from protocols._core.checksums import crc16_arc
from protocols.registry import PROTOCOLS

_PLAUSIBLE: Final = 0.3  # of the bytes must have bit 7 set for 7E1 or 7O1 to be read as 8N1
_PARITY_BIT: Final = 0x80
_HEAD_BYTES: Final = 9  # LF, check value and length
_NOISE_BYTES: Final = 24  # fewer say nothing about a line


_OTHER: Final[dict[str, Callable[[bytes], int]]] = {
    "CRC-16/CCITT (start FFFF)": crc16.ibm_3740,
    "CRC-16/XMODEM": crc16.xmodem,
    "CRC-16/MODBUS (start FFFF)": crc16.modbus,
    "CRC-16/X-25, not inverted": crc16.mcrf4xx,
}


def checks(seen: Observed) -> Iterator[Finding]:
    """DC-09 frames whose check value or length is not ours: counted otherwise, or damaged."""
    wrong = seen.rejected("crc_wrong", "length_wrong")
    if not wrong:
        return
    styles = Counter(filter(None, (_style(item.raw) for _, item in wrong)))
    lines = lines_of([one.line for one, _ in wrong])
    if styles:
        style, count = styles.most_common(1)[0]
        yield Finding(
            id="crc_style_wrong",
            title=f"The panel counts its check value or length otherwise: {style}",
            evidence=f"{many(count, 'frame')} of {len(wrong)} that are refused ({lines}) would be "
            "sound so",
            remedy="DC-09 wants CRC-16/ARC (start 0000) over all from the first quote up to the "
            'CR, and the number of those characters. Look for a setting "CRC" or "ASCII/binary" '
            "in the panel, and for a newer firmware.",
            confidence=Confidence.CERTAIN,
        )
        return
    total = len(seen.sound()) + len(wrong)
    is_all = len(wrong) == total
    yield Finding(
        id="frames_damaged",
        title="Frames arrive damaged" if not is_all else "No frame's check value holds",
        evidence=f"{len(wrong)} of {many(total, 'frame')} ({lines}) fail the check by every rule "
        "we know",
        remedy="A few: a bad radio or serial converter on the way; the panel sends them again. "
        "All: the panel's firmware, or a converter that changes characters (7 bits, CR and LF).",
        confidence=Confidence.LIKELY,
    )


def _style(raw: bytes) -> str | None:
    """Say how a frame was checked, if a way is known that makes it sound."""
    begin, end = raw.find(b'"'), raw.rfind(b"\r")
    if begin < _HEAD_BYTES or end < begin:
        return None
    region, head = raw[begin:end], raw[raw.find(b"\n") + 1 : begin]
    check, length = head[:4], head[4:8]
    for words, covered in (
        ("the LF counts too", b"\n" + region),
        ("length and check value cover the head", head[4:] + region),
    ):  # fmt: skip
        if crc16_arc(covered) == _number(check):
            return words
    for name, crc in _OTHER.items():
        for covered in (region, region + b"\r"):
            if crc(covered) == _number(check):
                return name
    if crc16_arc(region) == _number(check):
        return f"length {length.decode('latin-1')} for {len(region)} characters"
    swapped = check[2:] + check[:2]
    if crc16_arc(region) == _number(swapped):
        return "the bytes of the check value are swapped"
    return None


def _number(check: bytes) -> int | None:
    # int(check, 16) alone would also take signs, blanks and underscores.
    return int(check, 16) if check and HEX.members.issuperset(check) else None


def other_protocol(seen: Observed) -> Iterator[Finding]:
    """It is another protocol that speaks here."""
    named = Counter(
        name
        for name in (
            *(item.foreign for _, item in seen.rejected()),
            *(foreign(read.data) for read in seen.reads if read.data),
        )
        if name
    )
    if named:
        name, count = named.most_common(1)[0]
        yield Finding(
            id="protocol_foreign",
            title=f"Something else speaks here: {_FOREIGN.get(name, name)}",
            evidence=f"{many(count, 'read')} of {len(seen.reads)} looks like {name}",
            remedy=_FOREIGN_REMEDY.get(
                name,
                "Point it to an input of its own protocol, or set the input's protocol; this one "
                f"expects {seen.info.name}.",
            ),
            confidence=Confidence.CERTAIN,
        )
        return
    if len(seen.sound()) >= len(seen.rejected()):
        return  # it is what it should be, more often than not
    fits = [name for name in PROTOCOLS if name != seen.info.name and _reads(name, seen)]
    if fits:
        yield Finding(
            id="protocol_wrong",
            title=f"This is not {seen.info.name}: it reads as {' or '.join(fits[:3])}",
            evidence=f"{many(len(seen.sound()), 'frame')} of {seen.info.name} in "
            f"{many(len(seen.reads), 'read')}, and the rest is none",
            remedy=f'Set protocol = "{fits[0]}" for this input, or the automation output to '
            f"{seen.info.name}.",
            confidence=Confidence.LIKELY,
        )


def _reads(name: str, seen: Observed) -> bool:
    """Whether another protocol finds frames, and more frames than rubbish, in the same bytes."""
    info = PROTOCOLS[name]
    if info.speaks_first:
        return False
    sound = rejected = 0
    by_peer: dict[str, list[bytes]] = {}
    for read in seen.reads:
        by_peer.setdefault(read.peer, []).append(read.data)
    for stream in by_peer.values():
        connection = info.connect(keys=seen.known.keys, pad=bytes)
        items = [item for data in stream for item in connection.receive(data, now=0.0)]
        for item in [*items, *connection.eof()]:
            rejected += isinstance(item, Rejected)
            sound += not isinstance(item, Rejected)
    return sound > rejected


_FOREIGN: Final = {
    "tls": "TLS on a port for plain frames",
    "http": "a web browser or scanner (HTTP)",
    "ssh": "an SSH client",
    "rdp": "a remote desktop client or scanner",
    "galaxy-sia-blocks": "a Honeywell Galaxy panel with SIA blocks of its own",
    "osborne-hoffman": "an Osborne-Hoffman panel",
}
_SCANNER: Final = (
    "No panel: a scanner found the port. Nothing to do but to let only the panels' networks in "
    "(firewall)."
)
_FOREIGN_REMEDY: Final = {
    "tls": "The panel encrypts with TLS: give the input a tls address with a certificate, or "
    "switch TLS off in the panel.",
    "http": _SCANNER,
    "ssh": _SCANNER,
    "rdp": _SCANNER,
    "galaxy-sia-blocks": 'Give it an input with protocol = "sia-dc03", or set the panel to DC-09.',
    "osborne-hoffman": 'Give it an input with protocol = "osborne-hoffman", or set the panel to '
    "DC-09.",
}


def line_settings(seen: Observed) -> Iterator[Finding]:
    """A serial line that is read with the wrong speed or parity, by the look of its bytes."""
    if "serial" not in seen.info.transports or seen.sound():
        return
    data = b"".join(read.data for read in seen.reads)
    if len(data) < _NOISE_BYTES:
        return
    high = sum(byte & _PARITY_BIT > 0 for byte in data) / len(data)
    stripped = bytes(byte & 0x7F for byte in data)
    connection = seen.info.connect(keys=seen.known.keys, pad=bytes)
    as_seven = [*connection.receive(stripped, now=0.0), *connection.eof()]
    if high > _PLAUSIBLE / 2 and any(not isinstance(item, Rejected) for item in as_seven):
        yield Finding(
            id="parity_wrong",
            title="The receiver sends 7 data bits with parity, and 8 bits are read",
            evidence=f"bit 7 is set in {high:.0%} of {many(len(data), 'byte')}; without it they "
            f"are frames of {seen.info.name}",
            remedy='Set bits = 7 and parity = "E" for this input ("O" if that reads no better).',
            confidence=Confidence.CERTAIN,
        )
        return
    usual = sum(byte in _USUAL for byte in data) / len(data)
    if usual < 1 - _PLAUSIBLE:
        yield Finding(
            id="baud_wrong",
            title="The serial line is read at the wrong speed",
            evidence=f"{many(len(data), 'byte')} and no frame; {1 - usual:.0%} of them are none "
            "that any receiver sends, which is how bits look that are counted too fast or too "
            "slowly",
            remedy="Set baud to what the receiver's manual or menu says (1200, 2400, 4800, 9600, "
            "19200); if that is right already, look at the cable: ground, crossed wires, a "
            "converter.",
            confidence=Confidence.LIKELY,
        )


_USUAL: Final = frozenset([*range(0x20, 0x7F), 0x06, 0x0A, 0x0D, 0x14, 0x15])
