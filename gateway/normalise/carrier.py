"""What the carrier adds to an event: the extended data of DC-09 (letters A to Z).

H says when, I what in words, V shows it, X/Y/Z and L/O/R/S say where, T what set it off. The
rest (hash, keys, network, supervision) is about the line and says nothing of the event.
"""

from __future__ import annotations

from typing import Final

import msgspec

from gateway.contract.event import Media, Position, Zone
from gateway.normalise import occurrence
from gateway.normalise.meaning import Meaning

MEDIA_REFUSED: Final = "media_refused"
TIME_UNREADABLE: Final = "time_unreadable"

_SENSORS: Final = {
    "F": "fire or smoke detector",
    "G": "gas detector",
    "W": "water detector",
    "S": "sensor",
    "C": "contact",
    "M": "manual",
}
"""The T field of DC-09: what set the event off."""

_PLACES: Final = ("R", "L", "O", "S")
"""Room, location, building, site: from the narrow to the wide."""


class Extended(msgspec.Struct, frozen=True, kw_only=True):
    """The extended data of one report, read once for all its events."""

    occurred_at: str | None
    text: str | None
    media: tuple[Media, ...]
    position: Position | None
    place: str | None
    sensor: str | None
    flags: tuple[str, ...]


def read(xdata: tuple[tuple[str, str], ...], *, time_zone: str) -> Extended:
    """Read the fields that speak of the event; of a repeated one the first counts, V and I add."""
    first: dict[str, str] = {}
    for letter, value in xdata:
        first.setdefault(letter, value)
    flags: list[str] = []
    occurred_at = None
    if "H" in first:
        occurred_at = occurrence.from_h_field(first["H"], time_zone=time_zone)
        if occurred_at is None:
            flags.append(TIME_UNREADABLE)
    media, refused = _media([value for letter, value in xdata if letter == "V"])
    if refused:
        flags.append(MEDIA_REFUSED)
    position = None
    if not first.keys().isdisjoint("XYZ"):
        position = Position(x=first.get("X"), y=first.get("Y"), z=first.get("Z"))
    texts = [value for letter, value in xdata if letter == "I" and value]
    return Extended(
        occurred_at=occurred_at,
        text="\n".join(texts) if texts else None,
        media=media,
        position=position,
        place=", ".join(first[letter] for letter in _PLACES if first.get(letter)) or None,
        sensor=_SENSORS.get(first.get("T", "")),
        flags=tuple(flags),
    )


def _media(values: list[str]) -> tuple[tuple[Media, ...], bool]:
    links: list[Media] = []
    refused = False
    for value in values:
        for link in value.split(","):
            url = link.strip()
            if url.lower().startswith(("http://", "https://")) and url.isprintable():
                links.append(Media(kind="link", url=url))
            elif url:
                refused = True
    return tuple(links), refused


def add(meaning: Meaning, extended: Extended, *, alone: bool) -> Meaning:
    """Return the meaning with what the carrier said; what the event itself said stands.

    ``alone``: it is the only event of its report. Then the H field, which holds a date, wins
    over the time in the block; with several events each keeps its own.
    """
    occurred_at = meaning.occurred_at
    if extended.occurred_at is not None and (alone or occurred_at is None):
        occurred_at = extended.occurred_at
    zone = _zone(meaning.zone, extended)
    texts = [meaning.text, extended.text]
    if extended.place is not None and zone is None:
        texts.append(f"location: {extended.place}")
    if extended.sensor is not None and zone is None:
        texts.append(f"trigger: {extended.sensor}")
    said = [text for text in dict.fromkeys(texts) if text is not None]
    return msgspec.structs.replace(
        meaning,
        occurred_at=occurred_at,
        zone=zone,
        text="\n".join(said) if said else None,
        media=(*meaning.media, *extended.media),
        position=meaning.position or extended.position,
        flags=(*meaning.flags, *(flag for flag in extended.flags if flag not in meaning.flags)),
    )


def _zone(zone: Zone | None, extended: Extended) -> Zone | None:
    """Let the panel say what the site left open; the station's own words come first."""
    if zone is None:
        return None
    sensor, location = zone.sensor or extended.sensor, zone.location or extended.place
    if sensor == zone.sensor and location == zone.location:
        return zone
    return msgspec.structs.replace(zone, sensor=sensor, location=location)
