"""Contact ID (SIA DC-05): events in the data of ADM-CID, on the telephone line and in text."""

from protocols.contact_id.adm_cid import (
    build_adm_cid,
    parse_adm_cid,
    parse_ascii_chunks,
    parse_event,
)
from protocols.contact_id.digits import checksum
from protocols.contact_id.dtmf import build_dtmf, parse_dtmf
from protocols.contact_id.message import ContactId

__all__ = [
    "ContactId",
    "build_adm_cid",
    "build_dtmf",
    "checksum",
    "parse_adm_cid",
    "parse_ascii_chunks",
    "parse_dtmf",
    "parse_event",
]
