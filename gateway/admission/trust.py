"""How far can a report be trusted? By its key, its transport and who speaks (SEC-9)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal, TypeAlias

from gateway.contract.event import Trust

Link: TypeAlias = Literal["panel", "pinned", "certified", "receiver"]
"""Who speaks: a panel, one from the networks its account names, one that showed a certificate
which its account names, or a receiver."""

_CONFIDENTIALITY: Final[dict[int, Literal["aes-128", "aes-192", "aes-256"]]] = {
    128: "aes-128",
    192: "aes-192",
    256: "aes-256",
}


@lru_cache(maxsize=256)
def trust_of(
    key_bits: int,
    transport: str,
    link: Link,
    is_replay_checked: bool,  # noqa: FBT001  by place is faster
) -> Trust:
    """Say how far a report can be trusted (SEC-9); few combinations, each made once."""
    is_tls = transport == "tls"
    authenticity: Literal["none", "key", "source", "line", "certificate"] = "none"
    if link == "certified":
        authenticity = "certificate"
    elif key_bits:
        authenticity = "key"
    elif link == "receiver" and transport == "serial":
        authenticity = "line"
    elif link == "pinned":
        authenticity = "source"
    return Trust(
        confidentiality=_CONFIDENTIALITY.get(key_bits, "tls" if is_tls else "none"),
        integrity="tls" if is_tls else "none",
        authenticity=authenticity,
        replay_checked=is_replay_checked,
    )
