"""What a code means, prepared: one object per (profile, format, qualifier, code), made once.

The usual event costs one look into a dictionary; everything that follows from the code alone
(category, kind, class, severity, attributes ...) is ready in the object found there.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from gateway.accounts import Account
from gateway.contract.event import (
    CLASS_OF_KIND,
    Address,
    AlarmType,
    Area,
    Attributes,
    Category,
    Class,
    Code,
    Kind,
    User,
    Zone,
)
from gateway.normalise import tables
from gateway.normalise.meaning import FollowOnSession, Meaning
from gateway.normalise.tables import AddressType, ContactIdRow, Row, Severity, SiaRow

CONTACT_ID: Final = "contact-id"
SIA: Final = "sia-dc03"

REVIEW: Final = "review"
QUALIFIER_UNEXPECTED: Final = "qualifier_unexpected"

PRIORITY: Final[frozenset[Category]] = frozenset(("fire", "gas", "hold_up", "panic", "medical"))

Qualifier = Literal["new", "restore", "previous"]

_CID_CODE_DIGITS: Final = 3
_QUALIFIERS: Final[dict[str, Qualifier]] = {"1": "new", "3": "restore", "6": "previous"}


class Template(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """All that follows from the code alone."""

    category: Category
    kind: Kind
    class_: Class
    alarm_type: AlarmType
    alarm_type_residential: AlarmType
    severity: int
    attributes: Attributes
    code: Code
    is_priority: bool
    address_type: AddressType
    follow_on: FollowOnSession | None
    flags: tuple[str, ...]
    is_companion: bool = False


def build(  # noqa: PLR0913 - each argument is one fact of the code
    row: Row,
    kind: Kind,
    code: Code,
    *,
    new: bool | None,
    severity: Severity,
    unexpected: bool = False,
    seconds: int | None = None,
    is_companion: bool = False,
) -> Template:
    """Prepare the meaning of a row of the tables with this kind."""
    types = tables.alarm_types()
    alarm_type = types.category.get(row.category, types.default)
    flags = (QUALIFIER_UNEXPECTED,) if unexpected else ()
    if row.review or not code.known:
        flags = (*flags, REVIEW)
    return Template(
        category=row.category,
        kind=kind,
        class_=CLASS_OF_KIND[kind],
        alarm_type=alarm_type,
        alarm_type_residential=types.residential.get(row.category, alarm_type),
        severity=severity.of(row, kind),
        attributes=_attributes(row, kind, new),
        code=code,
        is_priority=kind == "alarm" and row.category in PRIORITY,
        address_type=row.address_type,
        follow_on=None if row.follow_on is None else (row.follow_on, seconds),
        flags=flags,
        is_companion=is_companion,
    )


def _attributes(row: Row, kind: Kind, new: bool | None) -> Attributes:  # noqa: FBT001 - tri-state
    if kind == "restoral":
        # A restoral is neither verified nor silent: those words belong to the alarm it ends.
        return Attributes(new=new, restores=row.restores or None)
    return Attributes(
        new=new,
        verified=row.verified,
        silent=row.silent,
        exit_error=row.exit_error,
        recent_close=row.recent_close,
        after_alarm=row.after_alarm,
        forced=None if kind == "open" else row.forced,  # closing is what is forced
        auto=row.auto,
        mode=row.mode,
        off_normal=row.off_normal,
    )


def meaning_of(  # noqa: PLR0913 - each argument is one field of the event
    template: Template,
    account: Account,
    *,
    area: Area,
    zone: Zone | None = None,
    user: User | None = None,
    address: Address | None = None,
    text: str | None = None,
) -> Meaning:
    """Put what the code says and what the report adds into one meaning."""
    return Meaning(
        category=template.category,
        kind=template.kind,
        class_=template.class_,
        alarm_type=(
            template.alarm_type
            if account.contract.premise_type != "RESIDENTIAL"
            else template.alarm_type_residential
        ),
        severity=template.severity,
        attributes=template.attributes,
        code=template.code,
        area=area,
        is_priority=template.is_priority,
        zone=zone,
        user=user,
        address=address,
        text=text,
        follow_on=template.follow_on,
        flags=template.flags,
        is_companion=template.is_companion,
    )


class ContactIdTemplates(dict[str, Template]):
    """Prepared Contact ID meanings of one profile by qualifier digit and code, ``"1131"``."""

    def __init__(self, profile: str, severity: Severity) -> None:
        super().__init__()
        self._rows = {**tables.contact_id(), **tables.profile(profile).contact_id}
        self._severity = severity

    def __missing__(self, key: str) -> Template:
        """Prepare a meaning at its first use; unknown codes are made anew, not remembered."""
        template = self._build(key[:1], key[1:])
        if template.code.known:
            self[key] = template
        return template

    def _build(self, qualifier: str, event: str) -> Template:
        known, row = self._row(event)
        kind = row.restore_kind if qualifier == "3" else row.new_kind
        word = _QUALIFIERS.get(qualifier)
        unexpected = kind is None or word is None
        code = Code(
            format=CONTACT_ID,
            value=event,
            qualifier=word,
            name=row.name or None,
            known=known,
        )
        return build(
            row,
            "info" if kind is None or word is None else kind,
            code,
            new=None if word is None else word != "previous",
            severity=self._severity,
            unexpected=unexpected,
        )

    def _row(self, event: str) -> tuple[bool, ContactIdRow]:
        row = self._rows.get(event)
        if row is None and "A" in event:
            # No A is legal on the wire; old panels send it for 0, as their programming
            # tables write it.
            row = self._rows.get(event.replace("A", "0"))
        if row is not None:
            return True, row
        classes = tables.contact_id_classes()
        digit = event[:1] if len(event) == _CID_CODE_DIGITS else "other"
        return False, classes.get(digit, classes["other"])


class SiaTemplates(dict[str, Template]):
    """Prepared SIA meanings of one profile by block and code, ``"NBA"`` or ``"OBA"``."""

    def __init__(self, profile: str, severity: Severity) -> None:
        super().__init__()
        self._rows = {**tables.sia(), **tables.profile(profile).sia}
        self._severity = severity

    def __missing__(self, key: str) -> Template:
        """Prepare a meaning at its first use; unknown codes are made anew, not remembered."""
        template = self._build(key[:1], key[1:])
        if template.code.known:
            self[key] = template
        return template

    def _build(self, block: str, value: str) -> Template:
        row = self._rows.get(value)
        is_old = block == "O"
        code = Code(
            format=SIA,
            value=value,
            qualifier="previous" if is_old else "new",
            name=NO_EVENT if not value else (row.name if row else None),
            known=row is not None or not value,
        )
        row = row or (_NO_CODE if not value else _UNKNOWN)
        return build(row, row.kind, code, new=not is_old, severity=self._severity)


NO_EVENT: Final = "Report without an event code"
_NO_CODE: Final = SiaRow(category="information", name=NO_EVENT, kind="info")
_UNKNOWN: Final = SiaRow(category="information", name="", kind="info", address_type="unspecified")
