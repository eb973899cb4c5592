"""What is allowed but deserves a word at start: told by check-config and by the daemon's log."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from gateway.accounts.registry import Accounts
from gateway.config import Config
from gateway.config.mistakes import did_you_mean


class Remark(msgspec.Struct, frozen=True):
    """Something that the technician should know."""

    key: str
    """Key path in the configuration, or the account."""
    text: str
    hint: str = ""


def remarks(config: Config, accounts: Accounts) -> list[Remark]:
    """All remarks, the gravest first."""
    return [
        *_about_publication(config),
        *_about_keys(accounts),
        *_about_groups(config, accounts),
        *_about_inputs(config),
    ]


def _about_publication(config: Config) -> Iterator[Remark]:
    mqtt = config.mqtt
    if mqtt.is_embedded:
        yield Remark(
            "mqtt.broker", "the embedded broker keeps nothing: not durable, for demonstration only",
            "broker = 'mqtts://broker.example:8883'",
        )  # fmt: skip
    elif not mqtt.uses_tls and not mqtt.address.is_loopback:
        yield Remark("mqtt.allow_plain", "events cross the network in clear", "use mqtts://")
    if not mqtt.confirm_by:
        yield Remark(
            "mqtt.confirm_by",
            "nobody confirms: an event counts as delivered when the broker has it (PUBACK), and a "
            "broker may lose it",
            "confirm_by = ['core-1']",
        )


def _about_keys(accounts: Accounts) -> Iterator[Remark]:
    for group, account_id, reason in accounts.weak_keys:
        yield Remark(
            f"{group}/{account_id}", f"the key is weak: {reason}", "a new key: openssl rand -hex 16"
        )


def _about_groups(config: Config, accounts: Accounts) -> Iterator[Remark]:
    filled = accounts.groups()
    heard: dict[str, str] = {}
    for name, one in config.inputs.items():
        heard.setdefault(one.group, f"inputs.{name}.group")
        for span in one.ranges:
            heard.setdefault(span.group, f"inputs.{name}.ranges")
    for group, key in heard.items():
        if group not in filled:
            yield Remark(key, f"no account is in the group {group!r}", did_you_mean(group, filled))
    for group, count in filled.items():
        if group not in heard:
            yield Remark(
                f"group {group}", f"{count} accounts, but no input looks into this group",
                did_you_mean(group, heard),
            )  # fmt: skip


def _about_inputs(config: Config) -> Iterator[Remark]:
    for name, one in config.inputs.items():
        port = one.serial
        if port is None or "://" in port:
            continue
        if not Path(port).exists():
            yield Remark(f"inputs.{name}.serial", f"{port} is not there now")
        elif not os.access(port, os.R_OK | os.W_OK):
            yield Remark(
                f"inputs.{name}.serial", f"this user may not open {port}",
                "the group 'dialout' may, on most systems",
            )  # fmt: skip
