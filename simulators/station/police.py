"""A simulated police desk at the other end of the telephone: takes requests, sends, closes.

It does what a call-taker and a dispatcher do (SJ-C2): gives each call a number, refuses a
suspended system with the disposition for that, sends a unit, tells when it arrived and closes the
call with the words that the ledger reads.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import msgspec

from simulators.station.stage import Stage
from simulators.station.story import PolicePlan

REFUSED_SUSPENDED: Final = "No Response - Post Suspension Alarm"  # SJ-C2c-i, literally
UNIT_AFTER: Final = timedelta(minutes=2)
QUESTION_AFTER: Final = timedelta(minutes=4)
ARRIVAL_AFTER: Final = timedelta(minutes=9)
CLOSE_AFTER: Final = timedelta(minutes=24)


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What the call-taker says to a request."""

    is_accepted: bool
    number: str
    words: str = ""
    disposition: str = ""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What the desk says later, by calling the station."""

    incident: str
    act: str
    """The responder act that the operator records."""
    text: str = ""
    disposition: str = ""


class _Call(msgspec.Struct, kw_only=True):
    number: str
    plan: PolicePlan
    asked: int = 0
    is_open: bool = True
    is_sent: bool = False


class PoliceDesk:
    """One desk; calls the station back through ``tell``."""

    def __init__(self, stage: Stage, tell: Callable[[Said], None]) -> None:
        """``tell`` puts a call from the desk on the operator's telephone."""
        self._stage = stage
        self._tell = tell
        self._calls: dict[str, _Call] = {}

    def request(self, incident: str, plan: PolicePlan) -> Taken:
        """The station asks for a unit."""
        call = self._calls.get(incident)
        if call is None:
            year = self._stage.now().strftime("%y")
            number = f"{year}-{len(self._calls) + 1:05d}"
            call = self._calls[incident] = _Call(number=number, plan=plan)
        answer = (plan.answer, *plan.then)[min(call.asked, len(plan.then))]
        call.asked += 1
        if answer == "accept":
            self._stage.spawn(self._respond(incident, call))
            return Taken(is_accepted=True, number=call.number)
        call.is_open = False
        if answer == "suspended":
            words = plan.words or "the address is on the suspended list"
            return Taken(
                is_accepted=False, number=call.number, words=words, disposition=REFUSED_SUSPENDED
            )
        words = plan.words or "no unit for this"
        return Taken(is_accepted=False, number=call.number, words=words)

    def call_off(self, incident: str) -> str:
        """The station asks nobody to come: ``CONFIRMED``, ``REFUSED`` or ``UNKNOWN``."""
        call = self._calls.get(incident)
        if call is None:
            return "UNKNOWN"
        if not call.is_open and not call.is_sent:
            return "CONFIRMED"  # nobody was ever sent
        if call.plan.call_off == "CONFIRMED" and call.is_open:
            call.is_open = False
            said = Said(incident=incident, act="closed", disposition="Cancelled")
            self._stage.spawn(self._later(timedelta(minutes=1), said))
        return call.plan.call_off

    async def _respond(self, incident: str, call: _Call) -> None:
        began = self._stage.now()
        call.is_open = call.is_sent = True
        unit = Said(incident=incident, act="unit", text="one unit is on its way")
        there = Said(incident=incident, act="on_scene", text="the unit is there")
        told = [(UNIT_AFTER, unit), (ARRIVAL_AFTER, there)]
        if call.plan.asks:
            asked = Said(incident=incident, act="information", text=call.plan.asks)
            told.append((QUESTION_AFTER, asked))
        for after, said in sorted(told, key=lambda one: one[0]):
            await self._stage.sleep_until(began + after)
            if not call.is_open:
                return
            self._tell(said)
        await self._stage.sleep_until(began + CLOSE_AFTER)
        if call.is_open:
            call.is_open = False
            self._tell(Said(incident=incident, act="closed", disposition=call.plan.disposition))

    async def _later(self, after: timedelta, said: Said) -> None:
        await self._stage.sleep(after.total_seconds())
        self._tell(said)
