"""Stories as data: what happens at a premises, in words that every dialect can say."""

from simulators.scenarios.loader import StoryError, load, names, parse
from simulators.scenarios.meaning import Meaning, meanings
from simulators.scenarios.story import Action, Deed, Happening, Moment, Step, Story

__all__ = [
    "Action",
    "Deed",
    "Happening",
    "Meaning",
    "Moment",
    "Step",
    "Story",
    "StoryError",
    "load",
    "meanings",
    "names",
    "parse",
]
