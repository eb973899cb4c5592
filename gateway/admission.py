"""May this account say this, here, now? Gateway policy; the codec decides nothing of it.

Two questions, because a repeat is answered between them: ``who`` may speak on this input at all,
and, for what was not seen before, whether its timestamp is ``timely``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address
from typing import Final, Literal, TypeAlias

import msgspec

from gateway.accounts import Account
from gateway.accounts.ids import canonical
from gateway.contract.event import Trust
from hardware.sink import Origin
from protocols._core import LinkTest, Report, Verdict

STALE_TRIES: Final = (
    3  # NAKs for one message before a live panel with a wrong clock is taken; REL-38
)
CLOCK_RUNS_WITHIN_S: Final = 20.0  # how far its timestamps may stray from our time between tries
STALE_KEYS_MAX: Final = 10_000  # messages with a wrong timestamp that are remembered

_Message: TypeAlias = tuple[object, ...]
UnknownAccount: TypeAlias = Literal["silent", "ack", "learn"]
UnknownToken: TypeAlias = Literal["duh", "ack"]

Link: TypeAlias = Literal["panel", "pinned", "receiver"]
"""Who speaks: a panel, one from the networks its account names, or a receiver."""


class InputPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for one input."""

    is_receiver: bool
    """A receiver's link: what it says is trusted, since refusing would block its line (REL-27)."""
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
_CONFIDENTIALITY: Final[dict[int, Literal["aes-128", "aes-192", "aes-256"]]] = {
    128: "aes-128",
    192: "aes-192",
    256: "aes-256",
}
_DUH: Final = "duh"


class _Tries:
    """The tries of one message that were refused for their timestamps, oldest first."""

    __slots__ = ("count", "seen")

    def __init__(self, keep: int) -> None:
        self.count = 0
        self.seen: deque[tuple[int, datetime, float]] = deque(maxlen=keep)

    def has_bytes(self, fingerprint: int) -> bool:
        return any(fingerprint == before for before, _, _ in self.seen)

    def runs_with(self, timestamp: datetime, now: float) -> bool:
        """Whether the timestamps went on as our monotonic time did: a live panel's clock.

        Each must be later than the one before, so a recording of any of them does not pass.
        """
        previous: datetime | None = None
        for _, stamp, at in (*self.seen, (0, timestamp, now)):
            if previous is not None and stamp <= previous:
                return False
            previous = stamp
            _, first, first_at = self.seen[0]
            if abs((stamp - first).total_seconds() - (at - first_at)) > CLOCK_RUNS_WITHIN_S:
                return False
        return True


class Admission:
    """Policy of accounts and inputs; keeps a bounded memory of wrong timestamps."""

    def __init__(
        self,
        *,
        learn: Callable[[str, str], Account],
        is_clock_untrusted: Callable[[], bool] = lambda: False,
        stale_tries: int = STALE_TRIES,
        stale_keys_max: int = STALE_KEYS_MAX,
    ) -> None:
        """Take what it needs to know.

        Args:
            learn: Takes up an account that nobody configured, at once and in memory.
            is_clock_untrusted: Whether our own clock may be wrong (REL-50).
            stale_tries: NAKs for one message before a live panel's is taken.
            stale_keys_max: Messages with a wrong timestamp that are remembered.
        """
        self._learn = learn
        self._is_clock_untrusted = is_clock_untrusted
        self._stale_tries = stale_tries
        self._stale_keys_max = stale_keys_max
        self._stale: dict[_Message, _Tries] = {}

    @property
    def is_clock_untrusted(self) -> bool:
        """Whether our own clock may be wrong (REL-50)."""
        return self._is_clock_untrusted()

    # -- who -------------------------------------------------------------------------------

    def who(
        self,
        item: Report | LinkTest,
        origin: Origin,
        policy: InputPolicy,
        group: str,
        account: Account | None,
    ) -> Account | Refused:
        """Give the account that speaks, or why it is not listened to.

        ``account`` is what the group holds under the name on the wire; None for a stranger.
        """
        if policy.is_receiver:
            return account or Account.unknown(group, item.account or "")
        if account is None:
            if policy.unknown_account == "silent":
                return ACCOUNT_UNKNOWN
            if policy.unknown_account == "learn" and item.account:
                account = self._learn(group, item.account)
            else:
                account = Account.unknown(group, item.account or "")
        if account.rest.sources and not _comes_from(account, origin.host):
            return SOURCE_REFUSED
        if (refused := _form_refused(item, account)) is not None:
            return refused
        if type(item) is Report and not _token_known(item) and policy.unknown_token == _DUH:
            return TOKEN_UNKNOWN
        return account

    # -- when ------------------------------------------------------------------------------

    def timely(  # noqa: PLR0913  everything a timestamp is judged by
        self,
        item: Report | LinkTest,
        origin: Origin,
        policy: InputPolicy,
        account: Account,
        *,
        now_ms: int,
        now: float,
    ) -> Admitted | Refused:
        """Judge the frame's timestamp (REL-38); ``now_ms`` is UTC, ``now`` monotonic seconds."""
        is_untrusted = self._is_clock_untrusted()
        timestamp = item.timestamp
        is_checked = timestamp is not None and not policy.is_receiver and _checks(account, item)
        link: Link = "receiver" if policy.is_receiver else "panel"
        if link == "panel" and account.rest.sources:
            link = "pinned"
        is_replay_checked = is_checked and item.key_bits > 0 and not is_untrusted
        trust = trust_of(item.key_bits, origin.transport, link, is_replay_checked)
        if timestamp is None:
            return _without_stamp(trust, is_untrusted)
        behind_ms = skew_ms(timestamp, now_ms, account)
        if is_untrusted:
            # Without a trusted clock nobody can be told the time, and nobody is old (REL-50).
            return Admitted(trust=trust, clock_skew_ms=behind_ms, is_time_untrusted=True)
        if is_checked and not (
            -account.rest.future_s * 1000 <= behind_ms <= account.rest.past_s * 1000
        ):
            message = _message(item, account)
            if not self._is_live(timestamp, message, now):
                return self._refused(item, timestamp, message, now)
            return Admitted(trust=trust, flags=("stale_timestamp",), clock_skew_ms=behind_ms)
        return Admitted(trust=trust, clock_skew_ms=behind_ms)

    def _is_live(self, timestamp: datetime, message: _Message, now: float) -> bool:
        """Whether enough tries show a panel whose clock runs, although it is wrong."""
        tries = self._stale.get(message)
        if tries is None or tries.count < self._stale_tries:
            return False
        if not tries.runs_with(timestamp, now):
            return False
        del self._stale[message]
        return True

    def _refused(
        self, item: Report | LinkTest, timestamp: datetime, message: _Message, now: float
    ) -> Refused:
        tries = self._stale.get(message)
        if tries is None:
            if len(self._stale) >= self._stale_keys_max:
                del self._stale[next(iter(self._stale))]
            tries = self._stale[message] = _Tries(self._stale_tries)
        fingerprint = hash(item.raw)
        if tries.has_bytes(fingerprint):
            # A recording plays the same bytes for ever; it never counts as a try.
            return REPLAYED if item.key_bits else TIMESTAMP_STALE
        tries.count += 1
        tries.seen.append((fingerprint, timestamp, now))
        return TIMESTAMP_STALE


