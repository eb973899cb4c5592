"""Data as a panel writes it, straight to its meaning: for tests of the normaliser."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from gateway.accounts import Account, AccountRecord
from gateway.normalise import Meaning, meanings
from protocols._core import Part, Repeat, Report
from protocols.contact_id.adm_cid import parse_adm_cid
from protocols.sia_dc03.data import parse_sia_dcs

RECEIVED = datetime(2026, 11, 20, 9, 15, 2, 417_000, tzinfo=UTC)


def account(**record: Any) -> Account:
    """An account 1234 with these settings."""
    return Account.of_record(AccountRecord(**{"id": "1234", **record}))


def report(*parts: Part, **fields: Any) -> Report:
    """A report with these parts."""
    return Report(
        **{
            "protocol": "dc09",
            "raw": b"",
            "token": "SIA-DCS",
            "account": "1234",
            "parts": parts,
            "envelope": None,
            "repeat": Repeat.ACCOUNT,
            **fields,
        }
    )


def meanings_of(*parts: Part, received: datetime = RECEIVED, **record: Any) -> list[Meaning]:
    """The meanings of a report with these parts, of an account with these settings."""
    return meanings(report(*parts), account(**record), received=received)


def cid(data: str, **record: Any) -> Meaning:
    """The meaning of one Contact ID event, ``1131 01 015``."""
    _, parts = parse_adm_cid(f"#1234|{data}".encode())
    (found,) = meanings_of(*parts, **record)
    return found


def sia(data: str, **record: Any) -> Meaning:
    """The meaning of the one event of SIA data, ``Nri1/BA001``."""
    (found,) = all_sia(data, **record)
    return found


def all_sia(data: str, **record: Any) -> list[Meaning]:
    """The meanings of SIA data with several blocks or events."""
    _, parts = parse_sia_dcs(f"#1234|{data}".encode())
    return meanings_of(*parts, **record)
