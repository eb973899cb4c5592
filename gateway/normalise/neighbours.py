"""Which events belong together: an alarm with its listen-in, its recent close, its caller id.

A bounded memory of what came last, per account and per link. It decides nothing about an
event's own meaning and drops nothing: it fills in references and what a companion frame sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Generic, NamedTuple, TypeAlias, TypeVar

import msgspec

from gateway.accounts import Account, AccountKey
from gateway.contract.event import FollowOn
from gateway.normalise.meaning import Meaning
from gateway.normalise.receiver import TWO_WAY_AUDIO
from gateway.normalise.templates import CONTACT_ID

RECENT_CLOSE_S: Final = 60.0
"""How long before a recent close (459, CR) its zone alarm may have come; event model 4."""
COMPANION_S: Final = 10.0
"""How long a companion frame waits for its event; receivers 1."""
FOLLOW_ON_S: Final = 600.0
"""How old the alarm of a listen-in may be. Guess: a call with several events, then voice."""
USER_OF_PREVIOUS_S: Final = 60.0
"""How old the event may be whose user a 928 names. Guess: it comes in the same call."""

_ACCOUNTS: Final = 20_000
_LINKS: Final = 4_000
_ALARMS: Final = 8
"""Alarms kept per account; the newest ones."""
_USER_OF_PREVIOUS: Final = "928"

Joined: TypeAlias = tuple[FollowOn | None, str | None]
"""What stands beside an event: its ``follow_on`` and its ``companion_of``."""


class _Alarm(NamedTuple):
    at: float
    event_id: str
    area: str | None
    has_zone: bool


_K = TypeVar("_K")
_V = TypeVar("_V")


class _Recent(Generic[_K, _V]):
    """The last values of up to ``limit`` keys and of some before them; no order is kept.

    Two generations: when the young one is full it becomes the old one and the old one goes.
    """

    __slots__ = ("_limit", "_old", "_young")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._young: dict[_K, _V] = {}
        self._old: dict[_K, _V] = {}

    def __bool__(self) -> bool:
        return bool(self._young or self._old)

    def get(self, key: _K) -> _V | None:
        value = self._young.get(key)
        return self._old.get(key) if value is None else value

    def put(self, key: _K, value: _V) -> None:
        self._young[key] = value
        if len(self._young) >= self._limit:
            self._old, self._young = self._young, {}

    def take(self, key: _K) -> _V | None:
        old = self._old.pop(key, None)
        return self._young.pop(key, old)


class _Companion(msgspec.Struct, frozen=True, kw_only=True):
    """What companion frames of one account on one link said, until its next event."""

    until: float
    meanings: tuple[Meaning, ...]


class Neighbours:
    """Finds the neighbour of an event. For each report call ``enriched``, then ``join``.

    ``now`` is monotonic seconds; ``link`` any name of the link that is the same for frames of
    one receiver's call (the input's name and peer, for instance).
    """

    def __init__(self, *, accounts: int = _ACCOUNTS, links: int = _LINKS) -> None:
        self._alarms: _Recent[AccountKey, list[_Alarm]] = _Recent(accounts)
        self._last: _Recent[AccountKey, tuple[float, str]] = _Recent(accounts)
        self._on_link: _Recent[str, _Alarm] = _Recent(links)
        self._waiting: _Recent[tuple[str, AccountKey], _Companion] = _Recent(links)

    def enriched(
        self, meanings: list[Meaning], account: Account, link: str, now: float
    ) -> list[Meaning]:
        """Return the meanings with what companion frames sent for them just before.

        A companion's own meaning is remembered and returned as it is. Area, user, address and
        text of a companion fill what the event itself left open.
        """
        if meanings[0].is_companion:
            if meanings[0].code.format != TWO_WAY_AUDIO:  # that one speaks of an alarm before it
                self._wait(meanings, (link, account.key), now)
            return meanings
        if not self._waiting:
            return meanings
        waiting = self._waiting.take((link, account.key))
        if waiting is None or now > waiting.until:
            return meanings
        return [_enriched(meaning, waiting.meanings, account) for meaning in meanings]

    def _wait(self, meanings: list[Meaning], key: tuple[str, AccountKey], now: float) -> None:
        before = self._waiting.take(key)
        earlier = () if before is None or now > before.until else before.meanings
        self._waiting.put(
            key, _Companion(until=now + COMPANION_S, meanings=(*earlier, *meanings)[-_ALARMS:])
        )

    def join(
        self,
        meanings: Sequence[Meaning],
        account_key: AccountKey,
        link: str,
        event_ids: Sequence[str],
        now: float,
    ) -> list[Joined]:
        """Return (``follow_on``, ``companion_of``) for each meaning, and remember the events."""
        joined: list[Joined] = []
        for meaning, event_id in zip(meanings, event_ids, strict=True):
            follow_on: FollowOn | None = None
            companion_of: str | None = None
            if meaning.follow_on is not None:
                of = self._alarm_before(meaning, account_key, link, now)
                kind, seconds = meaning.follow_on
                follow_on = FollowOn(kind=kind, seconds=seconds, of=of)
            elif meaning.kind == "alarm":
                if meaning.attributes.recent_close and meaning.zone is None:
                    companion_of = self._zone_alarm(meaning, account_key, now)
                self._remember(meaning, account_key, link, event_id, now)
            elif meaning.code.value == _USER_OF_PREVIOUS and meaning.code.format == CONTACT_ID:
                companion_of = self._event_before(account_key, now)
            if not meaning.is_companion:
                self._last.put(account_key, (now, event_id))
            joined.append((follow_on, companion_of))
        return joined

    def _remember(
        self, meaning: Meaning, account_key: AccountKey, link: str, event_id: str, now: float
    ) -> None:
        alarm = _Alarm(now, event_id, meaning.area.id, meaning.zone is not None)
        alarms = self._alarms.get(account_key)
        if alarms is None:
            alarms = []
        elif len(alarms) >= _ALARMS:
            del alarms[0]
        alarms.append(alarm)
        self._alarms.put(account_key, alarms)
        self._on_link.put(link, alarm)

    def _alarm_before(
        self, meaning: Meaning, account_key: AccountKey, link: str, now: float
    ) -> str | None:
        if meaning.code.format == TWO_WAY_AUDIO:
            # The frame names account 0000: the alarm is the last one of this link (its call).
            alarm = self._on_link.get(link)
        else:
            alarms = self._alarms.get(account_key)
            alarm = alarms[-1] if alarms else None
        if alarm is None or now - alarm.at > FOLLOW_ON_S:
            return None
        return alarm.event_id

    def _zone_alarm(self, meaning: Meaning, account_key: AccountKey, now: float) -> str | None:
        for alarm in reversed(self._alarms.get(account_key) or ()):
            if now - alarm.at > RECENT_CLOSE_S:
                return None
            if alarm.has_zone and alarm.area == meaning.area.id:
                return alarm.event_id
        return None

    def _event_before(self, account_key: AccountKey, now: float) -> str | None:
        last = self._last.get(account_key)
        if last is None or now - last[0] > USER_OF_PREVIOUS_S:
            return None
        return last[1]


def _enriched(meaning: Meaning, companions: tuple[Meaning, ...], account: Account) -> Meaning:
    area, user, address = meaning.area, meaning.user, meaning.address
    texts = [meaning.text]
    for companion in companions:
        if area.id is None and companion.area.id is not None:
            zone = meaning.zone
            area, _ = account.place(None if zone is None else zone.id, companion.area.id)
        user = user or companion.user
        address = address or companion.address
        texts.append(companion.text)
    said = [text for text in dict.fromkeys(texts) if text is not None]
    return msgspec.structs.replace(
        meaning,
        area=area,
        user=user,
        address=address,
        text="\n".join(said) if said else None,
    )
