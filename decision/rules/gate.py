"""The jurisdiction gate: what local requirements say to a request for responders (DISP-J, XS-5, 6).

A list of checks, each giving findings; the verdict is the worst of them. Never silence: what is
not known warns (AMB-D9). Life safety and hold-up never come here (XS-8, XS-9).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from decision.actions import Finding, Verdict
from decision.context import Context
from decision.requirements import Requirements
from decision.rules.grouping import URGENT
from decision.state import IncidentState
from decision.vocabulary import (
    NOT_RESPONDED_TO,
    Basis,
    DispatchReason,
    GateResult,
    KeyHolderStatus,
    ListPurpose,
    Procedure,
    SystemState,
)

SEVERITY: Final = (GateResult.OK, GateResult.WARN, GateResult.BLOCK)
TWO_CALLS: Final = 2

Check: TypeAlias = Callable[[IncidentState, Context, "Asked"], Iterator[Finding]]


class Asked:
    """What would be asked for: the reason, what it rests on, and when."""

    def __init__(self, reason: DispatchReason | None, basis: Basis | None, now: datetime) -> None:
        """``reason`` None: only a look ahead."""
        self.reason = reason
        self.basis = basis
        self.now = now


def check(
    state: IncidentState,
    context: Context,
    now: datetime,
    *,
    reason: DispatchReason | None = None,
    basis: Basis | None = None,
) -> Verdict:
    """Ask the jurisdiction; with no reason as a look ahead, for the console."""
    if state.procedure in URGENT or state.procedure is Procedure.TEST_EXCEPTION:
        return Verdict(result=GateResult.OK, can_override=True)
    asked = Asked(reason, basis, now)
    findings = tuple(f for one in CHECKS for f in one(state, context, asked))
    standing, requirements = context.standing, context.requirements
    is_suspended = standing is not None and standing.state in NOT_RESPONDED_TO
    return Verdict(
        result=max((f.result for f in findings), key=SEVERITY.index, default=GateResult.OK),
        findings=findings,
        can_override=standing is None or not standing.is_discontinued,
        is_post_suspension=is_suspended,
        fee_warning=requirements.fee_warning if is_suspended and requirements else "",
    )


def _jurisdiction(_state: IncidentState, context: Context, _asked: Asked) -> Iterator[Finding]:
    if context.requirements is None:
        where = context.site.jurisdiction or "none named"
        yield Finding(
            result=GateResult(context.settings.unknown_requirement),
            rule="DISP-J1",
            requirement="jurisdiction",
            text=f"Unknown jurisdiction ({where}): nobody checked what police require here.",
        )


def _standing(_state: IncidentState, context: Context, _asked: Asked) -> Iterator[Finding]:
    standing = context.standing
    if standing is None:
        if context.requirements is not None and context.requirements.suspends:
            yield Finding(
                result=GateResult(context.settings.unknown_requirement),
                rule="AMB-D9",
                requirement="suspended",
                text=f"The false-alarm ledger does not know alarm system {context.site.system}.",
            )
        return
    if standing.is_discontinued:
        yield Finding(
            result=GateResult.BLOCK,
            rule="XS-5",
            requirement="discontinued",
            text="Police response is discontinued over unpaid invoices; no request is accepted.",
        )
    if standing.state in NOT_RESPONDED_TO:
        yield Finding(
            result=GateResult.BLOCK,
            rule="XS-5",
            requirement="suspended",
            text=f"The alarm system is suspended ({standing.state}); police do not respond.",
        )
    elif standing.state is SystemState.SUSPENSION_PENDING:
        yield Finding(
            result=GateResult.WARN,
            rule="XS-6",
            requirement="suspended",
            text="A suspension is pending; police still respond until it takes effect.",
        )


def _permit(_state: IncidentState, context: Context, asked: Asked) -> Iterator[Finding]:
    requirements, permit = context.requirements, context.site.permit
    if requirements is None or not requirements.permit_required:
        return
    if permit is None:
        text = "No alarm permit on file; police may refuse."
    elif permit.valid_until is None:
        return
    else:
        today = asked.now.astimezone(ZoneInfo(context.site.time_zone)).date()
        if today <= permit.valid_until:
            return
        text = f"The alarm permit {permit.number} ran out on {permit.valid_until}."
    yield Finding(result=requirements.permit_unmet, rule="DISP-J2", requirement="permit", text=text)


def _key_holder(state: IncidentState, context: Context, _asked: Asked) -> Iterator[Finding]:
    requirements = context.requirements
    if requirements is None or not requirements.key_holder_by:
        return
    if not _has_key_holder(state, requirements.key_holder_by):
        wanted = " or ".join(s.lower().replace("_", " ") for s in requirements.key_holder_by)
        yield Finding(
            result=requirements.key_holder_unmet,
            rule="DISP-J3",
            requirement="key_holder",
            text=f"No key holder is confirmed {wanted}; police may refuse.",
        )


def _verified(state: IncidentState, context: Context, asked: Asked) -> Iterator[Finding]:
    requirements = context.requirements
    if requirements is None or not requirements.verified_response_only:
        return
    if asked.reason is None or not is_verified(state, requirements, asked):
        yield Finding(
            result=GateResult.WARN if asked.reason is None else requirements.verified_unmet,
            rule="AMB-D9",
            requirement="verified_response",
            text="Police respond to verified alarms only, and this one is not verified.",
        )


def is_verified(state: IncidentState, requirements: Requirements, asked: Asked) -> bool:
    """Whether the alarm is verified in the authority's sense."""
    found = set(state.verified_by)
    if asked.reason in {DispatchReason.TL3, DispatchReason.ACTIVITY_NOT_AUTHORIZED,
                        DispatchReason.IMMEDIATE_VERIFIED}:  # fmt: skip
        found.add(asked.basis or Basis.AUDIO)
    placed = [a for a in state.attempts if a.purpose is not ListPurpose.NOTIFY and a.is_counted]
    if len(placed) >= TWO_CALLS:
        found.add(Basis.TWO_CALLS)
    accepted = set(requirements.verified_by) or set(Basis) - {Basis.PANEL, Basis.TWO_CALLS}
    return bool(found & accepted)


