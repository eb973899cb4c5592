"""A simulated police desk: what a call-taker and a dispatcher do with our messages.

Programmable and pure: ``receive(message, now)`` gives what the desk will say and when. The list of
suspended addresses is looked into as SJ-C2a to SJ-C2c describe; everything else follows the plan.
Used by tests, by the demonstration and, through ``desk_http``, over a loopback socket.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from decision.responders.messages import (
    Accepted,
    DeskUpdate,
    DeskUpdateKind,
    FromDesk,
    FromStation,
    NewAlarm,
    Rejected,
    StationUpdate,
    StationUpdateKind,
)
from decision.vocabulary import NO_RESPONSE_POST_SUSPENSION, AlarmType, RejectReason


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """Something the desk says so long after the request came."""

    after: timedelta
    kind: DeskUpdateKind
    text: str = ""
    disposition: str | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How the desk treats a request."""

    answer_after: timedelta | None = timedelta(seconds=2)
    """None: it never answers."""
    reject: RejectReason | None = None
    reject_text: str = ""
    says: tuple[Said, ...] = ()
    """Unit sent, on scene, closed with a disposition ..."""
    calls_off: bool | None = True
    """How it answers a call-off: confirm, refuse, or (None) not at all."""
    accepts_suspended: bool = False
    """The explicit decision to go although the system is suspended (SJ-C1b, AMB-S4)."""


def closing(disposition: str, *, after_s: float = 900.0) -> Plan:
    """Give the usual night: unit sent, there after a while, closed with ``disposition``."""
    third = after_s / 3
    return Plan(
        says=(
            Said(after=timedelta(seconds=third), kind=DeskUpdateKind.UNIT_DISPATCHED),
            Said(after=timedelta(seconds=2 * third), kind=DeskUpdateKind.ON_SCENE),
            Said(
                after=timedelta(seconds=after_s),
                kind=DeskUpdateKind.CLOSED,
                disposition=disposition,
            ),
        )
    )


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One system on the desk's list (AMB-S18: rows are systems, looked up by address)."""

    system: str
    address: str
    is_discontinued: bool = False
    """Three invoices past due: no acceptance at all (SJ-E1c)."""


