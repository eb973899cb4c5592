"""What a story is: steps in time, each an event at the premises or something done to the link."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

import msgspec
from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulators.scenarios.meaning import Meaning, meanings

Action = Literal["link_test", "restart", "outage"]
Seconds = Annotated[float, Field(ge=0.0, le=86_400.0)]
Number = Annotated[int, Field(ge=0, le=999)]


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """One event at the premises, before any dialect has its word for it."""

    name: str
    """Its key in ``meanings.toml``."""
    meaning: Meaning
    area: int = 0
    address: int = 0
    """Zone or user, as the meaning says; 0 for none."""
    text: str | None = None


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """Something done to the link or to the device itself."""

    action: Action
    lasts_s: float = 0.0
    """How long an outage lasts."""


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """What comes when: one line of a story that has been played out."""

    at_s: float
    """Seconds after the story began."""
    what: Happening | Deed


class Step(BaseModel):
    """One ``[[steps]]`` table of a story file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after_s: Seconds
    """Seconds after the step before it."""
    event: str | None = None
    action: Action | None = None
    area: Annotated[int, Field(ge=0, le=99)] = 0
    zone: Number | None = None
    user: Number | None = None
    text: Annotated[str, Field(max_length=64)] | None = None
    lasts_s: Seconds = 0.0
    times: Annotated[int, Field(ge=1, le=10_000)] = 1
    every_s: Seconds = 0.0
    follow_up: str | None = None
    """An event half-way to the next repetition, e.g. the restoral of each alarm."""
    next_zone: bool = False
    """Each repetition takes the next zone."""

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if (self.event is None) == (self.action is None):
            raise ValueError("a step has either an event or an action")
        if self.action is not None:
            if self.zone is not None or self.user is not None or self.follow_up or self.text:
                raise ValueError(f"the action {self.action!r} takes no zone, user, text, follow_up")
            if (self.action == "outage") != (self.lasts_s > 0.0):
                raise ValueError("lasts_s belongs to the action 'outage', which needs it")
        for name in (self.event, self.follow_up):
            if name is not None:
                self._has_its_address(name)
        return self

    def _has_its_address(self, name: str) -> None:
        meaning = meanings().get(name)
        if meaning is None:
            known = ", ".join(sorted(meanings()))
            raise ValueError(f"no event is called {name!r}; there are {known}")
        given = {"zone": self.zone is not None, "user": self.user is not None}
        for kind, is_given in given.items():
            if is_given != (meaning.address == kind):
                verb = "needs" if meaning.address == kind else "has no"
                raise ValueError(f"the event {name!r} {verb} {kind}")
        if self.next_zone and meaning.address != "zone":
            raise ValueError(f"next_zone needs an event with a zone, and {name!r} has none")

    def moments(self, start_s: float) -> Iterator[Moment]:
        """Play the step out."""
        if self.action is not None:
            yield Moment(at_s=start_s, what=Deed(action=self.action, lasts_s=self.lasts_s))
            return
        for turn in range(self.times):
            at_s = start_s + turn * self.every_s
            if self.event is not None:
                yield Moment(at_s=at_s, what=self._happening(self.event, turn))
            if self.follow_up is not None:
                later_s = at_s + self.every_s / 2
                yield Moment(at_s=later_s, what=self._happening(self.follow_up, turn))

    def _happening(self, name: str, turn: int) -> Happening:
        address = self.zone or self.user or 0
        return Happening(
            name=name,
            meaning=meanings()[name],
            area=self.area,
            address=address + (turn if self.next_zone else 0),
            text=self.text,
        )

    @property
    def lasts(self) -> float:
        """Seconds until the step after it may count its ``after_s`` (an outage runs beside)."""
        return (self.times - 1) * self.every_s


class Story(BaseModel):
    """A whole story file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Annotated[str, Field(min_length=3, max_length=80)]
    about: Annotated[str, Field(min_length=3, max_length=400)]
    together: bool = False
    """Told of all accounts at once, and not of one after the other."""
    steps: tuple[Step, ...]

    @model_validator(mode="after")
    def _has_steps(self) -> Self:
        # Not min_length: that would also complain when every step has a mistake of its own.
        if not self.steps:
            raise ValueError("a story needs at least one [[steps]] table")
        return self

    def moments(self) -> list[Moment]:
        """Play the story out: everything that happens, in order of time."""
        played: list[Moment] = []
        now_s = 0.0
        for step in self.steps:
            now_s += step.after_s
            played.extend(step.moments(now_s))
            now_s += step.lasts
        return sorted(played, key=lambda moment: moment.at_s)
