"""Incidents as they stand, put together by hand for what only looks at them."""

from datetime import timedelta

import msgspec

from decision.alarm_signal import Signal
from decision.state import IncidentState, Request
from decision.vocabulary import (
    AlarmState,
    AlarmType,
    DispatchReason,
    Procedure,
    RequestStatus,
)
from tests.support.responding import T0


def signal(**changes):
    fields = {
        "event_id": "0199-7", "group": "main", "account": "1234", "category": "burglary",
        "kind": "alarm", "alarm_type": AlarmType.BURGLAR, "severity": 7, "received_at": T0,
        "zone": "5",
    }  # fmt: skip
    return Signal(**fields | changes)


def incident(**changes):
    fields = {
        "id": "0199-7", "site": "main.1234", "opened_at": T0, "procedure": Procedure.BURGLAR,
        "category": "burglary", "severity": 7, "signals": (signal(),),
    }  # fmt: skip
    return IncidentState(**fields | changes)


def dispatched(**changes):
    request = Request(
        reason=DispatchReason.CONTACT_APPROVED, decided_at=T0, window_end=T0 + timedelta(hours=4),
        status=RequestStatus.SENT, sent_at=T0,
    )  # fmt: skip
    return incident(
        state=AlarmState.DISPATCHED, request=msgspec.structs.replace(request, **changes)
    )
