"""Contact ID and the older Ademco formats as DTMF digits that a line interface hands on."""

from protocols.dtmf.digits import AUDIO_FOLLOWS, TYPES, build_message, part_of
from protocols.dtmf.explain import explain, explain_all
from protocols.dtmf.session import KISSOFF_TIMEOUT_S, connect, panel

__all__ = [
    "AUDIO_FOLLOWS",
    "KISSOFF_TIMEOUT_S",
    "TYPES",
    "build_message",
    "connect",
    "explain",
    "explain_all",
    "panel",
    "part_of",
]
