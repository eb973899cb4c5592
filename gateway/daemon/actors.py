"""Who did it? The actor of what the gateway does on somebody's word (SEC-27)."""

from __future__ import annotations

import os
import pwd
from typing import Final

from gateway.contract.event import User

GATEWAY: Final = User(id="gateway")
"""Nobody asked; it did so by itself."""


def account_of_uid(uid: int) -> User:
    """The account of the operating system with this number; its name may need a slow directory."""
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = None
    return User(id=f"uid:{uid}", name=name)


def service_user() -> User:
    """Whom this process runs as: who starts a gateway is known to the service manager alone."""
    return account_of_uid(os.geteuid())


def signalled(name: str) -> User:
    """Somebody who may send us signals; the system does not say who."""
    return User(id="signal", name=name)
