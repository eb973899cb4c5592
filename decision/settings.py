"""Every choice the sources leave open, as one named setting with the recommended default.

Each carries the rule it answers. A setting with a single permitted value is one that a station
may read but not change: the resolution is part of a rule that holds always. Choices about the
false-alarm ledger (``AMB-S*``) belong to a jurisdiction and stand in its pack.

A station sets them in its configuration, a site overrides them in ``sites.toml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import Meta

from decision.vocabulary import CallEnding

DAY_S = 86_400


def _rule(*rules: str) -> Meta:
    return Meta(extra={"rules": rules})


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of them. Durations in seconds."""

    # --- The call list (DISP-S) ---
    call_order: Annotated[Literal["round_robin", "per_contact"], _rule("AMB-D1")] = "round_robin"
    """``round_robin``: everybody once, then everybody again; ``per_contact``: A, A, B, B."""
    attempts_per_contact: Annotated[int, Meta(ge=2, le=5), _rule("DISP-S2", "AMB-P8")] = 2
    """Attempts before a contact counts as not reached; never below two."""
    attempt_endings: Annotated[tuple[CallEnding, ...], _rule("AMB-D2")] = (
        CallEnding.NO_ANSWER,
        CallEnding.BUSY,
        CallEnding.VOICEMAIL,
        CallEnding.WRONG_NUMBER,
        CallEnding.FAILED_PASSCODE,
        CallEnding.HANG_UP,
    )
    """Endings of a placed call that use up an attempt."""
    undecided_uses_attempt: Annotated[bool, _rule("AMB-D3")] = True
    """A contact who neither approves nor cancels used up that attempt."""
    empty_list: Annotated[Literal["DISPATCH", "OPERATOR_REQUIRED"], _rule("AMB-D7")] = "DISPATCH"
    """An empty contact list in Standard response counts as exhausted, or asks the operator."""
    conflicting_answers: Annotated[Literal["FIRST_DECISIVE"], _rule("AMB-D11")] = "FIRST_DECISIVE"
    """Fixed: the first decisive answer wins."""
    not_authorized_without_presence: Annotated[
        Literal["UNDECIDED", "APPROVE"], _rule("DISP-S3", "AMB-D3", "PPVAR-5.2")
    ] = "UNDECIDED"
    """In Standard response without audio, "nobody should be there" without "send police": nobody
    was heard or seen, so the words make no presence suspicious; or they count as approval."""
    notify_attempts: Annotated[int, Meta(ge=1, le=5), _rule("DISP-I3")] = 2
    """Attempts to inform a contact after a dispatch."""

    # --- The active window (DISP-I5) ---
    active_window_s: Annotated[int, Meta(ge=60, le=DAY_S), _rule("DISP-I5")] = 4 * 3600
    """How long an alarm stays active after the start of the dispatch."""
    window_in_standard: Annotated[bool, _rule("AMB-D4")] = True
    """The same window in Standard response; off: active until resolved."""
    active_at_window_end: Annotated[Literal[False], _rule("AMB-D5")] = False
    """Fixed: at exactly four hours the alarm is expired."""
    phone_cancel_resolves: Annotated[bool, _rule("AMB-D6")] = False
    """A cancellation on the telephone after the dispatch also resolves the alarm."""

    # --- Dispatch and gate ---
    later_triggers: Annotated[Literal["FORWARD_UPDATE"], _rule("AMB-D8")] = "FORWARD_UPDATE"
    """Fixed: one dispatch per alarm; later triggers are updates."""
    unknown_requirement: Annotated[Literal["WARN", "BLOCK"], _rule("AMB-D9")] = "WARN"
    """What an unknown jurisdiction or an unchecked requirement gives; never silence."""
    panel_verified_counts: Annotated[bool, _rule("AMB-D10", "XS-2")] = False
    """The panel's own "verified" makes an alarm verified for Immediate response."""

    forward_restorals: Annotated[bool, _rule("PPVAR-5.8")] = True
    """Restorals after the dispatch are information too, and are forwarded."""

    # --- Audio verification (PPVAR 6.2) ---
    no_human: Annotated[
        Literal["CLOSE", "NON_AUDIO", "OPERATOR_REQUIRED"], _rule("PPVAR-6.2.1.2.2")
    ] = "CLOSE"
    """``policy.no_human``: what follows when no human activity is heard and nobody chose."""
    tl2_not_secured: Annotated[
        Literal["CLOSE", "OPERATOR_REQUIRED", "FOLLOW_MODE"],
        _rule("PPVAR-6.2.2.2.2.2.3", "XS-3"),
    ] = "CLOSE"
    """``policy.tl2_not_secured``: an unverified TL2 in an unsecured or common area."""
    actionable_audio: Annotated[Literal["THREAT"], _rule("AMB-P1")] = "THREAT"
    """Fixed: actionable audio found at ACCESS_A is judged at THREAT."""
    not_authorized: Annotated[Literal["DISPATCH"], _rule("AMB-P2")] = "DISPATCH"
    """Fixed: a presence that a contact does not authorise is dispatched in every area class."""
    unknown_area: Annotated[Literal["OPERATOR_REQUIRED"], _rule("AMB-P3")] = "OPERATOR_REQUIRED"
    """Fixed: an area nobody classified is decided by a person."""
    several_zones: Annotated[Literal["SECURED_WINS"], _rule("AMB-P4")] = "SECURED_WINS"
    """Fixed: of several zones in which the human was heard, a secured one decides."""
    secured_needs_attempts: Annotated[Literal[True], _rule("AMB-P5")] = True
    """Fixed: no TL2 dispatch without the recorded attempts."""
    secured_wording: Annotated[Literal["UNVERIFIED_PRESENCE"], _rule("AMB-P6")] = (
        "UNVERIFIED_PRESENCE"
    )
    """Fixed: never "verified crime" for an unverified TL2."""
    training_days: Annotated[int, Meta(ge=0, le=90), _rule("AMB-P7", "PPVAR-4.3.1.2")] = 90
    """Last day after hire or job change on which the untrained may work under supervision."""
    secured_requires_armed: Annotated[bool, _rule("AMB-P10")] = False
    """A secured area that is known to be disarmed counts as common; for public premises."""
    unsettled_level: Annotated[Literal["TL2"], _rule("AMB-P11")] = "TL2"
    """Fixed: a level that cannot be settled is TL2, never TL1."""
    electronic_cancel: Annotated[Literal["OPERATOR_CONFIRMS", "ACCEPT"], _rule("AMB-P12")] = (
        "OPERATOR_CONFIRMS"
    )
    """Whether an electronic cancellation before the dispatch closes by itself; never undoes TL3."""

    # --- Deadlines ---
    operator_deadline_s: Annotated[int, Meta(ge=10, le=DAY_S), _rule("AMB-P3")] = 120
    """How long an OPERATOR_REQUIRED may wait before a supervisor is called, and again after."""
    answer_urgent_s: Annotated[int, Meta(ge=10, le=DAY_S), _rule("XS-9")] = 60
    """How long a question of a life-safety or hold-up incident may wait (EN 50518 target)."""
    answer_s: Annotated[int, Meta(ge=10, le=DAY_S), _rule("DISP-S1")] = 180
    """How long any other question may wait, each call of a list too (EN 50518 target)."""

    # --- Composition ---
    grouping_window_s: Annotated[int, Meta(ge=0, le=DAY_S), _rule("XS-12")] = 600
    """Alarms of one account, area and category this soon after the last one join its incident."""


def describe() -> Mapping[str, tuple[tuple[str, ...], object]]:
    """Name -> (rules, default), for documents and tests."""
    hints = get_type_hints(Settings, include_extras=True)
    return {
        field.name: (_rules_of(hints[field.name]), field.default)
        for field in msgspec.structs.fields(Settings)
    }


def _rules_of(hint: Any) -> tuple[str, ...]:
    for meta in hint.__metadata__:
        if isinstance(meta, Meta) and meta.extra and "rules" in meta.extra:
            return tuple(meta.extra["rules"])
    raise TypeError(f"{hint}: a setting names no rule")


class SettingError(ValueError):
    """A setting has a name nobody knows or a value it may not have."""


def merged(base: Settings, overrides: Mapping[str, object]) -> Settings:
    """Lay ``overrides`` over ``base``. Raises SettingError with the name and the reason."""
    if not overrides:
        return base
    known = {field.name for field in msgspec.structs.fields(Settings)}
    for name in overrides:
        if name not in known:
            raise SettingError(f"settings.{name}: no setting has this name")
    values = msgspec.structs.asdict(base) | dict(overrides)
    try:
        return msgspec.convert(values, Settings)
    except msgspec.ValidationError as error:
        raise SettingError(f"settings: {error}") from error
