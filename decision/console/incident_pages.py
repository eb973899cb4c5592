"""The queue, the incident, and what an operator does there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from decision import incidents
from decision.audit import MediaOpened
from decision.console.pages import Pages
from decision.console.present_incident import incident_view, queue_row
from decision.console.present_question import given
from decision.roles import Permission as P  # noqa: N817  read in every line of the table
from decision.state import IncidentState, Step
from decision.web import acts
from decision.web.acts import Act, Answering, Asking
from decision.web.context import Asked, Door
from decision.web.routes import Problem, Route
from decision.web.seen import look
from decision.web.station import Station

_DONE: Final = {
    "accepted": "Recorded: responders accepted.",
    "rejected": "Recorded: responders declined.",
    "closed": "Recorded: responders closed the call.",
    "resolve": "Recorded: the customer resolved the alarm.",
    "manual": "Recorded: the customer asks for responders.",
    "take": "The incident is yours.",
    "override": "Recorded: responders are asked against the gate.",
    "release": "The incident is free for anybody.",
}


class IncidentPages:
    """Routes below ``/`` and ``/incidents``."""

    def __init__(self, station: Station, door: Door, pages: Pages) -> None:
        self._station = station
        self._door = door
        self._pages = pages

    def routes(self) -> list[Route]:
        """All of them with their permission."""
        one = "/incidents/{incident}"
        return [
            Route(method="GET", path="/", access=P.INCIDENT_VIEW, handler=self.queue),
            Route(method="GET", path=one, access=P.INCIDENT_VIEW, handler=self.incident),
            Route(
                method="GET",
                path=f"{one}/media/{{number:int}}",
                access=P.AUDIO_HANDLE,
                handler=self.media,
            ),
            Route(
                method="POST",
                path=f"{one}/answer",
                access=P.INCIDENT_HANDLE,
                handler=self.answer,
            ),
            Route(
                method="POST",
                path=f"{one}/responder",
                access=P.RESPONDER_TALK,
                handler=self.responder,
            ),
            Route(method="POST", path=f"{one}/more", access=P.INCIDENT_HANDLE, handler=self.more),
            Route(
                method="POST",
                path=f"{one}/override",
                access=P.DISPATCH_OVERRIDE,
                handler=self.override,
            ),
        ]

    async def queue(self, asked: Asked) -> Response:
        """All open incidents, worst first; the older of two alike first."""
        names = {user.id: user.name for user in self._door.users.all.values()}
        rows = []
        for state in self._station.incidents(is_open=True):
            context = self._station.context(state.id)
            question = incidents.next_question(state, context)
            rows.append(queue_row(state, context, question, names.get(state.holder, state.holder)))
        rows.sort(key=lambda row: (row.severity.rank, row.opened_at))
        closed = [
            queue_row(state, self._station.context(state.id), None, "")
            for state in self._station.incidents(is_open=False, limit=12)
        ]
        return self._pages.page(
            asked,
            "queue.html",
            live="*",
            rows=rows,
            closed=closed,
            late=sum(row.due is not None and row.due < asked.now for row in rows),
        )

    async def incident(self, asked: Asked) -> Response:
        """One incident."""
        return await self._page(asked)

    async def _page(
        self, asked: Asked, *, status: int = 200, flashes: tuple[tuple[str, str], ...] = ()
    ) -> Response:
        seen = await look(self._station, self._door, asked, _id(asked))
        who = asked.person
        return self._pages.page(
            asked,
            "incident.html",
            status=status,
            flashes=flashes,
            live=f"incident/{seen.state.id}",
            seq=seen.history[-1].seq if seen.history else 0,
            it=incident_view(seen),
            can_handle=who.may(P.INCIDENT_HANDLE),
            can_talk=who.may(P.RESPONDER_TALK),
            can_override=who.may(P.DISPATCH_OVERRIDE),
            can_hear=who.may(P.AUDIO_HANDLE) and seen.competence.may_handle,
            is_mine=seen.state.holder == who.user.id,
        )

    async def media(self, asked: Asked) -> Response:
        """Go to a clip or a live channel; every listen is logged (PPVAR-2.2)."""
        seen = await look(self._station, self._door, asked, _id(asked))
        links = incident_view(seen).links
        number = asked.request.path_params["number"]
        if number >= len(links):
            raise Problem(404, "There is no such clip.")
        if not seen.competence.may_handle:
            raise Problem(403, f"You may not handle audio alarms today: {seen.competence.why}.")
        url = links[number].url
        if not url.startswith(("https://", "http://")):
            raise Problem(404, f"The address {url[:80]!r} is none that a browser may open.")
        await self._door.audit(asked.person.user.id, MediaOpened(incident=seen.state.id, url=url))
        return RedirectResponse(url, status_code=303)

    async def answer(self, asked: Asked) -> Response:
        """Answer the next question."""
        form = _values(await asked.request.form())
        seen = await look(self._station, self._door, asked, _id(asked))
        at = Asking(state=seen.state, question=seen.question, competence=seen.competence)
        token = _one(form, "answer")
        answering = Answering(key=_one(form, "question"), token=token, given=given(form))
        try:
            step = await acts.answer(self._station, self._door, asked, at, answering)
        except Problem as problem:
            return await self._told(asked, problem)
        label = next(
            (a.label for q in [seen.question] if q for a in q.answers if a.token == token), ""
        )
        return self._after(asked, step, f"Recorded: {label}.")

    async def responder(self, asked: Asked) -> Response:
        """Record a word of the conversation with responders."""
        return await self._act(asked, acts.responder)

    async def more(self, asked: Asked) -> Response:
        """Do what can be done at any time."""
        return await self._act(asked, acts.more)

    async def override(self, asked: Asked) -> Response:
        """Ask for responders against the gate (XS-5)."""

        async def act(
            station: Station, asked: Asked, state: IncidentState, _token: str, act: Act
        ) -> Step | None:
            return await acts.override(station, asked, state, act)

        return await self._act(asked, act)

    async def _act(
        self,
        asked: Asked,
        act: Callable[[Station, Asked, IncidentState, str, Act], Awaitable[Step | None]],
    ) -> Response:
        form = _values(await asked.request.form())
        token = _one(form, "answer")
        state = self._station.incident(_id(asked))
        if state is None:
            raise Problem(404, "There is no such incident.")
        try:
            step = await act(self._station, asked, state, token, _act(form))
        except Problem as problem:
            return await self._told(asked, problem)
        return self._after(asked, step, _DONE.get(token, "Recorded."))

    async def _told(self, asked: Asked, problem: Problem) -> Response:
        """Show the incident again with what was wrong; what was typed is still in the fields."""
        if problem.status == 404:  # noqa: PLR2004
            raise problem
        return await self._page(asked, status=problem.status, flashes=(("danger", problem.title),))

    def _after(self, asked: Asked, step: Step | None, done: str) -> Response:
        asked.person.session.said.append(acts.outcome(step, done))
        return RedirectResponse(f"/incidents/{_id(asked)}", status_code=303)


def _id(asked: Asked) -> str:
    return str(asked.request.path_params["incident"])


def _values(form: FormData) -> dict[str, list[str]]:
    values: dict[str, list[str]] = defaultdict(list)
    for name, value in form.multi_items():
        if isinstance(value, str):
            values[name].append(value)
    return values


def _one(form: dict[str, list[str]], name: str) -> str:
    return form.get(name, [""])[0].strip()[:2000]


def _act(form: dict[str, list[str]]) -> Act:
    minutes = _one(form, "minutes")
    return Act(
        text=_one(form, "text"),
        contact=_one(form, "contact"),
        result=_one(form, "result"),
        minutes=int(minutes) if minutes.isascii() and minutes.isdigit() else None,
        disposition=_one(form, "disposition"),
        is_fee_accepted=_one(form, "is_fee_accepted") == "yes",
    )
