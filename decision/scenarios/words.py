"""From the words of a file to facts, with every mistake told by file, key and reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, Final, TypeVar, get_args
from zoneinfo import ZoneInfo

import msgspec

from decision.alarm_signal import Signal
from decision.facts import Actor, ActorKind, Fact
from decision.ledger.facts import LedgerFact
from decision.packs.mistakes import PackMistake, near, spell
from decision.people import PersonFact
from decision.site import Contact, Site
from decision.vocabulary import AlarmType

T = TypeVar("T")
Path = tuple[object, ...]

_WHERE: Final = re.compile(r"^(?P<said>.*?)(?: - at `(?:key in )?\$(?P<where>.*)`)?$", re.DOTALL)
_BY_CATEGORY: Final = {
    "fire": AlarmType.FIRE,
    "gas": AlarmType.OTHER,
    "medical": AlarmType.MEDICAL,
    "panic": AlarmType.HOLD_UP,
    "hold_up": AlarmType.HOLD_UP,
    "burglary": AlarmType.BURGLAR,
}
_ACTORS: Final[Mapping[str, ActorKind]] = {
    "ManualDispatchRequested": "contact",
    "Resolved": "contact",
    "GateOverridden": "supervisor",
    "RequestAccepted": "responder",
    "RequestRejected": "responder",
    "RequestUpdated": "responder",
    "CallOffResult": "responder",
    "RequestClosed": "responder",
    "TimerFired": "system",
}


class Mistakes:
    """Collects what is wrong in one file."""

    def __init__(self, file: str) -> None:
        """``file`` as it is told."""
        self.file: Final = file
        self.found: list[PackMistake] = []

    def tell(self, path: Path, reason: str) -> None:
        """Note one."""
        self.found.append(PackMistake(file=self.file, key=spell(path), reason=reason))

    def convert(self, value: object, wanted: type[T], path: Path) -> T | None:
        """Make a struct of what stands in the file; None when it is none."""
        try:
            return msgspec.convert(value, wanted)
        except (msgspec.ValidationError, ValueError) as error:
            found = _WHERE.match(str(error))
            said, where = (found["said"], found["where"] or "") if found else (str(error), "")
            reason = f"{said[:1].lower()}{said[1:]}"
            self.found.append(PackMistake(file=self.file, key=spell(path) + where, reason=reason))
            return None

    def known(self, word: str, words: Iterable[str], path: Path, what: str) -> bool:
        """Note a word that is none of those known; give whether it is one."""
        allowed = tuple(words)
        if word in allowed:
            return True
        hint = near(word, allowed)
        listed = f"; known: {', '.join(allowed)}" if not hint and len(allowed) <= _LISTED else ""
        self.tell(path, f"there is no {what} {word!r}{hint}{listed}")
        return False


_LISTED: Final = 20  # words of an answer; longer lists only give the nearest


def utc(value: Any, zone: ZoneInfo) -> Any:
    """Take times without an offset, at any depth, for local ones."""
    match value:
        case datetime() if value.tzinfo is None:
            return value.replace(tzinfo=zone)
        case dict():
            return {key: utc(one, zone) for key, one in value.items()}
        case list() | tuple():
            return [utc(one, zone) for one in value]
        case _:
            return value


def site_of(told: Mapping[str, Any], pack: str, zone: str, mistakes: Mistakes) -> Site | None:
    """The site; a contact may be only a name, which then has a number."""
    path: Path = ("given", "site")
    data = {"account": "1001", "time_zone": zone, "jurisdiction": pack, **told}
    if isinstance(contacts := data.get("contacts"), list | tuple):
        data["contacts"] = [
            contact_of(name, number) if isinstance(name, str) else name
            for number, name in enumerate(contacts, 1)
        ]
    data.setdefault("name", "the site")
    data.setdefault("address", "1 Example Street")
    return mistakes.convert(data, Site, path)


def contact_of(name: str, number: int) -> Contact:
    """A contact of whom only the name matters."""
    return Contact(id=name, name=name.capitalize(), phone=f"+1506555{number:04}")


def signal_of(
    told: Mapping[str, Any], site: Site, at: datetime, path: Path, mistakes: Mistakes
) -> Signal | None:
    """An event of the gateway; what is left out is that of an intrusion alarm of zone 1."""
    if not _has_known_keys(told, Signal, path, mistakes):
        return None
    category = told.get("category", "burglary")
    data = {
        "event_id": f"event-{at:%Y%m%d-%H%M%S}",
        "group": site.group,
        "account": site.account,
        "category": category,
        "kind": "alarm",
        "alarm_type": _BY_CATEGORY.get(category, AlarmType.OTHER),
        "severity": 7,
        "received_at": at,
        "premise_type": site.premise_type,
        "zone": "1",
        "code": "",
        **told,
    }
    return mistakes.convert(data, Signal, path)


def incident_fact(told: Mapping[str, Any], path: Path, mistakes: Mistakes) -> Fact | None:
    """A fact of an incident, as the fact log spells it."""
    found: Fact | None = _tagged(told, Fact, path, mistakes)
    return found


def ledger_fact(told: Mapping[str, Any], path: Path, mistakes: Mistakes) -> LedgerFact | None:
    """A fact of the ledger."""
    found: LedgerFact | None = _tagged(told, LedgerFact, path, mistakes)
    return found


def person_fact(told: Mapping[str, Any], path: Path, mistakes: Mistakes) -> PersonFact | None:
    """A fact about an operator."""
    found: PersonFact | None = _tagged(told, PersonFact, path, mistakes)
    return found


def _tagged(told: Mapping[str, Any], union: Any, path: Path, mistakes: Mistakes) -> Any:
    kinds = {kind.__name__: kind for kind in get_args(union)}
    tag = told.get("fact")
    if not isinstance(tag, str):
        mistakes.tell((*path, "fact"), "must be given: the name of the fact")
        return None
    if not mistakes.known(tag, kinds, (*path, "fact"), "fact"):
        return None
    if not _has_known_keys(told, kinds[tag], path, mistakes):
        return None
    return mistakes.convert(dict(told), union, path)


def _has_known_keys(
    told: Mapping[str, Any], kind: type[msgspec.Struct], path: Path, mistakes: Mistakes
) -> bool:
    known = [field.encode_name for field in msgspec.structs.fields(kind)]
    strange = [key for key in told if key != "fact" and key not in known]
    for key in strange:
        listed = f" (known here: {', '.join(known)})"
        mistakes.tell((*path, key), f"there is no such key{near(key, known)}{listed}")
    return not strange


def actor_of(by: str, fact: Fact | None, path: Path, mistakes: Mistakes) -> Actor:
    """Who did it: as told, or who usually does."""
    kind, _, name = by.partition(":")
    if not kind:
        kind = _ACTORS.get(type(fact).__name__, "operator") if fact is not None else "gateway"
        name = getattr(fact, "user", "") or ""
    if not mistakes.known(kind, get_args(ActorKind), (*path, "by"), "actor"):
        kind = "system"
    roles = (kind,) if kind in {"operator", "supervisor"} else ()
    return mistakes.convert({"kind": kind, "id": name or kind, "roles": roles}, Actor, path) or (
        Actor(kind="system")
    )


def moment_of(
    told: datetime | time | date, before: datetime | None, zone: ZoneInfo
) -> datetime | None:
    """The instant of a step; a time alone is of the day of the step before; None without one."""
    match told:
        case datetime():
            return told if told.tzinfo is not None else told.replace(tzinfo=zone)
        case time():
            if before is None:
                return None
            return datetime.combine(before.astimezone(zone).date(), told, tzinfo=zone)
        case date():
            return datetime.combine(told, _NOON, tzinfo=zone)


_NOON: Final = time(12)
