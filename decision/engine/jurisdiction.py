"""What the gate is told of a jurisdiction, taken from its pack (DISP-J, XS-5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from decision.packs.model import Pack
from decision.requirements import FurtherRequirement, Requirements
from decision.vocabulary import Basis, GateResult, KeyHolderStatus

_BASES: Final[Mapping[str, Basis]] = {
    "AUDIO": Basis.AUDIO,
    "VIDEO": Basis.VIDEO,
    "ON_SITE": Basis.ON_SITE,
    "TWO_CALLS": Basis.CONTACT,
}
"""What a pack says of verification -> what an incident's verification rests on."""


def requirements_of(pack: Pack) -> Requirements:
    """Give what a pack requires, in the words of the gate."""
    asked = pack.requirements
    holder, camera = asked.key_holder, asked.public_camera
    return Requirements(
        jurisdiction=pack.id,
        version=pack.version,
        name=pack.metadata.name,
        permit_required=asked.permit.is_required,
        permit_unmet=GateResult(asked.permit.unmet),
        key_holder_by=(
            tuple(map(KeyHolderStatus, holder.satisfied_by)) if holder.is_required else ()
        ),
        key_holder_unmet=GateResult(holder.unmet),
        verified_by=tuple(_BASES[one] for one in asked.verified_response.accepts),
        verified_response_only=asked.verified_response.is_required,
        verified_unmet=GateResult(asked.verified_response.unmet),
        public_camera_rule=camera.response != "NONE",
        public_camera_by=_at_camera(pack),
        public_camera_unmet=GateResult(camera.unmet),
        suspends=pack.suspension is not None,
        fee_warning=_fee_warning(pack),
        further=(
            *(
                FurtherRequirement(id=one.id, text=one.text, unmet=GateResult(one.unmet))
                for one in asked.further
            ),
            # AMB-S20: the checklist of call processing; empty: complied.
            *(
                FurtherRequirement(id=f"call_processing_{number}", text=text)
                for number, text in enumerate(asked.call_processing, 1)
            ),
        ),
    )


def _at_camera(pack: Pack) -> tuple[KeyHolderStatus, ...]:
    """Which key holder makes up for a camera that sees public space (DISP-J8, DISP-4.6)."""
    if pack.requirements.public_camera.response != "KEY_HOLDER":
        return ()
    if pack.requirements.public_camera.en_route_suffices:
        return (KeyHolderStatus.PRESENT, KeyHolderStatus.EN_ROUTE)
    return (KeyHolderStatus.PRESENT,)


def _fee_warning(pack: Pack) -> str:
    """The sentence shown before a post-suspension request (XS-5, SJ-$1)."""
    if pack.fees is None or pack.fees.post_suspension is None:
        return ""
    amount = f"{pack.fees.post_suspension} {pack.fees.currency}"
    text = pack.texts[pack.default_language].says.fee_warning
    values = {
        "fee": str(pack.fees.post_suspension),
        "currency": pack.fees.currency,
        "past_due_count": str(pack.invoices.discontinue_at or ""),
        "authority": pack.metadata.authority,
        "name": pack.metadata.name,
    }
    try:
        return text.format_map(values) or f"{amount} if the alarm is found false."
    except KeyError:  # a text that asks for more than is known here
        return f"{amount} if the alarm is found false."