def _public_camera(state: IncidentState, context: Context, _asked: Asked) -> Iterator[Finding]:
    requirements = context.requirements
    if requirements is None or not requirements.public_camera_rule:
        return
    zones = (context.site.zone(s.zone) for s in state.signals if s.zone)
    cameras = (context.site.camera(zone.camera) for zone in zones if zone is not None)
    public = next((c for c in cameras if c is not None and c.is_public_view), None)
    if public is not None and not _has_key_holder(state, requirements.public_camera_by):
        yield Finding(
            result=requirements.public_camera_unmet,
            rule="DISP-J8",
            requirement="public_camera",
            text=f"Camera {public.name} sees public space; police may refuse or want a key holder.",
        )


def _further(state: IncidentState, context: Context, _asked: Asked) -> Iterator[Finding]:
    requirements = context.requirements
    if requirements is None:
        return
    met = {*context.site.requirements_met, *state.requirements_met} - {*state.requirements_unmet}
    for one in requirements.further:
        if one.id not in met:
            yield Finding(
                result=one.unmet, rule="DISP-J1", requirement=one.id, text=f"Not met: {one.text}"
            )


def _has_key_holder(state: IncidentState, by: tuple[KeyHolderStatus, ...]) -> bool:
    return any(status in by for _, status in state.key_holders)


CHECKS: Final[tuple[Check, ...]] = (
    _jurisdiction,
    _standing,
    _permit,
    _key_holder,
    _verified,
    _public_camera,
    _further,
)
"""In the order in which an operator is told."""


def warns(verdict: Verdict) -> bool:
    """Whether there is anything to say before the button."""
    return verdict.result is not GateResult.OK


def words(verdict: Verdict) -> str:
    """Say it in one line, for the record of DISP-3."""
    if not verdict.findings:
        return str(verdict.result)
    return f"{verdict.result}: " + " ".join(f.text for f in verdict.findings)
