"""Carries what the engine asks for to the desks' machines, and what they say back into the log.

A desk without a machine is reached by telephone: then an operator sends, and nothing happens here.
A request goes out under the id of its incident, so that a crash between sending and recording only
sends the same request again, which a desk takes once. What a machine does not take or does not
answer in time becomes a task to dial (DISP-J10). Life safety and hold-up are put to the operator
(XS-9); when his request names the machine's way, it goes that way.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol, TypeAlias

import msgspec
import structlog

from decision.actions import CallOff, Dispatch, ForwardUpdate
from decision.briefing import dispatch_message
from decision.clock import Clock
from decision.context import Context
from decision.engine.change import Change, Listener
from decision.facts import (
    SYSTEM,
    Actor,
    CallOffResult,
    Fact,
    Recorded,
    RequestRejected,
    RequestSent,
)
from decision.responders.conversation import Stage, Timeouts
from decision.responders.messages import FromDesk, NewAlarm, StationUpdate, StationUpdateKind
from decision.responders.record import conversation_of, fact_of, sent, update_sent
from decision.responders.transport import Delivery, Transport
from decision.rules.grouping import URGENT
from decision.rules.message_text import as_text
from decision.rules.wording import check_wording
from decision.site import Site
from decision.state import IncidentState
from decision.vocabulary import CallOffStatus, RejectReason, RequestStatus

PREFIX: Final = "incident/"
NEUTRAL: Final = "there is new information at the station; please call us back"
"""What is forwarded instead of words that may not be said (PPVAR-5.5, AMB-P6)."""
_log: Final = structlog.get_logger()


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """One desk with a machine."""

    name: str
    transport: Transport
    dial: str = ""
    """Number when the machine fails."""


class Core(Protocol):
    """What of the engine is needed."""

    @property
    def clock(self) -> Clock:
        """The time that facts are stamped with."""
        ...

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell of every transaction; gives what ends that."""
        ...

    async def submit(self, subject: str, fact: msgspec.Struct, actor: Actor) -> Change:
        """Record one fact."""
        ...

    def incident(self, incident_id: str) -> IncidentState | None:
        """One incident."""
        ...

    def open_incidents(self) -> Sequence[IncidentState]:
        """Those that are not over."""
        ...

    def context_of_site(self, site_id: str) -> Context:
        """What a decision about a site looks at."""
        ...

    def history(self, subject: str) -> Sequence[Recorded]:
        """The facts of a subject."""
        ...


_Told: TypeAlias = Change | FromDesk


