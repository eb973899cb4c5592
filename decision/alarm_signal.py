"""What the decision core keeps of an event of the gateway: the part that rules may look at."""

from __future__ import annotations

from datetime import datetime

import msgspec

from decision.vocabulary import AlarmType, AreaClass, PremiseType
from gateway.contract.event import AlarmEvent, Category, Kind


class Signal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event of an account. Times are aware UTC."""

    event_id: str
    group: str
    account: str
    category: Category
    kind: Kind
    alarm_type: AlarmType
    severity: int
    """Rank of presentation, 1 to 19, 1 first."""
    received_at: datetime
    occurred_at: datetime | None = None
    premise_type: PremiseType | None = None
    area: str | None = None
    area_name: str | None = None
    area_class: AreaClass = AreaClass.UNKNOWN
    """As the gateway's zone table says; the site profile may know better."""
    zone: str | None = None
    zone_name: str | None = None
    zone_location: str | None = None
    sensor: str | None = None
    user: str | None = None
    user_name: str | None = None
    code: str = ""
    """The panel's own code with its format, for instance ``contact-id 130``."""
    text: str | None = None
    media: tuple[str, ...] = ()
    follow_on: str | None = None
    """``audio`` or ``video`` when a session comes with the same call."""
    is_verified: bool | None = None
    """The panel's word only; see the setting ``panel_verified_counts``."""
    is_new: bool = True
    """False for a condition that was reported before."""
    is_exit_error: bool = False
    is_recent_close: bool = False
    is_after_alarm: bool = False
    is_silent: bool = False
    is_on_test: bool = False
    restores: tuple[str, ...] = ()
    companion_of: str | None = None
    mode: str | None = None
    flags: tuple[str, ...] = ()

    @property
    def site(self) -> str:
        """Id of the site: ``<group>.<account>``."""
        return f"{self.group}.{self.account}"


def signal_of(event: AlarmEvent) -> Signal:
    """Take from an event of the gateway what rules may look at."""
    data = event.data
    zone, attributes = data.zone, data.attributes
    return Signal(
        event_id=event.id,
        group=data.account.group,
        account=data.account.id,
        category=data.category,
        kind=data.kind,
        alarm_type=AlarmType(data.alarm_type),
        severity=data.severity,
        received_at=datetime.fromisoformat(data.received_at),
        occurred_at=datetime.fromisoformat(data.occurred_at) if data.occurred_at else None,
        premise_type=PremiseType(data.account.premise_type) if data.account.premise_type else None,
        area=data.area.id,
        area_name=data.area.name,
        area_class=AreaClass(data.area.class_),
        zone=zone.id if zone else None,
        zone_name=zone.name if zone else None,
        zone_location=zone.location if zone else None,
        sensor=zone.sensor if zone else None,
        user=data.user.id if data.user else None,
        user_name=data.user.name if data.user else None,
        code=f"{data.code.format} {data.code.value}",
        text=data.text,
        media=tuple(media.url for media in data.media),
        follow_on=data.follow_on.kind if data.follow_on else None,
        is_verified=attributes.verified,
        is_new=attributes.new is not False,
        is_exit_error=bool(attributes.exit_error),
        is_recent_close=bool(attributes.recent_close),
        is_after_alarm=bool(attributes.after_alarm),
        is_silent=bool(attributes.silent),
        is_on_test=data.on_test,
        restores=attributes.restores or (),
        companion_of=data.companion_of,
        mode=attributes.mode,
        flags=data.flags,
    )
