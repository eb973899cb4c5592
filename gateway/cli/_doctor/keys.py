"""Is it the key? Wrong, written in the other notation, missing on one side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from gateway.cli._doctor.finding import Confidence, Finding, lines_of, many
from gateway.cli._doctor.observed import Heard, Observed
from protocols._core import Rejected
from protocols.dc09 import explain

_KEY_BYTES = (16, 24, 32)


def wrong(seen: Observed) -> Iterator[Finding]:
    """Frames that the account's key does not open, with or without a likely reason."""
    for account, found in _by_account(seen.rejected("decrypt_failed")).items():
        spelling = _other_spelling(seen.known.keys(account), found[0][1].raw)
        lines = lines_of([one.line for one, _ in found])
        if spelling is not None:
            yield Finding(
                id="key_spelled_otherwise",
                title=f"Account {account}: panel and station read the same key differently",
                evidence=f"{many(len(found), 'frame')} ({lines}) opened with the key {spelling}",
                remedy="The panel's key was entered as letters on one side and as hex digits on "
                f"the other. Set key_format of account {account} to the other of hex and ascii, "
                "or enter the key again in the panel.",
                confidence=Confidence.CERTAIN,
            )
        else:
            yield Finding(
                id="key_wrong",
                title=f"Account {account}: its key does not open the panel's frames",
                evidence=f"{many(len(found), 'encrypted frame')} ({lines}) cannot be decrypted "
                "with the configured key, nor with its other spelling",
                remedy="Compare the keys on both sides, their length too (16, 24 or 32 bytes); "
                "enter the same key in panel and station again.",
                confidence=Confidence.CERTAIN,
            )


def missing(seen: Observed) -> Iterator[Finding]:
    """Encrypted frames of an account that has no key here."""
    for account, found in _by_account(seen.rejected("key_missing")).items():
        lines = lines_of([one.line for one, _ in found])
        yield Finding(
            id="key_missing",
            title=f"Account {account}: the panel encrypts, the station has no key for it",
            evidence=f"{many(len(found), 'encrypted frame')} ({lines}), and no key of this account",
            remedy=f"Give account {account} the panel's key (key_file), or switch encryption off "
            "in the panel. Check the account's number first: a key belongs to an account.",
            confidence=Confidence.CERTAIN if seen.known.accounts else Confidence.POSSIBLE,
        )


def unused(seen: Observed) -> Iterator[Finding]:
    """Frames in clear of an account whose frames must be encrypted."""
    plain: dict[str, list[int]] = {}
    for one, report in seen.reports():
        account = seen.known.account(report.account)
        if account is None or report.key_bits or not seen.known.keys(report.account or ""):
            continue
        if account.encryption != "optional":
            plain.setdefault(report.account or "", []).append(one.line)
    for name, lines in plain.items():
        yield Finding(
            id="plain_for_keyed_account",
            title=f"Account {name} has a key, and its panel sends in clear",
            evidence=f"{many(len(lines), 'frame')} in clear ({lines_of(lines)}); they are "
            "refused, for anybody could have sent them",
            remedy="Switch encryption on in the panel and enter the key there. If it shall stay "
            f'in clear: encryption = "optional" or no key for account {name}.',
            confidence=Confidence.CERTAIN,
        )


def _by_account(
    found: Sequence[tuple[Heard, Rejected]],
) -> dict[str, list[tuple[Heard, Rejected]]]:
    accounts: dict[str, list[tuple[Heard, Rejected]]] = {}
    for one, item in found:
        accounts.setdefault(item.account or "(none)", []).append((one, item))
    return accounts


def _other_spelling(keys: Sequence[bytes], frame: bytes) -> str | None:
    """Say how the key must be read to open a frame, if any other reading does."""
    for key in keys:
        for how, other in _spellings(key):
            if len(other) not in _KEY_BYTES:
                continue
            opened = explain(frame, partial(_only, other)).incoming
            if not isinstance(opened, Rejected):
                return how
    return None


def _only(key: bytes, _account: str) -> tuple[bytes, ...]:
    return (key,)


def _spellings(key: bytes) -> Iterator[tuple[str, bytes]]:
    digits = key.hex()
    yield "read as letters instead of hex digits", digits.upper().encode()
    yield "read as letters instead of hex digits", digits.encode()
    if len(digits) // 2 in _KEY_BYTES:
        half = len(key) // 2
        yield "read as letters, and cut to its first half", digits.upper().encode()[: 2 * half]
    try:
        yield "read as hex digits instead of letters", bytes.fromhex(key.decode("ascii"))
    except (UnicodeDecodeError, ValueError):
        return
