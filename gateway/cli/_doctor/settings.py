"""Is it the configuration? What is allowed, and yet is what technicians look for for hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from gateway.accounts import Accounts
from gateway.cli._doctor.finding import Confidence, Finding, many
from gateway.config import Config

_SHOWN: Final = 5

Judgement: TypeAlias = Callable[[Config, Accounts], Iterator[Finding]]


def twins(_config: Config, accounts: Accounts) -> Iterator[Finding]:
    """Accounts that differ in leading zeros only."""
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in accounts.all():
        alike[one.group, one.record.id.lstrip("0").upper()].append(one.record.id)
    pairs = [" and ".join(sorted(names)) for names in alike.values() if len(names) > 1]
    if pairs:
        shown = ", ".join(sorted(pairs)[:_SHOWN])
        yield Finding(
            id="accounts_differ_in_zeros",
            title="Accounts that differ in leading zeros only",
            evidence=f"{many(len(pairs), 'pair')}: {shown}",
            remedy="To the gateway they are different accounts. If each pair is one panel, keep "
            "one and make the other its alias.",
            confidence=Confidence.POSSIBLE,
        )


def silent_receivers(config: Config, _accounts: Accounts) -> Iterator[Finding]:
    """Receiver links whose silence nobody would notice."""
    names = [
        name
        for name, one in config.inputs.items()
        if one.spoken.link == "receiver" and not one.heartbeat_s
    ]
    if names:
        yield Finding(
            id="heartbeat_not_watched",
            title="Nobody watches whether these receivers are there",
            evidence=f"no heartbeat_s: {', '.join(names)}",
            remedy="Switch the heartbeat on in the receiver and set heartbeat_s to its interval; "
            "silence of three intervals is then told.",
            confidence=Confidence.LIKELY,
        )


def nobody_confirms(config: Config, _accounts: Accounts) -> Iterator[Finding]:
    """No consumer has to confirm, so the broker's word counts as delivery."""
    if not config.mqtt.confirm_by:
        yield Finding(
            id="nobody_confirms",
            title="An event counts as delivered once the broker has it",
            evidence="confirm_by is empty",
            remedy="Brokers forget: name the consumers that confirm what they processed, for "
            'instance confirm_by = ["core-1"].',
            confidence=Confidence.CERTAIN,
        )


def keys_in_clear(_config: Config, accounts: Accounts) -> Iterator[Finding]:
    """Accounts with a key that take frames in clear all the same."""
    names = [one.record.id for one in accounts.all() if one.keys and one.encryption != "required"]
    if names:
        shown = ", ".join(sorted(names)[:_SHOWN])
        yield Finding(
            id="key_not_required",
            title="Accounts that have a key and take frames in clear",
            evidence=f"{many(len(names), 'account')}: {shown}",
            remedy="Anybody can send in their name. Once the panels encrypt, take encryption out "
            'or set it to "required".',
            confidence=Confidence.POSSIBLE,
        )


JUDGEMENTS: Final[tuple[Judgement, ...]] = (
    nobody_confirms,
    silent_receivers,
    keys_in_clear,
    twins,
)


def examine_settings(config: Config, accounts: Accounts) -> list[Finding]:
    """Name what is likely not meant so, the surest first."""
    found = [finding for judgement in JUDGEMENTS for finding in judgement(config, accounts)]
    return sorted(found, key=lambda finding: -finding.confidence)
