"""``alarm-gateway decode``: a technician's frame, explained; design 8, issue point 6."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.console import Console

from gateway.cli import CliError, main
from gateway.cli._decode import as_json, dialled, panel, receiver, source
from gateway.cli._decode.show import show
from gateway.cli._decode.station import Station
from protocols import dc09, surgard

CORPUS = Path(__file__).parents[1] / "corpus"
NOW = datetime(2026, 11, 20, 9, 15, 2, tzinfo=UTC)
AT = "2026-11-20T09:15:02Z"
SIA = 'B9640026"SIA-DCS"0001L0#1234[#1234|Nri1/BA001]'
KEY = bytes.fromhex("00112233445566778899aabbccddeeff")
CONFIG = """
site = "test"
[journal]
directory = "journal"
[accounts]
files = ["accounts.toml"]
[inputs.ip-1]
protocol = "dc09"
tcp = "127.0.0.1:0"
[inputs.rx-1]
protocol = "surgard"
connect = "127.0.0.1:1025"
group = "north"
ranges = [{receiver = "02", lines = "*", group = "south"}]
[mqtt]
broker = "embedded"
confirm_by = []
"""
ACCOUNTS = """
[[account]]
id = "1234"
name = "Harbour Street 5"
[account.areas]
1 = {name = "Stockroom", class = "SECURED"}
[account.zones]
1 = {name = "Rear door", area = "1", sensor = "door", location = "north wall"}
[[account]]
id = "5678"
key_file = "panel.key"
[[account]]
group = "south"
id = "1234"
[account.zones]
15 = {name = "Gate"}
"""


class Ran:
    """What a run of the command printed and how it ended."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def frame(self) -> dict[str, Any]:
        (frame,) = self.json["frames"]
        assert isinstance(frame, dict)
        return frame


