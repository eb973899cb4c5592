"""From the configuration to the accounts in memory: TOML files, database, keys; blocking."""

from __future__ import annotations

from gateway.accounts.registry import Accounts
from gateway.config import Config


def load_accounts(config: Config) -> Accounts:
    """Read all accounts and keys. Blocks: the daemon calls it in a thread.

    Raises:
        ConfigError: with all mistakes of all files.
    """
    return Accounts(learn_limit=config.accounts.learn_limit)
