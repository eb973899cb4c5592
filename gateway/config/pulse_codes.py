"""What event codes of dialled formats mean for a group of accounts: the installer chose."""

from __future__ import annotations

from typing import Literal

from gateway.config.fields import GroupName, Settings, setting

PulseKind = Literal[
    "alarm", "restoral", "trouble", "supervisory", "bypass", "unbypass", "open", "close",
    "cancel", "test", "info",
]  # fmt: skip
PulseCategory = Literal[
    "medical", "fire", "panic", "hold_up", "burglary", "untyped", "twenty_four_hour", "gas",
    "environment", "tamper", "supervision", "trouble", "power", "communication", "open_close",
    "access", "bypass", "test", "listen_in", "schedule", "programming", "cancel", "information",
    "user_defined",
]  # fmt: skip
PulseAddress = Literal["zone", "user", "area", "none"]


class PulseCode(Settings):
    """One event code of pulse, 4+1, 4+2 or another dialled format, in the words of events."""

    group: GroupName = setting(
        "main",
        "Group",
        "Group of the accounts whose panels send it. An account's own profile goes before it.",
        examples=["main", "north"],
    )
    code: str = setting(
        ...,
        "Code",
        "Event code as it comes: one character, or a few; ch1 to ch8 for a channel of the "
        "high-speed formats.",
        examples=["3", "A", "ch1"],
        min_length=1,
        max_length=8,
    )
    kind: PulseKind = setting(..., "Kind", "Kind of the event.", examples=["alarm"])
    category: PulseCategory = setting(..., "Category", "Its category.", examples=["burglary"])
    name: str = setting(
        ..., "Name", "Its name, for people.", examples=["Burglary"], min_length=1, max_length=100
    )
    address: PulseAddress = setting(
        "zone", "Number", "What the number beside the code counts.", examples=["zone", "user"]
    )
