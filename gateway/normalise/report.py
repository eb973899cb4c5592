"""What a report means: its parts in order, one event each; cannot fail (style of REL-26).

A text joins the event before it, a door identifier (DS) the event after it, the carrier's
extended data all of them. A report without an event is one info event; a part that cannot be
read is an event with an unknown code beside the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from gateway.accounts import Account
from gateway.contract.event import Address, Code
from gateway.normalise import carrier, contact_id, dialled, receiver, sia, tables
from gateway.normalise.meaning import Meaning
from gateway.normalise.tables import Severity, SiaRow
from gateway.normalise.templates import (
    NO_EVENT,
    SIA,
    ContactIdTemplates,
    SiaTemplates,
    build,
    meaning_of,
)
from protocols._core import Part, Report, Unreadable
from protocols.contact_id.message import ContactId
from protocols.receiver_link import (
    CallerId,
    CallingName,
    Channels,
    Digits,
    Internal,
    Modifier,
    PulseEvent,
    TwoWayAudio,
)
from protocols.sia_dc03.message import SiaBlock, SiaEvent, SiaText

DOOR_FOR_NEXT: Final = "DS"
_UNREADABLE: Final = SiaRow(category="information", name="", kind="info")
_NO_EVENT: Final = SiaRow(category="information", name=NO_EVENT, kind="info")
_TEXT_ALONE: Final = SiaRow(category="information", name="Text without an event", kind="info")


class Normaliser:
    """Reports to meanings, with one severity table.

    Prepared meanings are kept per profile. The shipped tables are read at the first report;
    ``warm`` reads them before.
    """

    def __init__(
        self,
        *,
        severity: Severity | None = None,
        pulse_codes: Mapping[str, Mapping[str, SiaRow]] | None = None,
    ) -> None:
        """Take what the station set.

        Args:
            severity: A severity table of the station's own.
            pulse_codes: Account group to what its event codes of dialled formats mean.
        """
        self._severity_given = severity
        self._pulse_codes = pulse_codes or {}
        self._contact_id: dict[str, ContactIdTemplates] = {}
        self._sia: dict[str, SiaTemplates] = {}

    def warm(self, profiles: Sequence[str] = (tables.STANDARD,)) -> None:
        """Read the tables of these profiles now."""
        for profile in profiles:
            self._contact_id_of(profile)
            self._sia_of(profile)

    @property
    def _severity(self) -> Severity:
        return self._severity_given or tables.severity()

    def meanings(self, report: Report, account: Account, *, received: datetime) -> list[Meaning]:
        """Return one meaning for each event of a report, in order; at least one.

        ``received`` is aware UTC: a panel's time without a date is counted from it.
        """
        parts = report.parts
        if len(parts) == 1 and type(parts[0]) is ContactId:
            found = [self._contact_id_meaning(parts[0], account)]
        else:
            found = self._all(parts, account, received)
            if not found:
                found = [self._without_event(report, account)]
        if report.xdata:
            extended = carrier.read(report.xdata, time_zone=account.rest.time_zone)
            alone = len(found) == 1
            found = [carrier.add(meaning, extended, alone=alone) for meaning in found]
        if report.companion:
            found = [msgspec.structs.replace(meaning, is_companion=True) for meaning in found]
        return found

    def _all(self, parts: tuple[Part, ...], account: Account, received: datetime) -> list[Meaning]:
        found: list[Meaning] = []
        door: Address | None = None
        for part in parts:
            if isinstance(part, SiaText) and found:
                found[-1] = _with_text(found[-1], part.text)
                continue
            if isinstance(part, CallerId | CallingName) and found:
                # In a frame of its own it waits for the event; here the call's events are told.
                caller = self._dialled(part, account).text or ""
                found = [_with_text(meaning, caller) for meaning in found]
                continue
            if isinstance(part, Channels):
                site = self._pulse_codes.get(account.key[0])
                found += dialled.channels(part, account, self._severity, site)
                continue
            meaning = self._part(part, account, received)
            if door is not None and meaning.address is None:
                meaning = msgspec.structs.replace(meaning, address=door)
            is_prefix = isinstance(part, SiaEvent) and part.code == DOOR_FOR_NEXT
            door = meaning.address if is_prefix else None
            found.append(meaning)
        return found

    def _part(self, part: Part, account: Account, received: datetime) -> Meaning:  # noqa: PLR0911 - one per kind of part
        match part:
            case ContactId():
                return self._contact_id_meaning(part, account)
            case SiaEvent():
                templates = self._sia_of(account.rest.profile)
                return sia.meaning(part, account, templates, received)
            case SiaText():
                return self._text_alone(part, account)
            case SiaBlock():
                return sia.block_meaning(part, account, self._severity)
            case PulseEvent():
                site = self._pulse_codes.get(account.key[0])
                return dialled.pulse(part, account, self._severity, site)
            case Internal():
                return receiver.internal(part, account, self._severity)
            case TwoWayAudio():
                return receiver.two_way_audio(part, account, self._severity)
            case Modifier():
                return receiver.modifier(part, account, self._severity)
            case _:
                return self._dialled(part, account)

    def _dialled(self, part: Part, account: Account) -> Meaning:
        match part:
            case CallerId():
                return dialled.caller(part, account, self._severity)
            case CallingName():
                return dialled.calling_name(part, account, self._severity)
            case Digits():
                return dialled.digits(part, account, self._severity)
            case _:
                return self._unreadable(part, account)

    def _contact_id_of(self, profile: str) -> ContactIdTemplates:
        templates = self._contact_id.get(profile)
        if templates is None:
            # A profile that does not exist shares the standard tables.
            name = profile if profile in tables.profile_names() else tables.STANDARD
            templates = self._contact_id.setdefault(name, ContactIdTemplates(name, self._severity))
            self._contact_id[profile] = templates
        return templates

    def _sia_of(self, profile: str) -> SiaTemplates:
        templates = self._sia.get(profile)
        if templates is None:
            name = profile if profile in tables.profile_names() else tables.STANDARD
            templates = self._sia.setdefault(name, SiaTemplates(name, self._severity))
            self._sia[profile] = templates
        return templates

    def _contact_id_meaning(self, part: ContactId, account: Account) -> Meaning:
        templates = self._contact_id.get(account.rest.profile)
        if templates is None:
            templates = self._contact_id_of(account.rest.profile)
        return contact_id.meaning(part, account, templates)

    def _unreadable(self, part: Part, account: Account) -> Meaning:
        payload = part.format if isinstance(part, Unreadable) else "raw"
        code = Code(
            format=payload,
            value=part.raw.decode("latin-1"),
            qualifier=None,
            name=None,
            known=False,
        )
        return self._plain(_UNREADABLE, code, account)

    def _without_event(self, report: Report, account: Account) -> Meaning:
        code = Code(
            format=report.protocol, value=report.token, qualifier=None, name=NO_EVENT, known=True
        )
        return self._plain(_NO_EVENT, code, account)

    def _text_alone(self, part: SiaText, account: Account) -> Meaning:
        code = Code(format=SIA, value="A", qualifier=None, name=_TEXT_ALONE.name, known=True)
        return self._plain(_TEXT_ALONE, code, account, text=part.text)

    def _plain(
        self, row: SiaRow, code: Code, account: Account, *, text: str | None = None
    ) -> Meaning:
        template = build(row, row.kind, code, new=None, severity=self._severity)
        area, _ = account.place(None, None)
        return meaning_of(template, account, area=area, text=text)


def _with_text(meaning: Meaning, text: str) -> Meaning:
    joined = text if meaning.text is None else f"{meaning.text}\n{text}"
    return msgspec.structs.replace(meaning, text=joined)
