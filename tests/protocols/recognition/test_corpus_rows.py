"""`auto` never settles wrongly on a row of the corpora, however its bytes come."""

from __future__ import annotations

from pathlib import Path

import pytest

from protocols.recognition import AUTO_LINKS
from protocols.registry import PROTOCOLS
from tests.corpus.judge import frame_bytes, rows_of

CORPUS = Path(__file__).parents[2] / "corpus"
NOISE = b"\xf0\x81\x92\xe3\xff\xfe~" * 3
REPEAT_S = 5.0  # after which a receiver that heard nothing sends again
OF_ROW = {
    "caps": "ademco685",
    "ademco-685": "ademco685",
    "ademco-8000": "mx8000",
    "ademco-dtmf": "dtmf",
    "contact-id-dtmf": "dtmf",
    "fbi-cp220": "ademco685",
    "fsk-multi-router": "fsk-router",
    "iti": "iti",
    "osborne-hoffman": "osborne-hoffman",
    "radionics-6500": "bosch6500",
    "sia-dc03-block": "sia-dc03",
    "sk9000": "mx8000",
    "surgard": "surgard",
    "surgard-pima-raw": "pima",
}
FOREIGN = {"osborne-hoffman": "osborne-hoffman", "osborne-hoffman-heartbeat": "osborne-hoffman",
           "galaxy-sia-blocks": "sia-dc03"}  # fmt: skip


def rows(*names):
    found = [row for name in names for _, row in rows_of(CORPUS / name)]
    return pytest.mark.parametrize("row", found, ids=[row["id"] for row in found])


ALL_ROWS = ("receivers.jsonl", "dc09.jsonl", "extra/receivers.jsonl", "extra/dc09.jsonl")


def family_of(row) -> str | None:
    """What a row really is; None for what no link carries by itself."""
    if "family" not in row:
        named = row["expect"].get("protocol")
        if row["expect"].get("crc") == "0101":  # that dialect's literal, no check value
            named = "osborne-hoffman"
        return "dc09" if named is None else FOREIGN.get(named)
    begins = [one for one in OF_ROW if row["family"] == one or row["family"].startswith(one + "-")]
    return OF_ROW[max(begins, key=len)] if begins else None


def heard(link, chunks, *, default=None, copies=1):
    """A link that heard these reads, as often as a far end without an answer sends them."""
    options = {} if default is None else {"default": default}
    connection = AUTO_LINKS[link].connect(keys=lambda _: (), pad=bytes, options=options)
    now, found = 0.0, None
    for _ in range(copies):
        for chunk in chunks:
            connection.receive(chunk, now=now)
            found = connection.news() or found
        end = now + REPEAT_S
        while (due := connection.deadline()) is not None and due <= end:
            now = max(now + 0.001, due)
            connection.on_deadline(now=now)
            found = connection.news() or found
        now = end
        assert connection.data_to_send() == b""  # nobody gave a verdict
        if found is not None:
            break
    return found


def is_right(found, family):
    return found is None or found.family == family or family in found.fits


@pytest.mark.parametrize("link", AUTO_LINKS)
@rows(*ALL_ROWS)
def test_no_row_is_taken_for_another_family(row, link):
    raw, family = frame_bytes(row), family_of(row)
    for chunks in ([raw], [raw * 3], [NOISE, raw], [bytes([one]) for one in raw]):
        assert is_right(heard(link, chunks, copies=3), family), chunks


@rows("receivers.jsonl", "dc09.jsonl")
def test_no_row_is_taken_for_another_family_wherever_it_is_split(row):
    raw, family = frame_bytes(row), family_of(row)
    link = PROTOCOLS[family or "dc09"].link
    for at in range(1, len(raw)):
        assert is_right(heard(link, [raw[:at], raw[at:]]), family), at


TELLS_NOTHING = {
    "sg-025", "sg-057", "oh-010",  # answers of ours
    "sk-011", "dc03-004", "dc03-005", "dc03-007", "dc03-009",  # too short to tell from noise
    "ae-005", "rad-011", "rad-013",  # commands of the computer
    "rad-014", "rad-016", "rad-018",  # bodies without a frame
    "sg-059", "sk-003", "dc03-011",  # broken
    "dc03-002",  # no block of an account before it
    "dahua-cid-user-redacted", "dahua-3-in-1-redacted", "syn-bad-crc", "comxline-1",  # broken
    "bad-nohash",
}  # fmt: skip


@rows("receivers.jsonl", "dc09.jsonl")
def test_one_frame_settles_it_where_the_bytes_allow(row):
    raw, family = frame_bytes(row), family_of(row)
    if family is None:
        return
    found = heard(PROTOCOLS[family].link, [raw], default=family)
    if row["id"] in TELLS_NOTHING:
        assert found is None
    else:
        assert found is not None
        assert found.family == family
