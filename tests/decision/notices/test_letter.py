"""SJ-N1 to SJ-N3: the mandatory data of 3.7, each missing one an error that names it."""

from datetime import date

import msgspec
import pytest

from decision.notices import MissingDatum, html, letter
from decision.packs.load import of_data
from decision.packs.words import NoticeKind
from tests.support.saint_john import PACK, REGISTERED, notice, state

C, S, R = NoticeKind.CAUTION, NoticeKind.SUSPENSION, NoticeKind.REINSTATEMENT
ON = {C: date(2025, 4, 8), S: date(2025, 6, 10), R: date(2026, 7, 6)}


def printed(kind, system=None, **more):
    system = system or state()
    return letter(PACK, system, notice(system, kind), on=ON[kind], **more)


@pytest.mark.parametrize(
    ("kind", "subject"),
    [(C, "Re: Caution Notice"), (S, "Re: Suspension Notice"),
     (R, "Re: Reinstatement Advisory Notice")],
)  # fmt: skip
def test_all_notices_carry_the_data_of_3_7(kind, subject):
    page = html(printed(kind))
    for text in (
        "Saint John Police Force", "Force policière de Saint John", ON[kind].isoformat(), subject,
        "Fundy Monitoring Inc.", "200 Union Street", "Harbour Shoes Ltd., attn. Ana Ruiz",
        "Harbour Shoes Ltd.", "Security designation Confidential", "Inspector of Support Services",
        "Insp. J. Leblanc", "Alarm business", "Company alarm user", "12</span> King Street",
    ):  # fmt: skip
        assert text in page
    assert '<html lang="en">' in page
    assert "DRAFT" not in page


def body(kind):
    return " ".join(block.text for block in printed(kind).body)


def test_sj_n1_caution():
    text, rows = body(C), printed(C).alarms
    assert "2 false alarms" in text
    assert "current calendar year (2025)" in text
    assert "reported to us by Fundy Monitoring Inc." in text
    assert [(row.date, row.occurrence) for row in rows] == [
        ("2025-01-15", "25-01471"), ("2025-03-30", "25-02472"),
    ]  # fmt: skip
    assert all(row.address.startswith("12 King Street") for row in rows)
    assert "If 4 false alarms" in text
    assert "$100.00 (CAD)" in text
    assert "If 3 such invoices are past due, police response is discontinued" in text
    assert "train everybody again" in text
    assert "Alarm Disposition Appeal Form" in text
    assert "2025-07-07" in text  # WE-5: I+90


def test_sj_n2_suspension():
    text = body(S)
    assert len(printed(S).alarms) == 4
    assert "4 false alarms" in text
    assert "response to burglar alarms at this place is therefore suspended" in text
    assert "effective on 2025-06-24" in text
    assert "one calendar year" in text
    assert "2026-06-24" in text
    assert "no separate notice of a deferral" in text
    assert "must tell the alarm companies or clients" in text
    assert "Alarm Suspension Appeal Form" in text
    assert "from 2025-07-24 until 2025-09-08" in text  # SJ-G3w, WE-6


def test_sj_n3_reinstatement():
    text = body(R)
    assert "burglar alarms from Fundy Monitoring Inc. for Harbour Shoes Ltd." in text
    assert "2026-07-20" in text  # R+14
    assert printed(R).alarms == ()


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ("business_name", "name of the alarm business"),
        ("business_address", "address of the alarm business"),
        ("company_name", "name of the company"),
        ("address", "address of the premises"),
    ],
)
@pytest.mark.parametrize("kind", NoticeKind)
def test_a_missing_datum_is_an_error_that_names_it(kind, field, named):
    # user data fall back on the company's, so they are taken away with it
    empty = {field: None} | ({"user_name": None} if field == "company_name" else {})
    system = state(registered=msgspec.structs.replace(REGISTERED, **empty))
    with pytest.raises(MissingDatum) as told:
        printed(kind, system)
    assert named in {one.what for one in told.value.missing}
    assert "SystemRegistered" in str(told.value)


