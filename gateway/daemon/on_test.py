"""Test mode of a running gateway: what is asked, what the journal is told, and what it tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog

from gateway.accounts import Account
from gateway.contract import event
from gateway.control import ControlError, Request, is_seconds
from gateway.ingest import OwnEvent
from gateway.journal import time_text
from gateway.on_test import LONGEST_S, WHOLE, Change, OnTest

if TYPE_CHECKING:  # it speaks for the daemon that owns it
    from gateway.daemon.daemon import Daemon
    from gateway.daemon.world import World

LINK: Final = "on-test"
"""Under which the journal finds the events that a start rebuilds the state from."""
READ_MOST: Final = 10_000  # of them at a start; the newest count
REASON_MOST: Final = 200  # characters

_decode: Final = msgspec.json.Decoder(Change).decode
_log = structlog.get_logger()


class Testing:
    """Puts accounts and zones on test for whoever asks, and ends it in time."""

    def __init__(self, daemon: Daemon, world: World) -> None:
        self._daemon = daemon
        self.state = OnTest(clock=world.clock, timers=world.timers, tell=self._told)

    async def load(self) -> None:
        """Rebuild the state from the journal; before the inputs open."""
        found = await self._daemon.journal.linked(LINK, READ_MOST)
        changes = []
        for one in found:
            try:
                raw = msgspec.json.decode(one.json)["data"]["raw"]["value"]
                changes.append(_decode(raw.encode("latin-1")))
            except (msgspec.MsgspecError, KeyError, TypeError):
                # Of another version, perhaps: without it the account is not on test, which is safe.
                _log.warning("on_test.unreadable", seq=one.seq)
        self.state.load(changes)

    async def request(self, request: Request) -> dict[str, Any]:
        """``set`` on, off or list; see docs/commands.md.

        Raises:
            ControlError: Says what cannot be done and why.
        """
        match request.get("set"):
            case "list":
                return {"on_test": [_shown(one) for one in self.state.listed()]}
            case "on":
                change = self._put_on(request)
            case "off":
                change = self._take_off(request)
            case other:
                raise ControlError(f'"set" is {other!r}; expected on, off or list')
        await self._daemon.journal.linked(LINK, 1)  # after the commit of what was just told
        return _shown(change)

    def _put_on(self, request: Request) -> Change:
        account = self._account(request)
        for_s, reason = request.get("for_s"), request.get("reason")
        if not is_seconds(for_s, LONGEST_S):
            days = LONGEST_S / 86_400
            raise ControlError(
                f"a test of {for_s!r} s; expected more than 0 s and {days:.0f} days at most"
            )
        if not isinstance(reason, str) or not reason.strip():
            raise ControlError(
                f"reason {reason!r} seen; a test needs a reason in words: whoever reads the log "
                "later wants to know it"
            )
        return self.state.put_on(
            group=account.key[0],
            account=account.key[1],
            zone=_zone(request),
            for_s=for_s,
            reason=reason.strip()[:REASON_MOST],
            by=_by(request),
        )

    def _take_off(self, request: Request) -> Change:
        account = self._account(request)
        group, name = account.key
        zone = _zone(request)
        ended = self.state.take_off(group=group, account=name, zone=zone, by=_by(request))
        if ended is None:
            what = f"zone {zone} of account {name}" if zone else f"account {name}"
            raise ControlError(f"{what} is not on test; 'test-mode list' shows what is")
        return ended

    def _account(self, request: Request) -> Account:
        group, name = request.get("group", "main"), request.get("account")
        found = None
        if isinstance(group, str) and isinstance(name, str):
            found = self._daemon.accounts.lookup(group, name)
        if found is None:
            raise ControlError(
                f"there is no account {name!r} in the group {group!r}; "
                "'alarm-gateway accounts list' shows all"
            )
        return found

    def _told(self, change: Change) -> None:
        """Make the system event: what a start after this one will know."""
        is_on = change.test == "on"
        what = f"zone {change.zone}" if change.zone else "account"
        end = f"until {time_text(change.until_ms)}" if is_on else "not any more"
        _log.info(
            f"on_test.{'begun' if is_on else 'ended'}",
            account="/".join(change.key),
            zone=change.zone,
            reason=change.reason,
            by=change.by,
        )
        daemon = self._daemon
        daemon.counters.count(f"test_mode_{change.test}")
        daemon.ingest.system_event(
            OwnEvent(
                kind="test_start" if is_on else "test_end",
                category="test",
                code=f"test_mode_{change.test}",
                text=f"{what} on test {end}: {change.reason}",
                account=daemon.accounts.lookup(*change.key) or Account.unknown(*change.key),
                zone=event.Zone(id=change.zone) if change.zone else None,
                actor=_actor(change.by),
                severity=19,
                raw=msgspec.json.encode(change),
                link=LINK,
            )
        )


def _zone(request: Request) -> str:
    zone = request.get("zone")
    if zone is None:
        return WHOLE
    if not isinstance(zone, str) or not zone.strip():
        raise ControlError(f'"zone" is {zone!r}; expected its number as the panel sends it')
    return zone.strip()


def _by(request: Request) -> str:
    by = request.get("by")
    return _spelled(by) if isinstance(by, event.User) else "control"


def _spelled(user: event.User) -> str:
    return user.id if user.name is None else f"{user.id} {user.name}"


def _actor(by: str) -> event.User:
    user_id, _, name = by.partition(" ")
    return event.User(id=user_id, name=name or None)


def _shown(change: Change) -> dict[str, Any]:
    return {
        "group": change.group,
        "account": change.account,
        "zone": change.zone or None,
        "until": time_text(change.until_ms),
        "reason": change.reason,
        "by": change.by,
    }
