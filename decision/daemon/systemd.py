"""Tells the service manager how it goes (READY, WATCHDOG, STOPPING); silent where there is none."""

from __future__ import annotations

import os
import socket


def notify(message: str) -> None:
    """Send one message, e.g. ``"READY=1"``, to the service manager, if one wants to hear."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    # An address that begins with @ lives in the abstract name space, where the byte is NUL.
    target = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(message.encode(), target)


def watchdog_interval_s() -> float | None:
    """Half the time after which the manager restarts a silent service; None without watchdog."""
    limit_us = os.environ.get("WATCHDOG_USEC", "")
    return int(limit_us) / 2_000_000 if limit_us.isdigit() and int(limit_us) else None
