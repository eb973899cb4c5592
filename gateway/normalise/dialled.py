"""What dialled formats mean: pulse events, channels, bare digits, and who called.

A pulse code has the meaning that its format's own list or the installer gave it. Unless one of
these says so, it is an unknown code: shown, marked for review, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from gateway.accounts import Account
from gateway.contract.event import Code
from gateway.normalise import tables
from gateway.normalise.meaning import Meaning
from gateway.normalise.receiver import placed
from gateway.normalise.tables import Severity, SiaRow
from gateway.normalise.templates import build
from protocols.receiver_link import CallerId, CallingName, Channels, Digits, PulseEvent

CALLER_ID: Final = "caller-id"
CALLING_NAME: Final = "calling-name"

NORMAL: Final = "5"
"""A channel of the Ademco high-speed formats in which nothing happened."""
CHANNEL: Final = "ch"
"""With its number, the code under which a profile or the station says what a channel is for."""
_ALARM_STATES: Final = "16"
_RESTORED: Final = "3"
_RESTORABLE: Final = frozenset({"alarm", "trouble", "supervisory"})
CHANNELS_SAY_IT: Final = frozenset("07")
"""Status digits with which the channels are events; any other digit is the event itself."""

_UNKNOWN: Final = SiaRow(category="information", name="", kind="info", address_type="unspecified")
_CALLER: Final = SiaRow(category="information", name="Caller's number", kind="info")
_NAME: Final = SiaRow(category="information", name="Caller's name", kind="info")
_STATES: Final[dict[str, Literal["new", "restore"]]] = {"alarm": "new", "restore": "restore"}
_HIGH_SPEED: Final = "ademco-high-speed"


def pulse(
    part: PulseEvent, account: Account, severity: Severity, site: Mapping[str, SiaRow] | None
) -> Meaning:
    """Return the meaning of a coded event.

    Asked in this order: the account's profile, the codes that the station set for the account's
    group (``site``), the format's own list.
    """
    row = _chosen(part.event_code, account, site)
    if row is None:
        row = tables.formats().get(f"{part.format}:{part.event_code}")
    code = Code(
        format=part.format,
        value=part.event_code,
        qualifier=_STATES.get(part.state or ""),
        name=row.name if row else part.meaning,
        known=row is not None,
    )
    row = row or _UNKNOWN
    template = build(row, row.kind, code, new=None, severity=severity)
    return placed(template, account, number=part.zone, group=part.group)


def _chosen(code: str, account: Account, site: Mapping[str, SiaRow] | None) -> SiaRow | None:
    """What the installer made a code mean: the account's profile says it, or the station."""
    row = tables.profile(account.rest.profile).pulse.get(code)
    return row if row is not None or site is None else site.get(code)


def channels(
    part: Channels, account: Account, severity: Severity, site: Mapping[str, SiaRow] | None
) -> list[Meaning]:
    """Return one meaning for each channel in which something happened, or one for the call.

    What a channel is for, the account's profile or the station says (``ch1`` to ``ch8``); else
    an alarm on it is untyped. Opening and closing are told by the channel's state alone.
    """
    shown = "".join(part.channels)
    text = f"channels {shown}" + (f", status {part.status}" if part.status is not None else "")
    if part.status is None or not part.format.startswith(_HIGH_SPEED):
        return [_as_a_whole(part.format, shown, text, account, severity)]
    happened = [(at, state) for at, state in enumerate(part.channels, 1) if state != NORMAL]
    if part.status not in CHANNELS_SAY_IT or not happened:
        only = str(happened[0][0]) if len(happened) == 1 else ""
        name = "high-speed-status"
        return [_of(part.format, name, part.status, only, text, account, severity)]
    return [
        _of(
            part.format, "high-speed", state, str(at), text, account, severity,
            chosen=_of_channel(state, _chosen(f"{CHANNEL}{at}", account, site)),
        )
        for at, state in happened
    ]  # fmt: skip


def _of_channel(state: str, row: SiaRow | None) -> SiaRow | None:
    """What a state means on a channel with a purpose; None where the purpose says nothing."""
    if row is None or state in _ALARM_STATES:
        return row
    if state != _RESTORED:
        return None
    restores = (row.kind,) if row.kind in _RESTORABLE else ()
    return msgspec.structs.replace(
        row, kind="restoral", restores=restores, name=f"{row.name}, restored"
    )


def digits(part: Digits, account: Account, severity: Severity) -> Meaning:
    """Return the meaning of digits that nobody divided: unknown, as they came."""
    return _as_a_whole(part.format, part.digits, None, account, severity)


def caller(part: CallerId, account: Account, severity: Severity) -> Meaning:
    """Return the companion event of a caller's number."""
    number = part.number if part.area in (None, "000") else f"{part.area} {part.number}"
    return _companion(CALLER_ID, _CALLER, f"caller {number}", account, severity)


def calling_name(part: CallingName, account: Account, severity: Severity) -> Meaning:
    """Return the companion event of a caller's name."""
    return _companion(CALLING_NAME, _NAME, f"calling name {part.name}", account, severity)


def _companion(
    payload: str, row: SiaRow, text: str, account: Account, severity: Severity
) -> Meaning:
    code = Code(format=payload, value=text, qualifier=None, name=row.name, known=True)
    template = build(row, "info", code, new=None, severity=severity, is_companion=True)
    return placed(template, account, number="", group=None, text=text)


def _as_a_whole(
    payload: str, value: str, text: str | None, account: Account, severity: Severity
) -> Meaning:
    code = Code(format=payload, value=value, qualifier=None, name=None, known=False)
    template = build(_UNKNOWN, "info", code, new=None, severity=severity)
    return placed(template, account, number="", group=None, text=text)


def _of(  # noqa: PLR0913, PLR0917  (one table look-up)
    payload: str,
    table: str,
    value: str,
    number: str,
    text: str,
    account: Account,
    severity: Severity,
    *,
    chosen: SiaRow | None = None,
) -> Meaning:
    row = chosen or tables.formats().get(f"{table}:{value}")
    code = Code(
        format=payload,
        value=value,
        qualifier=None,
        name=row.name if row else None,
        known=row is not None,
    )
    row = row or _UNKNOWN
    if number and row.address_type == "none":
        row = tables.with_address(row, "zone")
    template = build(row, row.kind, code, new=None, severity=severity)
    return placed(template, account, number=number, group=None, text=text)
