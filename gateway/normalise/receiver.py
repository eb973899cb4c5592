"""What a receiver's own messages mean: its troubles, voice sessions, modifiers of their own."""

from __future__ import annotations

import functools
from typing import Final

from gateway.accounts import Account
from gateway.contract.event import Address, Code
from gateway.normalise import tables
from gateway.normalise.contact_id import NOT_APPLICABLE
from gateway.normalise.meaning import Meaning
from gateway.normalise.tables import Severity, SiaRow
from gateway.normalise.templates import SIA, Template, build, meaning_of
from protocols.receiver_link import Internal, Modifier, TwoWayAudio

INTERNAL: Final = "receiver-internal"
TWO_WAY_AUDIO: Final = "two-way-audio"

_PAIR: Final = 2
_UNKNOWN_INTERNAL: Final = SiaRow(
    category="information", name="", kind="info", address_type="receiver"
)
_AUDIO: Final = SiaRow(
    category="listen_in",
    name="Two-way audio on a receiver line",
    kind="info",
    address_type="line",
    follow_on="audio",
)
_MODIFIER: Final = SiaRow(category="information", name="SIA modifier", kind="info")


def internal(part: Internal, account: Account, severity: Severity) -> Meaning:
    """Return the meaning of a receiver's word about itself.

    Ids 0 and S use SIA pairs: the receiver's own list first, then the meaning that the pair
    has everywhere (a receiver's AT is its mains, too).
    """
    row = _internal_row(part.code, part.number)
    code = Code(
        format=INTERNAL,
        value=part.code if len(part.code) == _PAIR else part.code + part.number,
        qualifier=None,
        name=part.meaning or (row.name if row else None),
        known=row is not None,
    )
    row = row or _UNKNOWN_INTERNAL
    template = build(row, row.kind, code, new=None, severity=severity)
    number = part.number
    if len(part.code) != _PAIR and row.address_type == "line_card":
        number = number[-1:] if number[:1] in "DEF" else ""
    elif len(part.code) != _PAIR and row is not _UNKNOWN_INTERNAL:
        number = ""
    return placed(template, account, number=number, group=part.area, text=part.text)


@functools.cache
def _receiver_pairs() -> dict[str, SiaRow]:
    """Return the SIA rows with every address that a receiver cannot have told as its own."""
    own = {"line", "line_card", "printer", "network", "relay", "output"}
    rows: dict[str, SiaRow] = {}
    for code, row in tables.sia().items():
        address_type = row.address_type if row.address_type in own else "receiver"
        rows[code] = SiaRow(
            category=row.category,
            name=row.name,
            kind=row.kind,
            address_type=address_type,
            restores=row.restores,
        )
    return rows


def _internal_row(code: str, number: str) -> SiaRow | None:
    own = tables.internal()
    if len(code) == _PAIR:
        return own.get(code) or _receiver_pairs().get(code)
    return own.get(code + number) or own.get(f"{code}{number[:1]}*")


def two_way_audio(part: TwoWayAudio, account: Account, severity: Severity) -> Meaning:
    """Return the companion event of a voice session on a receiver line."""
    code = Code(
        format=TWO_WAY_AUDIO, value=part.event_code, qualifier=None, name=_AUDIO.name, known=True
    )
    template = build(_AUDIO, "info", code, new=None, severity=severity, is_companion=True)
    return placed(template, account, number=part.audio_line, group=None)


def modifier(part: Modifier, account: Account, severity: Severity) -> Meaning:
    """Return the companion event of a SIA modifier that came in a frame of its own."""
    code = Code(format=SIA, value=part.name, qualifier=None, name=_MODIFIER.name, known=True)
    template = build(_MODIFIER, "info", code, new=None, severity=severity, is_companion=True)
    value = None if part.value in NOT_APPLICABLE else part.value
    area, _ = account.place(None, value if part.name == "ri" else None)
    user = address = text = None
    if part.name == "id" and value is not None:
        user = account.user(value)
    elif part.name == "pi" and value is not None:
        address = Address(type="device", id=value)
    elif part.name not in ("ri", "id", "pi"):
        text = f"{part.name} {part.value}"
    return meaning_of(template, account, area=area, user=user, address=address, text=text)


def placed(
    template: Template, account: Account, *, number: str, group: str | None, text: str | None = None
) -> Meaning:
    """Return the meaning with its number and group where the template says they belong."""
    kind = template.address_type
    given = None if number in NOT_APPLICABLE else number
    area, zone = account.place(
        given if kind == "zone" else None,
        None if group is None or group in NOT_APPLICABLE else group,
    )
    user = address = None
    if given is not None and kind == "user":
        user = account.user(given)
    elif given is not None and kind not in ("zone", "area", "none"):
        address = Address(type=kind, id=given)
    return meaning_of(
        template, account, area=area, zone=zone, user=user, address=address, text=text
    )
