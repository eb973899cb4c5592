"""The runner itself: every key it compares can fail, and none is passed over."""

from __future__ import annotations

import json

import pytest

from tests.corpus.conftest import COPIES, HERE
from tests.corpus.judge import Pending, Row, rows_of
from tests.corpus.test_corpus import judge_row

WRONG = "no such value"
MESSAGE = frozenset({"id", "format", "encoding", "code", "index", "source", "corrected"})


def judged_rows() -> list[tuple[str, Row]]:
    found = []
    for name in COPIES:
        for row_id, row in rows_of(HERE / name):
            try:
                judge_row(row)
            except Pending:
                continue
            found.append((row_id, row))
    return found


JUDGED = judged_rows()


@pytest.mark.parametrize("row", [row for _, row in JUDGED], ids=[row_id for row_id, _ in JUDGED])
def test_every_expected_key_can_fail_and_a_new_one_does(row):
    if "expect" not in row:  # the codes form has its expectations at top level
        for key in row.keys() - MESSAGE:
            assert judge_row({**row, key: WRONG}), key
        assert judge_row({**row, "siren": True})
        return
    for key in row["expect"]:
        changed = {**row, "expect": {**row["expect"], key: [WRONG] if key == "events" else WRONG}}
        if key in ("frames", "kind", "protocol"):
            continue  # they choose what is judged; the next tests cover them
        assert judge_row(changed), key
    assert judge_row({**row, "expect": {**row["expect"], "siren": None}})
    assert judge_row({**row, "siren": None})
    for key in ("crc_ok", "length_ok"):
        if key in row:
            assert judge_row({**row, key: not row[key]}), key


def stream_row() -> Row:
    (found,) = (row for row_id, row in JUDGED if row_id == "dc09:dahua-3-in-1-redacted")
    return found


def test_a_frame_of_a_stream_is_judged_key_by_key():
    row = stream_row()
    frames = row["expect"]["frames"]
    for key in frames[1]:
        other = [frames[0], {**frames[1], key: WRONG}, frames[2]]
        assert judge_row({**row, "expect": {**row["expect"], "frames": other}}), key
    short = {**row["expect"], "frames": frames[:2]}
    assert any("2 frames" in each for each in judge_row({**row, "expect": short}))


def surgard_row(frame: bytes, **expect: object) -> Row:
    return {"id": "x", "family": "surgard-mlr2", "frame_hex": frame.hex(), "expect": expect}


FRAME = b"5011 187037E13001004"


def test_glued_copies_are_judged_one_by_one():
    inner = {"kind": "event", "protocol": "5", "account": "7037", "zone": "004"}
    row = surgard_row(FRAME + FRAME + b"\x14", kind="multi", count=2, frames=[inner, inner])
    assert judge_row(row) == []
    row["expect"]["frames"][1] = {**inner, "zone": "005"}
    assert judge_row(row) == ["frames[1].zone: expected '005', got '004'"]


@pytest.mark.parametrize(
    ("frame", "expect"),
    [
        (b"S01002[#1234|NBA01\x14", {"kind": "invalid", "reason": "missing closing bracket"}),
        (b"001000[#0000|NRU0000\x14", {"kind": "invalid", "reason": "missing closing bracket"}),
        (
            b"5011 181234E1210100\x14",
            {"kind": "invalid", "reason": "contact-id body one digit short"},
        ),
        (
            b"3011      1234ri0001\x14",
            {"kind": "modifier", "protocol": "3", "modifier": "ri", "value": "0001"},
        ),
        (
            b"S01002[#1234|Nti10:23/id6/ri3/OP6|AFront]\x14",
            {
                "kind": "event", "protocol": "S", "time": "10:23", "block": "N", "level": 3,
                "events": [
                    {"code": "OP", "addr": "6", "user": "6", "area": "3", "text": "Front"}
                ],
            },
        ),
        (b"\x00\x00\x00\x25" + FRAME + b"\x14", {"kind": "event", "b32_length": 25}),
        (b"\x00\x00\x00\x05\x15", {"kind": "nak", "b32_length": 5}),
        (b"101A      1234 A  22\x14", {"kind": "event", "line": "A", "line_int": 10}),
        (
            b"1011    1j23458b45A01\x14",
            {
                "kind": "event", "format": "iti", "account": "12345", "panel_attr": 106,
                "group": "8", "user": "b", "user_int": 37, "zone": "45", "condition": "A",
                "was_level": "0", "now_level": "1",
            },
        ),
        (b"1010      0000 A  FE\x14", {"kind": "internal", "meaning": "line card 0E absent"}),
    ],
)  # fmt: skip
def test_rows_of_the_form_beyond_the_samples(frame, expect):
    assert judge_row(surgard_row(frame, **expect)) == []


def test_a_wrong_digit_on_the_telephone_line():
    row = {
        "id": "x", "family": "contact-id-dtmf", "frame_hex": b"1234181131010157".hex(),
        "expect": {"kind": "invalid", "reason": "checksum", "expected": "8"},
    }  # fmt: skip
    assert judge_row(row) == []


def test_a_row_of_no_form_fails():
    assert judge_row({"id": "x", "bytes": "00"})
    assert judge_row({"unreadable": "bad JSON"})


def test_another_file_of_rows(tmp_path):
    path = tmp_path / "other.jsonl"
    path.write_text(json.dumps({"id": "a"}) + "\n\nnot json\n[]\n")
    assert [row_id for row_id, _ in rows_of(path)] == ["other:a", "other:line-3", "other:line-4"]


def corpus_row(row_id: str) -> Row:
    (found,) = (row for known, row in JUDGED if known == row_id)
    return found


def test_quirks_are_a_set_and_their_hex_may_have_either_case():
    row = corpus_row("dc09:trail-nul-bin-emptyline")
    turned = [*reversed(row["expect"]["quirks"]), "binary_crc"]
    assert judge_row({**row, "expect": {**row["expect"], "quirks": turned}}) == []
    row = corpus_row("dc09:trail-cr")
    shout = {**row["expect"], "quirks": ["trailing_bytes:0D"]}
    assert judge_row({**row, "expect": shout}) == []
    less = {**row["expect"], "quirks": []}
    assert judge_row({**row, "expect": less})


def test_a_flag_that_is_not_set_may_be_called_false_and_not_true():
    row = corpus_row("codes:fo-607")
    assert judge_row({**row, "off_normal": False, "after_alarm": None}) == []
    assert judge_row({**row, "off_normal": True})
    set_one = corpus_row("codes:fo-608")
    assert judge_row({**set_one, "off_normal": False})


def test_a_bad_frame_of_a_read_is_to_be_refused_and_a_good_one_not():
    row = corpus_row("receivers:multi-bad-middle")
    frames = row["expect"]["frames"]
    good_called_bad = [{"kind": "invalid"}, *frames[1:]]
    complaints = judge_row({**row, "expect": {**row["expect"], "frames": good_called_bad}})
    assert any(each.startswith("answer: expected b'\\x15'") for each in complaints)
