"""A pack with a mistake is refused with file, key and reason."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from decision.ledger.examples import check
from decision.packs import PackError, load, load_file
from decision.packs.load import parse

TEXT = files("decision.packs").joinpath("shipped/ca-nb-saint-john.toml").read_text(encoding="utf-8")


def edited(old: str, new: str) -> str:
    assert old in TEXT, old
    return TEXT.replace(old, new, 1)


def mistakes(text: str) -> list[str]:
    with pytest.raises(PackError) as caught:
        parse(text, file="city.toml", name="ca-nb-saint-john")
    return [str(one) for one in caught.value.mistakes]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "starts_after_days = 14",
            "starts_after_dais = 14",
            [
                r"city\.toml: suspension\.starts_after_days: must be given",
                (
                    r"suspension\.starts_after_dais: there is no such key; "
                    r"did you mean 'starts_after_days'\?"
                ),
            ],
        ),
        (
            "starts_after_days = 14",
            'starts_after_days = "14"',
            [r"suspension\.starts_after_days: input should be a valid integer; found '14'"],
        ),
        (
            "count = 4\n",
            "count = 2\n",
            [r"thresholds\.steps\[2\]\.count: must be higher than the one before it \(2\)"],
        ),
        (
            'notice = "SUSPENSION"',
            'notice = "SUSPENSON"',
            [r"thresholds\.steps\[2\]\.notice: input should be 'CAUTION', .*found 'SUSPENSON'"],
        ),
        (
            'notice = "SUSPENSION"',
            'notice = "CAUTION"',
            [r"thresholds\.steps\[2\]\.notice: CAUTION has a threshold already"],
        ),
        (
            'notice = "SUSPENSION"',
            'notice = "REINSTATEMENT"',
            [r"thresholds\.steps\[2\]\.notice: no count of false alarms"],
        ),
        (
            'time_zone = "America/Moncton"',
            'time_zone = "America/Monkton"',
            [r"time_zone: allowed: an IANA time zone .*found 'America/Monkton'"],
        ),
        (
            'post_suspension = "100.00"',
            "post_suspension = 100.0",
            [r"fees\.post_suspension: input should be a valid string; found 100\.0"],
        ),
        (
            'post_suspension = "100.00"',
            'post_suspension = "100"',
            [r"fees\.post_suspension: allowed: an amount as text"],
        ),
        (
            'year_starts = "01-01"',
            'year_starts = "02-29"',
            [r"counting\.year_starts: allowed: month and day that every year has"],
        ),
        (
            'decides_cases = "inspector"',
            'decides_cases = "inspektor"',
            [r"roles\.decides_cases: there is no role 'inspektor'; did you mean 'inspector'\?"],
        ),
        (
            '"notice.approve", ',
            '"notice.aprove", ',
            [
                (
                    r"roles\.who\.inspector\.may\[1\]: there is no permission 'notice.aprove'; "
                    r"did you mean 'notice.approve'\?"
                ),
                r"roles\.who: no role has 'notice.approve': notices.approval_required",
            ],
        ),
        (
            'id = "SJ-R2"',
            'id = "SJ-R1"',
            [r"roles\.who\.pscc_dispatcher\.id: 'SJ-R1' is the id of another role"],
        ),
        (
            "is effective on {effective_date}",
            "is effective on {efective_date}",
            [
                (
                    r"texts\.en\.notices\.SUSPENSION\.paragraphs\[3\]: unknown placeholder "
                    r"\{efective_date\}; did you mean \{effective_date\}\?"
                )
            ],
        ),
        (
            "is effective on {effective_date}",
            "is effective soon",
            [r"texts\.en\.notices\.SUSPENSION\.paragraphs: must say \{effective_date\}"],
        ),
        (
            "is effective on {effective_date}",
            "is effective on {effective_date",
            [r"texts\.en\.notices\.SUSPENSION\.paragraphs\[3\]: braces do not match"],
        ),
        (
            'contact_name = "Contact name"\n',
            "",
            [r"texts\.en\.appeals\.DISPOSITION\.fields\.contact_name: must be given"],
        ),
        (
            'default_language = "en"',
            'default_language = "fr"',
            [r"default_language: there is no \[texts\.fr\]; there are: en"],
        ),
        (
            'deferred = ["SJ-F2", "AMB-S24"]',
            'defered = ["SJ-F2", "AMB-S24"]',
            [r"cites\.defered: there is no such key; did you mean 'deferred'\?"],
        ),
        (
            'id = "ca-nb-saint-john"',
            'id = "ca-nb-st-john"',
            [r"id: must be 'ca-nb-saint-john', as the file is named so"],
        ),
        (
            'counted_per = "alarm_system"',
            'counted_per = "alarm_business"',
            [r"invoices\.counted_per: input should be 'alarm_system'; found 'alarm_business'"],
        ),
        (
            'id = "WE-9 school"',
            'id = "WE-9 bank"',
            [r"example\[9\]\.id: 'WE-9 bank' is the id of another example"],
        ),
        (
            "{ on = 2026-06-23, expect",
            "{ on = 2026-06-23, at = 2026-06-23T00:00:00-03:00, expect",
            [r"example\[1\]\.steps\[15\]: must have either 'on' or 'at'"],
        ),
        (
            "{ at = 2025-06-23T23:59:59-03:00, expect",
            "{ at = 2025-06-23T23:59:59, expect",
            [r"example\[1\]\.steps\[13\]\.at: must have an offset"],
        ),
        (
            "[reinstatement]\nresumes_after_days = 14",
            "",
            [r"reinstatement: must be given, as there is a suspension"],
        ),
        (
            'refused = "No Response - Post Suspension Alarm"',
            'refused = "No Report - False Alarm"',
            [r"dispositions\.refused: must differ from dispositions\.false_alarm"],
        ),
        (
            (
                "[fees]                                   # SJ-$1, SJ-$2: flat, no escalation\n"
                'currency = "CAD"\npost_suspension = "100.00"\nschedule = []\n'
            ),
            "",
            [r"invoices\.discontinue_at: nothing is charged: there is no \[fees\]"],
        ),
        (
            "schedule = []",
            'schedule = [{ from_count = 3, amount = "1.00" }, { from_count = 3, amount = "2.00" }]',
            [r"fees\.schedule\[2\]\.from_count: must be higher than the one before it \(3\)"],
        ),
        (
            (
                "\n[suspension]\nstarts_after_days = 14                   # SJ-E1, AMB-S3\n"
                "term_years = 1                           # SJ-E3, AMB-S2\n"
                'post_suspension_default = "REFUSE"       # AMB-S4\n'
                "repeats = true                           # AMB-S22\n"
            ),
            "",
            [
                r"suspension: must be given, as a threshold leads to a suspension",
                r"appeals\.suspension: there is no suspension to appeal against",
                r"fees\.post_suspension: there is no \[suspension\] in this pack",
            ],
        ),
        (
            'refused = "No Response - Post Suspension Alarm"',
            "",
            [r"dispositions\.refused: must be given"],
        ),
        (
            "[texts.en.invoice]",
            "[texts.en.bill]",
            [r"texts\.en\.bill: there is no such key"],
        ),
        (
            "[texts.en.notices.CAUTION]",
            "[texts.en.notices.CAUTIONS]",
            [r"texts\.en\.notices\.CAUTIONS: there is no such key; did you mean 'CAUTION'\?"],
        ),
        (
            'contact_name = "Contact name"\n',
            'contact_nam = "Contact name"\n',
            [
                r"texts\.en\.appeals\.DISPOSITION\.fields\.contact_nam: no field of the form",
                r"texts\.en\.appeals\.DISPOSITION\.fields\.contact_name: must be given",
            ],
        ),
        (
            'id = "hold-up"',
            'id = "Hold Up"',
            [r"applicability\.exemptions\[1\]\.id: allowed: a small letter, then"],
        ),
        (
            "approval_required = true",
            "approval_required = []",
            [r"notices\.approval_required: .* found a list"],
        ),
    ],
)
def test_told_with_file_key_and_reason(old, new, told):
    said = mistakes(edited(old, new))
    assert len(said) == len(told), said
    for one, pattern in zip(said, told, strict=True):
        assert re.search(pattern, one), one
        assert one.startswith("city.toml: ")


def test_all_mistakes_are_told_at_once():
    text = edited("starts_after_days = 14", 'starts_after_days = "x"')
    text = text.replace('currency = "CAD"', 'currency = "dollars"')
    assert len(mistakes(text)) == 2


def test_no_toml():
    assert mistakes("id = ") == [
        "city.toml: no valid TOML: Invalid value (at end of document)",
    ]


def test_an_example_that_comes_out_otherwise_is_told_with_key_day_and_reasons():
    text = edited("expect = { count = 5, fee", "expect = { count = 6, fee")
    differences = check(parse(text, file="city.toml"))
    assert len(differences) == 1
    said = str(differences[0])
    assert "WE-5, 2025-06-20" in said
    assert "example[1].steps[12].expect.count: expected 6, found 5" in said
    assert "AMB-S8" in said


def test_an_example_whose_fact_is_refused_without_saying_so_is_told():
    text = edited(
        ", expect = { is_refused = true } },",
        " },",
    )
    differences = check(parse(text, file="city.toml"))
    assert [one.key for one in differences] == ["example[1].steps[4].expect.is_refused"]


def test_an_unknown_fact_in_an_example_is_told():
    text = edited('fact = "NoticeDrafted", notice = "n1"', 'fact = "NoticeWritten", notice = "n1"')
    differences = check(parse(text, file="city.toml"))
    assert differences[0].key == "example[1].steps[3].fact"
    assert "NoticeWritten" in str(differences[0])


class TestFolder:
    """A station's own folder."""

    def test_its_packs_stand_beside_the_shipped_ones(self, tmp_path):
        (tmp_path / "my-city.toml").write_text(
            TEXT.replace('id = "ca-nb-saint-john"', 'id = "my-city"', 1), encoding="utf-8"
        )
        assert set(load(tmp_path)) == {
            "ca-nb-saint-john",
            "example-mesa-verde-springs",
            "my-city",
        }

    def test_its_own_replaces_a_shipped_one(self, tmp_path):
        (tmp_path / "ca-nb-saint-john.toml").write_text(
            edited('version = "2026-06-07"', 'version = "2026-12-01"'), encoding="utf-8"
        )
        assert load(tmp_path)["ca-nb-saint-john"].version == "2026-12-01"

    def test_mistakes_of_all_files_are_told_together(self, tmp_path):
        (tmp_path / "one.toml").write_text("x = 1", encoding="utf-8")
        (tmp_path / "two.toml").write_text("= 1", encoding="utf-8")
        with pytest.raises(PackError) as caught:
            load(tmp_path)
        told = {one.file.rpartition("/")[2] for one in caught.value.mistakes}
        assert told == {"one.toml", "two.toml"}

    def test_no_folder(self, tmp_path):
        with pytest.raises(PackError, match="there is no such folder"):
            load(tmp_path / "none")

    def test_no_file(self, tmp_path):
        with pytest.raises(PackError, match="there is no such file"):
            load_file(tmp_path / "none.toml")

    def test_no_text(self, tmp_path):
        (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")
        with pytest.raises(PackError, match="cannot be read"):
            load_file(tmp_path / "bad.toml")
