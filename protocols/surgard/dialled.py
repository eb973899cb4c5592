"""Dialled formats with an id of their own: from the fields of a frame to what it says."""

from __future__ import annotations

from typing import Final

from protocols.receiver_link import CallerId, CallingName, Channels, PulseEvent
from protocols.surgard.layouts import (
    CallerIdFrame,
    CallerNumberFrame,
    CallingNameFrame,
    ChannelsFrame,
    DownlookFrame,
    FskTwoFrame,
    HighSpeedDvlFrame,
    HighSpeedFrame,
    ModemIIFrame,
    SurtecFrame,
    TelenotFrame,
)

TELENOT: Final = {
    "A": "alarm",
    "F": "fault",
    "H": "maintenance restore",
    "K": "restore",
    "L": "maintenance",
    "N": "emergency",
    "O": "call",
    "Q": "remote programming",
    "R": "test",
    "T": "closing",
    "U": "opening",
}
"""Event letters of id T; its list says R for test, not restoral."""

SK_FSK2: Final = {
    "B6": "battery trouble",
    "BE": "restore",
    "E1": "test",
    "F1": "closing",
    "F5": "opening",
    "FE": "data lost",
}
"""Pairs of id C that its source names; there are more."""

SURTEC_RESTORE: Final = "09"
"""After a pair it makes a restoral of it."""


def modem_ii(fields: ModemIIFrame, raw: bytes) -> PulseEvent:
    """Id 6."""
    return PulseEvent(raw=raw, format="modem-ii", event_code=fields.code, zone=fields.zone)


def caller_id(fields: CallerIdFrame, raw: bytes) -> CallerId:
    """Id 4."""
    return CallerId(raw=raw, area=fields.area, number=fields.number.strip(" "))


def caller_number(fields: CallerNumberFrame, raw: bytes) -> CallerId:
    """Id U: filled with F on the right; blanks and dashes are the number's own."""
    return CallerId(raw=raw, number=fields.number.rstrip("F").strip(" "))


def calling_name(fields: CallingNameFrame, raw: bytes) -> CallingName:
    """Id u."""
    return CallingName(raw=raw, name=fields.name.strip(" "))


def high_speed(fields: HighSpeedFrame, raw: bytes) -> Channels:
    """Id 8."""
    channels = tuple(fields.low + fields.high)
    return Channels(raw=raw, format="ademco-high-speed", channels=channels, status=fields.status)


def high_speed_dvl2a(fields: HighSpeedDvlFrame, raw: bytes) -> Channels:
    """Id 8 as the MLR2-DV sends it."""
    return Channels(
        raw=raw,
        format="ademco-high-speed-dvl2a",
        channels=tuple(fields.channels),
        status=fields.status,
    )


def acron(fields: ChannelsFrame, raw: bytes) -> Channels:
    """Id 9."""
    return Channels(raw=raw, format="acron-super-fast", channels=tuple(fields.channels))


def vonk(fields: ChannelsFrame, raw: bytes) -> Channels:
    """Id V."""
    return Channels(raw=raw, format="vonk", channels=tuple(fields.channels))


def sk_fsk2(fields: FskTwoFrame, raw: bytes) -> PulseEvent:
    """Id C."""
    pair = fields.event + fields.condition
    return PulseEvent(
        raw=raw, format="sk-fsk2", event_code=pair, zone=fields.zone, meaning=SK_FSK2.get(pair)
    )


def video_downlook(fields: DownlookFrame, raw: bytes) -> PulseEvent:
    """Id D; what its six characters count is in no source."""
    return PulseEvent(
        raw=raw, format="video-downlook", event_code=f"{fields.first} {fields.second}"
    )


def telenot(fields: TelenotFrame, raw: bytes) -> PulseEvent:
    """Id T."""
    return PulseEvent(
        raw=raw,
        format="telenot",
        event_code=fields.code,
        zone=fields.zone,
        meaning=TELENOT.get(fields.code),
    )


def surtec(fields: SurtecFrame, raw: bytes) -> tuple[PulseEvent, ...]:
    """Id Y."""
    del raw
    events: list[PulseEvent] = []
    for pair in fields.pairs:
        if pair == SURTEC_RESTORE and events and events[-1].state == "alarm":
            events[-1] = _pair(events[-1].event_code, "restore", SURTEC_RESTORE)
        else:
            events.append(_pair(pair, "alarm"))
    return tuple(events)


def _pair(code: str, state: str, mark: str = "") -> PulseEvent:
    raw = (code + mark).encode("ascii")
    return PulseEvent(raw=raw, format="surtec", event_code=code, state=state)
