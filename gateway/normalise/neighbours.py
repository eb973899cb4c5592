"""Which events belong together: an alarm with its listen-in, its recent close, its caller id.

A bounded memory of what came last, per account and per link. It decides nothing about an
event's own meaning and drops nothing: it fills in references and what a companion frame sent.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Final, TypeAlias

import msgspec

from gateway.accounts import Account, AccountKey
from gateway.contract.event import FollowOn
from gateway.normalise.meaning import Meaning
from gateway.normalise.receiver import TWO_WAY_AUDIO
from gateway.normalise.recent import Recent
from gateway.normalise.templates import CONTACT_ID, SIA

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
TEXT_BLOCK: Final = "A"

Joined: TypeAlias = tuple[FollowOn | None, str | None]
"""What stands beside an event: its ``follow_on`` and its ``companion_of``."""


ALONE: Final[Joined] = (None, None)
"""It belongs to no other event."""

_Alarm: TypeAlias = tuple[float, str, str | None, bool]
"""When it came, its event id, its area, and whether it has a zone."""


class _Past:
    """What an account's events were, as far as one to come may refer to them."""

    __slots__ = ("alarms", "last")

    def __init__(self) -> None:
        self.alarms: list[_Alarm] = []
        self.last: tuple[float, str] | None = None
        """When its last event came that is no companion, and the event's id."""


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
        self._past: Recent[AccountKey, _Past] = Recent(accounts)
        self._on_link: Recent[Hashable, _Alarm] = Recent(links)
        self._waiting: Recent[tuple[Hashable, AccountKey], _Companion] = Recent(links)

    def enriched(
        self, meanings: list[Meaning], account: Account, link: Hashable, now: float
    ) -> list[Meaning]:
        """Return the meanings with what companion frames sent for them just before.

        A companion's own meaning is remembered and returned as it is. Area, user, address and
        text of a companion fill what the event itself left open.
        """
        if meanings[0].is_companion:
            if not _speaks_of_what_came(meanings[0]):
                self._wait(meanings, (link, account.key), now)
            return meanings
        if not self._waiting:
            return meanings
        waiting = self._waiting.take((link, account.key))
        if waiting is None or now > waiting.until:
            return meanings
        return [_enriched(meaning, waiting.meanings, account) for meaning in meanings]

    def _wait(self, meanings: list[Meaning], key: tuple[Hashable, AccountKey], now: float) -> None:
        before = self._waiting.take(key)
        earlier = () if before is None or now > before.until else before.meanings
        self._waiting.put(
            key, _Companion(until=now + COMPANION_S, meanings=(*earlier, *meanings)[-_ALARMS:])
        )

    def join(
        self,
        meanings: Sequence[Meaning],
        account_key: AccountKey,
        link: Hashable,
        event_ids: Sequence[str],
        now: float,
    ) -> list[Joined]:
        """Return (``follow_on``, ``companion_of``) for each meaning, and remember the events."""
        past = self._past.find(account_key)
        if past is None:
            past = _Past()
            self._past.put(account_key, past)
        joined: list[Joined] = []
        for meaning, event_id in zip(meanings, event_ids, strict=True):
            beside = ALONE
            if meaning.follow_on is not None:
                of = self._alarm_before(meaning, past, link, now)
                kind, seconds = meaning.follow_on
                beside = (FollowOn(kind=kind, seconds=seconds, of=of), None)
            elif meaning.kind == "alarm":
                if meaning.zone is None and meaning.attributes.recent_close:
                    beside = _beside(_zone_alarm(meaning.area.id, past, now))
                self._note_alarm(meaning, past, link, event_id, now)
            elif (
                meaning.code.value == _USER_OF_PREVIOUS and meaning.code.format == CONTACT_ID
            ) or (meaning.is_companion and _is_text(meaning)):
                beside = _beside(_event_before(past, now))
            if not meaning.is_companion:
                past.last = (now, event_id)
            joined.append(beside)
        return joined

    @staticmethod
    def stands_alone(meaning: Meaning) -> bool:
        """Whether ``join`` answers ``ALONE`` for it whatever came before."""
        if meaning.is_companion or meaning.follow_on is not None:
            return False
        if meaning.kind == "alarm":
            return meaning.zone is not None or not meaning.attributes.recent_close
        return meaning.code.value != _USER_OF_PREVIOUS

    def awaits(self, account_key: AccountKey, link: Hashable) -> bool:
        """Whether companion frames wait for an event of this account on this link."""
        waiting = self._waiting
        return bool(waiting) and (link, account_key) in waiting

    def note(self, meaning: Meaning, account_key: AccountKey, event_id: str, now: float) -> None:
        """Do what ``join`` does for one meaning that ``stands_alone``: remember the event.

        For panels: what a receiver's next frame on its link may refer to is not noted.
        """
        past = self._past.get(account_key) or self._past.find(account_key)
        if past is None:
            past = _Past()
            self._past.put(account_key, past)
        past.last = (now, event_id)
        if meaning.kind == "alarm":
            alarms = past.alarms
            alarms.append((now, event_id, meaning.area.id, meaning.zone is not None))
            if len(alarms) > _ALARMS:
                del alarms[0]

    def _note_alarm(
        self, meaning: Meaning, past: _Past, link: Hashable, event_id: str, now: float
    ) -> None:
        alarm = (now, event_id, meaning.area.id, meaning.zone is not None)
        alarms = past.alarms
        alarms.append(alarm)
        if len(alarms) > _ALARMS:
            del alarms[0]
        self._on_link.put(link, alarm)

    def _alarm_before(
        self, meaning: Meaning, past: _Past, link: Hashable, now: float
    ) -> str | None:
        alarm: _Alarm | None
        if meaning.code.format == TWO_WAY_AUDIO:
            # The frame names account 0000: the alarm is the last one of this link (its call).
            alarm = self._on_link.find(link)
        else:
            alarm = past.alarms[-1] if past.alarms else None
        if alarm is None or now - alarm[0] > FOLLOW_ON_S:
            return None
        return alarm[1]


def _speaks_of_what_came(companion: Meaning) -> bool:
    """Whether it belongs to an event before it; the others announce the one that follows."""
    return companion.code.format == TWO_WAY_AUDIO or _is_text(companion)


def _is_text(meaning: Meaning) -> bool:
    """Whether it is a text in a block of its own, sent once its event was acknowledged."""
    return meaning.code.format == SIA and meaning.code.value == TEXT_BLOCK


def _beside(companion_of: str | None) -> Joined:
    return ALONE if companion_of is None else (None, companion_of)


def _zone_alarm(area: str | None, past: _Past, now: float) -> str | None:
    for at, event_id, its_area, has_zone in reversed(past.alarms):
        if now - at > RECENT_CLOSE_S:
            return None
        if has_zone and its_area == area:
            return event_id
    return None


def _event_before(past: _Past, now: float) -> str | None:
    if past.last is None or now - past.last[0] > USER_OF_PREVIOUS_S:
        return None
    return past.last[1]


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
