"""The tokeniser agrees with the interpreted Construct declarations of its pieces."""

from construct import ConstructError, Struct
from construct import Terminated as End
from hypothesis import example, given
from hypothesis import strategies as st

from protocols.sia_dc03 import frame, parse_sia_dcs, tokens

PACKET = st.text("ABDFRSridt019:-^* xyZ'/", max_size=14).map(str.encode)


def interpreted(declaration, data):
    try:
        found = Struct("it" / declaration, End).parse(data).it
    except ConstructError:
        return None
    return {name: value for name, value in found.items() if not name.startswith("_")}


@given(PACKET)
@example(b"ri1")
@example(b"ti09:34:20^text^")
@example(b"ri^open")
def test_a_modifier_alone(data):
    found = tokens.MODIFIER.fullmatch(data)
    wanted = interpreted(frame.MODIFIER, data)
    if data.startswith(b"Ri"):
        return
    assert (found is None) == (wanted is None)
    if found is not None:
        assert found[1].decode() == wanted["pair"]
        assert found[2].decode() == wanted["value"]
        assert found[3] == wanted["text"]


@given(PACKET)
@example(b"BA001")
@example(b"BA12345678")
@example(b"KA1*25C^cold^")
@example(b"BA-1:2^open")
def test_an_event_alone(data):
    if b"*'" in data:
        return  # a text in quotes is the tokeniser's own
    found = tokens.EVENT.fullmatch(data)
    wanted = interpreted(frame.EVENT, data)
    assert (found is None) == (wanted is None)
    if found is not None:
        assert found[1].decode() == wanted["code"]
        assert found[2].decode() == wanted["address"]
        assert (found[3] or b"").decode() == (wanted["units"] or "")
        assert found[4] == wanted["text"]


@given(st.sampled_from("NO"), st.none() | st.integers(0, 9999), st.sampled_from(["BA", "RP"]),
       st.text("0123456789", max_size=4), st.booleans())  # fmt: skip
def test_the_usual_message_reads_as_the_general_one(block, area, code, address, has_slash):
    separator = "/" if has_slash and area is not None else ""
    data = f"{block}{'' if area is None else f'ri{area}'}{separator}{code}{address}".encode()
    usual = parse_sia_dcs(b"#1234|" + data)
    assert tokens.SIMPLE.fullmatch(b"#1234|" + data)
    account, (_, general) = parse_sia_dcs(b"#1234|NRP|" + data)
    assert usual == (account, (general,))