class Courier:
    """``run`` for as long as the core lives."""

    def __init__(
        self,
        core: Core,
        desk_of: Callable[[Site], Desk | None],
        *,
        station: str,
        callback: str,
        timeouts: Timeouts = Timeouts(),  # noqa: B008  frozen
    ) -> None:
        """``desk_of``: the desk with a machine that is responsible for a site; None: phone."""
        self._core = core
        self._desk_of = desk_of
        self._station = station
        self._callback = callback
        self._timeouts = timeouts
        self._told: asyncio.Queue[_Told] = asyncio.Queue()
        self._watches: dict[str, asyncio.Task[None]] = {}

    async def run(self, desks: Iterable[Desk] = ()) -> None:
        """Carry both ways until cancelled; ``desks`` are listened to from the start."""
        loop = asyncio.get_running_loop()

        def heard(changes: tuple[Change, ...]) -> None:
            for change in changes:
                if change.incident is not None:
                    with contextlib.suppress(RuntimeError):  # the loop may be gone by now
                        loop.call_soon_threadsafe(self._told.put_nowait, change)

        end = self._core.subscribe(heard)
        try:
            async with asyncio.TaskGroup() as group:
                for desk in desks:
                    group.create_task(desk.transport.run(self._told.put_nowait), name=desk.name)
                await self._resume()
                while True:
                    await self._carry(await self._told.get())
        finally:
            end()
            for watch in self._watches.values():
                watch.cancel()

    async def _resume(self) -> None:
        """Take up what was under way when the core stopped."""
        for state in self._core.open_incidents():
            request = state.request
            if request is None or self._desk(state) is None:
                continue
            if request.status is RequestStatus.DECIDED and state.procedure not in URGENT:
                await self._ask(state)
            elif request.call_off is CallOffStatus.REQUESTED and not self._is_call_off_sent(state):
                await self._update(state, "call-off", StationUpdateKind.CALL_OFF, CALL_OFF)
            self._watch(state.id)

    async def _carry(self, told: _Told) -> None:
        if not isinstance(told, Change):
            await self._heard(told)
            return
        state = self._core.incident(told.subject.removeprefix(PREFIX))
        if state is None or told.incident is None or (desk := self._desk(state)) is None:
            return
        fact = told.recorded.fact
        if (
            isinstance(fact, RequestSent)
            and fact.transport == desk.transport.name
            and told.recorded.actor.kind != SYSTEM.kind
        ):
            await self._deliver(state, desk, self._alarm(state))
        for number, action in enumerate(told.incident.actions):
            name = f"{told.recorded.seq}.{number}"
            if isinstance(action, Dispatch) and not action.by_operator:
                await self._ask(state)
            elif isinstance(action, CallOff):
                text = f"{action.asked_by} asks to cancel: {CALL_OFF}"
                await self._update(state, name, StationUpdateKind.CALL_OFF, text)
            elif isinstance(action, ForwardUpdate):
                await self._update(state, name, StationUpdateKind.FACTS, action.text)

    # -- towards the desk ------------------------------------------------------------------

    async def _ask(self, state: IncidentState) -> None:
        """Send the request that was decided, and record that it went out."""
        desk = self._desk(state)
        if desk is None or state.request is None:
            return
        if state.request.status is not RequestStatus.DECIDED:
            return  # an operator was quicker
        alarm = self._alarm(state)
        if await self._deliver(state, desk, alarm):
            await self._record(
                state.id, sent(alarm, transport=desk.transport.name, to=desk.name), SYSTEM
            )
            self._watch(state.id)

    async def _deliver(self, state: IncidentState, desk: Desk, alarm: NewAlarm) -> bool:
        receipt = await desk.transport.send(alarm)
        if receipt.delivery is not Delivery.FAILED:
            self._watch(state.id)
            return True
        _log.error("desk.unreachable", desk=desk.name, incident=state.id, reason=receipt.why)
        text = f"{receipt.why}. Dial {desk.dial or desk.name}."
        fact = RequestRejected(request=state.id, reason=RejectReason.UNREACHABLE, text=text)
        await self._record(state.id, fact, SYSTEM)
        return False

    async def _update(
        self, state: IncidentState, name: str, kind: StationUpdateKind, text: str
    ) -> None:
        """Forward what became known, in words that may be said (PPVAR-5.8, PPVAR-5.5)."""
        desk, request = self._desk(state), state.request
        if desk is None or request is None or not self._is_sent_by_machine(state, desk):
            return
        refused = check_wording(
            text, audio_reference=state.is_human_heard, reason=request.reason,
            names=(self._core.context_of_site(state.site).site.name,),
        )  # fmt: skip
        update = StationUpdate(
            id=f"{state.id}/{name}",
            request=request.id or state.id,
            at=self._core.clock.now(),
            kind=kind,
            text=NEUTRAL if refused else text,
        )
        receipt = await desk.transport.send(update)
        if receipt.delivery is Delivery.FAILED:
            _log.error("desk.unreachable", desk=desk.name, incident=state.id, reason=receipt.why)
            text = f"An update did not get there: {update.text}. Dial {desk.dial or desk.name}."
            fact = RequestRejected(request=state.id, reason=RejectReason.UNREACHABLE, text=text)
            await self._record(state.id, fact, SYSTEM)
            return
        await self._record(state.id, update_sent(update), SYSTEM)
        self._watch(state.id)

    def _alarm(self, state: IncidentState) -> NewAlarm:
        context = self._core.context_of_site(state.site)
        content = dispatch_message(
            state, context, station=self._station, callback=self._callback, operator=None
        )
        return NewAlarm(
            id=f"{state.id}/request",
            request=state.id,
            at=self._core.clock.now(),
            system=context.site.system,
            business=context.site.alarm_business or self._station,
            content=content,
            text=as_text(content),
        )

    # -- from the desk ---------------------------------------------------------------------

    async def _heard(self, message: FromDesk) -> None:
        """Record what a desk said, once; it may say all of it again after a restart."""
        state = self._core.incident(message.request)
        if state is None or (desk := self._desk(state)) is None:
            _log.warning("desk.unknown_request", request=message.request)
            return
        number = state.request.number if state.request else None
        fact = fact_of(message, event_number=number)
        if any(one.fact == fact for one in self._core.history(PREFIX + state.id)):
            return
        await self._record(state.id, fact, Actor(kind="responder", id=desk.name))
        self._watch(state.id)

    # -- time ------------------------------------------------------------------------------

    def _watch(self, incident_id: str) -> None:
        """Wait for what the desk owes: an answer, or the result of a call-off."""
        before = self._watches.pop(incident_id, None)
        if before is not None and before is not asyncio.current_task():
            before.cancel()
        conversation = conversation_of(self._core.history(PREFIX + incident_id), self._timeouts)
        if conversation is None or conversation.due is None:
            return
        wait_s = max(self._core.clock.seconds_until(conversation.due), 0)
        watch = asyncio.create_task(self._overdue(incident_id, wait_s))
        self._watches[incident_id] = watch

    async def _overdue(self, incident_id: str, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        conversation = conversation_of(self._core.history(PREFIX + incident_id), self._timeouts)
        state = self._core.incident(incident_id)
        if conversation is None or conversation.due is None or state is None:
            return
        if self._core.clock.now() < conversation.due:  # it was put off meanwhile
            self._watch(incident_id)
            return
        desk = self._desk(state)
        fact: Fact
        if conversation.stage is not Stage.REQUESTED:
            fact = CallOffResult(result=CallOffStatus.UNKNOWN, request=conversation.request)
        else:
            seconds = round(self._timeouts.answer.total_seconds())
            dial = (desk.dial or desk.name) if desk else ""
            fact = RequestRejected(
                request=conversation.request,
                reason=RejectReason.NO_ANSWER,
                text=f"No answer within {seconds} s. Dial {dial}.",
            )
        await self._record(incident_id, fact, SYSTEM)

    # -- helpers ---------------------------------------------------------------------------

    async def _record(self, incident_id: str, fact: Fact, actor: Actor) -> None:
        await self._core.submit(PREFIX + incident_id, fact, actor)

    def _desk(self, state: IncidentState) -> Desk | None:
        return self._desk_of(self._core.context_of_site(state.site).site)

    def _is_sent_by_machine(self, state: IncidentState, desk: Desk) -> bool:
        """Whether the desk's machine has the request: updates follow on the same way."""
        ways = [
            one.fact.transport
            for one in self._core.history(PREFIX + state.id)
            if isinstance(one.fact, RequestSent)
        ]
        return bool(ways) and ways[-1] == desk.transport.name

    def _is_call_off_sent(self, state: IncidentState) -> bool:
        conversation = conversation_of(self._core.history(PREFIX + state.id))
        return conversation is None or conversation.call_off is not None


CALL_OFF: Final = "please do not come if you can still be stopped"
