"""One link between a Sur-Gard receiver and the computer, in either role of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeVar, overload

from protocols import receiver_link
from protocols._core import Answer, Incoming, Keys, Pad
from protocols.receiver_link import NO_OPTIONS, PARTIAL_FRAME_S, Role
from protocols.surgard.computer import Computer
from protocols.surgard.frame import AUTO, FORMS, Header
from protocols.surgard.meaning import Site
from protocols.surgard.receiver import ACK_TIMEOUT_S, Receiver
from protocols.surgard.write import Output

T = TypeVar("T", Incoming, Answer)

HEADERS: Final = (AUTO, *FORMS)
_ACCOUNT_DIGITS: Final = frozenset("0123456789ABCDEF")


class Connection(receiver_link.Connection[T]):
    """A link over a serial line or TCP; the bytes are the same on both.

    Attributes:
        side: What does the work: a ``Computer`` or a ``Receiver``.
    """

    @overload
    def __init__(
        self: Connection[Incoming],
        role: Literal[Role.COMPUTER],
        *,
        header: Header = "auto",
        b32: bool | None = None,
        site: Site | None = None,
        partial_s: float = PARTIAL_FRAME_S,
    ) -> None: ...

    @overload
    def __init__(
        self: Connection[Answer],
        role: Literal[Role.RECEIVER],
        *,
        output: Output | None = None,
        ack_s: float = ACK_TIMEOUT_S,
    ) -> None: ...

    def __init__(self, role: Role, **settings: Any) -> None:
        """Take what is programmed at the receiver.

        Args:
            role: Which end this is.
            settings: For the COMPUTER the header's form (``auto`` reads both), whether packets
                have the B32 prefix (None finds out), the site's programming and how long a
                partial frame is kept; for the RECEIVER how it sends and how long it waits.
        """
        side = Computer(**settings) if role is Role.COMPUTER else Receiver(**settings)
        super().__init__(role, side)


def connect(
    *,
    keys: Keys,
    pad: Pad,
    datagram: bool = False,
    options: Mapping[str, object] = NO_OPTIONS,
) -> Connection[Incoming]:
    """Make a link in the computer's role, as the registry does.

    Options: ``header`` (``auto``, ``RRL``, ``RRLLL`` ... up to seven L), ``b32`` (``auto``,
    true, false), ``internal_account`` (default ``0000``; empty where a panel has that number),
    ``audio_code`` (default ``P``).

    Raises:
        ValueError: An option that does not exist, a wrong value of one, or UDP.
    """
    del keys, pad  # nothing is encrypted here
    if datagram:
        raise ValueError("udp seen; a Sur-Gard receiver speaks over serial lines and TCP")
    known = {"header", "b32", "internal_account", "audio_code"}
    if unknown := sorted(set(options) - known):
        raise ValueError(f"options {unknown} seen; surgard has {sorted(known)}")
    header = options.get("header", "auto")
    if header not in HEADERS:
        raise ValueError(f"header {header!r} seen; expected one of {', '.join(HEADERS)}")
    b32 = options.get("b32", "auto")
    if b32 not in (True, False, "auto"):
        raise ValueError(f"b32 {b32!r} seen; expected true, false or auto")
    return Connection(
        Role.COMPUTER,
        header=header,
        b32=None if b32 == "auto" else bool(b32),
        site=Site(
            internal_account=_account(options.get("internal_account", "0000")),
            audio_code=_letter(options.get("audio_code", "P")),
        ),
    )


def _account(value: object) -> str:
    if not isinstance(value, str) or not _ACCOUNT_DIGITS.issuperset(value):
        raise ValueError(f"internal_account {value!r} seen; expected digits 0-9, A-F, or nothing")
    return value


def _letter(value: object) -> str:
    if not isinstance(value, str) or len(value) != 1:
        raise ValueError(f"audio_code {value!r} seen; expected one character")
    return value
