"""The smaller sections: journal, accounts, ingest, limits, control, log, health and so on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Strict

from gateway.config.fields import AddressSetting, PathSetting, Settings, setting

MIB: Final = 1_048_576


class JournalConfig(Settings):
    """Where events are stored."""

    directory: PathSetting = setting(
        Path("journal"),
        "Folder",
        "Folder of the journal; one gateway at a time uses it.",
        examples=["journal", "/var/lib/alarm-gateway/journal"],
    )
    keep_days: float = setting(
        400.0,
        "Days kept",
        "Events that are done are kept so long, the allowance permitting; events that are not done "
        "are never removed.",
        unit="days",
        gt=0,
        le=36_500,
    )
    allowance_gib: float = setting(
        20.0,
        "Allowance",
        "What the journal may take. Beyond it done events go, the oldest first; at 80 and 95 % "
        "taken by events that are not done operators are warned, at 100 % nothing is acknowledged.",
        unit="GiB",
        gt=0,
        le=1_000_000,
    )
    reserve_mib: float = setting(
        32.0,
        "Reserve",
        "Kept free so that confirms are taken and a full disk is told when it is full.",
        unit="MiB",
        ge=1,
        le=100_000,
    )

    @property
    def allowance_bytes(self) -> int:
        """The allowance in bytes."""
        return int(self.allowance_gib * 1024 * MIB)

    @property
    def reserve_bytes(self) -> int:
        """The reserve in bytes."""
        return int(self.reserve_mib * MIB)


class AccountsConfig(Settings):
    """Where the accounts come from."""

    files: Annotated[tuple[PathSetting, ...], Strict(strict=False)] = setting(
        (),
        "Account files",
        "TOML files with accounts.",
        examples=[["accounts.toml"]],
        needs_restart=False,
    )
    database: PathSetting | None = setting(
        None,
        "Accounts database",
        "Database that 'alarm-gateway accounts import' writes.",
        examples=["accounts.db"],
        needs_restart=False,
    )
    learn_limit: int = setting(
        10_000,
        "Learnt accounts",
        "With unknown_account = 'learn', at most this many accounts are learnt.",
        ge=0,
        le=1_000_000,
        unit="accounts",
    )


class IngestConfig(Settings):
    """How repeats and wrong clocks are treated."""

    duplicate_window_s: float = setting(
        600.0,
        "Duplicate window",
        "The same report of an account inside this time is one event, not two (IP panels).",
        unit="s",
        ge=1,
        le=86_400,
    )
    link_repeat_s: float = setting(
        15.0,
        "Repeat window of links",
        "A frame that is byte-identical to the last one of its receiver link inside this time is "
        "the same event.",
        unit="s",
        ge=0,
        le=3_600,
    )
    stale_tries: int = setting(
        3,
        "Tries with a wrong clock",
        "After this many NAKs for a wrong timestamp a live panel is taken, with a flag.",
        ge=1,
        le=100,
        unit="tries",
    )
    unreadable_copies: int = setting(
        3,
        "Unreadable copies",
        "From this many identical copies on, an unreadable frame of a receiver is stored raw and "
        "ACKed, so that the line goes on.",
        ge=1,
        le=100,
        unit="copies",
    )


class SupervisionConfig(Settings):
    """When silence is shown; each account has its own supervision_s."""

    late_share: float = setting(
        0.8,
        "Late",
        "Share of supervision_s after which a silent account is shown as late; 1: never.",
        gt=0,
        le=1,
        examples=[0.8, 1.0],
    )


class LimitsConfig(Settings):
    """What strangers may take; a valid frame is never refused for them."""

    connections: int = setting(
        15_000, "Connections", "TCP connections of all inputs together.", ge=1, le=1_000_000
    )
    per_address: int = setting(
        50, "Connections per address", "TCP connections from one address.", ge=1, le=1_000_000
    )
    flood_events_min: int = setting(
        60,
        "Flood",
        "An account with more events in a minute is told once, and others' events are published "
        "before its own; nothing is dropped.",
        ge=1,
        le=1_000_000,
        unit="events/min",
    )
    first_frame_s: float = setting(
        300.0,
        "First frame",
        "A connection must show a complete frame within this.",
        unit="s",
        gt=0,
        le=86_400,
    )
    first_frame_busy_s: float = setting(
        10.0,
        "First frame when busy",
        "The same while more than half of the connections are used.",
        unit="s",
        gt=0,
        le=86_400,
    )
    idle_s: float = setting(
        90_000.0,
        "Idle limit",
        "A connection without a supervised account is closed after this silence (25 hours).",
        unit="s",
        gt=0,
        le=604_800,
    )
    udp_replies_per_s: float = setting(
        5.0,
        "UDP replies",
        "Replies per second to a UDP source that showed no valid frame.",
        unit="1/s",
        gt=0,
        le=10_000,
    )


class QuarantineConfig(Settings):
    """Room for raw bytes that were never acknowledged."""

    size_mib: float = setting(64.0, "Size", "Size of the ring.", unit="MiB", gt=0, le=100_000)
    per_source_mib_min: float = setting(
        1.0,
        "Share of a source",
        "What one source may write into it per minute.",
        unit="MiB/min",
        gt=0,
        le=10_000,
    )

    @property
    def size_bytes(self) -> int:
        """The size of the ring in bytes."""
        return int(self.size_mib * MIB)

    @property
    def per_source_bytes_min(self) -> int:
        """The share of one source in bytes per minute."""
        return int(self.per_source_mib_min * MIB)


class ClockConfig(Settings):
    """Whose word counts on our own clock."""

    must_be_synchronised: bool = setting(
        default=True,
        title="Must be synchronised",
        description="Believe the clock only while the kernel says that something keeps it right "
        "(chrony, systemd-timesyncd). Otherwise no panel is told the time and events say "
        "time_untrusted. A step of more than 20 s counts either way.",
        examples=[True, False],
    )


class ControlConfig(Settings):
    """Where the technician's commands reach the running gateway."""

    socket: PathSetting = setting(
        Path("control.sock"),
        "Control socket",
        "Local socket, mode 0660: whoever is in its group may administer.",
        examples=["control.sock", "/run/alarm-gateway/control.sock"],
    )


class LogConfig(Settings):
    """How much is logged and how it looks."""

    level: Literal["debug", "info", "warning", "error"] = setting(
        "info",
        "Level",
        "Least important entries that are written; debug shows every frame.",
        examples=["info", "debug"],
        needs_restart=False,
    )
    format: Literal["auto", "json", "console"] = setting(
        "auto",
        "Format",
        "json, console (for people), or auto: console on a terminal, else json.",
        examples=["auto", "json"],
    )


class MetricsConfig(Settings):
    """Figures for Prometheus."""

    listen: AddressSetting | None = setting(
        None,
        "Metrics address",
        "Serve metrics over HTTP here; not served when not given.",
        examples=["127.0.0.1:9464"],
    )
