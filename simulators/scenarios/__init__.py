"""Stories as data: what happens at a premises, in words that every dialect can say."""

from simulators.scenarios.dialled import DialledCode, dialled_codes
from simulators.scenarios.loader import StoryError, load, names, parse
from simulators.scenarios.meaning import Meaning, meanings
from simulators.scenarios.story import Action, Deed, Happening, Moment, Step, Story

__all__ = [
    "Action",
    "Deed",
    "DialledCode",
    "Happening",
    "Meaning",
    "Moment",
    "Step",
    "Story",
    "StoryError",
    "dialled_codes",
    "load",
    "meanings",
    "names",
    "parse",
]
