"""Was this report seen before? In memory, rebuilt from the narrow table at start.

For panels it is also the replay cache (SEC-2): what is found here never becomes a second event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from math import inf
from typing import Final, TypeAlias

from gateway.journal.entry import Identity

WINDOW_S: Final = 600.0  # the same report of an account inside this is one event; REL-36
LINK_WINDOW_S: Final = 15.0  # the same of a link: three times its ACK timeout; REL-35
KEYS_MAX: Final = 1_000_000  # about 130 bytes each; beyond it the oldest go: in doubt, two events
LINKS_MAX: Final = 10_000


class Durable(Enum):
    """The report was seen before, and is on disk."""

    YES = "yes"


class Pending:
    """A report that is on its way to the disk, and who else waits for it."""

    __slots__ = ("at", "digest", "link", "waiting")

    def __init__(self, digest: bytes, at: float, link: str = "") -> None:
        self.digest = digest
        self.at = at
        self.link = link
        self.waiting: list[Callable[[bool], None]] | None = None
        """Called with whether it became durable."""

    def wait(self, told: Callable[[bool], None]) -> None:
        """Have a repeat told what becomes of the report."""
        if self.waiting is None:
            self.waiting = []
        self.waiting.append(told)

    def tell(self, *, is_stored: bool) -> None:
        """Tell the repeats that waited."""
        waiting, self.waiting = self.waiting, None
        for told in waiting or ():
            told(is_stored)


class Together:
    """Reports that are on their way to the disk in one group; nobody waits for any of them yet."""

    __slots__ = ("at", "digests")

    def __init__(self, at: float) -> None:
        self.at = at
        self.digests: list[bytes] = []


Seen: TypeAlias = Durable | Pending | None
"""None: not seen before."""


class AccountRepeats:
    """Reports of accounts by digest, for a window from their first reception (``Repeat.ACCOUNT``).

    ``now`` is monotonic seconds. The window does not start again with each repeat: a panel that
    always sends the same sequence number would have its alarms merged for ever (REL-6).
    """

    def __init__(self, *, window_s: float = WINDOW_S, keys_max: int = KEYS_MAX) -> None:
        self._window_s = window_s
        self._keep_s = window_s
        self._keys_max = keys_max
        self._pending: dict[bytes, Pending | Together] = {}
        # Two generations, each of at least a window: forgetting is dropping the older one, and
        # no report pays for the many before it.
        self._young: dict[bytes, float] = {}
        self._old: dict[bytes, float] = {}
        self._young_since = 0.0
        self._ahead: dict[bytes, float] = {}
        self._loaded_at = 0.0

    def __len__(self) -> int:
        return len(self._pending) + len(self._young) + len(self._old) + len(self._ahead)

    def look(self, digest: bytes, now: float, window_s: float = 0.0) -> Seen:
        """Say whether it was seen.

        ``window_s`` asks for protection from replays (an encrypted report, SEC-2): a longer
        memory than usual perhaps, and one for what bears a date to come (``load``).
        """
        if window_s and self._ahead and self._is_ahead(digest, now, window_s):
            return Durable.YES
        at = self._young.get(digest)
        if at is None:
            at = self._old.get(digest)
        if at is not None and now - at <= max(self._window_s, window_s):
            return Durable.YES
        pending = self._pending.get(digest)
        if isinstance(pending, Together):
            pending = self._pending[digest] = Pending(digest, pending.at)
        return pending

    def keep_for(self, window_s: float) -> None:
        """Remember for at least this long (an account with a wide timestamp window, SEC-2)."""
        self._keep_s = max(self._keep_s, window_s)

    def begin(self, digest: bytes, now: float) -> Pending:
        """Note a report that is handed to the journal now."""
        pending = self._pending[digest] = Pending(digest, now)
        return pending

    def look_together(self, digest: bytes, together: Together) -> Seen:
        """``look`` for a report that would be begun ``together``: the usual one is new."""
        if digest in self._young or digest in self._old or digest in self._pending:
            return self.look(digest, together.at)
        return None

    def begin_together(self, digest: bytes, together: Together) -> None:
        """Note a report that is handed to the journal with others: its event is among them.

        Only then. A report begun whose event is not there would count as durable with the rest
        of the group, and its repeat be acknowledged for nothing.
        """
        self._pending[digest] = together
        together.digests.append(digest)

    def settle_all(self, together: Together, *, is_stored: bool) -> None:
        """Note what became of reports that were begun together, and tell the repeats."""
        pending, at, digests = self._pending, together.at, together.digests
        asked = [found for one in digests if (found := pending.pop(one, None)) is not together]
        if is_stored:
            young = self._young
            is_room = len(young) + len(digests) < self._keys_max // 2
            if young and is_room and at - self._young_since <= self._keep_s:
                young.update(dict.fromkeys(digests, at))
            else:
                for digest in digests:
                    self._remember(digest, at)
        for found in asked:
            if isinstance(found, Pending):
                found.tell(is_stored=is_stored)

    def settle(self, pending: Pending, *, is_stored: bool) -> None:
        """Note what became of it, and tell the repeats that waited."""
        digest = pending.digest
        if self._pending.get(digest) is pending:
            del self._pending[digest]
            if is_stored:
                self._remember(digest, pending.at)
        if pending.waiting is not None:
            pending.tell(is_stored=is_stored)

    def load(self, identities: Iterable[Identity], *, now: float, now_ms: int) -> None:
        """Take what an earlier run stored, oldest first.

        A clock that was set back leaves rows with a date to come; how old they are, nobody
        knows. Dated within the window they count as just received. Dated further ahead they are
        no repeat of a plain report: an alarm may have that number again long after (in doubt,
        two; REL-6). An encrypted report is told from a recording by its timestamp alone, so
        these rows stay known where a recording would pass for timely: around their date by a
        clock that runs on, and for a window from now, should it be set right again (SEC-2).
        """
        self._loaded_at = now
        # A full journal brings a million of them, and a start must not take long (REL-51).
        young, until, room = self._young, -inf, 0
        for identity in identities:
            if identity.link:
                continue
            age_s = (now_ms - identity.received_ms) / 1000
            if age_s < 0:
                self._load_ahead(identity.digest, now, age_s)
                room = 0
                continue
            at = now - age_s
            if room > 0 and at <= until:
                room -= 1
                young[identity.digest] = at
                continue
            self._remember(identity.digest, at)
            young, until = self._young, self._young_since + self._keep_s
            room = self._keys_max // 2 - len(young)

    def _load_ahead(self, digest: bytes, now: float, age_s: float) -> None:
        if len(self._ahead) >= self._keys_max:
            del self._ahead[next(iter(self._ahead))]
        self._ahead[digest] = now - age_s
        if age_s >= -self._window_s:
            self._remember(digest, now)

    def _is_ahead(self, digest: bytes, now: float, window_s: float) -> bool:
        at = self._ahead.get(digest)
        keep_s = max(self._window_s, window_s)
        return at is not None and (now - self._loaded_at <= keep_s or abs(now - at) <= keep_s)

    def _remember(self, digest: bytes, at: float) -> None:
        young = self._young
        if not young:
            self._young_since = at
        elif at - self._young_since > self._keep_s or 2 * len(young) >= self._keys_max:
            self._old, self._young, self._young_since = young, {}, at
            young = self._young
        young[digest] = at


class LinkRepeats:
    """The last event frame of each receiver link (``Repeat.LINK``, REL-35)."""

    def __init__(self, *, window_s: float = LINK_WINDOW_S, links_max: int = LINKS_MAX) -> None:
        self._window_s = window_s
        self._links_max = links_max
        self._last: dict[str, Pending] = {}
        self._durable: set[str] = set()

    def look(self, link: str, digest: bytes, now: float) -> Seen:
        """Say whether it is the link's last event frame again; its window starts again then."""
        last = self._last.get(link)
        if last is None or last.digest != digest or now - last.at > self._window_s:
            return None
        last.at = now
        return Durable.YES if link in self._durable else last

    def begin(self, link: str, digest: bytes, now: float) -> Pending:
        """Note an event frame that is handed to the journal now."""
        if link not in self._last and len(self._last) >= self._links_max:
            oldest = next(iter(self._last))
            del self._last[oldest]
            self._durable.discard(oldest)
        pending = self._last[link] = Pending(digest, now, link)
        self._durable.discard(link)
        return pending

    def settle(self, pending: Pending, *, is_stored: bool) -> None:
        """Note what became of it, and tell the repeats that waited."""
        if self._last.get(pending.link) is pending:
            if is_stored:
                self._durable.add(pending.link)
            else:
                del self._last[pending.link]
        if pending.waiting is not None:
            pending.tell(is_stored=is_stored)

    def load(self, identities: Iterable[Identity], *, now: float, now_ms: int) -> None:
        """Take what an earlier run stored, oldest first."""
        for identity in identities:
            if not identity.link:
                continue
            age_s = (now_ms - identity.received_ms) / 1000
            # A date to come, beyond the window: it may be old, and in doubt it is (REL-6).
            at = now - max(0.0, age_s) if age_s >= -self._window_s else -inf
            last = self._last.get(identity.link)
            if identity.seq or last is None:
                self.settle(self.begin(identity.link, identity.digest, at), is_stored=True)
            elif last.digest == identity.digest:
                last.at = max(last.at, at)  # it came again; another event since would count more
