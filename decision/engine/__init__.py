"""The engine: owns the states, records facts durably, tells subscribers, wakes by timers."""

from __future__ import annotations

from decision.engine.change import Change, Listener, Taken, UnknownSubject
from decision.engine.engine import Engine
from decision.engine.profiles import Profiles

__all__ = ["Change", "Engine", "Listener", "Profiles", "Taken", "UnknownSubject"]
