"""The state machine of an alarm system as a table (domain rules 3.9).

Time and papers move a system; alarms alone never do: a fourth false alarm only leads to a draft,
and the suspension begins with the notice that a person approved and another issued. Nothing
leads back to ``ACTIVE`` but the withdrawal of a pending suspension (AMB-S10) and the day named by
a reinstatement notice; ``RESUME_REACHED`` out of ``SUSPENDED`` or ``DEFERRED`` happens only where
a pack says that no notice is needed (AMB-S15, AMB-S24 set to their other value).

A missing entry is an error of the caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from decision.ledger.words import LedgerInput as In
from decision.ledger.words import SystemStatus as State

TRANSITIONS: Final[Mapping[State, Mapping[In, State]]] = {
    State.ACTIVE: {
        In.FALSE_COUNTED: State.ACTIVE,  # the 2nd: CAUTIONED, draft SJ-N1; the 4th: draft SJ-N2
        In.SUSPENSION_ISSUED: State.SUSPENSION_PENDING,
    },
    State.SUSPENSION_PENDING: {
        In.FALSE_COUNTED: State.SUSPENSION_PENDING,  # counted, no fee, no second notice (AMB-S8)
        In.EFFECTIVE_REACHED: State.SUSPENDED,
        In.SUSPENSION_WITHDRAWN: State.ACTIVE,  # AMB-S10
    },
    State.SUSPENDED: {
        In.POST_SUSPENSION_REQUEST: State.SUSPENDED,
        In.TERM_OVER: State.DEFERRED,  # review due; no notice is deferral (SJ-F2, AMB-S24)
        In.REINSTATEMENT_ISSUED: State.REINSTATEMENT_PENDING,  # a successful appeal
        In.RESUME_REACHED: State.ACTIVE,
    },
    State.DEFERRED: {
        In.POST_SUSPENSION_REQUEST: State.DEFERRED,
        In.REVIEW_DUE: State.DEFERRED,
        In.REINSTATEMENT_ISSUED: State.REINSTATEMENT_PENDING,
        In.RESUME_REACHED: State.ACTIVE,
    },
    State.REINSTATEMENT_PENDING: {
        In.POST_SUSPENSION_REQUEST: State.REINSTATEMENT_PENDING,  # still suspended
        In.RESUME_REACHED: State.ACTIVE,
    },
}
"""State and input give the next state."""
