"""The operations of the API: every one names its permission, and the document is made of them."""

from __future__ import annotations

from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec
from starlette.responses import Response

from decision import incidents
from decision.api import bodies as b
from decision.api import openapi
from decision.api.operations import Operation
from decision.briefing import area_class_of
from decision.console.present_incident import queue_row
from decision.ledger.state import SystemState
from decision.roles import Permission
from decision.state import IncidentState, Step
from decision.web import acts
from decision.web.acts import Act, Answering, Asking, actor_of, why_stopped
from decision.web.context import Asked, Door
from decision.web.ledger_acts import ACTS, LedgerAct, case_of, fact_of, offered
from decision.web.routes import PUBLIC, Problem, Route
from decision.web.seen import look
from decision.web.signing_in import enter, leave, set_cookie
from decision.web.station import Station

LIMIT = 500


class Resources:
    """All of the API."""

    def __init__(self, station: Station, door: Door, *, decoy: str) -> None:
        """``decoy``: a stored password that nobody has, for users who do not exist."""
        self._station = station
        self._door = door
        self._decoy = decoy

    def routes(self) -> list[Route]:
        """The guarded routes."""
        return [operation.route() for operation in self.operations()]

    def operations(self) -> list[Operation]:
        """All of them."""
        return [
            *self._door_operations(),
            *self._incident_operations(),
            *self._ledger_operations(),
            *self._office_operations(),
        ]

    def _door_operations(self) -> list[Operation]:
        return [
            Operation(
                id="alive", method="GET", path="/alive", access=PUBLIC, result=b.Alive,
                summary="Whether the process answers", handler=self.alive,
            ),
            Operation(
                id="signIn", method="POST", path="/session", access=PUBLIC, body=b.Credentials,
                result=b.SessionInfo, summary="Sign in; sets the session cookie",
                handler=self.sign_in,
            ),
            Operation(
                id="whoAmI", method="GET", path="/session", access=Permission.SIGN_IN,
                result=b.SessionInfo, summary="Who is signed in", handler=self.who_am_i,
            ),
            Operation(
                id="signOut", method="DELETE", path="/session", access=Permission.SIGN_IN,
                summary="Sign out", handler=self.sign_out,
            ),
        ]  # fmt: skip

    def _incident_operations(self) -> list[Operation]:
        one = "/incidents/{incident}"
        return [
            Operation(
                id="listIncidents", method="GET", path="/incidents", result=list[b.IncidentRow],
                access=Permission.INCIDENT_VIEW, summary="The queue, worst first",
                query=(("state", "`open` (default) or `ended`"),), handler=self.queue,
            ),
            Operation(
                id="getIncident", method="GET", path=one, access=Permission.INCIDENT_VIEW,
                result=b.IncidentDetail, summary="One incident and its next question",
                handler=self.incident,
            ),
            Operation(
                id="getIncidentHistory", method="GET", path=f"{one}/history",
                access=Permission.INCIDENT_VIEW, result=list[b.FactRow],
                summary="Every fact of an incident, oldest first", handler=self.history,
            ),
            Operation(
                id="answerQuestion", method="POST", path=f"{one}/answers", body=b.AnswerGiven,
                access=Permission.INCIDENT_HANDLE, result=b.Outcome,
                summary="Answer the question that stands", handler=self.answer,
            ),
            Operation(
                id="talkWithResponders", method="POST", path=f"{one}/responder",
                access=Permission.RESPONDER_TALK, body=b.ActGiven, result=b.Outcome,
                summary="Record what passed with the responders: " + ", ".join(acts.RESPONDER_ACTS),
                handler=self.responder,
            ),
            Operation(
                id="actOnIncident", method="POST", path=f"{one}/acts", body=b.ActGiven,
                access=Permission.INCIDENT_HANDLE, result=b.Outcome,
                summary="Do what can be done at any time: " + ", ".join(acts.MORE_ACTS),
                handler=self.more,
            ),
            Operation(
                id="overrideGate", method="POST", path=f"{one}/override",
                access=Permission.DISPATCH_OVERRIDE, body=b.Override, result=b.Outcome,
                summary="Ask for responders against a BLOCK of the gate (XS-5)",
                handler=self.override,
            ),
        ]  # fmt: skip

    def _ledger_operations(self) -> list[Operation]:
        one = "/systems/{system}"
        return [
            Operation(
                id="listSystems", method="GET", path="/systems", access=Permission.LEDGER_VIEW,
                result=list[b.SystemRow], summary="All alarm systems of the ledger",
                query=(("listed", "`yes`: only those on the list of suspended addresses"),),
                handler=self.systems,
            ),
            Operation(
                id="getSystem", method="GET", path=one, access=Permission.LEDGER_VIEW,
                result=b.SystemDetail, summary="The false-alarm file of one alarm system",
                handler=self.system,
            ),
            Operation(
                id="getSystemHistory", method="GET", path=f"{one}/history",
                access=Permission.LEDGER_VIEW, result=list[b.FactRow],
                summary="Every fact of a ledger, oldest first", handler=self.system_history,
            ),
            *(
                Operation(
                    id=f"ledger{act.name.capitalize()}", method="POST",
                    path=f"{one}/acts/{act.name}", access=act.permission, body=b.LedgerForm,
                    result=b.SystemDetail, summary=act.label, handler=partial(self.act, act),
                )
                for act in ACTS
            ),
        ]  # fmt: skip

    def _office_operations(self) -> list[Operation]:
        return [
            Operation(
                id="getTraining", method="GET", path="/training/{user}",
                access=Permission.TRAINING_VIEW, result=b.Training,
                summary="Training records and the gate of today (PPVAR-4)", handler=self.training,
            ),
            Operation(
                id="listAudit", method="GET", path="/audit", access=Permission.AUDIT_VIEW,
                result=list[b.FactRow], summary="Who did what, latest first",
                query=(
                    ("who", "id of the person"), ("subject", "beginning of the subject"),
                    ("before", "facts before this number"),
                ),
                handler=self.audit,
            ),
            Operation(
                id="getOpenApi", method="GET", path="/openapi.json", access=Permission.SIGN_IN,
                result=dict[str, Any], summary="This document", handler=self.openapi,
            ),
        ]  # fmt: skip

    # -- the door --------------------------------------------------------------------------

    async def alive(self, asked: Asked, _body: None) -> b.Alive:
        """For a supervisor of processes."""
        del asked
        return b.Alive(state="ok")

    async def sign_in(self, asked: Asked, body: b.Credentials) -> Response:
        """Open a session."""
        token = await enter(
            self._door, asked, body.user.strip().lower()[:64], body.password, self._decoy
        )
        session = self._door.sessions.find(token, now=asked.now)
        user = self._door.users.get(session.user) if session else None
        if session is None or user is None:
            raise Problem(403, "The user or the password is wrong.")
        info = self._info(user.id, session.csrf)
        response = Response(msgspec.json.encode(info), media_type="application/json")
        set_cookie(response, self._door, token)
        return response

    def _info(self, user_id: str, csrf: str) -> b.SessionInfo:
        user = self._door.users.all[user_id]
        allowed = self._door.roles.permissions(user.roles)
        return b.SessionInfo(
            user=user.id,
            name=user.name,
            roles=user.roles,
            permissions=tuple(sorted(map(str, allowed))),
            csrf=csrf,
        )

    async def who_am_i(self, asked: Asked, _body: None) -> b.SessionInfo:
        """Who is signed in."""
        return self._info(asked.person.user.id, asked.person.session.csrf)

    async def sign_out(self, asked: Asked, _body: None) -> Response:
        """End the session."""
        await leave(self._door, asked)
        response = Response(status_code=204)
        response.delete_cookie(self._door.cookie)
        return response

    # -- incidents -------------------------------------------------------------------------

    async def queue(self, asked: Asked, _body: None) -> list[b.IncidentRow]:
        """Open ones, worst first; or those that ended last."""
        is_open = asked.request.query_params.get("state", "open") != "ended"
        rows = []
        for state in self._station.incidents(is_open=is_open):
            context = self._station.context(state.id)
            question = incidents.next_question(state, context) if is_open else None
            row = queue_row(state, context, question, state.holder)
            rows.append(
                b.IncidentRow(
                    id=row.id,
                    severity=state.severity,
                    title=row.title,
                    site=state.site,
                    address=row.address,
                    area_class=row.area_class,
                    opened_at=row.opened_at,
                    state=row.state,
                    asked=row.asked,
                    deadline=row.due,
                    holder=state.holder,
                )
            )
        return rows

    async def incident(self, asked: Asked, _body: None) -> b.IncidentDetail:
        """One incident."""
        seen = await look(self._station, self._door, asked, _name(asked, "incident"))
        stopped = ""
        if seen.question is not None:
            stopped = why_stopped(seen.question, asked.person, seen.competence)
        return b.IncidentDetail(
            state=seen.state,
            area_class=str(area_class_of(seen.state, seen.context)),
            question=seen.question,
            stopped=stopped,
        )

    async def history(self, asked: Asked, _body: None) -> list[b.FactRow]:
        """Every fact of an incident."""
        state = self._incident(asked)
        return [b.fact_row(one) for one in await self._station.history(f"incident/{state.id}")]

    def _incident(self, asked: Asked) -> IncidentState:
        state = self._station.incident(_name(asked, "incident"))
        if state is None:
            raise Problem(404, "There is no such incident.")
        return state

    async def answer(self, asked: Asked, body: b.AnswerGiven) -> b.Outcome:
        """Answer the question that stands."""
        seen = await look(self._station, self._door, asked, _name(asked, "incident"))
        at = Asking(state=seen.state, question=seen.question, competence=seen.competence)
        answering = Answering(key=body.question, token=body.answer, given=body.given)
        return _outcome(await acts.answer(self._station, self._door, asked, at, answering))

    async def responder(self, asked: Asked, body: b.ActGiven) -> b.Outcome:
        """Record a word of the conversation with responders."""
        state = self._incident(asked)
        return _outcome(await acts.responder(self._station, asked, state, body.act, _act(body)))

    async def more(self, asked: Asked, body: b.ActGiven) -> b.Outcome:
        """Do what can be done at any time."""
        state = self._incident(asked)
        return _outcome(await acts.more(self._station, asked, state, body.act, _act(body)))

    async def override(self, asked: Asked, body: b.Override) -> b.Outcome:
        """A supervisor asks against the gate."""
        state = self._incident(asked)
        act = Act(text=body.reason, is_fee_accepted=body.is_fee_accepted)
        return _outcome(await acts.override(self._station, asked, state, act))

    # -- the ledger ------------------------------------------------------------------------

    async def systems(self, asked: Asked, _body: None) -> list[b.SystemRow]:
        """All alarm systems."""
        only_listed = asked.request.query_params.get("listed") == "yes"
        return [
            b.SystemRow(
                id=state.system,
                address=state.registration.address,
                jurisdiction=pack.id if (pack := self._station.pack(state.system)) else "",
                state=str(state.state),
                is_discontinued=state.is_discontinued,
                is_listed=state.is_listed,
                count=state.count,
                open_tasks=len(state.open_tasks),
            )
            for state in self._station.systems()
            if state.is_listed or not only_listed
        ]

    def _system(self, asked: Asked) -> SystemState:
        state = self._station.system(_name(asked, "system"))
        if state is None:
            raise Problem(404, "There is no such alarm system.")
        return state

    async def system(self, asked: Asked, _body: None) -> b.SystemDetail:
        """One alarm system."""
        return self._detail(asked, self._system(asked))

    def _detail(self, asked: Asked, state: SystemState) -> b.SystemDetail:
        pack = self._station.pack(state.system)
        names = [act.name for act, _ in offered(case_of(asked, state, pack))] if pack else []
        return b.SystemDetail(state=state, jurisdiction=pack.id if pack else "", acts=tuple(names))

    async def system_history(self, asked: Asked, _body: None) -> list[b.FactRow]:
        """Every fact of a ledger."""
        state = self._system(asked)
        return [b.fact_row(one) for one in await self._station.history(f"system/{state.system}")]

    async def act(self, act: LedgerAct, asked: Asked, body: b.LedgerForm) -> b.SystemDetail:
        """Do one act of the ledger's table."""
        state = self._system(asked)
        pack = self._station.pack(state.system)
        if pack is None:
            raise Problem(409, "The jurisdiction of this system is unknown: nothing can be kept.")
        fact = fact_of(act, case_of(asked, state, pack), body.fields)
        subject = f"system/{state.system}"
        await self._station.record(subject, fact, actor_of(asked.person), now=asked.now)
        return self._detail(asked, self._system(asked))

    # -- the office ------------------------------------------------------------------------

    async def training(self, asked: Asked, _body: None) -> b.Training:
        """Somebody's training."""
        user = _name(asked, "user")
        people = self._station.people()
        if self._door.users.get(user) is None and user not in people.persons:
            raise Problem(404, "There is no such person.")
        today = asked.now.astimezone(self._station.info.zone).date()
        return b.Training(
            user=user,
            on=today,
            person=people.get(user),
            competence=people.may_handle_audio(user, on=today, now=asked.now),
        )

    async def audit(self, asked: Asked, _body: None) -> list[b.FactRow]:
        """Who did what."""
        query = asked.request.query_params
        before = query.get("before", "")[:18]
        found = await self._station.log(
            before=int(before) if before.isascii() and before.isdigit() else None,
            limit=LIMIT,
            actor=query.get("who", "")[:64],
            subject=query.get("subject", "")[:128],
        )
        return [b.fact_row(one) for one in found]

    async def openapi(self, asked: Asked, _body: None) -> Response:
        """The document."""
        del asked
        return Response(
            openapi.text(self.operations(), version=_version()), media_type="application/json"
        )


class _Described(Resources):
    """The table without a station behind it: enough to describe it."""

    def __init__(self) -> None: ...


def document() -> str:
    """The OpenAPI document, as it is kept in the documentation."""
    return openapi.text(_Described().operations(), version=_version())


def _name(asked: Asked, parameter: str) -> str:
    return str(asked.request.path_params[parameter])


def _act(body: b.ActGiven) -> Act:
    return Act(
        text=body.text,
        contact=body.contact,
        result=body.result,
        minutes=body.minutes,
        disposition=body.disposition,
        is_fee_accepted=body.is_fee_accepted,
    )


def _outcome(step: Step | None) -> b.Outcome:
    if step is None:
        return b.Outcome(state=None, actions=())
    return b.Outcome(
        state=step.state,
        actions=tuple(msgspec.to_builtins(action) for action in step.actions),
        refusal=step.refusal.text if step.refusal else "",
        rule=step.refusal.rule if step.refusal else "",
    )


def _version() -> str:
    try:
        return version("alarm-gateway")
    except PackageNotFoundError:
        return "0"
