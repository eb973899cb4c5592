"""Data under DC-09's id tokens, where a link of its own carries it: SIA-DCS and ADM-CID.

DC-09 itself reads on a way of its own, which has kinds for the tokens and a memory for the data.
"""

from __future__ import annotations

from collections.abc import Sequence

from protocols._core import Part, Unreadable
from protocols.contact_id import ContactId, build_adm_cid, parse_adm_cid
from protocols.sia_dc03 import SiaBlock, SiaEvent, SiaText, build_sia_dcs, parse_sia_dcs


def token_parts(token: str, content: bytes) -> tuple[Part, ...]:
    """Read what stands between the brackets; of another token it is kept as it came."""
    if token == "SIA-DCS":  # noqa: S105  (a protocol token)
        return parse_sia_dcs(content)[1]
    if token == "ADM-CID":  # noqa: S105  (a protocol token)
        return parse_adm_cid(content)[1]
    reason = f"token {token!r} is not read; its data is kept as it came"
    return (Unreadable(raw=content, format="raw", reason=reason),)


def token_data(parts: Sequence[Part], account: str) -> tuple[str, bytes]:
    """Choose the token for parts, and write what follows ``#acct|``.

    Raises:
        ValueError: The parts are neither all Contact ID nor all SIA data, or cannot be written.
    """
    dialled = [part for part in parts if isinstance(part, ContactId)]
    if dialled and len(dialled) == len(parts):
        return "ADM-CID", build_adm_cid(account, dialled).partition(b"|")[2]
    if not all(isinstance(part, SiaEvent | SiaText | SiaBlock) for part in parts):
        message = f"{parts} seen; expected Contact ID or SIA data"
        raise ValueError(message)
    return "SIA-DCS", build_sia_dcs(account, parts).partition(b"|")[2]
