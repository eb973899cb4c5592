"""What a person sees: one line for each thing that happens, tables at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from decision.actions import (
    Action,
    AlternateResponse,
    CallOff,
    Close,
    ConfigurationFault,
    Dispatch,
    Escalate,
    ForwardUpdate,
    GateWarning,
    NonAudio,
    OperatorRequired,
)
from decision.engine import Change
from decision.facts import EventReceived
from decision.ledger import actions as ledger
from gateway.cli._station.branches import Found
from simulators.station.director import Outcome

WIDTH: Final = 104  # of a line before the rules
_STYLES: Final = {
    "panel": "bold", "core": "bold cyan", "operator": "green", "supervisor": "bold green",
    "police": "blue", "customer": "magenta", "ledger": "yellow", "office": "yellow",
}  # fmt: skip
_LOUD: Final = {"DISPATCH": "bold white on red", "CLOSE": "bold green", "BLOCK": "black on yellow"}


class Screen:
    """Everything that is printed."""

    def __init__(self, console: Console, now: Callable[[], datetime], zone: str) -> None:
        self._console = console
        self._now = now
        self._zone = ZoneInfo(zone)
        self._chapters = 0
        self._numbers: dict[str, int] = {}
        self._day = ""
        self._about = ""

    # -- lines -----------------------------------------------------------------------------

    def chapter(self, title: str) -> None:
        """A new incident begins."""
        self._chapters += 1
        self._console.print()
        self._line(Text.assemble((f"{self._chapters:>2}  {title}", "bold underline")))

    def part(self, title: str) -> None:
        """A new part of the story begins."""
        self._console.print()
        self._console.rule(f"[bold]{title}[/]", align="left")

    def say(
        self, who: str, what: str, rules: Sequence[str] = (), incident: str = "", style: str = ""
    ) -> None:
        """Somebody did or said something, about an incident."""
        local = self._now().astimezone(self._zone)
        day = f"{local:%a %d %b %Y}"
        if day != self._day:
            self._day = day
            self._line(Text(f"{day}", style="dim italic"))
        room = WIDTH - 26
        words = what if len(what) < room else what[: room - 2] + "…"
        number = self._numbers.get(incident)
        self._line(
            Text.assemble(
                (f"{local:%H:%M:%S} ", "dim"),
                (f"{f'#{number}' if number else '':>4} ", "dim"),
                (f"{who:11}", _STYLES.get(who, "")),
                (f"{words:{room}}", style),
                (" ".join(rules[:2]), "dim"),
            )
        )

    def _line(self, line: Text) -> None:
        line.rstrip()
        self._console.print(line, soft_wrap=True, highlight=False)

    def changed(self, change: Change) -> None:
        """The core recorded a fact: tell what it decided."""
        if change.incident is not None:
            self._about = change.incident.state.id
            self._numbers.setdefault(self._about, self._chapters)
            if isinstance(change.recorded.fact, EventReceived):
                self._event(change)
            for action in change.incident.actions:
                self._action(action)
        elif change.system is not None:
            for step in change.system.actions:
                self._ledger(step)

    def _event(self, change: Change) -> None:
        signal = change.recorded.fact.signal
        opened = change.incident is not None and change.incident.state.id == signal.event_id
        where = signal.zone_name or signal.user_name or signal.area_name or ""
        if signal.kind == "alarm":
            what = "opens the incident" if opened else "joins the open incident"
        else:
            what = "bears on the incident"
        kinds = " ".join(dict.fromkeys((signal.category, signal.kind)))
        words = f"{kinds} {what}: {where}, {signal.area_class}"
        self.say("core", words, ("XS-12",), self._about)

    def _action(self, action: Action) -> None:
        said = _told(action)
        if said:
            words, loud = said
            self.say("core", words, action.rules, self._about, _LOUD.get(loud, ""))

    def _ledger(self, action: ledger.LedgerAction) -> None:
        match action:
            case ledger.StatusChanged():
                words = f"{action.before} -> {action.after}"
                self.say("ledger", words, action.rules, style="bold yellow")
            case ledger.TaskOpened():
                kind = action.task.kind.lower().replace("_", " ")
                who = ", ".join(action.task.roles).replace("_", " ")
                self.say("ledger", f"task for the {who}: {kind}", action.rules)
            case ledger.DiscontinuedChanged():
                word = "discontinued" if action.is_discontinued else "goes on again"
                self.say("ledger", f"police response {word}", action.rules, style="bold yellow")
            case ledger.SuspendedListChanged():
                word = "is on" if action.is_listed else "leaves"
                self.say("ledger", f"the address {word} the suspended list", action.rules)

    # -- tables ----------------------------------------------------------------------------

    def branches(self, found: Sequence[Found], *, is_whole: bool) -> None:
        """Which branches were taken; of a story that was ended early, which so far."""
        self.part("Branches and rules taken")
        for group, rows in groupby(found, key=lambda one: one.branch.group):
            table = Table(box=None, header_style="bold", pad_edge=False, title_justify="left")
            table.add_column(group, width=62)
            table.add_column("rule", style="dim", width=24)
            table.add_column("times", justify="right")
            for row in rows:
                never = Text("MISSING", style="bold red") if is_whole else Text("-", style="dim")
                times = Text(str(row.times)) if row.times else never
                table.add_row(row.branch.text, row.branch.rule, times)
            self._console.print(table)
            self._console.print()

    def wrong(self, outcomes: Sequence[Outcome], mistakes: Sequence[str]) -> None:
        """What did not come as the story expected."""
        for one in outcomes:
            if not one.is_right:
                end = "" if one.is_over else ", still open"
                self._console.print(
                    f"[bold red]not as told[/] {one.title}: expected {one.expected}, "
                    f"found {one.found}{end} (incident {one.incident})"
                )
        for mistake in mistakes:
            self._console.print(Text(f"not as told: {mistake}", style="bold red"))

    def sums(self, sums: dict[str, int], *, is_even: bool, is_whole: bool) -> None:
        """The numbers that must agree."""
        table = Table(title="The sums that matter", box=None, header_style="bold", pad_edge=False)
        for name in sums:
            table.add_column(name.replace("_", " "), justify="center")
        table.add_row(*map(str, sums.values()))
        self._console.print(table)
        verdict = "[green]all equal[/]" if is_even else "[bold red]not equal[/]"
        if is_even and not is_whole:
            verdict = "[green]no event lost[/]; the story was ended before its end"
        self._console.print(verdict)


def _gate(action: GateWarning) -> tuple[str, str]:
    words = "; ".join(one.text for one in action.verdict.findings)
    return f"gate {action.verdict.result}: {words}", str(action.verdict.result)


def _dispatch(action: Dispatch) -> tuple[str, str]:
    gate = "" if action.gate == "OK" else f" (gate {action.gate})"
    return f"DISPATCH / {action.reason}{gate}", "DISPATCH"


_WORDS: Final[Mapping[type[Any], Callable[[Any], tuple[str, str]]]] = {
    Dispatch: _dispatch,
    Close: lambda x: (f"CLOSE / {x.reason}", "CLOSE"),
    NonAudio: lambda _: ("NON_AUDIO: goes on without audio", ""),
    CallOff: lambda x: (f"CALL_OFF asked for by {x.asked_by}", ""),
    ForwardUpdate: lambda x: (f"FORWARD_UPDATE: {x.text}", ""),
    OperatorRequired: lambda x: (f"OPERATOR_REQUIRED: {x.text}", ""),
    Escalate: lambda x: (f"calls a supervisor: {x.what}", ""),
    GateWarning: _gate,
    AlternateResponse: lambda x: (f"alternate response: {x.response or 'none arranged'}", "BLOCK"),
    ConfigurationFault: lambda x: (f"configuration fault {x.key}: {x.text}", ""),
}
"""Kind of action -> words, and what is loud about it; what is missing is not worth a line."""


def _told(action: Action) -> tuple[str, str] | None:
    words = _WORDS.get(type(action))
    return None if words is None else words(action)