class Due(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One message of the desk and its moment."""

    at: datetime
    number: int
    message: FromDesk


class DeskCall(msgspec.Struct, kw_only=True):
    """One call in the desk's own log (CAD)."""

    event_number: str
    alarm: NewAlarm
    disposition: str | None = None
    is_open: bool = True


SuspendedList = Callable[[], Sequence[Listed]]
REFUSED: Final = NO_RESPONSE_POST_SUSPENSION
_POLICY_TYPES: Final = frozenset({AlarmType.BURGLAR})
"""A hold-up of a suspended system is responded to (AMB-S19)."""


class Desk:
    """A desk with its log, its list and its plans."""

    def __init__(
        self,
        *,
        plan: Plan = Plan(),  # noqa: B008  frozen
        suspended: SuspendedList = tuple,
        refused_disposition: str = REFUSED,
        year: str = "26",
    ) -> None:
        """``suspended`` is asked at each call, as a call-taker looks at the list of the moment."""
        self.plan = plan
        self.plans: dict[str, Plan] = {}
        """By alarm system id, or by incident, where one differs."""
        self.calls: dict[str, DeskCall] = {}
        self._suspended = suspended
        self._refused = refused_disposition
        self._year = year
        self._due: list[Due] = []
        self._count = 0
        self._seen: set[str] = set()

    def receive(self, message: FromStation, now: datetime) -> None:
        """Take one message in; the same id again has no effect."""
        if message.id in self._seen:
            return
        self._seen.add(message.id)
        if isinstance(message, NewAlarm):
            self._take(message, now)
        else:
            self._heed(message, now)

    def say(self, now: datetime) -> tuple[FromDesk, ...]:
        """Give what the desk has said by ``now``, in order; each once."""
        said = sorted(due for due in self._due if due.at <= now)
        self._due = [due for due in self._due if due.at > now]
        for due in said:
            self._log(due.message)
        return tuple(due.message for due in said)

    @property
    def due(self) -> datetime | None:
        """When it says something next."""
        return min((due.at for due in self._due), default=None)

    def dispose(self, request: str, disposition: str, now: datetime) -> None:
        """Close a call by hand, as a dispatcher does (SJ-C2b)."""
        closed = Said(after=timedelta(), kind=DeskUpdateKind.CLOSED, disposition=disposition)
        self._say_later(request, now, closed)

    def listed(self, address: str) -> tuple[Listed, ...]:
        """Look an address up: all systems there that are suspended (SJ-C2a, AMB-S18)."""
        wanted = _plain(address)
        return tuple(one for one in self._suspended() if _plain(one.address) == wanted)

    def _plan(self, alarm: NewAlarm) -> Plan:
        for key in (alarm.content.incident, alarm.system):
            if key in self.plans:
                return self.plans[key]
        return self.plan

    def _take(self, alarm: NewAlarm, now: datetime) -> None:
        """SJ-C2a: create the call, check the list; then refuse (c-i) or route on (c-ii)."""
        plan = self._plan(alarm)
        number = f"{self._year}-{len(self.calls) + 1:05d}"
        self.calls[alarm.request] = DeskCall(event_number=number, alarm=alarm)
        if plan.answer_after is None:
            return
        at = now + plan.answer_after
        held = self._held(alarm)
        if held is not None and (held.is_discontinued or not plan.accepts_suspended):
            self._reject(
                alarm, at, RejectReason.NO_RESPONSE, "the system is suspended", self._refused
            )
            return
        if plan.reject is not None:
            self._reject(alarm, at, plan.reject, plan.reject_text, None)
            return
        self._later(
            Accepted(
                id=self._next_id(),
                request=alarm.request,
                at=at,
                event_number=number,
                is_post_suspension=held is not None,
            )
        )
        for said in plan.says:
            self._say_later(alarm.request, max(now + said.after, at), said)

    def _held(self, alarm: NewAlarm) -> Listed | None:
        """Give the row that stops this alarm, if any."""
        if alarm.content.alarm_type not in _POLICY_TYPES:
            return None
        rows = self.listed(alarm.content.address)
        return next((row for row in rows if row.system == alarm.system), None)

    def _reject(
        self,
        alarm: NewAlarm,
        at: datetime,
        reason: RejectReason,
        text: str,
        disposition: str | None,
    ) -> None:
        self._later(
            Rejected(
                id=self._next_id(),
                request=alarm.request,
                at=at,
                reason=reason,
                text=text,
                disposition=disposition,
                event_number=self.calls[alarm.request].event_number,
            )
        )

    def _heed(self, update: StationUpdate, now: datetime) -> None:
        call = self.calls.get(update.request)
        if call is None or update.kind is not StationUpdateKind.CALL_OFF:
            return
        plan = self._plan(call.alarm)
        if plan.calls_off is None:
            return
        is_gone = plan.calls_off and call.is_open
        kind = DeskUpdateKind.CALL_OFF_CONFIRMED if is_gone else DeskUpdateKind.CALL_OFF_REFUSED
        delay = plan.answer_after or timedelta()
        self._say_later(update.request, now + delay, Said(after=delay, kind=kind))
        if is_gone:  # nobody drives on; the call is closed without a word on true or false
            self._due = [
                due
                for due in self._due
                if due.message.request != update.request
                or not isinstance(due.message, DeskUpdate)
                or due.message.kind is kind
            ]
            closed = Said(after=delay, kind=DeskUpdateKind.CLOSED, disposition="Cancelled")
            self._say_later(update.request, now + delay, closed)

    def _say_later(self, request: str, at: datetime, said: Said) -> None:
        self._later(
            DeskUpdate(
                id=self._next_id(),
                request=request,
                at=at,
                kind=said.kind,
                text=said.text,
                disposition=said.disposition,
            )
        )

    def _next_id(self) -> str:
        self._count += 1
        return f"desk-{self._count}"

    def _later(self, message: FromDesk) -> None:
        self._due.append(Due(at=message.at, number=self._count, message=message))

    def _log(self, message: FromDesk) -> None:
        call = self.calls.get(message.request)
        if call is None:
            return
        disposition = getattr(message, "disposition", None)
        is_end = isinstance(message, Rejected) or (
            isinstance(message, DeskUpdate) and message.kind is DeskUpdateKind.CLOSED
        )
        if is_end:
            call.is_open = False
            call.disposition = disposition


def _plain(address: str) -> str:
    """Give an address as the list compares it: letters and digits only."""
    return "".join(letter for letter in address.casefold() if letter.isalnum())
