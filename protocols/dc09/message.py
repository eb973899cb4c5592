"""What a DC-09 frame says, as frozen structs; how its bytes become text and time."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum, auto
from functools import lru_cache
from typing import ClassVar, Final, NamedTuple

import msgspec

from protocols._core import Part
from protocols.dc09.crypto import AesKey


class Kind(Enum):
    """What becomes of a frame, told by its id token."""

    SIA = auto()
    CONTACT_ID = auto()
    OPAQUE = auto()
    """An event in a layout that the standard knows and we do not read."""
    LINK_TEST = auto()
    ANSWER = auto()
    UNKNOWN = auto()
    """A vendor's own token; the gateway's policy says DUH or ACK."""


def _tokens() -> dict[bytes, tuple[str, Kind]]:
    table = {b"SIA-DCS": Kind.SIA, b"ADM-CID": Kind.CONTACT_ID}
    table |= dict.fromkeys((b"NULL", b"XNM"), Kind.LINK_TEST)
    table |= dict.fromkeys((b"ACK", b"NAK", b"DUH", b"RSP"), Kind.ANSWER)
    opaque = (
        b"SIA-PUL ADM-41E ADM-42E ADM-HS ACR-SF DSC-43 FBI-SF ITI-I SCN-S8 SCN-S16 SCN-S24 SCT "
        b"SES-SS SIA-S2K SK-FSK1 SK-FSK2"
    )
    table |= dict.fromkeys(opaque.split(), Kind.OPAQUE)
    return {token: (token.decode(), kind) for token, kind in table.items()}


TOKENS: Final = _tokens()
"""The id tokens of DC-09 and DC-07, without the star of encrypted frames."""


class Head(msgspec.Struct, frozen=True, gc=False):
    """What stands in front of the region."""

    check: bytes
    """As sent: four bytes, or two in binary mode."""
    length: int


class Content(msgspec.Struct, frozen=True, gc=False):
    """The region of a frame in clear, or a NAK."""

    token: bytes
    echo: bytes
    """Sequence to account, exactly as sent: what the answer repeats."""
    seq: bytes
    receiver: bytes | None
    line: bytes | None
    account: bytes | None
    data: bytes
    xdata: tuple[bytes, ...]
    """Each entry is the letter and then the value."""
    stamp: bytes | None
    trailing: bytes


class EncryptedContent(msgspec.Struct, frozen=True, gc=False):
    """The region of an encrypted frame."""

    token: bytes
    echo: bytes
    seq: bytes
    receiver: bytes | None
    line: bytes | None
    account: bytes | None
    ciphertext: bytes
    """Hex digits."""


class DecryptedContent(msgspec.Struct, frozen=True, gc=False):
    """What an encrypted frame holds behind its opening bracket."""

    pad: bytes
    data: bytes | None
    """None when the separator is missing."""
    xdata: tuple[bytes, ...]
    stamp: bytes
    trailing: bytes


class UsualEnvelope(msgspec.Struct, frozen=True, gc=False):
    """What is kept of a frame with nothing unusual in it: enough to answer it.

    In clear, with a hex check value and one of the standard's tokens; ``explain`` tells the rest.
    """

    echo: bytes
    """Sequence to account, exactly as sent: what the answer repeats."""
    data: bytes
    """The data field."""

    # The rest of an Envelope's face, the same for all of them.
    token_known: ClassVar[bool] = True
    is_binary: ClassVar[bool] = False
    key: ClassVar[AesKey | None] = None
    pad_len: ClassVar[int | None] = None


class Fault(NamedTuple):
    """Why a frame is no report."""

    reason: str
    """A counter's name."""
    words: str
    """What was seen and what was expected."""
    offset: int
    """The first byte of the frame that cannot be right."""
    clause: str


class Cut(msgspec.Struct, frozen=True, gc=False):
    """A frame cut out of what was read, its check value and length judged."""

    raw: bytes
    region: bytes
    """The content, without a CR that the length counted."""
    check: bytes
    length: int
    is_binary: bool
    crc_ok: bool
    length_ok: bool
    quirks: tuple[str, ...]
    fault: Fault | None


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """Everything known of one frame; the ``envelope`` of what a connection hands up.

    Its representation shows no key and nothing that was decrypted.
    """

    cut: Cut
    content: Content | EncryptedContent | None
    """None when the header could not be read."""
    token: str | None
    kind: Kind
    data: bytes | None
    """The data field, decrypted where it was encrypted; None while it is not."""
    data_account: str | None
    parts: tuple[Part, ...]
    xdata: tuple[bytes, ...]
    encoding: str
    """The code page of the whole body: ``ascii``, ``utf-8``, ``cp1252`` or ``latin-1``."""
    timestamp: datetime | None
    trailing: bytes
    key: AesKey | None
    """What opened it, and closes the answer."""
    pad_len: int | None
    quirks: tuple[str, ...]
    fault: Fault | None

    @property
    def echo(self) -> bytes:
        """What an answer repeats byte for byte; nothing when the header could not be read."""
        return b"" if self.content is None else self.content.echo

    @property
    def is_binary(self) -> bool:
        """Tell whether the check value was two raw bytes."""
        return self.cut.is_binary

    @property
    def is_encrypted(self) -> bool:
        """Tell whether the id began with a star."""
        return type(self.content) is EncryptedContent

    @property
    def token_known(self) -> bool:
        """Tell whether the token is one of DC-09 or DC-07, so that DUH would be untrue."""
        return self.kind is not Kind.UNKNOWN

    @property
    def account(self) -> str | None:
        """The account of the header, as sent."""
        account = None if self.content is None else self.content.account
        return None if account is None else account.decode(self.encoding, "replace")

    def __repr__(self) -> str:
        """Name the frame and nothing secret."""
        return f"Envelope({self.token} from {self.account})"


def text(raw: bytes | None, encoding: str) -> str | None:
    """Decode a field by the code page of its frame; None stays None."""
    return None if raw is None else raw.decode(encoding, "replace")


@lru_cache(maxsize=1024)
def parse_timestamp(stamp: bytes | str) -> datetime | None:
    """Read ``HH:MM:SS,MM-DD-YYYY`` as UTC; None when it is no moment (DC-09 5.4.1.9).

    Serves the frame's own timestamp and the extended field H.
    """
    plain = stamp if isinstance(stamp, str) else stamp.decode("latin-1")
    if len(plain) != len("HH:MM:SS,MM-DD-YYYY") or not plain.isascii():
        return None
    clock, _, date = plain.partition(",")
    try:
        moment = datetime.fromisoformat(f"{date[6:]}-{date[:5]}T{clock}")
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC)


def format_timestamp(utc: datetime) -> bytes:
    """Write a moment as ``HH:MM:SS,MM-DD-YYYY``; it must be aware, and is told in GMT."""
    return utc.astimezone(UTC).strftime("%H:%M:%S,%m-%d-%Y").encode()
