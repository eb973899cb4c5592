"""Incidents as they stand, put together by hand for what only looks at them."""

from datetime import timedelta

import msgspec

from decision.alarm_signal import Signal
from decision.context import Context
from decision.requirements import Requirements, Standing
from decision.site import Contact, Site, Zone
from decision.state import IncidentState, Request
from decision.vocabulary import (
    AlarmState,
    AlarmType,
    DispatchReason,
    Procedure,
    RequestStatus,
    SystemState,
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


SITE = Site(
    account="1234", name="Harbour Shoes", address="12 King Street", time_zone="America/Moncton",
    contacts=(
        Contact(id="ana", name="Ana Ruiz", phone="1", is_authorised=True),
        Contact(id="cleaner", name="Cleaner", phone="2", is_authorised=False),
    ),
    zones=(Zone(id="5", name="Motion 5", location="stockroom"),),
)  # fmt: skip
NEEDS = Requirements(
    jurisdiction="ca-nb-saint-john", suspends=True, fee_warning="$100.00 if found false"
)


def context(state=SystemState.ACTIVE, *, is_discontinued=False):
    standing = Standing(system="main.1234", state=state, is_discontinued=is_discontinued)
    return Context(site=SITE, requirements=NEEDS, standing=standing)
