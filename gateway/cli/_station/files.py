"""Lays out the files of the demonstration: configurations, users with passwords of this run."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Final

from decision.accounts import passwords
from decision.accounts.users import User, Users
from decision.roles import Role
from simulators.station.person import Login

FILES: Final = ("gateway.toml", "accounts.toml", "core.toml", "sites.toml")
BROKER_PLACEHOLDER: Final = "mqtt://127.0.0.1:1883"
PUBLIC_PLACEHOLDER: Final = "http://127.0.0.1:8642"

# Simulated people sign in again for every shift of a year; nobody else can reach their accounts.
_CHEAP: Final = passwords.Cost(n=2**10, r=8, p=1)

_CAST: Final = (
    ("mia", "Mia Savoie", (Role.OPERATOR,)),
    ("theo", "Theo Lindqvist", (Role.SUPERVISOR,)),
    ("assistant", "Administrative Assistant", (Role.ADMINISTRATIVE_ASSISTANT,)),
    ("inspector", "Inspector of Support Services", (Role.INSPECTOR,)),
    ("accountant", "Accountant", (Role.ACCOUNTANT,)),
    ("manager", "PSCC Manager", (Role.PSCC_MANAGER,)),
    ("business", "Fundy Monitoring, customer care", (Role.ALARM_BUSINESS,)),
)
WATCHER: Final = "demo"
"""The account of whoever watches."""


def lay_out(folder: Path) -> Mapping[str, Login]:
    """Copy the files and make the users; gives everybody's login by user id."""
    for name in FILES:
        text = resources.files("configs").joinpath("demo-station", name).read_text("utf-8")
        (folder / name).write_text(text.replace("../", ""), encoding="utf-8")
    logins: dict[str, Login] = {}
    users = Users(path=folder / "users.json")
    watcher = (WATCHER, "Watcher", (Role.SUPERVISOR, Role.AUDITOR, Role.TRAINER))
    for user_id, name, roles in (*_CAST, watcher):
        password = secrets.token_urlsafe(12)
        names = tuple(map(str, roles))
        cost = None if user_id == WATCHER else _CHEAP
        stored = passwords.hashed(password, random_bytes=os.urandom, cost=cost)
        users.put(User(id=user_id, name=name, roles=names, password=stored))
        logins[user_id] = Login(user=user_id, password=password, name=name, roles=names)
    users.save()
    return logins


def put_addresses(folder: Path, *, broker: str) -> None:
    """Write into the core's configuration where the broker is, now that it is known."""
    path = folder / "core.toml"
    text = path.read_text(encoding="utf-8").replace(BROKER_PLACEHOLDER, broker)
    path.write_text(text, encoding="utf-8")