@pytest.fixture
def decode(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command as the console script does."""

    def run(*arguments: str, stdin: bytes | None = None) -> Ran:
        monkeypatch.setattr("sys.argv", ["alarm-gateway", "decode", *arguments])
        monkeypatch.setenv("COLUMNS", "100")
        if stdin is not None:
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main.main()
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Ran(int(ended.value.code or 0), out, err)

    return run


@pytest.fixture
def station(tmp_path: Path) -> Path:
    (tmp_path / "accounts.toml").write_text(ACCOUNTS)
    key = tmp_path / "panel.key"
    key.write_text("8f1d3c9be07a42565a1ec4d20b97f36e")
    key.chmod(0o600)
    config = tmp_path / "gateway.toml"
    config.write_text(CONFIG)
    return config


class TestAPanelsFrame:
    def test_the_screen_names_fields_event_and_answer(self, decode: Any) -> None:
        ran = decode(SIA, "--at", AT)
        assert ran.status == 0
        for shown in (
            "DC-09 SIA-DCS",
            "CRC-16/ARC, right",
            "Burglary alarm",
            "burglary alarm   class alarm, severity 7 of 19, BURGLAR",
            r'\n1BC10012"ACK"0001L0#1234[]\r',
            "LF and CR added",
        ):
            assert shown in ran.out
        assert max(map(len, ran.out.splitlines())) <= 100

    def test_every_byte_has_a_field(self, decode: Any) -> None:
        frame = decode(SIA, "--json").frame
        assert "".join(field["hex"] for field in frame["fields"]) == frame["hex"]
        assert [field["offset"] for field in frame["fields"]] == [0, 1, 5, 9, 18, 22, 24, 29, 47]

    def test_the_answer_is_told_byte_by_byte(self, decode: Any) -> None:
        answer = decode(SIA, "--json").frame["answer"]
        assert (answer["verdict"], answer["text"]) == ("ACK", r'\n1BC10012"ACK"0001L0#1234[]\r')
        assert "".join(field["hex"] for field in answer["fields"]) == answer["hex"]

    def test_the_event_has_the_contracts_names(self, decode: Any) -> None:
        (event,) = decode(SIA, "--json").frame["events"]
        assert event["class"] == "alarm"
        assert event["area"] == {"id": "1", "name": None, "class": "UNKNOWN"}
        assert event["zone"]["id"] == "001"
        assert event["code"]["value"] == "BA"

    @pytest.mark.parametrize(
        ("frame", "rule", "offset"),
        [
            ("\\n" + SIA.replace("B964", "0000") + "\\r", "crc_wrong", 1),
            ("\\n" + SIA.replace("0026", "0036") + "\\r", "length_wrong", 5),
            ('\\n43EF001A"SIA-DCS"zzzzL0#1234[x]\\r', "length_wrong", 5),
        ],
    )
    def test_the_broken_rule_at_its_byte(
        self, decode: Any, frame: str, rule: str, offset: int
    ) -> None:
        ran = decode(frame, "--json")
        assert ran.status == 1
        broken = ran.frame["broken"]
        assert (broken["rule"], broken["offset"]) == (rule, offset)
        assert broken["hint"]
        assert ran.frame["answer"]["verdict"] == "silence"
        assert any(
            field["wrong"] and field["offset"] <= offset < field["offset"] + field["length"]
            for field in ran.frame["fields"]
        )

    def test_a_broken_frame_still_says_what_it_seems_to_say(self, decode: Any) -> None:
        frame = decode("\\n" + SIA.replace("B964", "0000") + "\\r", "--json").frame
        assert {"sent": "BA", "meaning": "Burglary alarm"} in frame["says"][0]
        assert frame["events"] == []

    def test_quirks_in_words(self, decode: Any) -> None:
        ran = decode(r'\n7A28002F"ADM-CID"6616R0L0#foc7688[#foc7688|1351 01 000]\r')
        assert ran.status == 0
        assert "compared as text" in ran.out

    def test_a_foreign_protocol_is_named(self, decode: Any) -> None:
        ran = decode("46233132333435369d", "--protocol", "dc09")
        assert ran.status == 1
        assert "Honeywell Galaxy" in ran.out

    def test_an_unreadable_event_is_told(self, decode: Any) -> None:
        frame = dc09.build_frame("ADM-CID", account="1234", data=b"#1234|9999 01 001")
        ran = decode("--hex", frame.hex(), "--json")
        assert ran.status == 1
        assert ran.frame["status"] == "unreadable"
        assert ran.frame["events"][0]["code"]["known"] is False
        assert ran.frame["answer"]["verdict"] == "ACK"

    def test_an_unknown_token_gets_duh(self, decode: Any) -> None:
        ran = decode(r'\n89D80029"HENG-BO"0003R0L0#1234[#1234|1400 00 000]\r', "--json")
        assert ran.frame["answer"]["verdict"] == "DUH"

    def test_several_frames_of_one_stream(self, decode: Any) -> None:
        frames = decode("\\n" + SIA + "\\r\\n" + SIA + "\\r", "--json").json["frames"]
        assert [frame["status"] for frame in frames] == ["decoded", "decoded"]

    def test_a_receivers_answer_is_explained_too(self, decode: Any) -> None:
        ran = decode(r'\n1BC10012"ACK"0001L0#1234[]\r')
        assert ran.status == 0
        assert "acknowledgement" in ran.out


class TestEncryption:
    @pytest.fixture
    def frame(self) -> str:
        raw = dc09.build_frame(
            "SIA-DCS",
            account="1234",
            data=b"#1234|Nri1/BA001",
            sequence="0001",
            timestamp=NOW,
            key=KEY,
            pad=lambda count: b"\x55" * count,
        )
        return raw.hex()

    def test_without_a_key_it_says_how_to_give_one(self, decode: Any, frame: str) -> None:
        ran = decode(frame)
        assert ran.status == 1
        assert "--key-file" in ran.out
        assert ran.out.index("key_missing") < ran.out.index("Fields")

    @pytest.mark.parametrize("spelling", [KEY.hex(), KEY.hex().upper() + "\n"])
    def test_a_key_file_opens_it(
        self, decode: Any, frame: str, tmp_path: Path, spelling: str
    ) -> None:
        path = tmp_path / "panel.key"
        path.write_text(spelling)
        ran = decode(frame, "--key-file", str(path), "--json")
        assert ran.status == 0
        assert ran.frame["answer"]["verdict"] == "*ACK"
        names = [field["name"] for field in ran.frame["decrypted"]]
        assert names == ["pad", "separator", "data", "time stamp"]
        assert ran.frame["decrypted"][0]["hex"] == ""
        assert KEY.hex() not in ran.out.lower()

    def test_a_key_of_letters(self, decode: Any, tmp_path: Path) -> None:
        path = tmp_path / "panel.key"
        path.write_text("AAAAAAAAAAAAAAAA")
        ran = decode(
            r'\n76D80055"*NULL"0000R0L0#AAAB[B4BC8B40D0E6D959D6BEA78E88CC0B2155741A3C44FBB96D476A3'
            r"E557CAD64D9\r",
            "--key-file",
            str(path),
        )
        assert ran.status == 0
        assert "encrypted with AES-128" in ran.out

    def test_a_wrong_key_is_told(self, decode: Any, frame: str, tmp_path: Path) -> None:
        path = tmp_path / "panel.key"
        path.write_text("ff" * 16)
        ran = decode(frame, "--key-file", str(path), "--json")
        assert ran.status == 1
        assert ran.frame["broken"]["rule"] == "decrypt_failed"
        assert ran.frame["answer"]["verdict"] == "silence"

    def test_a_key_that_is_none_is_not_shown(self, decode: Any, frame: str, tmp_path: Path) -> None:
        path = tmp_path / "panel.key"
        path.write_text("not-a-key-but-secret")
        ran = decode(frame, "--key-file", str(path))
        assert ran.status == 2
        assert "secret" not in ran.err

    def test_no_option_takes_a_key_itself(self, decode: Any, frame: str) -> None:
        assert decode(frame, "--key", KEY.hex()).status == 2


class TestAReceiversFrame:
    def test_contact_id(self, decode: Any) -> None:
        ran = decode("5011 181234E13101015\\x14", "--json")
        assert ran.status == 0
        assert ran.frame["protocol"] == "surgard"
        assert ran.frame["answer"]["hex"] == "06"
        assert "".join(field["hex"] for field in ran.frame["fields"]) == ran.frame["hex"]

    def test_one_digit_short(self, decode: Any) -> None:
        ran = decode(r"5011 181234E1310101\x14", "--json")
        assert ran.status == 1
        assert ran.frame["broken"]["offset"] == 17
        assert ran.frame["answer"]["hex"] == "15"
        assert "".join(field["hex"] for field in ran.frame["fields"]) == ran.frame["hex"]

    @pytest.mark.parametrize(
        ("frame", "title"),
        [
            (r"1011           @    \x14", "heartbeat"),
            (r"001000[#0000|NRU00]\x14", "the receiver's own event"),
            (r"S01001[#1234|Nri1/BA001]\x14", "whole block"),
            ("3011    001234BA0012", "one code to a frame"),
            (r"1011      1234 3  12\x14", "event"),
            (r"\x06", "ACK"),
        ],
    )
    def test_other_layouts(self, decode: Any, frame: str, title: str) -> None:
        ran = decode(frame)
        assert ran.status == 0
        assert title in ran.out.splitlines()[0]

    def test_b32(self, decode: Any) -> None:
        body = b"5011 181234E13101015\x14"
        packet = bytes((0, 0, 0, 0x25)) + body
        ran = decode(packet.hex(), "--json")
        assert ran.status == 0
        assert ran.frame["answer"]["hex"] == "0000000506"
        assert "".join(field["hex"] for field in ran.frame["fields"]) == packet.hex()


class TestAFrameOfAnotherFamily:
    @pytest.mark.parametrize(
        ("frame", "protocol", "title"),
        [
            (r"\n11 1234 18 E131 01 C015 \r", "ademco685", "Ademco 685 685: event"),
            (r"\n11 1234 0 5 0A", "ademco685", "Ademco 685 CAPS: event"),
            (r"111234A3\r", "ademco685", "Ademco 685 CP220: event"),
            (r"\n11 OKAY @ \r", "ademco685", "heartbeat"),
            (r"&051697\"081356\"01\"0002\"00401\x05123456\"BA01*060y\r", "mx8000", "ae8000: event"),
            (r"'062794\"0345\"51\x051234\"BA01\"BA02\"BA04~\r", "mx8000", "sk9000: event"),
            (r"\n1B1j23458b45A\r", "iti", "iti-generic: event"),
            (r"|[L|IA1|L1|Nooo1|S970425080020|]C0000\r", "iti", "log record"),
            (r"\n59303______________000001B2_______DD\r", "pima", "PIMA: event"),
        ],
    )
    def test_it_is_recognised_and_told(
        self, decode: Any, frame: str, protocol: str, title: str
    ) -> None:
        ran = decode(frame, "--json")
        assert ran.frame["protocol"] == protocol
        assert title in ran.frame["title"]
        assert ran.frame["answer"]["hex"] == "06"
        assert "".join(field["hex"] for field in ran.frame["fields"]) == ran.frame["hex"]

    def test_a_wrong_check_byte_is_told_with_what_it_should_be(self, decode: Any) -> None:
        ran = decode(r"\x01062794\"0345\"z9000c\r", "--protocol", "mx8000", "--json")
        assert ran.status == 1
        assert ran.frame["broken"]["rule"] == "checksum_wrong"
        assert "63 seen; expected 50" in ran.frame["broken"]["reason"]
        assert ran.frame["answer"]["hex"] == "15"

    def test_who_called_is_told(self, decode: Any) -> None:
        ran = decode(r"4011  12344165551234\x14")
        assert "the number that the event's panel called from" in ran.out.splitlines()[0]
        assert "area code" in ran.out


class TestContactIdAsDialled:
    def test_sixteen_digits(self, decode: Any) -> None:
        ran = decode("1234181131010158", "--json")
        assert ran.status == 0
        assert ran.frame["protocol"] == "contact-id"
        assert ran.frame["events"][0]["code"]["name"] == "Perimeter burglary"
        assert ran.frame["answer"]["verdict"] == "kissoff tone"

    def test_with_blanks(self, decode: Any) -> None:
        assert decode("1234 18 1131 01 015 8").status == 0

    @pytest.mark.parametrize(
        ("digits", "offset", "said"),
        [
            ("1234181131010157", 15, "expected 8"),
            ("123418113101015", 15, "15 digits"),
            ("12341811310101588", 16, "17 digits"),
            ("1A34181131010158", 1, "0-9 or B-F"),
            ("1234182131010158", 6, "expected 1, 3 or 6"),
        ],
    )
    def test_the_digit_that_is_wrong(
        self, decode: Any, digits: str, offset: int, said: str
    ) -> None:
        ran = decode(digits, "--protocol", "contact-id", "--json")
        assert ran.status == 1
        broken = ran.frame["broken"]
        assert broken["offset"] == offset
        assert said in broken["reason"]
        assert ran.frame["answer"]["verdict"] == "silence"

    def test_a_wrong_check_digit_does_not_hide_the_event(self, decode: Any) -> None:
        frame = decode("1234181131010157", "--json").frame
        assert {"sent": "131", "meaning": "Perimeter burglary"} in frame["says"][0]


class TestWhereTheFrameComesFrom:
    def test_hex_with_blanks(self, decode: Any) -> None:
        raw = b"\n" + SIA.encode() + b"\r"
        ran = decode(raw.hex(" "), "--json")
        assert (ran.status, ran.frame["hex"]) == (0, raw.hex())

    def test_hex_that_is_said_to_be_hex(self, decode: Any) -> None:
        assert decode("--hex", "06").status == 0

    def test_raw_file(self, decode: Any, tmp_path: Path) -> None:
        path = tmp_path / "frame.bin"
        path.write_bytes(b"\n" + SIA.encode() + b"\r")
        assert decode("--file", str(path)).status == 0

    def test_text_file(self, decode: Any, tmp_path: Path) -> None:
        path = tmp_path / "frame.txt"
        path.write_text("5011 181234E13101015\\x14\n")
        assert decode("-f", str(path)).status == 0

    @pytest.mark.parametrize("arguments", [(), ("-",)])
    def test_standard_input(self, decode: Any, arguments: tuple[str, ...]) -> None:
        assert decode(*arguments, stdin=b"\n" + SIA.encode() + b"\r").status == 0

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("",), "nothing to decode"),
            (("hello",), "no protocol"),
            (("--hex", "xyz"), "no hex"),
            (("--file", "/no/such/file"), "No such file"),
            (("x", "--file", "y"), "one of the two"),
            ((SIA, "--at", "yesterday"), "no time"),
            ((SIA, "--input", "ip-1"), "--config"),
            ((SIA, "--config", "/no/such/file"), "no file"),
            ((SIA, "--key-file", "/no/such/file"), "No such file"),
        ],
    )
    def test_a_mistake_of_the_user(
        self, decode: Any, arguments: tuple[str, ...], said: str
    ) -> None:
        ran = decode(*arguments)
        assert ran.status == 2
        assert said in ran.err
        assert ran.out == ""

    def test_help_has_examples(self, decode: Any) -> None:
        ran = decode("--help")
        assert ran.status == 0
        assert "[#1234|Nri1/BA001]" in ran.out


class TestWithAConfiguration:
    def test_names_and_classes_of_the_account(self, decode: Any, station: Path) -> None:
        (event,) = decode(SIA, "--config", str(station), "--json").frame["events"]
        assert event["area"] == {"id": "1", "name": "Stockroom", "class": "SECURED"}
        assert event["zone"]["location"] == "north wall"

    def test_the_group_of_a_receivers_line(self, decode: Any, station: Path) -> None:
        frame = r"5021 181234E13101015\x14"
        (event,) = decode(frame, "-c", str(station), "--json").frame["events"]
        assert event["zone"]["name"] == "Gate"

    def test_an_unknown_account_gets_silence(self, decode: Any, station: Path) -> None:
        frame = dc09.build_frame("SIA-DCS", account="9999", data=b"#9999|NBA1").hex()
        ran = decode(frame, "-c", str(station), "--json")
        assert ran.frame["answer"]["verdict"] == "silence"
        assert "unknown_account" in ran.frame["answer"]["why"]

    def test_plain_text_for_a_keyed_account_gets_silence(self, decode: Any, station: Path) -> None:
        frame = dc09.build_frame("SIA-DCS", account="5678", data=b"#5678|NBA1").hex()
        answer = decode(frame, "-c", str(station), "--json").frame["answer"]
        assert answer["verdict"] == "silence"
        assert "encrypt" in answer["why"]

    def test_the_accounts_own_key_opens_its_frames(self, decode: Any, station: Path) -> None:
        frame = dc09.build_frame(
            "SIA-DCS",
            account="5678",
            data=b"#5678|NBA1",
            timestamp=NOW,
            key=bytes.fromhex("8f1d3c9be07a42565a1ec4d20b97f36e"),
            pad=lambda count: b"\x55" * count,
        ).hex()
        ran = decode(frame, "-c", str(station), "--json")
        assert ran.frame["answer"]["verdict"] == "*ACK"

    def test_no_such_input(self, decode: Any, station: Path) -> None:
        ran = decode(SIA, "-c", str(station), "--input", "nope")
        assert ran.status == 2
        assert "ip-1" in ran.err

    def test_a_configuration_with_mistakes(self, decode: Any, station: Path) -> None:
        station.write_text("site = 5")
        ran = decode(SIA, "-c", str(station))
        assert ran.status == 2
        assert "check-config" in ran.err


# ------------------------------------------------------------------------------ never a traceback

TELL = (panel.tell, receiver.tell, dialled.tell)


def _corpus_frames() -> list[bytes]:
    found: list[bytes] = []
    for name in ("dc09.jsonl", "receivers.jsonl"):
        for line in (CORPUS / name).read_text().splitlines():
            row = json.loads(line)
            if "frame_hex" in row:
                found.append(bytes.fromhex(row["frame_hex"]))
            elif "frame" in row:
                found.append(row["frame"].encode("latin-1", "replace"))
    return found


FRAMES = _corpus_frames()


def _tell_and_show(raw: bytes) -> None:
    console = Console(file=io.StringIO(), width=100)
    for tell in TELL:
        told = tell(raw, Station(received=NOW, extra_keys=(KEY,)))
        assert told
        show(console, told)
        json.dumps(as_json.frames(told))
        for one in told:
            at = 0
            for field in one.fields:
                assert field.offset == at
                at = field.end
            assert at == len(one.raw) or one.status == "broken"


@pytest.mark.parametrize("raw", FRAMES, ids=lambda raw: raw[:12].hex())
def test_every_frame_of_the_corpus_is_told(raw: bytes) -> None:
    _tell_and_show(raw)
    source.guess(raw)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=80))
@example(b"")
def test_any_bytes_are_told(raw: bytes) -> None:
    _tell_and_show(raw)
    source.guess(raw)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(FRAMES), st.integers(0, 400), st.binary(min_size=1, max_size=2))
def test_a_damaged_frame_is_told(frame: bytes, at: int, damage: bytes) -> None:
    at = min(at, len(frame))
    _tell_and_show(frame[:at] + damage + frame[at + len(damage) :])


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40) | st.text(alphabet=r"\xn0A1 [#|\"", max_size=24), st.booleans())
def test_any_text_is_bytes_or_a_mistake(text: str, as_hex: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    try:
        found = source.of_text(text, as_hex=as_hex)
    except CliError:
        return
    assert found.raw
    assert surgard.explain(found.raw).kind


class TestVendorProfiles:
    """Event model 7: the same bytes, read with another maker's list."""

    FRAME = r"5011 181234E42301003\x14"

    def test_a_profile_reads_the_code_as_its_vendor_means_it(self, decode: Any) -> None:
        (event,) = decode(self.FRAME, "--json").frame["events"]
        assert (event["category"], event["kind"]) == ("access", "alarm")
        (event,) = decode(self.FRAME, "--profile", "ajax", "--json").frame["events"]
        assert (event["category"], event["kind"]) == ("hold_up", "alarm")
        assert "profile ajax" in decode(self.FRAME, "--profile", "ajax").out

    def test_a_profile_that_does_not_exist_is_told_with_the_nearest_one(self, decode: Any) -> None:
        ran = decode(self.FRAME, "--profile", "galxy")
        assert ran.status == 2
        assert "did you mean 'galaxy'?" in ran.err

    def test_the_account_keeps_its_own_when_none_is_given(self, decode: Any, station: Path) -> None:
        accounts = station.with_name("accounts.toml")
        accounts.write_text(
            '[[account]]\ngroup = "north"\nid = "1234"\nprofile = "ajax"\n', encoding="utf-8"
        )
        words = (self.FRAME, "--config", str(station), "--input", "rx-1", "--json")
        (event,) = decode(*words).frame["events"]
        assert event["category"] == "hold_up"
        (event,) = decode(*words, "--profile", "standard").frame["events"]
        assert event["category"] == "access"

    def test_pulse_codes_of_the_configuration_are_used(self, decode: Any, station: Path) -> None:
        station.write_text(
            CONFIG
            + """
[[pulse_codes]]
group = "north"
code = "3"
kind = "alarm"
category = "burglary"
name = "Burglary"
"""
        )
        words = (r"1011      1234 3   1\x14", "--protocol", "surgard", "--json")
        unknown = decode(*words).frame["events"][0]
        known = decode(*words, "--config", str(station), "--input", "rx-1").frame["events"][0]
        assert (unknown["code"]["known"], known["code"]["known"]) == (False, True)
        assert known["category"] == "burglary"
