"""What the gate asks: the requirements of a jurisdiction and the standing of an alarm system.

A pack gives ``Requirements``; the ledger's state is read through ``SystemView`` and copied into
``Standing``, so that both can be written down beside the decision they led to.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from decision.vocabulary import Basis, GateResult, KeyHolderStatus, SystemState


class _Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Common settings: immutable, keyword only."""


class FurtherRequirement(_Record, frozen=True, kw_only=True):
    """A requirement that no rule knows by name (DISP-J1, AMB-S20): met when the site says so."""

    id: str
    text: str
    """One sentence for the operator."""
    unmet: GateResult = GateResult.WARN


class Requirements(_Record, frozen=True, kw_only=True):
    """What one jurisdiction asks before it responds to a burglar alarm (DISP-J)."""

    jurisdiction: str
    version: str = ""
    name: str = ""
    permit_required: bool = False
    permit_unmet: GateResult = GateResult.WARN
    """AMB-D9: ``BLOCK`` only where the authority says "no response"."""
    key_holder_by: tuple[KeyHolderStatus, ...] = ()
    """What satisfies the key-holder rule; empty: none is required (DISP-J3)."""
    key_holder_unmet: GateResult = GateResult.WARN
    verified_by: tuple[Basis, ...] = ()
    """What verifies an alarm for the authority, where it responds to verified alarms only."""
    verified_response_only: bool = False
    verified_unmet: GateResult = GateResult.BLOCK
    """AMB-D9: an unverified request is not answered there."""
    public_camera_rule: bool = False
    """A camera that looks at public space may be refused (DISP-J8)."""
    public_camera_by: tuple[KeyHolderStatus, ...] = ()
    """Which key holder makes up for it; empty: none does."""
    public_camera_unmet: GateResult = GateResult.WARN
    suspends: bool = False
    """Has a suspended list that the gate asks (XS-5)."""
    fee_warning: str = ""
    """The sentence about the fee that is shown before a post-suspension request (XS-5)."""
    further: tuple[FurtherRequirement, ...] = ()


class Standing(_Record, frozen=True, kw_only=True):
    """Where an alarm system stands in its ledger, at one moment."""

    system: str
    state: SystemState = SystemState.ACTIVE
    is_discontinued: bool = False
    is_cautioned: bool = False
    note: str = ""
    """For people: since when, until when."""


class SystemView(Protocol):
    """What the gate reads of the ledger's state of a system."""

    @property
    def state(self) -> str:
        """State of 3.9."""
        ...

    @property
    def is_discontinued(self) -> bool:
        """SJ-E1c."""
        ...

    @property
    def is_cautioned(self) -> bool:
        """SJ-D1."""
        ...


def standing_of(system: str, view: SystemView) -> Standing:
    """Copy what the gate reads."""
    return Standing(
        system=system,
        state=SystemState(view.state),
        is_discontinued=view.is_discontinued,
        is_cautioned=view.is_cautioned,
    )
