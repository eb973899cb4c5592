"""Simulated contacts: what happens when the station calls them, and what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Final, Literal, TypeAlias

import msgspec

Behaviour: TypeAlias = Literal[
    "no_answer", "voicemail", "busy", "wrong_number", "failed_passcode", "hang_up",
    "approve", "cancel", "undecided", "authorised", "not_authorised", "told",
]  # fmt: skip


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """How a call went, in the words of the core's call questions."""

    token: str
    """The answer that the operator records."""
    ending: str = ""
    """How a call that reached nobody ended."""
    said: str = ""
    seconds: float
    """How long the call took."""


NOBODY: Final = "NO_ANSWER"
"""The answer for every call that reached nobody."""

_ENDINGS: Final[Mapping[str, tuple[str, float, float]]] = {
    "no_answer": ("NO_ANSWER", 25.0, 40.0),
    "voicemail": ("VOICEMAIL", 20.0, 30.0),
    "busy": ("BUSY", 5.0, 10.0),
    "wrong_number": ("WRONG_NUMBER", 12.0, 25.0),
    "failed_passcode": ("FAILED_PASSCODE", 30.0, 50.0),
    "hang_up": ("HANG_UP", 8.0, 20.0),
}
"""Behaviour -> how the call ended, and the least and most seconds that takes."""

_SAYS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "approve": ("APPROVE", ("Nobody should be in there. Send the police.", "Yes, send them.")),
    "cancel": ("CANCEL", ("That was me, please cancel it.", "It is the cat. Cancel it.")),
    "undecided": ("UNDECIDED", ("I cannot say from here.", "I would have to ask my brother.")),
    "authorised": (
        "AUTHORIZED_ACTIVITY",
        ("The cleaners work late tonight.", "That is the night shift of the bakery."),
    ),
    "not_authorised": (
        "NOT_AUTHORIZED",
        ("Nobody should be there at this hour.", "We locked up at nine, nobody is allowed in."),
    ),
    "told": ("UNDECIDED", ("Thank you for telling me.", "I am on my way.")),
}
"""Behaviour -> answer, and one of these words."""


class Contacts:
    """Everybody on the call lists of one incident; each call takes the next of the behaviours."""

    def __init__(self, plans: Mapping[str, Sequence[Behaviour]], random: Random) -> None:
        """``plans``: contact id -> what happens at the first, second ... call."""
        self._plans = {who: list(plan) for who, plan in plans.items()}
        self._random = random

    def call(self, contact: str, purpose: str) -> Reply:
        """Call somebody. ``purpose``: kind of the question, such as ``CALL_NOTIFY``."""
        is_notice = purpose in {"CALL_NOTIFY", "CALL_TELL"}
        plan = self._plans.get(f"{contact}.after" if is_notice else contact, [])
        usual: Behaviour = "told" if is_notice else "no_answer"
        behaviour = plan.pop(0) if plan else usual
        if behaviour in _ENDINGS:
            ending, least, most = _ENDINGS[behaviour]
            seconds = self._random.uniform(least, most)
            return Reply(token=NOBODY, ending=ending, seconds=seconds)
        token, words = _SAYS[behaviour]
        if is_notice and token == "APPROVE":  # noqa: S105  there is nothing to approve any more
            token = "UNDECIDED"  # noqa: S105
        return Reply(
            token=token, said=self._random.choice(words), seconds=self._random.uniform(30.0, 60.0)
        )
