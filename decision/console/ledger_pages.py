"""The list of alarm systems, the file of each, the papers to print, the suspended list."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import partial
from typing import Final

from starlette.responses import HTMLResponse, RedirectResponse, Response

from decision.console import views as v
from decision.console.pages import Pages
from decision.console.present_ledger import ledger_row, ledger_view
from decision.ledger.state import SystemState
from decision.notices.form import appeal_form
from decision.notices.invoice import invoice as invoice_paper
from decision.notices.letter import letter
from decision.notices.missing import MissingDatum
from decision.notices.render import Document, html
from decision.packs.words import AppealKind
from decision.roles import Permission
from decision.web.acts import actor_of
from decision.web.context import Asked, Door
from decision.web.ledger_acts import ACTS, Case, LedgerAct, case_of, fact_of, offered
from decision.web.routes import Problem, Route
from decision.web.station import Station

_STYLE: Final = re.compile(r"<style>(.*?)</style>", re.DOTALL)


class LedgerPages:
    """Routes below ``/ledger``; one for each act, so that each has its own permission."""

    def __init__(self, station: Station, door: Door, pages: Pages) -> None:
        self._station = station
        self._door = door
        self._pages = pages

    def routes(self) -> list[Route]:
        """All of them with their permission."""
        one = "/ledger/{system}"
        view = Permission.LEDGER_VIEW
        return [
            Route(method="GET", path="/ledger", access=view, handler=self.index),
            Route(method="GET", path=one, access=view, handler=self.ledger),
            Route(
                method="GET",
                path=f"{one}/papers/{{kind}}/{{name}}",
                access=view,
                handler=self.paper,
            ),
            *(
                Route(
                    method="POST",
                    path=f"{one}/{act.name}",
                    access=act.permission,
                    handler=partial(self.act, act),
                )
                for act in ACTS
            ),
        ]

    async def index(self, asked: Asked) -> Response:
        """All systems; those with something to do and those not responded to first."""
        states = sorted(
            self._station.systems(),
            key=lambda s: (not s.is_discontinued, not s.is_suspended, -len(s.open_tasks), s.system),
        )
        rows = [
            ledger_row(state, self._station.site_of(state.system), self._station.pack(state.system))
            for state in states
        ]
        return self._pages.page(
            asked,
            "ledger_list.html",
            live="*",
            rows=rows,
            listed=sum(state.is_listed for state in states),
        )

    async def ledger(self, asked: Asked) -> Response:
        """One system."""
        return await self._page(asked)

    async def _page(
        self, asked: Asked, *, status: int = 200, flashes: tuple[tuple[str, str], ...] = ()
    ) -> Response:
        state = self._state(asked)
        pack = self._station.pack(state.system)
        view = ledger_view(
            state,
            site=self._station.site_of(state.system),
            pack=pack,
            roles=asked.person.user.roles,
            history=await self._station.history(f"system/{state.system}"),
            names={user.id: user.name for user in self._door.users.all.values()},
            actions=_actions(case_of(asked, state, pack)) if pack else (),
            now=asked.now,
        )
        return self._pages.page(
            asked,
            "ledger.html",
            status=status,
            flashes=flashes,
            live=f"system/{state.system}",
            it=view,
        )

    def _state(self, asked: Asked) -> SystemState:
        name = str(asked.request.path_params["system"])
        state = self._station.system(name)
        if state is None:
            raise Problem(404, f"There is no alarm system {name[:80]}.")
        return state

    async def act(self, act: LedgerAct, asked: Asked) -> Response:
        """Do one act of the table."""
        state = self._state(asked)
        pack = self._station.pack(state.system)
        if pack is None:
            raise Problem(409, "The jurisdiction of this system is unknown: nothing can be kept.")
        form = {
            name: value.strip()[:2000]
            for name, value in (await asked.request.form()).items()
            if isinstance(value, str)
        }
        subject = f"system/{state.system}"
        try:
            fact = fact_of(act, case_of(asked, state, pack), form)
            await self._station.record(subject, fact, actor_of(asked.person), now=asked.now)
        except Problem as problem:
            return await self._page(
                asked, status=problem.status, flashes=(("danger", problem.title),)
            )
        asked.person.session.said.append(("good", f"Recorded: {act.label.lower()}."))
        return RedirectResponse(f"/ledger/{state.system}", status_code=303)

    async def paper(self, asked: Asked) -> Response:
        """A notice, an invoice or a form, ready to print."""
        state = self._state(asked)
        pack = self._station.pack(state.system)
        if pack is None:
            raise Problem(404, "The jurisdiction of this system is unknown: it has no papers.")
        kind, name = asked.request.path_params["kind"], asked.request.path_params["name"]
        try:
            document = _document(kind, name, case_of(asked, state, pack))
        except MissingDatum as error:
            raise Problem(409, f"It cannot be printed yet. {error}") from None
        if document is None:
            raise Problem(404, "There is no such paper.")
        return paper_response(html(document))


def paper_response(text: str) -> Response:
    """A paper carries its own style; that style and nothing else is allowed by its hash."""
    hashes = [
        "'sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() + "'"
        for style in _STYLE.findall(text)
    ]
    policy = f"default-src 'none'; style-src {' '.join(hashes) or chr(39) + 'none' + chr(39)}; "
    policy += "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return HTMLResponse(text, headers={"Content-Security-Policy": policy})


def _document(kind: str, name: str, case: Case) -> Document | None:
    state, pack = case.state, case.pack
    match kind:
        case "notice":
            notice = next((one for one in state.notices if one.notice == name), None)
            return letter(pack, state, notice, on=case.today) if notice else None
        case "invoice":
            invoice = next((one for one in state.invoices if one.invoice == name), None)
            return invoice_paper(pack, state, invoice) if invoice else None
        case "form" if name.upper() in set(AppealKind):
            return appeal_form(pack, state, AppealKind(name.upper()), on=case.today)
        case _:
            return None


def _actions(case: Case) -> tuple[v.Action, ...]:
    return tuple(
        v.Action(
            token=act.name,
            label=act.label,
            help=act.help,
            fields=tuple(
                v.Field(
                    name=blank.name,
                    label=blank.label,
                    is_required=blank.is_required,
                    is_long=blank.kind == "long",
                    choices=blank.choices,
                    value=case.today.isoformat() if blank.kind == "day" else "",
                )
                for blank in blanks
            ),
        )
        for act, blanks in offered(case)
    )
