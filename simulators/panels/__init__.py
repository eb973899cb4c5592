"""Simulated panels: premises equipment that reports over DC-09, well-behaved or not."""

from simulators.panels.clock import PanelClock
from simulators.panels.panel import Panel
from simulators.panels.settings import PanelPath, PanelSettings
from simulators.panels.states import PanelState

__all__ = ["Panel", "PanelClock", "PanelPath", "PanelSettings", "PanelState"]
