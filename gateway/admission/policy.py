"""The words of admission: what holds for an input, who is refused and why, who is taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, TypeAlias

import msgspec

from gateway.contract.event import Trust
from protocols._core import Verdict

UnknownAccount: TypeAlias = Literal["silent", "ack", "learn"]
UnknownToken: TypeAlias = Literal["duh", "ack"]


class InputPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for one input."""

    is_receiver: bool
    """A receiver's link: what it says is trusted, since refusing would block its line (REL-27)."""
    refuses: bool = False
    """A panel, too, is told of a sound envelope with unreadable data: its family has a word."""
    unknown_account: UnknownAccount = "silent"
    unknown_token: UnknownToken = "duh"  # noqa: S105  a word of the wire, no secret
    group_of: Callable[[str | None, str | None], str] = lambda _receiver, _line: "main"
    """The account group for a receiver number and a line number."""


class Refused(msgspec.Struct, frozen=True):
    """A report or link test that is not taken, and what to say to it."""

    verdict: Verdict
    reason: str
    """A counter's name."""
    security: str = ""
    """Words for a security system event; empty when it is none."""

    @property
    def words(self) -> str:
        """Why, for a technician."""
        return self.security or self.reason.replace("_", " ")


class Admitted(msgspec.Struct, frozen=True, kw_only=True):
    """A report that is taken, and how far it can be trusted."""

    trust: Trust
    flags: tuple[str, ...] = ()
    clock_skew_ms: int | None = None
    is_time_untrusted: bool = False


ACCOUNT_UNKNOWN: Final = Refused(Verdict.SILENCE, "account_unknown")
TOKEN_UNKNOWN: Final = Refused(Verdict.DUH, "token_unknown")
SOURCE_REFUSED: Final = Refused(
    Verdict.SILENCE, "source_refused", "a frame came from outside the account's networks"
)
CERTIFICATE_REFUSED: Final = Refused(
    Verdict.SILENCE,
    "certificate_refused",
    "a frame came in clear without one of the account's certificates",
)
PLAIN_REFUSED: Final = Refused(
    Verdict.SILENCE, "plaintext_refused", "plain text came for an account that must encrypt"
)
ENCRYPTED_REFUSED: Final = Refused(
    Verdict.SILENCE, "encryption_refused", "an encrypted frame came for an account that must not"
)
INNER_DIFFERS: Final = Refused(
    Verdict.SILENCE, "inner_account_differs", "the encrypted data names another account"
)
TIMESTAMP_STALE: Final = Refused(Verdict.NAK_TIME, "stale_timestamp")
REPLAYED: Final = Refused(
    Verdict.NAK_TIME, "stale_repeated", "a refused encrypted frame came again byte by byte"
)
