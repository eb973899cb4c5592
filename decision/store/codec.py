"""Between facts and rows: which facts stand under which subject, how time is kept.

The first part of a subject says which facts may stand there; a row that no longer decodes stops
the fold that needs it, with its number.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from decision.facts import Actor, Fact, Recorded
from decision.ledger.facts import LedgerFact
from decision.people import OperatorFact
from decision.store.port import NewFact, Row, StoreError

INCIDENT: Final = "incident/"
SYSTEM: Final = "system/"
OPERATOR: Final = "operator/"
SITE: Final = "site/"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_encode: Final = msgspec.json.Encoder().encode
_actor: Final = msgspec.json.Decoder(Actor).decode
_DECODERS: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    INCIDENT: msgspec.json.Decoder(Fact),
    SITE: msgspec.json.Decoder(Fact),
    SYSTEM: msgspec.json.Decoder(LedgerFact),
    OPERATOR: msgspec.json.Decoder(OperatorFact),
}


def micros(at: datetime) -> int:
    """Microseconds since 1970 of an aware time."""
    return (at - _EPOCH) // _MICROSECOND


def moment(at_us: int) -> datetime:
    """The aware UTC time again."""
    return _EPOCH + timedelta(microseconds=at_us)


def encode(
    subject: str, fact: msgspec.Struct, actor: Actor, *, at: datetime, event_id: str | None = None
) -> NewFact:
    """Make a row of a fact. Raises ValueError for a subject under which nothing stands."""
    _decoder(subject)
    return NewFact(
        at_us=micros(at),
        subject=subject,
        actor=_encode(actor),
        kind=str(fact.__struct_config__.tag),
        body=_encode(fact),
        event_id=event_id,
    )


def decode(row: Row) -> Recorded:
    """Make a fact of a row. Raises ``StoreError`` that names the row."""
    try:
        return Recorded(
            seq=row.seq,
            at=moment(row.at_us),
            subject=row.subject,
            actor=_actor(row.actor),
            fact=_decoder(row.subject).decode(row.body),
        )
    except (msgspec.DecodeError, ValueError) as error:
        raise StoreError(
            f"fact {row.seq} ({row.kind} of {row.subject}) cannot be read: {error}; it may have "
            "been written by a newer version"
        ) from error


def _decoder(subject: str) -> msgspec.json.Decoder[Any]:
    for prefix, decoder in _DECODERS.items():
        if subject.startswith(prefix):
            return decoder
    raise ValueError(f"no facts stand under {subject!r}; known: {', '.join(_DECODERS)}")
