"""VERIFY step 1: video, or a person on site, or the fact that neither exists (PPVAR-6.2.2.2.2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from decision.context import Context
from decision.rules.moves import Input
from decision.state import IncidentState, SiteCheck
from decision.vocabulary import AccessStep, Basis, SiteCheckOutcome

OUTCOMES: Final[Mapping[SiteCheckOutcome, Input | None]] = {
    SiteCheckOutcome.AUTHORIZED: Input.SITE_AUTHORIZES,
    SiteCheckOutcome.NOT_AUTHORIZED: Input.SITE_DENIES,
    SiteCheckOutcome.CRIME: Input.CRIME_SEEN,
    SiteCheckOutcome.UNVERIFIED: None,
    SiteCheckOutcome.NOT_AVAILABLE: None,
}
"""What an outcome decides; None: it cannot verify."""


def result(state: IncidentState) -> Input | None:
    """Give what the site step came to; None while there is something left that must be tried.

    The source says video *or* somebody on site: one that was tried and could not verify is enough
    to go on to the contacts. Where one does not exist, the other is tried.
    """
    for check in state.site_checks:
        decided = OUTCOMES[check.outcome]
        if decided is not None:
            return decided
    return Input.SITE_CANNOT_VERIFY if is_tried(state) else None


def is_tried(state: IncidentState) -> bool:
    """Whether the site step is on record (AMB-P5)."""
    if any(c.outcome is not SiteCheckOutcome.NOT_AVAILABLE for c in state.site_checks):
        return True
    return {Basis.VIDEO, Basis.ON_SITE} <= {c.basis for c in state.site_checks}


def from_profile(state: IncidentState, context: Context, now: datetime) -> tuple[SiteCheck, ...]:
    """Give what the site's profile says cannot be tried, and is not on record yet."""
    site = context.site
    known = {check.basis for check in state.site_checks}
    missing = []
    if not site.cameras:
        missing.append((Basis.VIDEO, "no camera in the site's profile"))
    if not site.phone and not site.has_two_way_audio:
        missing.append((Basis.ON_SITE, "no telephone on site in the site's profile"))
    return tuple(
        SiteCheck(
            basis=basis,
            outcome=SiteCheckOutcome.NOT_AVAILABLE,
            at=now,
            description=text,
            by="profile",
            is_from_profile=True,
        )
        for basis, text in missing
        if basis not in known
    )


def missing_attempts(state: IncidentState, *, is_list_tried: bool) -> tuple[str, ...]:
    """Say what AMB-P5 still wants before ``TL2_SECURED_UNVERIFIED``; empty: nothing."""
    wanted = []
    if not any(access.step == AccessStep.ACCESS_B for access in state.accesses):
        wanted.append("no attempt to open the audio system live (ACCESS_B) is on record")
    if not is_tried(state):
        wanted.append("no look at video and no attempt to reach somebody on site is on record")
    if not is_list_tried:
        wanted.append("the contacts were not tried, two attempts each")
    return tuple(wanted)
