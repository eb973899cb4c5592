"""What police answer to a request by the policy, and which disposition goes with it (SJ-C1, C2).

The desk decides; this says what the policy leaves it: respond, refuse, or refuse by default with
an explicit acceptance as the exception.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from decision.ledger.state import SystemState
from decision.ledger.words import SystemStatus
from decision.packs.model import Pack
from decision.packs.topics import Topic


class PoliceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer."""

    accepted: bool
    may_accept: bool
    """Whether the desk may decide otherwise (SJ-C1b); never while discontinued."""
    disposition: str | None = None
    """The text that ends a refused call."""
    fee: str | None = None
    """What it costs if accepted and found false."""
    verdict: Literal["RESPOND", "REFUSE", "REFUSE_BY_DEFAULT", "ACCEPT_BY_DEFAULT"]
    why: str
    rules: tuple[str, ...]


def answer_to_request(
    state: SystemState,
    pack: Pack,
    *,
    alarm_type: str,
    category: str | None = None,
    premise_type: str | None = None,
) -> PoliceAnswer:
    """What police answer to a request for this system as it stands."""
    scope = pack.scope(
        alarm_type=alarm_type,
        category=category,
        premise_type=premise_type or state.registration.premise_type,
    )
    if scope.verdict == "EXEMPT" and pack.applicability.exempt_while_suspended == "RESPOND":
        return PoliceAnswer(
            accepted=True, may_accept=True, verdict="RESPOND", why=scope.reason, rules=scope.rules
        )
    refused = pack.dispositions.refused
    if state.is_discontinued:
        return PoliceAnswer(
            accepted=False,
            may_accept=False,
            disposition=refused,
            verdict="REFUSE",
            why=f"response is discontinued since {state.discontinued_on}",
            rules=pack.cite(Topic.DISCONTINUED),
        )
    if not state.is_suspended:
        pending = state.state is SystemStatus.SUSPENSION_PENDING
        why = f"suspension takes effect on {state.effective}" if pending else "not suspended"
        rules = pack.cite(Topic.LEAD_TIME if pending else Topic.APPLIES)
        return PoliceAnswer(accepted=True, may_accept=True, verdict="RESPOND", why=why, rules=rules)
    accepts = pack.suspension is not None and pack.suspension.post_suspension_default == "ACCEPT"
    return PoliceAnswer(
        accepted=accepts,
        may_accept=True,
        disposition=None if accepts else refused,
        fee=pack.fees.post_suspension if pack.fees else None,
        verdict="ACCEPT_BY_DEFAULT" if accepts else "REFUSE_BY_DEFAULT",
        why=f"the system is {state.state}",
        rules=pack.cite(Topic.REQUEST_ACCEPTED if accepts else Topic.REQUEST_REFUSED),
    )
