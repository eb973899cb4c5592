"""Events that are stored as a form and what fills it, for tests."""

from __future__ import annotations

from gateway.journal import Alike, Form
from gateway.journal.form import PIECES
from tests.support.journal import AT_MS, IDS, entry

# Pieces as they are: JSON text, with what an installer may have written into a name.
NAMES = ["Harbour Street 5", "Tür ☂", 'quote \\" and \\u0000']


def form(account: str = "1234", name: str = NAMES[0], **said) -> Form:
    pieces = [f'"piece {n} of {name}"' for n in range(PIECES)]
    fields = {"class_": "alarm", "is_priority": False, "input": "ip-1"} | said
    return Form(account=account, pieces=tuple(pieces), **fields)


def alike(seq: int, shared: Form, **said) -> Alike:
    fields = {
        "event_id": IDS.id(AT_MS, seq), "received_ms": AT_MS + seq, "peer": "192.0.2.7:51823",
        "sequence": f"{seq % 10_000:04d}", "clock_skew_ms": None if seq % 2 else -seq,
        "monotonic_ns": seq << 40, "raw": bytes(range(256)) + b"%d" % seq,
        "identity": b"%016d" % seq,
    }  # fmt: skip
    return Alike(
        seq=seq, form=shared, account=shared.account, is_priority=shared.is_priority,
        **(fields | said),
    )  # fmt: skip


def mixed(first: int, last: int, forms: list[Form]):
    """Every third event stands by itself, the others have one of these forms."""
    return [
        alike(seq, forms[seq % len(forms)]) if seq % 3 else entry(seq)
        for seq in range(first, last + 1)
    ]


def whole(event):
    return event.whole() if isinstance(event, Alike) else event


def told(event):
    names = ("seq", "event_id", "account", "class_", "is_priority", "received_ms", "json")
    return [getattr(event, name) for name in names]


def forms() -> list[Form]:
    return [
        form(),
        form("north.9", NAMES[1], is_priority=True, class_="restoral"),
        form("7", NAMES[2], input="ip-2"),
    ]
