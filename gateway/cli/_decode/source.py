"""From what a technician has (text, hex, a file) to the bytes of the wire, and to a protocol."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, Literal, get_args

import msgspec

from gateway.cli import CliError
from gateway.cli._decode.families import UNSURE, recognised
from protocols import dc09, dtmf, osborne_hoffman, surgard
from protocols.recognition import readings

Protocol = Literal[
    "dc09", "contact-id", "surgard", "ademco685", "mx8000", "iti", "pima", "bosch6500", "dc07",
    "osborne-hoffman", "fsk-router", "sia-dc03", "mcdi", "dtmf",
]  # fmt: skip
PROTOCOLS: Final[tuple[Protocol, ...]] = get_args(Protocol)

MAX_BYTES: Final = 1 << 20
"""More than this is no frame that somebody wants explained."""

_ESCAPE: Final = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|([0-7]{3})|([nrt0\\\"']))")
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "\\": "\\", '"': '"', "'": "'"}
_HEX_FILLING: Final = re.compile(r"0x|[\s,:;-]")
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_DTMF: Final = re.compile(rb"[0-9A-F]{4}(?:18|98)[0-9A-F]{8,11}")
_DTMF_BLANKS: Final = re.compile(r"[\s-]")
_DC09_HEAD: Final = re.compile(rb'\n(?:.{4}|.{2})0[0-9A-Fa-f]{3}"', re.DOTALL)
_DC09_BARE: Final = re.compile(rb'[0-9A-Fa-f]{4}0[0-9A-Fa-f]{3}"')


class Source(msgspec.Struct, kw_only=True):
    """The bytes, and what was done to get them."""

    raw: bytes
    notes: tuple[str, ...] = ()


def read_file(path: Path) -> bytes:
    """Read a file with a frame in it.

    Raises:
        CliError: It cannot be read, or is too large.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CliError(f"{path}: {error.strerror or error}; give a file with one frame") from error
    return content


def of_bytes(content: bytes, *, as_hex: bool = False) -> Source:
    """Take the content of a file: the frame itself, or text that spells it.

    Raises:
        CliError: There is nothing in it, or it is no hex although it is said to be.
    """
    if len(content) > MAX_BYTES:
        raise CliError(f"more than {MAX_BYTES} bytes; expected one frame, or a few")
    body = content.rstrip(b"\r\n")
    is_wire = _DC09_HEAD.search(content) or any(
        (byte < 0x20 and byte not in b"\t\r\n") or byte > 0x7E  # noqa: PLR2004 - printable ASCII
        for byte in content
    )
    if is_wire and not as_hex:
        return Source(raw=content)
    return of_text(body.decode("latin-1").strip("\r\n"), as_hex=as_hex)


def of_text(text: str, *, as_hex: bool = False) -> Source:
    """Take text with escapes, or hex where it can be nothing else.

    Raises:
        CliError: There is nothing in it, or it is no hex although it is said to be.
    """
    if not text.strip():
        raise CliError("nothing to decode; give a frame as text, as hex, or --file PATH")
    digits = _HEX_FILLING.sub("", text)
    if as_hex:
        if not _HEX.fullmatch(digits):
            raise CliError(f"{text[:40]!r} is no hex; expected pairs of 0-9, A-F")
        return Source(raw=bytes.fromhex(digits))
    if len(text) > MAX_BYTES:
        raise CliError(f"more than {MAX_BYTES} characters; expected one frame, or a few")
    spelled = _bytes_of(_ESCAPE.sub(_unescaped, text))
    if _HEX.fullmatch(digits) and not _reads_as_text(spelled, text):
        return Source(raw=bytes.fromhex(digits), notes=("read as hex",))
    if _DC09_BARE.match(spelled):
        closing = b"" if spelled.endswith(b"\r") else b"\r"
        missing = "LF and CR" if closing else "LF"
        return Source(
            raw=b"\n" + spelled + closing,
            notes=(f"{missing} added: they were not in the text",),
        )
    if _DC09_HEAD.match(spelled) and b"\r" not in spelled:
        return Source(raw=spelled + b"\r", notes=("CR added: it was not in the text",))
    return Source(raw=spelled)


def _reads_as_text(spelled: bytes, text: str) -> bool:
    """Tell whether digits are a message as they stand, and not the hex of one."""
    digits = _dtmf(text)
    if _DTMF.fullmatch(digits) or dtmf.explain(digits).kind == "event":
        return True
    return surgard.explain(spelled).kind not in UNSURE


def _dtmf(text: str) -> bytes:
    return _bytes_of(_DTMF_BLANKS.sub("", text).upper())


def _unescaped(found: re.Match[str]) -> str:
    if found[1]:
        return chr(int(found[1], 16))
    return chr(int(found[2], 8) & 0xFF) if found[2] else _ESCAPED[found[3]]


def _bytes_of(text: str) -> bytes:
    """One byte for each character up to 255, as escapes mean it; UTF-8 for all others."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape")


def guess(raw: bytes) -> Protocol | None:
    """Say which protocol the bytes are of; None when they look like none."""
    if _DC09_HEAD.search(raw):
        # The same shape with another length rule, and one constant for a check value.
        is_other = raw.startswith(b"\n0101") and osborne_hoffman.explain(raw).kind == "event"
        return "osborne-hoffman" if is_other else "dc09"
    if _DTMF.fullmatch(dialled(raw)):
        return "contact-id"
    if dtmf.explain(dialled(raw)).kind == "event":
        return "dtmf"
    name = next(iter(fitting(raw)), None) or recognised(raw)
    for protocol in PROTOCOLS:
        if protocol == name:
            return protocol
    if surgard.explain(raw).kind != "noise":
        return "surgard"
    told = dc09.explain(raw)
    return "dc09" if told.is_dc09 or told.foreign else None


def fitting(raw: bytes) -> tuple[str, ...]:
    """Name the protocols that read most of these bytes as sound frames; usually one.

    Panels' come first: each of their frames proves itself, and a receiver's may prove nothing.
    """
    if _DTMF.fullmatch(dialled(raw)):
        return ()  # told as dialled, whoever may carry it
    found = readings(raw)
    most = max((one.sound_bytes for one in found), default=0)
    return tuple(
        dict.fromkeys(
            one.variant.family
            for one in found
            if one.sound_bytes == most and one.refused_bytes <= most
        )
    )


def dialled(raw: bytes) -> bytes:
    """Return the digits of a message that is written with blanks, or in lower case."""
    return _dtmf(raw.decode("latin-1"))
