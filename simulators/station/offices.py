"""The offices of the false-alarm policy: each person does one act of the ledger, over the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulators.station.person import Person


class Offices:
    """Everybody who keeps the file of one alarm system."""

    def __init__(self, people: Mapping[str, Person], system: str) -> None:
        """``people`` by role."""
        self._people = people
        self._system = system

    async def state(self) -> dict[str, Any]:
        """The file as it stands."""
        reader = self._people["inspector"]
        found: dict[str, Any] = (await reader.get(f"/systems/{self._system}"))["state"]
        return found

    async def act(self, who: str, act: str, fields: Mapping[str, str]) -> dict[str, Any]:
        """Do one act; raises ``RefusedError``.

        A blank may name what the story cannot know: ``$task:KIND`` the first open task of a kind,
        ``$call`` the call that it is about, ``$invoice`` the oldest that is unpaid.
        """
        state = await self.state()
        filled = {name: _filled(text, state) for name, text in fields.items()}
        path = f"/systems/{self._system}/acts/{act}"
        detail = await self._people[who].post(path, {"fields": filled})
        found: dict[str, Any] = detail["state"]
        return found


def _filled(text: str, state: Mapping[str, Any]) -> str:
    if text.startswith("$task:"):
        return str(_task(state, text.removeprefix("$task:"))["id"])
    if text.startswith("$call:"):
        task = _task(state, text.removeprefix("$call:"))
        return str((task.get("calls") or [task.get("about")])[0])
    if text == "$invoice":
        unpaid = [one for one in state.get("invoices", ()) if not one.get("paid_on")]
        return str(unpaid[0]["invoice"]) if unpaid else ""
    return text


def _task(state: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    for task in state.get("tasks", ()):
        if task["kind"] == kind and not task.get("closed"):
            found: Mapping[str, Any] = task
            return found
    raise LookupError(f"the file has no open task {kind}")