def test_a_missing_occurrence_number_is_named_with_its_alarm():
    system = state()
    calls = tuple(msgspec.structs.replace(c, occurrence=None) for c in system.calls[:1])
    system = msgspec.structs.replace(system, calls=calls + system.calls[1:])
    with pytest.raises(MissingDatum, match="occurrence number of the alarm of 2025-01-15") as told:
        printed(S, system)
    assert [one.rule for one in told.value.missing] == ["SJ-N2"]


def test_a_list_without_alarms_is_refused():
    system = state()
    bare = msgspec.structs.replace(notice(system, C), calls=())
    with pytest.raises(MissingDatum, match="list of alarms"):
        letter(PACK, system, bare, on=ON[C])


def pack_with(change):
    data = PACK.model_dump(mode="python")
    change(data["texts"]["en"])
    return type(PACK).model_construct(**{**PACK.__dict__, "texts": _texts(data)})


def _texts(data):
    kind = type(PACK.texts["en"])
    return {language: kind.model_validate(table) for language, table in data["texts"].items()}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda en: en.update(letterhead=()), "letterhead"),
        (lambda en: en["notices"].pop(C), "the notice's text"),
        (lambda en: en["notices"][C].update(paragraphs=("Nothing.",)), "a sentence with {alarms}"),
    ],
)
def test_what_a_pack_leaves_out_is_named(change, named):
    system = state()
    with pytest.raises(MissingDatum) as told:
        letter(pack_with(change), system, notice(system, C), on=ON[C])
    assert named in {one.what for one in told.value.missing}


def test_the_paper_says_how_far_it_is():
    drafted, approved = state(until=date(2025, 4, 3)), state(until=date(2025, 4, 7))
    assert "DRAFT - not approved, not issued" in html(printed(C, drafted))
    assert "APPROVED - not issued yet" in html(printed(C, approved))
    assert printed(C, drafted).signed_by == ""


def test_names_with_markup_are_escaped():
    name = '<script>alert(1)</script> & "Söhne" #39'
    system = state(registered=msgspec.structs.replace(REGISTERED, company_name=name))
    page = html(printed(C, system))
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#34;Söhne&#34; #39" in page


def test_a_second_language_is_data():
    def french(data):
        table = dict(data["texts"]["en"])
        table["language"] = "français"
        table["date_format"] = "%d/%m/%Y"
        notices = dict(table["notices"])
        notices[C] = dict(notices[C]) | {
            "subject": "Avis : mise en garde",
            "paragraphs": ("{count} fausses alarmes, {reported_by}.", "{alarms}"),
        }
        table["notices"] = notices
        data["texts"] = dict(data["texts"]) | {"fr": table}

    data = PACK.model_dump(mode="python")
    french(data)
    pack = type(PACK).model_construct(**{**PACK.__dict__, "texts": _texts(data)})
    system = state()
    page = html(letter(pack, system, notice(system, C), on=ON[C], language="fr"))
    assert '<html lang="fr">' in page
    assert "Avis : mise en garde" in page
    assert "08/04/2025" in page
    fallback = letter(pack, system, notice(system, C), on=ON[C], language="mi")
    assert fallback.language == "en"


def test_a_language_without_the_mark_of_the_others_is_named():
    data = PACK.model_dump(mode="python")
    data["texts"] = dict(data["texts"]) | {"fr": dict(data["texts"]["en"]) | {"mark": ""}}
    pack = type(PACK).model_construct(**{**PACK.__dict__, "texts": _texts(data)})
    pack = pack.model_copy(update={"notices": pack.notices.model_copy(update={"mark": ""})})
    system = state()
    with pytest.raises(MissingDatum, match="security designation"):
        letter(pack, system, notice(system, C), on=ON[C], language="fr")


def test_the_shipped_pack_is_still_whole():
    assert of_data(PACK.model_dump(mode="python", exclude_none=True), file="again").id == PACK.id
