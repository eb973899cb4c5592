"""The story as data: what happens at which site, and how everybody behaves. TOML files beside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from importlib import resources
from typing import Literal, TypeAlias

import msgspec

from simulators.station.contacts import Behaviour

Answers: TypeAlias = Mapping[str, str | tuple[str, ...]]


class _Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mistake in a file is told, not ignored."""


class PanelEvent(_Data, frozen=True, kw_only=True):
    """What a panel reports."""

    account: str
    what: str
    """A key of ``meanings.toml``."""
    area: int = 0
    address: int = 0
    after_s: float = 0.0
    """Seconds after the event before it, or after the chapter began."""


class PolicePlan(_Data, frozen=True, kw_only=True):
    """How the desk treats the request of this chapter."""

    answer: Literal["accept", "reject", "suspended"] = "accept"
    """``suspended``: refused with the disposition for it (SJ-C2c-i)."""
    then: tuple[Literal["accept", "reject"], ...] = ()
    """Answers when it is asked again."""
    words: str = ""
    disposition: str = "Report Taken"
    call_off: Literal["CONFIRMED", "REFUSED", "UNKNOWN"] = "REFUSED"
    asks: str = ""
    """What it wants to know on the way."""


class CustomerAct(_Data, frozen=True, kw_only=True):
    """What a customer does behind the incident link."""

    contact: str
    act: Literal["request", "resolve"]
    after_min: float
    accepts_fee: bool = False
    is_refused: bool = False
    """It is expected to be told that nothing can be done."""


class Word(_Data, frozen=True, kw_only=True):
    """Something that becomes known after the request went out."""

    after_min: float
    act: Literal["note_out", "key_holder", "resolve"]
    text: str = ""
    contact: str = ""
    result: str = ""
    minutes: int | None = None


class Chapter(_Data, frozen=True, kw_only=True):
    """One incident, from the alarm to its end."""

    title: str
    panel: tuple[PanelEvent, ...]
    after_min: float = 8.0
    """Since the chapter before was handled."""
    on: date | None = None
    """A day of the year's story."""
    at: str = "02:10"
    """Local time of that day."""
    answers: Answers = {}
    """Kind of question -> answer, or several for several askings."""
    heard: str = ""
    signs: tuple[str, ...] = ()
    """Of a crime: ``breaking``, ``violence`` ... as the core's table of signs spells them."""
    seen: str = ""
    """What video or somebody on site gives."""
    contacts: Mapping[str, tuple[Behaviour, ...]] = {}
    police: PolicePlan = PolicePlan()
    customer: tuple[CustomerAct, ...] = ()
    words: tuple[Word, ...] = ()
    slow: Mapping[str, float] = {}
    """Kind of question -> seconds that it waits: nobody sees to it in time."""
    ends: Literal["by itself", "resolved", "expired"] = "by itself"
    """How an alarm ends for which responders were asked."""
    is_waited_for: bool = False
    """The next chapter begins only when this one is over."""
    expects: str
    """``DISPATCH/TL3``, ``CLOSE/AUTHORIZED`` ...: what must come of it."""


class OfficeDay(_Data, frozen=True, kw_only=True):
    """Something that is done to the false-alarm file on a day."""

    on: date
    who: Literal[
        "alarm_business", "administrative_assistant", "inspector", "accountant", "pscc_manager"
    ]
    act: str
    fields: Mapping[str, str] = {}
    says: str
    expects: str = ""
    """State of the system afterwards."""


class Look(_Data, frozen=True, kw_only=True):
    """A day on which nothing is done and something must be so."""

    on: date
    says: str
    expects: str


class Night(_Data, frozen=True, kw_only=True):
    """The first part."""

    start: str
    """Local time, ISO 8601."""
    time_zone: str
    chapter: tuple[Chapter, ...]


class Year(_Data, frozen=True, kw_only=True):
    """The second part: days of one alarm system, in order."""

    system: str
    chapter: tuple[Chapter, ...] = ()
    office: tuple[OfficeDay, ...] = ()
    look: tuple[Look, ...] = ()

    def days(self) -> list[Chapter | OfficeDay | Look]:
        """Everything in the order of days; alarms come in the small hours, offices open later."""
        ranked = ((0, self.look), (1, self.chapter), (2, self.office))
        days = [(one.on or date.min, rank, one) for rank, some in ranked for one in some]
        return [one for *_, one in sorted(days, key=lambda day: day[:2])]


def night() -> Night:
    """The night that travels with the program."""
    return msgspec.toml.decode(_text("night.toml"), type=Night)


def year() -> Year:
    """The year that travels with the program."""
    return msgspec.toml.decode(_text("year.toml"), type=Year)


def _text(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
