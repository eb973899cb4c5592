"""What the station knows when a frame is decoded: accounts, keys, policy, or nothing at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from gateway.accounts import Account, Accounts, load_accounts
from gateway.cli import CliError
from gateway.config import Config, ConfigError, InputConfig, load
from gateway.config.mistakes import did_you_mean
from gateway.normalise import Meaning, Normaliser, profile_names, site_codes
from protocols._core import Part, Repeat, Report

_HEX_KEY: Final = re.compile(r"(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{48}|[0-9A-Fa-f]{64})")
_KEY_BYTES: Final = (16, 24, 32)
_MAX_KEY_FILE: Final = 64 * 1024


class Station(msgspec.Struct, kw_only=True):
    """The world in which a frame is decoded; without a configuration every account is taken."""

    received: datetime
    group: str = "main"
    input: InputConfig | None = None
    input_name: str | None = None
    accounts: Accounts | None = None
    extra_keys: tuple[bytes, ...] = ()
    normaliser: Normaliser = msgspec.field(default_factory=Normaliser)
    """Knows what pulse codes mean for the groups of the configuration."""
    profile: str | None = None
    """Vendor profile to read all accounts with; None: each with its own."""

    def keys(self, account_id: str) -> Sequence[bytes]:
        """Return the keys to try for an account: the given ones first, then its own."""
        if self.accounts is None:
            return self.extra_keys
        own: Callable[[str], Sequence[bytes]] = self.accounts.keys(self.group)
        return (*self.extra_keys, *own(account_id))

    def at(self, receiver: str | None, line: str | None) -> Station:
        """Return the station as it is for this line of a receiver: its group may be another."""
        if self.input is None:
            return self
        return msgspec.structs.replace(self, group=self.input.group_of(receiver, line))

    def configured(self, account_id: str | None) -> Account | None:
        """Return the account of the configuration; None for a stranger."""
        if account_id is None or self.accounts is None:
            return None
        return self.accounts.lookup(self.group, account_id)

    def account(self, account_id: str | None) -> Account:
        """Return the account as the station knows it; a stranger has no zones."""
        return self.configured(account_id) or Account.unknown(self.group, account_id or "")

    def events(self, report: Report) -> tuple[Meaning, ...]:
        """Normalise a report for its account."""
        account = self.account(report.account)
        if self.profile is not None:
            record = msgspec.structs.replace(account.record, profile=self.profile)
            account = Account.of_record(record)
        return tuple(self.normaliser.meanings(report, account, received=self.received))

    def named(
        self, protocol: str, account_id: str | None, parts: tuple[Part, ...]
    ) -> tuple[Meaning, ...]:
        """Return what the parts of a broken frame seem to say; no event comes of it."""
        if not parts:
            return ()
        report = Report(
            protocol=protocol,
            raw=b"",
            token="",
            account=account_id,
            parts=parts,
            envelope=None,
            repeat=Repeat.NEVER,
        )
        return self.events(report)

    @property
    def is_configured(self) -> bool:
        """Whether there is a configuration whose policies hold."""
        return self.accounts is not None


def profile_of(name: str) -> str:
    """Return the name of a vendor profile.

    Raises:
        CliError: There is none of that name.
    """
    if name in profile_names():
        return name
    hint = did_you_mean(name, profile_names())
    raise CliError(
        f"no profile is called {name!r}; {hint + ' ' if hint else ''}"
        f"There are {', '.join(profile_names())}"
    )


def from_config(path: Path, name: str | None, protocol: str, received: datetime) -> Station:
    """Take accounts, keys and policy from a configuration, for one of its inputs.

    Raises:
        CliError: It has mistakes, or no such input.
    """
    if not path.is_file():
        raise CliError(f"there is no file {path}; --config wants the gateway's configuration")
    try:
        config = load(path)
        accounts = load_accounts(config)
    except ConfigError as error:
        count = len(error.mistakes)
        raise CliError(
            f"{path} has {count} mistake{'s' if count > 1 else ''}; see: "
            f"alarm-gateway check-config {path}"
        ) from error
    chosen = _input(config, name, protocol)
    settings = config.inputs.get(chosen) if chosen else None
    return Station(
        received=received,
        group=settings.group if settings else "main",
        input=settings,
        input_name=chosen,
        accounts=accounts,
        normaliser=Normaliser(pulse_codes=site_codes(config.pulse_codes)),
    )


def _input(config: Config, name: str | None, protocol: str) -> str | None:
    if name is not None:
        if name not in config.inputs:
            known = ", ".join(config.inputs) or "none"
            raise CliError(f"there is no input {name}; the configuration has: {known}")
        return name
    return next((key for key, one in config.inputs.items() if one.protocol == protocol), None)


def keys_of_file(path: Path) -> tuple[bytes, ...]:
    """Read keys, one a line, as hex or as the letters typed into the panel.

    A line that can be either is tried both ways.

    Raises:
        CliError: It cannot be read, or a line is no AES key.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_KEY_FILE)
    except OSError as error:
        raise CliError(f"{path}: {error.strerror or error}; give a file with one key") from error
    keys: list[bytes] = []
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        if line.strip() and not line.startswith("# "):
            keys.extend(keys_of_text(line, where=f"{path} line {number}"))
    if not keys:
        raise CliError(f"{path} holds no key; expected one a line")
    return tuple(keys)


def keys_of_text(text: str, *, where: str) -> list[bytes]:
    """Read a key that was typed; the text itself is never shown.

    Raises:
        CliError: It is no AES key.
    """
    plain = text.strip()
    keys: list[bytes] = []
    if _HEX_KEY.fullmatch(plain):
        keys.append(bytes.fromhex(plain))
    if plain.isascii() and len(plain) in _KEY_BYTES:
        keys.append(plain.encode())
    if not keys:
        raise CliError(
            f"{where}: {len(plain)} characters are no AES key (not shown); expected 32, 48 or 64 "
            "hex digits, or 16, 24 or 32 letters"
        )
    return keys