def _message(item: Report | LinkTest, account: Account) -> _Message:
    """Name a message: the same for all its tries, whose timestamps and pads differ."""
    if type(item) is Report:
        return (account.key, item.token, item.sequence, *[part.raw for part in item.parts])
    return (account.key, "", item.sequence)


def _checks(account: Account, item: Report | LinkTest) -> bool:
    check = account.rest.timestamp_check
    return check == "always" or (check == "encrypted" and item.key_bits > 0)


def skew_ms(timestamp: datetime, now_ms: int, account: Account) -> int:
    """Milliseconds between the panel's timestamp and now; positive when it is old.

    The standard wants GMT and many panels send local time (DC-09 notes, quirk 3), so for an
    account in another zone both readings are tried and the nearer one counts.
    """
    behind_ms = now_ms - utc_ms(timestamp)
    if account.rest.time_zone != "UTC":
        local = timestamp.replace(tzinfo=account.zone_info).astimezone(UTC)
        behind_ms = min(behind_ms, now_ms - int(local.timestamp() * 1000), key=abs)
    return behind_ms


@lru_cache(maxsize=1_024)
def utc_ms(timestamp: datetime) -> int:
    """Give an aware time as UTC milliseconds."""
    return int(timestamp.timestamp() * 1000)


def _form_refused(item: Report | LinkTest, account: Account) -> Refused | None:
    """Whether it came in the form that the account must use (SEC-1, SEC-3)."""
    wanted = account.encryption
    if not item.key_bits:
        return PLAIN_REFUSED if wanted == "required" else None
    if wanted == "forbidden":
        return ENCRYPTED_REFUSED
    if type(item) is Report and not _is_own(item, account):
        return INNER_DIFFERS
    return None


def _is_own(report: Report, account: Account) -> bool:
    """Whether decrypted data speaks for the account that its header names (SEC-3)."""
    inner = report.inner_account
    if inner is None or inner == report.account or account.rest.inner_account_any:
        return True
    names = {canonical(name) for name in (account.record.id, *account.record.aliases)}
    return canonical(inner) in names


def _token_known(report: Report) -> bool:
    return bool(getattr(report.envelope, "token_known", True))


def _comes_from(account: Account, host: str) -> bool:
    try:
        address = _address(host)
    except ValueError:
        return False
    return any(address in network for network in account.sources)


_address = lru_cache(maxsize=4_096)(ip_address)


@lru_cache(maxsize=256)
def _without_stamp(trust: Trust, is_time_untrusted: bool) -> Admitted:  # noqa: FBT001  by place is faster
    return Admitted(trust=trust, is_time_untrusted=is_time_untrusted)


@lru_cache(maxsize=256)
def trust_of(
    key_bits: int,
    transport: str,
    link: Link,
    is_replay_checked: bool,  # noqa: FBT001  by place is faster
) -> Trust:
    """Say how far a report can be trusted (SEC-9); few combinations, each made once."""
    is_tls = transport == "tls"
    authenticity: Literal["none", "key", "source", "line"] = "none"
    if key_bits:
        authenticity = "key"
    elif link == "receiver" and transport == "serial":
        authenticity = "line"
    elif link == "pinned":
        authenticity = "source"
    return Trust(
        confidentiality=_CONFIDENTIALITY.get(key_bits, "tls" if is_tls else "none"),
        integrity="tls" if is_tls else "none",
        authenticity=authenticity,
        replay_checked=is_replay_checked,
    )
