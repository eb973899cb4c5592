"""Training records, the 90-day gate of everybody, direct supervision (PPVAR-4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from decision.accounts.users import User
from decision.console import views as v
from decision.console.pages import Pages
from decision.people import OperatorStarted, SupervisionEnded, SupervisionStarted, TrainingRecorded
from decision.roles import Permission
from decision.rules.training import (
    Content,
    GateResult,
    TrainingRecord,
    incomplete,
    programme_findings,
)
from decision.web.acts import actor_of
from decision.web.context import Asked, Door
from decision.web.routes import Problem, Route
from decision.web.station import Station

_CONTENTS: Final = (
    (Content.THREAT_LEVELS, "threat levels (PPVAR-4.2.1)"),
    (Content.EQUIPMENT, "the audio equipment in use (PPVAR-4.2.2)"),
    (Content.ESCALATION, "situational awareness and escalation (PPVAR-4.2.3)"),
    (Content.EXERCISE, "an exercise that shows proficiency (PPVAR-4.2.4)"),
)
_TONE: Final[dict[GateResult, v.Tone]] = {
    GateResult.ALLOWED: "good",
    GateResult.SUPERVISED: "caution",
    GateResult.REFUSED: "danger",
}
_VERDICT: Final = {
    GateResult.ALLOWED: "may handle audio alarms",
    GateResult.SUPERVISED: "only under direct supervision",
    GateResult.REFUSED: "may not handle audio alarms",
}


class TrainingPages:
    """Routes below ``/training``. Everybody sees their own; who may view sees all."""

    def __init__(self, station: Station, door: Door, pages: Pages) -> None:
        self._station = station
        self._door = door
        self._pages = pages

    def routes(self) -> list[Route]:
        """All of them with their permission."""
        record = Permission.TRAINING_RECORD
        return [
            Route(method="GET", path="/training", access=Permission.SIGN_IN, handler=self.index),
            Route(method="POST", path="/training/records", access=record, handler=self.record),
            Route(method="POST", path="/training/starts", access=record, handler=self.start),
            Route(
                method="POST",
                path="/training/{user}/supervision",
                access=Permission.TRAINING_SUPERVISE,
                handler=self.supervise,
            ),
        ]

    async def index(self, asked: Asked) -> Response:
        """The page."""
        who = asked.person
        people = self._station.people()
        shown = [
            user
            for user in self._door.users.all.values()
            if user.id == who.user.id or who.may(Permission.TRAINING_VIEW)
        ]
        handling = [
            self._trainee(user, asked)
            for user in shown
            if Permission.AUDIO_HANDLE in self._door.roles.permissions(user.roles)
            or people.get(user.id).records
        ]
        choices = tuple((user.id, f"{user.name} ({user.id})") for user in shown)
        programme = people.programme
        return self._pages.page(
            asked,
            "training.html",
            people=handling,
            programme={
                "materials": programme.materials_at,
                "equipment": ", ".join(programme.equipment),
                "reviewed": programme.reviewed_on,
                "findings": [
                    {"text": f"Missing: {one.what}", "rule": one.rule}
                    for one in programme_findings(programme)
                ],
            },
            can_supervise=who.may(Permission.TRAINING_SUPERVISE),
            can_record=who.may(Permission.TRAINING_RECORD),
            contents=_CONTENTS,
            record_fields=_record_fields(choices, who.user.name),
            start_fields=_start_fields(choices),
        )

    def _trainee(self, user: User, asked: Asked) -> v.Trainee:
        people = self._station.people()
        person = people.get(user.id)
        today = asked.now.astimezone(self._station.info.zone).date()
        gate = people.may_handle_audio(user.id, on=today, now=asked.now)
        starts = person.profile.starts_on if person.profile else None
        ended = [record.ended_on for record in person.records if record.ended_on]
        return v.Trainee(
            id=user.id,
            name=user.name,
            verdict=_VERDICT[gate.result],
            tone=_TONE[gate.result],
            reason=gate.why.capitalize() + ".",
            rules=gate.rules,
            started=str(starts or "not recorded"),
            day=_day(starts, gate.last_day, today),
            latest=str(max(ended)) if ended else "none",
            missing=tuple(f"{one.what} ({one.rule})" for one in gate.findings),
            is_supervised=person.supervisor == asked.person.user.id,
            records=tuple(tuple(_lines(record)) for record in person.records),
        )

    async def record(self, asked: Asked) -> Response:
        """Enter a training record; an incomplete one is kept and told."""
        form = await asked.request.form()
        user = self._user(form)
        ended = _text(form, "ended_on")
        record = TrainingRecord(
            operator=user.id,
            employee_name=user.name,
            ended_on=_date(ended) if ended else None,
            materials=_text(form, "materials") or None,
            trainer_name=_text(form, "trainer_name") or None,
            credentials=_list(form, "credentials"),
            content=tuple(one for one in Content if one in form.getlist("content")),
            equipment=_list(form, "equipment"),
            is_tested=form.get("is_tested") == "yes",
            provider=_text(form, "provider") or None,
            is_record_kept=bool(_text(form, "provider")),
        )
        await self._keep(asked, user.id, TrainingRecorded(record=record))
        missing = incomplete(record)
        if missing:
            words = ", ".join(f"{one.what} ({one.rule})" for one in missing)
            said = ("caution", f"Entered, and incomplete: {words}.")
        else:
            said = ("good", f"Entered: {user.name} is trained and tested.")
        return self._back(asked, said)

    async def start(self, asked: Asked) -> Response:
        """Record hire or change of work."""
        form = await asked.request.form()
        user = self._user(form)
        changed = _text(form, "job_changed_on")
        fact = OperatorStarted(
            name=user.name,
            hired_on=_date(_text(form, "hired_on")),
            job_changed_on=_date(changed) if changed else None,
        )
        await self._keep(asked, user.id, fact)
        return self._back(asked, ("good", f"Recorded for {user.name}."))

    async def supervise(self, asked: Asked) -> Response:
        """A supervisor declares or ends direct supervision."""
        form = await asked.request.form()
        user = self._door.users.get(str(asked.request.path_params["user"]))
        if user is None:
            raise Problem(404, "There is no such user.")
        me = asked.person.user
        if user.id == me.id:
            raise Problem(422, "Nobody supervises himself (PPVAR-4.3.1.1).")
        if form.get("is_on") == "yes":
            fact: SupervisionStarted | SupervisionEnded = SupervisionStarted(supervisor=me.id)
            words = f"You supervise {user.name} directly, for this shift."
        else:
            fact, words = SupervisionEnded(), f"You no longer supervise {user.name}."
        await self._keep(asked, user.id, fact)
        return self._back(asked, ("good", words))

    def _user(self, form: FormData) -> User:
        user = self._door.users.get(_text(form, "operator"))
        if user is None:
            raise Problem(422, "Choose a person.")
        return user

    async def _keep(
        self,
        asked: Asked,
        user_id: str,
        fact: TrainingRecorded | OperatorStarted | SupervisionStarted | SupervisionEnded,
    ) -> None:
        subject = f"operator/{user_id}"
        await self._station.record(subject, fact, actor_of(asked.person), now=asked.now)

    def _back(self, asked: Asked, said: tuple[str, str]) -> Response:
        asked.person.session.said.append(said)
        return RedirectResponse("/training", status_code=303)


def _day(starts: date | None, last: date | None, today: date) -> str:
    if starts is None:
        return "not known"
    words = f"day {(today - starts).days}"
    return f"{words}; training must end by {last}" if last else words


def _lines(record: TrainingRecord) -> Iterator[v.Line]:
    yield v.Line(label="Employee", text=record.employee_name or "missing (PPVAR-4.5.1)")
    yield v.Line(label="Ended", text=str(record.ended_on or "missing (PPVAR-4.5.2)"))
    yield v.Line(label="Materials", text=record.materials or "missing (PPVAR-4.5.3)")
    yield v.Line(label="Trainer", text=record.trainer_name or "missing (PPVAR-4.5.4)")
    credentials = ", ".join(record.credentials)
    yield v.Line(label="Credentials", text=credentials or "missing (PPVAR-4.5.5)")
    held = ", ".join(str(one).replace("_", " ") for one in record.content)
    yield v.Line(label="Content", text=held or "not told")
    yield v.Line(label="Equipment", text=", ".join(record.equipment) or "not told")
    yield v.Line(label="Tested", text="yes" if record.is_tested else "no (PPVAR-4.1.1)")
    if record.provider:
        yield v.Line(label="Elsewhere", text=f"{record.provider} (PPVAR-4.4.4)")


def _record_fields(people: tuple[tuple[str, str], ...], trainer: str) -> tuple[v.Field, ...]:
    return (
        v.Field(name="operator", label="Employee (PPVAR-4.5.1)", choices=people),
        v.Field(name="ended_on", label="Training ended on, YYYY-MM-DD (PPVAR-4.5.2)"),
        v.Field(name="materials", label="Materials: copy, description or place (PPVAR-4.5.3)"),
        v.Field(name="trainer_name", label="Trainer (PPVAR-4.5.4)", value=trainer),
        v.Field(name="credentials", label="Credentials, separated by commas (PPVAR-4.5.5)"),
        v.Field(name="equipment", label="Audio equipment, separated by commas"),
        v.Field(name="provider", label="Trained elsewhere by", hint="Their record must be here."),
    )


def _start_fields(people: tuple[tuple[str, str], ...]) -> tuple[v.Field, ...]:
    return (
        v.Field(name="operator", label="Person", choices=people),
        v.Field(name="hired_on", label="Hired on, YYYY-MM-DD", is_required=True),
        v.Field(name="job_changed_on", label="Changed into audio work on, YYYY-MM-DD"),
    )


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value.strip()[:500] if isinstance(value, str) else ""


def _list(form: FormData, name: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in _text(form, name).split(",") if one.strip())


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem(422, f"{text[:20]!r} is no day; write it as YYYY-MM-DD.") from None
