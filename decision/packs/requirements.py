"""What police of a jurisdiction require before they respond (DISP-J1 to DISP-J9, AMB-S20)."""

from __future__ import annotations

from typing import Annotated, Literal

from decision.packs.consequences import Further
from decision.packs.fields import NO, AsTuple, Table, Words, rule_ids, setting

Unmet = Literal["WARN", "BLOCK"]
KeyHolderState = Literal["PRESENT", "EN_ROUTE"]
Verification = Literal["AUDIO", "VIDEO", "ON_SITE", "TWO_CALLS"]


class Permit(Table):
    """The alarm permit (DISP-J2)."""

    is_required: bool = setting(..., "Whether a valid permit is needed.", "DISP-J2")
    unmet: Unmet = setting("WARN", "Gate result without one, or when not known.", "AMB-D9")
    authority: str = setting("", "Who issues it.", "DISP-J5")
    note: str = setting("", "E.g. the fine for operating without.")
    rules: Words = rule_ids(("DISP-J2", "DISP-4.3"))


class KeyHolder(Table):
    """The verified key holder (DISP-J3)."""

    is_required: bool = setting(..., "Whether one must be confirmed.", "DISP-J3")
    satisfied_by: Annotated[tuple[KeyHolderState, ...], AsTuple] = setting(
        ("PRESENT", "EN_ROUTE"), "What satisfies the rule.", "DISP-J3", min_length=1
    )
    within_min: int | None = setting(None, "Minutes within which one must be there.", ge=1, le=600)
    unmet: Unmet = setting("WARN", "Gate result without one, or when not known.", "AMB-D9")
    note: str = setting("", "Duties that contacts are told of at site setup.", "DISP-J4")
    rules: Words = rule_ids(("DISP-J3", "DISP-4.4"))


class VerifiedResponse(Table):
    """Police go only to verified alarms."""

    is_required: bool = setting(..., "Whether an unverified burglar alarm is refused.", "AMB-D9")
    accepts: Annotated[tuple[Verification, ...], AsTuple] = setting(
        (), "What verifies an alarm for the authority."
    )
    unmet: Unmet = setting("BLOCK", "Gate result for an unverified alarm.", "AMB-D9")
    rules: Words = rule_ids(("DISP-J1", "AMB-D9"))


class PublicCamera(Table):
    """Cameras that see public space and trigger on passers-by repeatedly (DISP-J8, DISP-J9)."""

    response: Literal["NONE", "MAY_REFUSE", "KEY_HOLDER"] = setting(
        "MAY_REFUSE", "What police may do.", "DISP-J8"
    )
    en_route_suffices: bool = setting(NO, "Whether a key holder on the way is enough.", "DISP-J8")
    repeats: int = setting(
        3, "Public-space triggers within the days below that are 'repeatedly'.", "DISP-J8", ge=1
    )
    within_days: int = setting(30, "The days in which they are counted.", "DISP-J8", ge=1)
    unmet: Unmet = setting("WARN", "Gate result.", "AMB-D9")
    remedy: str = setting("", "What the customer is advised to change.", "DISP-J9")
    rules: Words = rule_ids(("DISP-J8", "DISP-J9", "DISP-4.6"))


class FalseAlarmHistory(Table):
    """What a customer on the suspended list is told (DISP-J6, DISP-J7)."""

    root_cause: str = setting("", "What to look through for the cause.", "DISP-J7")
    contact: str = setting("", "Whom the customer may need to contact.", "DISP-J7")
    cleared_by_station: Literal[False] = setting(
        NO, "The monitoring system never clears it by itself.", "DISP-J7"
    )
    rules: Words = rule_ids(("DISP-J6", "DISP-J7", "DISP-4.5"))


class Requirements(Table):
    """All of it; DISP-J1: verified per jurisdiction before dispatch is enabled for a site."""

    permit: Permit = setting(..., "Permit.", "DISP-J2")
    key_holder: KeyHolder = setting(..., "Key holder.", "DISP-J3")
    verified_response: VerifiedResponse = setting(..., "Verified response.", "AMB-D9")
    public_camera: PublicCamera = setting(..., "Cameras on public space.", "DISP-J8")
    history: FalseAlarmHistory = setting(..., "False alarm history.", "DISP-J6")
    call_processing: Words = setting(
        (), "Checklist an operator meets before the request; empty: complied.", "AMB-S20", "SJ-C1"
    )
    further: Annotated[tuple[Further, ...], AsTuple] = setting(
        (), "Requirements that no other key has.", "DISP-J1"
    )
    onboarding: Words = setting(
        (), "What is checked before dispatch is enabled for a site.", "DISP-J1"
    )
    rules: Words = rule_ids(("DISP-J1", "DISP-J5", "DISP-J10"))
