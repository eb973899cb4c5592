"""Tells the service manager how it goes (READY, WATCHDOG, STOPPING); silent where there is none."""

from __future__ import annotations

import os
import socket


def notify(message: str) -> bool:
    """Send one message, e.g. ``"READY=1"``, to the service manager.

    Returns:
        False when this process was not started by one that wants to hear.
    """
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return False
    # An address that begins with @ lives in the abstract name space, where the byte is NUL.
    target = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(message.encode(), target)
    return True


def watchdog_interval_s() -> float | None:
    """How often to feed the manager's watchdog; None without one.

    A third of the time after which it ends a silent service: with the 15 s of the shipped unit
    a stall of 10 s is survived in any case, and one of 15 s in none (REL-54).
    """
    limit_us = os.environ.get("WATCHDOG_USEC", "")
    return int(limit_us) / 3_000_000 if limit_us.isdigit() and int(limit_us) else None
