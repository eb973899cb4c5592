"""``alarm-gateway decision user``: the accounts of the console, in a file only the core reads."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from decision.accounts import passwords
from decision.accounts.users import User, UserError, Users, UsersFileError
from decision.cli.refusing import refuse
from decision.config import Config, ConfigError, load, load_profiles, role_table
from decision.roles import RoleTable

app = typer.Typer(no_args_is_help=True, help="Keep the accounts of the console.")

ConfigOption = Annotated[Path, typer.Option("--config", "-c", help="Configuration file (TOML).")]
RolesOption = Annotated[
    list[str] | None, typer.Option("--role", "-r", help="A role; may be given several times.")
]


def _open(path: Path) -> tuple[Config, Users]:
    try:
        config = load(path)
        return config, Users.load(config.users.file)
    except (ConfigError, UsersFileError) as error:
        refuse(error)


def _roles(config: Config) -> RoleTable:
    try:
        return role_table(load_profiles(config))
    except ConfigError as error:
        refuse(error)


def _ask_password(user_id: str) -> str:
    """From the terminal, twice; from a pipe, one line."""
    if sys.stdin.isatty():
        password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    try:
        passwords.check_strength(password, user=user_id)
    except passwords.WeakPasswordError as error:
        refuse(error)
    return passwords.hashed(password, random_bytes=os.urandom)


def _save(users: Users, user: User, roles: RoleTable) -> None:
    try:
        users.put(user, roles=roles)
        users.save()
    except (UserError, OSError) as error:
        refuse(error)


@app.command()
def add(
    user_id: Annotated[str, typer.Argument(help="Short name, typed at sign-in.")],
    name: Annotated[str, typer.Option(help="Full name.")],
    config: ConfigOption,
    role: RolesOption = None,
) -> None:
    """Add an account; the password is asked for, or read from standard input.

    Example: alarm-gateway decision user add anna --name "Anna Berg" -r operator -c core.toml
    """
    settings, users = _open(config)
    if users.get(user_id) is not None:
        refuse(f"there is a user {user_id!r} already; change it with: user change {user_id}")
    user = User(id=user_id, name=name, roles=tuple(role or ()), password=_ask_password(user_id))
    _save(users, user, _roles(settings))
    print(f"{user_id} added; the running core takes it over on SIGHUP (systemctl reload)")


@app.command()
def change(
    user_id: Annotated[str, typer.Argument(help="Who.")],
    config: ConfigOption,
    role: RolesOption = None,
    name: Annotated[str | None, typer.Option(help="Full name.")] = None,
    password: Annotated[bool, typer.Option("--password", help="Set a new password.")] = False,
    disable: Annotated[
        bool | None, typer.Option("--disable/--enable", help="Lock the account or open it again.")
    ] = None,
) -> None:
    """Change an account: all roles anew, the name, the password, whether it is open.

    Example: alarm-gateway decision user change anna -r operator -r supervisor -c core.toml
    """
    settings, users = _open(config)
    user = users.get(user_id)
    if user is None:
        refuse(f"there is no user {user_id!r}; there are: {', '.join(sorted(users.all)) or 'none'}")
    changed = msgspec.structs.replace(
        user,
        name=user.name if name is None else name,
        roles=tuple(role) if role else user.roles,
        password=_ask_password(user_id) if password else user.password,
        is_disabled=user.is_disabled if disable is None else disable,
    )
    _save(users, changed, _roles(settings))
    print(f"{user_id} changed; the running core takes it over on SIGHUP (systemctl reload)")


@app.command("list")
def list_(
    config: ConfigOption,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the accounts with their roles.

    Example: alarm-gateway decision user list -c core.toml
    """
    _, users = _open(config)
    found = [users.all[key] for key in sorted(users.all)]
    if as_json:
        told = [
            {"id": one.id, "name": one.name, "roles": one.roles, "is_disabled": one.is_disabled}
            for one in found
        ]
        print(json.dumps(told, indent=2))
        return
    for one in found:
        state = "disabled" if one.is_disabled else "" if one.password else "no password"
        print(f"{one.id:16} {one.name:28} {', '.join(one.roles):40} {state}".rstrip())
