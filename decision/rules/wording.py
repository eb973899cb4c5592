"""Which words a message to responders may not hold, and by which rule.

Two bans, both written down as tables of patterns:

* audio wording while no human activation was heard (PPVAR-5.5, "no audio alarm wording");
* words that claim a crime or a verification where there is none (AMB-P6 for an unverified TL2 in a
  secured area, PPVAR-5.4 where the call list was exhausted and nothing is known).

The patterns know English and French, since operators write in both. Saying that something could
*not* be verified is the truth and stays allowed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

MAX_FREE_TEXT: Final = 600
"""Characters an operator may add; more than that nobody reads over the phone."""


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """One passage that may not be said, and why."""

    words: str
    """The passage as written."""
    start: int
    """Offset of its first character in the (NFC) text."""
    end: int
    rule: str
    """Id of the rule in the domain's list."""
    why: str
    """One sentence for the person who wrote it."""

    def __str__(self) -> str:
        """Tell it as the console shows it."""
        return f'"{self.words}": {self.why} ({self.rule})'


class WordingError(ValueError):
    """A text was refused; ``refusals`` says where and by which rule."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__("; ".join(str(refusal) for refusal in refusals))
        self.refusals = tuple(refusals)


def _any_of(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)", re.IGNORECASE)


AUDIO: Final = _any_of(
    # English
    r"audio\w*", r"(?:in)?audibl[ey]", r"sounds?", r"sounded", r"sounding",
    r"(?:over)?hear(?:s|d|ing)?", r"listen(?:s|ed|ing|er)?", r"listen-in", r"mics?",
    r"microphones?", r"acoustic\w*", r"noises?", r"noisy", r"voices?", r"two-way voice",
    # French
    r"sonores?", r"acoustiques?", r"bruits?", r"voix", r"micros?", r"(?:é|e)cout\w*",
    r"entend(?:s|ent|ons|ez|re|u|ue|us|ues|ait)?",
)  # fmt: skip
"""What speaks of audio. ``son`` is left out: in French it is also "his"."""

_CLAIM: Final = (
    r"crimes?", r"criminals?", r"burglary", r"burglaries", r"burglars?(?!\s+alarm)", r"burgled",
    r"robbery", r"robbers?", r"thefts?", r"thief", r"thieves", r"stealing", r"intruders?",
    r"intrusion in progress", r"break-?\s?ins?", r"breaking in", r"break(?:ing)? and enter(?:ing)?",
    r"suspects?", r"suspicious", r"verified", r"confirmed",
    r"cambriol\w*", r"effraction", r"vols?", r"voleurs?", r"intrus", r"suspecte?s?",
    r"v(?:é|e)rifi(?:é|e)e?s?", r"confirm(?:é|e)e?s?", r"en flagrant d(?:é|e)lit",
)  # fmt: skip
CLAIM: Final = _any_of(*_CLAIM)
"""What claims a crime or a verification."""

DENIED: Final = re.compile(
    r"(?:\b(?:not|never|cannot|\w+n't|unable to|impossible to|neither)\s+"
    r"(?:(?:a|an|any|be|been|yet|being|is|was)\s+|\w+ly\s+){0,3}"
    r"|\b(?:no|nothing|without|lacking)\s+(?:\w+\s+)?(?:(?:evidence|signs?|indications?|proof)\s+of\s+)?"
    r"(?:an?\s+|any\s+)?"
    r"|\b(?:pas|jamais|aucune?|sans)\s+(?:(?:preuve|signe|indice)s?\s+(?:de|d')\s*)?"
    r"(?:une?\s+|(?:é|e)t(?:é|e)\s+|pu\s+|(?:ê|e)tre\s+){0,4})$",
    re.IGNORECASE,
)
"""What stands directly before a claim and takes it back ("could not be", "no evidence of")."""

_CLAUSE_END: Final = re.compile(r"[.,;:!?()\n]|\s(?:and|but|then|et|mais|puis)\s", re.IGNORECASE)
_UNREADABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")

CLAIM_RULES: Final[Mapping[str, tuple[str, str]]] = {
    "TL2_SECURED_UNVERIFIED": (
        "AMB-P6",
        "this is an unverified human presence; say what is known, not that it is a crime",
    ),
    "CONTACTS_EXHAUSTED": (
        "PPVAR-5.4",
        "nobody could be reached and nothing is verified; say the facts",
    ),
}
"""Reason of a dispatch -> the rule under which it may not claim anything, and why."""

_AUDIO_WHY: Final = "no human activation was heard, so the message may not speak of audio"


def check_wording(
    text: str,
    *,
    audio_reference: bool,
    reason: str | None,
    names: Sequence[str] = (),
) -> tuple[Refusal, ...]:
    """List what ``text`` may not say; empty when it may be sent.

    ``audio_reference`` says whether a human was heard (PPVAR-5.5), ``reason`` is the dispatch
    reason. ``names`` are proper names (site, street) in which a banned word is only a name.
    """
    text = unicodedata.normalize("NFC", text)
    refusals: list[Refusal] = []
    if len(text) > MAX_FREE_TEXT:
        refusals.append(_unreadable(text, MAX_FREE_TEXT, f"longer than {MAX_FREE_TEXT} characters"))
    refusals += (
        _unreadable(text, found.start(), f"holds the unprintable character {found.group()!a}")
        for found in _UNREADABLE.finditer(text)
    )
    spans = _named(text, names)
    if not audio_reference:
        refusals += (
            _refusal(found, "PPVAR-5.5", _AUDIO_WHY)
            for found in AUDIO.finditer(text)
            if not _within(found, spans)
        )
    if reason is not None and reason in CLAIM_RULES:
        rule, why = CLAIM_RULES[reason]
        refusals += (
            _refusal(found, rule, why)
            for found in CLAIM.finditer(text)
            if not _within(found, spans) and not _is_denied(text, found)
        )
    return tuple(sorted(refusals, key=lambda refusal: refusal.start))


def require_wording(
    text: str, *, audio_reference: bool, reason: str | None, names: Sequence[str] = ()
) -> str:
    """Give ``text`` trimmed, or raise ``WordingError``."""
    refusals = check_wording(text, audio_reference=audio_reference, reason=reason, names=names)
    if refusals:
        raise WordingError(refusals)
    return unicodedata.normalize("NFC", text).strip()


def _refusal(found: re.Match[str], rule: str, why: str) -> Refusal:
    return Refusal(words=found.group(), start=found.start(), end=found.end(), rule=rule, why=why)


def _unreadable(text: str, start: int, why: str) -> Refusal:
    return Refusal(
        words=text[start : start + 12], start=start, end=len(text), rule="PPVAR-D", why=why
    )


def _named(text: str, names: Sequence[str]) -> list[tuple[int, int]]:
    """Give the spans of ``text`` that are proper names."""
    wanted = (re.escape(unicodedata.normalize("NFC", name)) for name in names if name.strip())
    return [
        found.span() for name in wanted for found in re.finditer(name, text, flags=re.IGNORECASE)
    ]


def _within(found: re.Match[str], spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= found.start() and found.end() <= end for start, end in spans)


def _is_denied(text: str, found: re.Match[str]) -> bool:
    """Say whether the words right before, in the same clause, take the claim back."""
    before = _CLAUSE_END.split(text[: found.start()])[-1]
    return DENIED.search(before) is not None
