"""Which MQTT topic says what: the only place where a topic is spelled or taken apart."""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

import msgspec

ROOT: Final = "alarm-gateway/v1"
"""Topic root of contract version 1; the site is the next level."""
MAIN_GROUP: Final = "main"
"""The group whose name does not show in the account level."""
NO_ACCOUNT: Final = "_none"
"""Account level of an event that belongs to no account; no encoded account can spell it."""

TopicKind: TypeAlias = Literal[
    "status", "info", "health", "input", "supervision", "event", "unrecognised", "confirm"
]

_PLAIN: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-")
_ENCODED: Final = tuple(chr(b) if b in _PLAIN else f"_{b:02X}" for b in range(256))
_ENCODED_UPPER: Final = tuple(chr(b).upper() if b in _PLAIN else f"_{b:02X}" for b in range(256))
_USUAL: Final = re.compile(r"[A-Z0-9-]+").fullmatch
_ESCAPE: Final = re.compile(rb"_([0-9A-F]{2})")
_LEVEL: Final = re.compile(r"(?:[A-Za-z0-9-]|_[0-9A-F]{2})+")
_NAME: Final = re.compile(r"[^/+#\x00-\x1f\x7f]+")


def level(text: str) -> str:
    """Encode any text as one topic level: UTF-8 bytes outside ``[A-Za-z0-9-]`` become ``_XX``."""
    return "".join([_ENCODED[byte] for byte in text.encode("utf-8", "surrogatepass")])


def account_level(group: str, account: str | None) -> str:
    """Encode an account as one topic level, for instance ``1234``, ``north.1234``, ``_none``.

    Two accounts never share a level: the dot between group and id cannot come out of either
    (it would be ``_2E``). Ids are compared without ASCII case, so they are upper-cased; group
    names are the station's own words and keep their case.
    """
    if not account:
        return NO_ACCOUNT
    if _USUAL(account):
        name = account
    else:
        name = "".join([_ENCODED_UPPER[b] for b in account.encode("utf-8", "surrogatepass")])
    return name if group == MAIN_GROUP else f"{level(group)}.{name}"


def account_of(encoded: str) -> tuple[str, str] | None:
    """Give group and id back from an account level; None for ``_none`` and what is no level.

    The id comes back upper-cased.
    """
    group, dot, name = encoded.rpartition(".")
    if not _LEVEL.fullmatch(name) or (dot and not _LEVEL.fullmatch(group)):
        return None
    try:
        return (_decoded(group) if dot else MAIN_GROUP), _decoded(name)
    except UnicodeDecodeError:
        return None


def _decoded(encoded: str) -> str:
    return _ESCAPE.sub(lambda m: bytes([int(m[1], 16)]), encoded.encode()).decode(
        "utf-8", "surrogatepass"
    )


class Parsed(msgspec.Struct, frozen=True):
    """What a topic of the contract is about."""

    kind: TopicKind
    name: str = ""
    """The encoded input or account, or the consumer; empty for the station's own topics."""
    class_: str = ""
    """The class level of an event topic."""


class Topics:
    """All topics of one site (design: MQTT contract)."""

    def __init__(self, site: str) -> None:
        if not _NAME.fullmatch(site):
            raise ValueError(
                f"site {site!r} cannot be a topic level: it must be at least one character, "
                "without '/', '+', '#' and control characters"
            )
        self.site: Final = site
        self.root: Final = f"{ROOT}/{site}"
        self.status: Final = f"{self.root}/status"
        self.info: Final = f"{self.root}/info"
        self.health: Final = f"{self.root}/health"
        self.events: Final = f"{self.root}/event/#"
        """Subscription to all events."""
        self.confirms: Final = f"{self.root}/confirm/+"
        """Subscription to the confirms of every consumer, named or not."""
        self.everything: Final = f"{self.root}/#"
        self._event_prefix: Final = f"{self.root}/event/"

    def event(self, class_: str, account: str) -> str:
        """Topic of an event; ``account`` is an account level already."""
        return f"{self._event_prefix}{class_}/{account}"

    def input_status(self, name: str) -> str:
        """Topic that tells whether an input works."""
        return f"{self.root}/input/{level(name)}/status"

    def supervision(self, account: str) -> str:
        """Topic that tells whether a supervised account is heard; takes an account level."""
        return f"{self.root}/account/{account}/supervision"

    def unrecognised(self, name: str) -> str:
        """Topic of what an input sent that nobody could read."""
        return f"{self.root}/unrecognised/{level(name)}"

    def confirm(self, consumer: str) -> str:
        """Topic on which a consumer confirms; the name is taken as it is (the ACL ties it)."""
        if not _NAME.fullmatch(consumer):
            raise ValueError(
                f"consumer {consumer!r} cannot be a topic level: it must be at least one "
                "character, without '/', '+', '#' and control characters"
            )
        return f"{self.root}/confirm/{consumer}"

    def parse(self, topic: str) -> Parsed | None:
        """Say what a topic is about; None when it is none of this site's contract."""
        prefix = self.root + "/"
        if not topic.startswith(prefix):
            return None
        parsed: Parsed | None = None
        match topic[len(prefix) :].split("/"):
            case ["status" | "info" | "health" as kind]:
                parsed = Parsed(kind)
            case ["event", class_, account] if class_ and account:
                parsed = Parsed("event", account, class_)
            case ["confirm" | "unrecognised" as kind, name] if name:
                parsed = Parsed(kind, name)
            case ["input", name, "status"] if name:
                parsed = Parsed("input", name)
            case ["account", account, "supervision"] if account:
                parsed = Parsed("supervision", account)
        return parsed
