"""What do operators hear of silence? Accounts and receiver links that are late, lost, or back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from gateway.accounts import Account
from gateway.contract import status
from gateway.contract.event import Category, Kind
from gateway.supervision import Change, State

if TYPE_CHECKING:  # it speaks for the daemon that owns it
    from gateway.daemon.daemon import Daemon

_log = structlog.get_logger()


def tell_silence(daemon: Daemon, change: Change) -> None:
    """Publish the state; of a loss and its end make an event as well.

    Late is a state to look at and no event: most of those that are late call in time.
    """
    is_event = State.LOST in {change.before, change.state}
    is_lost = change.state is State.LOST
    name = "missed" if is_lost else "restored"
    if is_event:
        daemon.counters.count(f"supervision_{name}")
        _log.warning(
            f"supervision.{name}",
            account=None if change.account is None else "/".join(change.account),
            link=change.input,
            silent_s=round(change.silent_s, 1),
        )
    silent = f"silent for {change.silent_s:.0f} s"
    word = "lost" if is_lost else "restored"
    if change.account is not None:
        account = daemon.accounts.lookup(*change.account) or Account.unknown(*change.account)
        daemon.forwarder.states.supervision(
            status.AccountSupervision(
                state=change.state.value,
                group=account.group,
                id=account.contract.id,
                time=daemon.now_iso(),
                silent_s=round(change.silent_s, 1),
            )
        )
        if is_event:
            _say(daemon, "supervision", f"account {word}: {silent}", word, account)
    elif change.input is not None:
        daemon.vitals.link_supervised(change.input, is_lost=is_lost, words=silent)
        _say(daemon, "communication", f"receiver link {change.input} {word}: {silent}", word)


def _say(
    daemon: Daemon, category: Category, text: str, word: str, account: Account | None = None
) -> None:
    kind: Kind = "trouble" if word == "lost" else "restoral"
    daemon.say(f"supervision_{word}", category, text, kind=kind, account=account)
