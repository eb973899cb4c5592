"""Sessions: who is signed in, since when, until when. In memory; a restart signs everybody out.

The cookie holds a random token; what is kept here is its hash, so that a memory dump or a log
line holds nothing that could be presented. The clock and the random bytes are arguments.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec

IDLE: Final = timedelta(hours=12)
"""One shift. Nobody is signed out in the middle of an incident."""
LONGEST: Final = timedelta(hours=14)
"""A session ends after this, busy or not."""
_TOKEN_BYTES: Final = 32


class Session(msgspec.Struct, kw_only=True):
    """One signed-in browser or program."""

    user: str
    started: datetime
    seen: datetime
    csrf: str
    """Must come back with every change, in a form field or a header."""
    said: list[tuple[str, str]] = []
    """(tone, words) that the next page tells the person, once."""

    def take_said(self) -> list[tuple[str, str]]:
        """What is to be told; it is told once."""
        said, self.said = self.said, []
        return said


class Sessions:
    """All open sessions."""

    def __init__(
        self,
        *,
        random_bytes: Callable[[int], bytes],
        idle: timedelta = IDLE,
        longest: timedelta = LONGEST,
    ) -> None:
        self._random_bytes = random_bytes
        self._idle = idle
        self._longest = longest
        self._by_hash: dict[bytes, Session] = {}

    def open(self, user: str, *, now: datetime) -> tuple[str, Session]:
        """Start a session; the token goes into the cookie and nowhere else."""
        self._drop_old(now)
        token = _text(self._random_bytes(_TOKEN_BYTES))
        session = Session(
            user=user, started=now, seen=now, csrf=_text(self._random_bytes(_TOKEN_BYTES))
        )
        self._by_hash[_hash(token)] = session
        return token, session

    def find(self, token: str | None, *, now: datetime) -> Session | None:
        """The session of this token, if it still holds; being seen keeps it alive."""
        if not token:
            return None
        key = _hash(token)
        session = self._by_hash.get(key)
        if session is None:
            return None
        if self._is_over(session, now):
            del self._by_hash[key]
            return None
        session.seen = now
        return session

    def close(self, token: str | None) -> None:
        """Sign out."""
        if token:
            self._by_hash.pop(_hash(token), None)

    def close_all_of(self, user: str) -> int:
        """Sign a user out everywhere: password changed, account disabled. Gives how many."""
        keys = [key for key, session in self._by_hash.items() if session.user == user]
        for key in keys:
            del self._by_hash[key]
        return len(keys)

    def _is_over(self, session: Session, now: datetime) -> bool:
        return now - session.seen >= self._idle or now - session.started >= self._longest

    def _drop_old(self, now: datetime) -> None:
        for key in [key for key, one in self._by_hash.items() if self._is_over(one, now)]:
            del self._by_hash[key]


def is_csrf_right(session: Session, presented: str | None) -> bool:
    """Compare in constant time."""
    return presented is not None and hmac.compare_digest(
        session.csrf.encode(), presented.encode("utf-8", "surrogatepass")
    )


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
