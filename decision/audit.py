"""Facts about people at the console that belong to no incident: signing in, refusals, accounts.

Who did what to an incident or a ledger needs no fact of its own: every fact carries its actor.
Subject of these facts: ``operator/<user id>``. Never a password, a token or their hashes.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class _AuditFact(msgspec.Struct, frozen=True, kw_only=True, tag_field="fact"):
    """Common settings: immutable, told apart by ``fact``."""


class SignedIn(_AuditFact, frozen=True, kw_only=True, tag="SignedIn"):
    """The password was right."""

    peer: str


class SignInFailed(_AuditFact, frozen=True, kw_only=True, tag="SignInFailed"):
    """The password was wrong, the account disabled, or the tries too many."""

    peer: str
    reason: str
    tries: int


class SignedOut(_AuditFact, frozen=True, kw_only=True, tag="SignedOut"):
    """By the person's own word."""


class PermissionRefused(_AuditFact, frozen=True, kw_only=True, tag="PermissionRefused"):
    """Somebody asked for what their roles do not allow."""

    permission: str
    route: str


class CompetenceRefused(_AuditFact, frozen=True, kw_only=True, tag="CompetenceRefused"):
    """Somebody wanted to handle audio without the training for it (PPVAR-4.3.1, AMB-P7)."""

    incident: str
    reason: str


class MediaOpened(_AuditFact, frozen=True, kw_only=True, tag="MediaOpened"):
    """A clip, picture or live channel was opened: every listen is logged (PPVAR-2.2)."""

    incident: str
    url: str


class UserChanged(_AuditFact, frozen=True, kw_only=True, tag="UserChanged"):
    """An account was made or its name, roles or being disabled changed."""

    user: str
    roles: tuple[str, ...]
    is_disabled: bool


class PasswordChanged(_AuditFact, frozen=True, kw_only=True, tag="PasswordChanged"):
    """A new password was set; all sessions of the user ended."""

    user: str


AuditFact: TypeAlias = (
    SignedIn
    | SignInFailed
    | SignedOut
    | PermissionRefused
    | CompetenceRefused
    | MediaOpened
    | UserChanged
    | PasswordChanged
)
"""All of them, for the store's decoder."""
