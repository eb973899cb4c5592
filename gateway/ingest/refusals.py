"""What becomes of bytes that are not taken: kept raw, shown, logged, told; never dropped silently.

Everything here is bounded per source, since strangers decide how often it happens.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog

from gateway.accounts import Account
from gateway.admission import Refused
from gateway.contract.event import Raw, User
from gateway.contract.status import Unrecognised
from gateway.ingest.events import OwnEvent
from gateway.ingest.foreign import TELL_EVERY_S, remedy
from gateway.ingest.moments import Moment
from gateway.ingest.notices import OncePer
from gateway.journal.quarantine import Kept
from hardware.sink import Origin
from protocols._core import Incoming, Rejected

LOG_EVERY_S: Final = 10.0  # a log line per source and reason
LOG_PER_S: Final = 20  # log lines of all sources; strangers may have thousands of addresses
SECURITY_EVERY_S: Final = 60.0  # a system event per account and reason; SEC-1
_WRONG_KEY: Final = "decrypt_failed"

_log = structlog.get_logger()


class Refusals:
    """Keeps, shows, logs and tells what was not taken."""

    def __init__(
        self,
        *,
        quarantine: Callable[[Kept], object],
        unrecognised: Callable[[Unrecognised], None],
        raise_event: Callable[[OwnEvent], object],
    ) -> None:
        self._quarantine = quarantine
        self._unrecognised = unrecognised
        self._raise_event = raise_event
        self._log_often = OncePer(LOG_EVERY_S)
        self._foreign_often = OncePer(TELL_EVERY_S)
        self._security_often = OncePer(SECURITY_EVERY_S)
        self._second_began = 0.0
        self._lines = 0  # in that second
        self._unsaid = 0  # frames, since the last line, that LOG_PER_S left without one

    def keep(self, item: Incoming, origin: Origin, moment: Moment, reason: str, words: str) -> None:
        """Keep raw what was never acknowledged, and show it (REL-8)."""
        raw = item.raw.decode("latin-1")
        self._quarantine(
            Kept(
                time=moment.text,
                input=origin.input,
                peer=origin.peer,
                source=origin.host or origin.input,
                reason=reason,
                words=words,
                raw=raw,
            )
        )
        self._unrecognised(
            Unrecognised(
                input=origin.input,
                peer=origin.peer,
                time=moment.text,
                reason=f"{reason}: {words}",
                raw=Raw(encoding="latin-1", value=raw),
            )
        )

    def log(self, item: Incoming, origin: Origin, moment: Moment, reason: str, words: str) -> None:
        """Write a line that a technician can act on, not too many of them."""
        now = moment.monotonic
        if isinstance(item, Rejected) and item.foreign is not None:
            self._log_foreign(item.foreign, origin, now)
            return
        if now - self._second_began >= 1.0:
            self._second_began, self._lines = now, 0
        if self._lines >= LOG_PER_S:
            self._unsaid += 1
            return
        held = self._log_often.allows((origin.input, origin.host, reason), now)
        if held is None:
            return
        self._lines += 1
        unsaid, self._unsaid = self._unsaid, 0
        _log.warning(
            "frame.refused",
            reason=reason,
            words=f"wrong key: {words}" if reason == _WRONG_KEY else words,
            input=origin.input,
            peer=origin.peer,
            account=item.account,
            held_back=held + unsaid,
        )

    def _log_foreign(self, name: str, origin: Origin, now: float) -> None:
        """Name another protocol's traffic in one line, whoever and however many send it."""
        held = self._foreign_often.allows((origin.input, name), now)
        if held is None:
            return
        _log.warning(
            "traffic.foreign",
            what=name,
            words=remedy(name),
            input=origin.input,
            peer=origin.peer,
            held_back=held,
        )

    def tell(
        self, refused: Refused, origin: Origin, moment: Moment, account: Account | None
    ) -> None:
        """Raise the security system event, where the refusal is one."""
        key = (refused.reason, None if account is None else account.key)
        if not refused.security or self._security_often.allows(key, moment.monotonic) is None:
            return
        self._raise_event(
            OwnEvent(
                kind="info",
                category="information",
                code=refused.reason,
                text=f"{refused.security} (from {origin.peer} on {origin.input})",
                account=account,
                flags=("security",),
                actor=User(id=f"peer:{origin.peer}"),
                input=origin.input,
            )
        )
