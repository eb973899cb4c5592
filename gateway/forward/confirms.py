"""Is this message on a confirm topic a confirm of a consumer that counts (SEC-22, REL-47)?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from gateway.contract.status import Confirm
from gateway.contract.topics import Topics

_decode = msgspec.json.Decoder(Confirm).decode


class ConfirmReader:
    """Checks confirm messages; what does not count is counted by reason and ignored."""

    def __init__(
        self, topics: Topics, confirm_by: Sequence[str], count: Callable[[str], None]
    ) -> None:
        self._prefix = topics.confirm("x")[:-1]
        self._named = frozenset(confirm_by)
        self._count = count

    def read(self, topic: str, payload: bytes) -> Confirm | None:
        """Give the confirm when it is sound and its consumer is named in ``confirm_by``."""
        consumer = topic[len(self._prefix) :] if topic.startswith(self._prefix) else ""
        if not consumer or "/" in consumer:
            self._count("confirm_ignored:topic")
            return None
        if consumer not in self._named:
            self._count("confirm_ignored:consumer_not_named")
            return None
        try:
            confirm = _decode(payload)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._count("confirm_ignored:schema")
            return None
        if confirm.consumer != consumer:
            self._count("confirm_ignored:foreign_name")
            return None
        return confirm
