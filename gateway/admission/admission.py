"""May this account say this, here, now? Gateway policy; the codec decides nothing of it.

Two questions, because a repeat is answered between them: ``who`` may speak on this input at all,
and, for what was not seen before, whether its timestamp is ``timely``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address
from typing import Final

from gateway.accounts import Account
from gateway.accounts.ids import canonical
from gateway.admission.panel_clocks import PanelClocks
from gateway.admission.policy import (
    ACCOUNT_UNKNOWN,
    CERTIFICATE_REFUSED,
    ENCRYPTED_REFUSED,
    INNER_DIFFERS,
    PLAIN_REFUSED,
    REPLAYED,
    SOURCE_REFUSED,
    TIMESTAMP_STALE,
    TOKEN_UNKNOWN,
    Admitted,
    InputPolicy,
    Refused,
)
from gateway.admission.skew import skew_ms
from gateway.admission.stale import STALE_KEYS_MAX, STALE_TRIES, Message, StaleTries
from gateway.admission.trust import Link, trust_of
from gateway.contract.event import Trust
from hardware.sink import Origin
from protocols._core import LinkTest, Report

_DUH: Final = "duh"


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
        self.panel_clocks = PanelClocks()
        self._stale = StaleTries(tries=stale_tries, keys_max=stale_keys_max)

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
        if (refused := _form_refused(item, account, origin)) is not None:
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
        if link == "panel" and account.rest.certificates and _is_certified(account, origin):
            link = "certified"
        elif link == "panel" and account.rest.sources:
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
            if not self._stale.is_live(timestamp, message, now):
                self.panel_clocks.suspect(account, behind_ms, now)
                is_again = self._stale.refused(item.raw, timestamp, message, now)
                return REPLAYED if is_again and item.key_bits else TIMESTAMP_STALE
            self.panel_clocks.note(account, behind_ms, now)
            return Admitted(trust=trust, flags=("stale_timestamp",), clock_skew_ms=behind_ms)
        if not policy.is_receiver:
            self.panel_clocks.note(account, behind_ms, now)
        return Admitted(trust=trust, clock_skew_ms=behind_ms)


def _message(item: Report | LinkTest, account: Account) -> Message:
    """Name a message: the same for all its tries, whose timestamps and pads differ."""
    if type(item) is Report:
        return (account.key, item.token, item.sequence, *[part.raw for part in item.parts])
    return (account.key, "", item.sequence)


def _checks(account: Account, item: Report | LinkTest) -> bool:
    check = account.rest.timestamp_check
    return check == "always" or (check == "encrypted" and item.key_bits > 0)


def _form_refused(item: Report | LinkTest, account: Account, origin: Origin) -> Refused | None:
    """Whether it came in the form that the account must use (SEC-1, SEC-3, SEC-10)."""
    if account.rest.certificates and not item.key_bits and not _is_certified(account, origin):
        return CERTIFICATE_REFUSED
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


def _is_certified(account: Account, origin: Origin) -> bool:
    """Whether the peer showed one of the certificates that the account names (SEC-10)."""
    return any(name in account.rest.certificates for name in origin.certificate)


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
