"""Who may speak: REL-27, SEC-1, SEC-7, SEC-9 and unknown tokens."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from msgspec.structs import replace
from pydantic import ValidationError

from gateway.accounts import Account, Accounts
from gateway.accounts.tables import AccountTable
from gateway.admission import Admission, Admitted, InputPolicy, Refused, trust_of
from gateway.admission import policy as admission_module
from hardware.sink import Origin
from protocols._core import Verdict
from tests.support.receiving import NOW, PANEL, RECEIVER, account, link_test, report

KEY = bytes(range(16))
PANEL_INPUT = InputPolicy(is_receiver=False)
RECEIVER_INPUT = InputPolicy(is_receiver=True)


@pytest.fixture
def admission():
    return Admission(learn=Accounts.of([]).learn)


def _who(admission, item, found, policy=PANEL_INPUT, origin=PANEL):
    return admission.who(item, origin, policy, "main", found)


# -- unknown accounts ----------------------------------------------------------------------


@pytest.mark.parametrize("item", [report(), link_test()])
def test_a_stranger_on_ip_hears_nothing(admission, item):
    refused = _who(admission, item, None)
    assert (refused.verdict, refused.reason) == (Verdict.SILENCE, "account_unknown")


def test_a_stranger_is_taken_as_unknown_where_the_policy_says_so(admission):
    policy = InputPolicy(is_receiver=False, unknown_account="ack")
    taken = _who(admission, report(account="9999"), None, policy)
    assert isinstance(taken, Account)
    assert (taken.contract.id, taken.contract.known) == ("9999", False)


def test_a_stranger_is_learnt_where_the_policy_says_so():
    accounts = Accounts.of([])
    admission = Admission(learn=accounts.learn)
    policy = InputPolicy(is_receiver=False, unknown_account="learn")
    taken = _who(admission, report(account="9999"), None, policy)
    assert (taken.contract.id, taken.contract.known) == ("9999", False)
    assert accounts.lookup("main", "9999") is taken
    assert [record.id for record in accounts.learnt()] == ["9999"]
    # A frame without an account teaches nothing.
    nobody = _who(admission, report(account=None), None, policy)
    assert nobody.contract.id == ""
    assert accounts.learnt() == []


@pytest.mark.parametrize("unknown_account", ["silent", "ack", "learn"])
def test_a_receiver_is_always_trusted(admission, unknown_account):
    policy = InputPolicy(is_receiver=True, unknown_account=unknown_account)
    taken = _who(admission, report(account="9999"), None, policy, RECEIVER)
    assert (taken.contract.id, taken.contract.known) == ("9999", False)
    keyed = account(keys=(KEY,), encryption="required", sources=("10.0.0.0/8",))
    assert _who(admission, report(), keyed, policy, RECEIVER) is keyed


# -- encryption ----------------------------------------------------------------------------


@pytest.mark.parametrize("item", [report, link_test])
@pytest.mark.parametrize(
    ("record", "plain", "encrypted"),
    [
        ({}, None, "encryption_refused"),
        ({"keys": (KEY,)}, "plaintext_refused", None),
        ({"keys": (KEY,), "encryption": "required"}, "plaintext_refused", None),
        ({"keys": (KEY,), "encryption": "optional"}, None, None),
        ({"keys": (KEY,), "encryption": "forbidden"}, None, "encryption_refused"),
        ({"encryption": "forbidden"}, None, "encryption_refused"),
    ],
)
def test_an_account_is_heard_in_the_form_it_must_use(admission, item, record, plain, encrypted):
    who = account(**record)
    for key_bits, reason in ((0, plain), (128, encrypted), (256, encrypted)):
        found = _who(admission, item(key_bits=key_bits), who)
        if reason is None:
            assert found is who
        else:
            assert (found.verdict, found.reason) == (Verdict.SILENCE, reason)
            assert found.security  # a downgrade is a security event


# -- source pins ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inner", "more", "is_heard"),
    [
        (None, {}, True),
        ("1234", {}, True),
        ("00AAAA", {"aliases": ("00aaaa",)}, True),
        ("00AAAA", {}, False),
        ("9999", {}, False),
        ("9999", {"inner_account_any": True}, True),
    ],
)
def test_encrypted_data_speaks_for_its_own_account_only(admission, inner, more, is_heard):
    """SEC-3: equal to the header's account, an alias of it, or free by the account's policy."""
    keyed = account(keys=(KEY,), **more)
    found = _who(admission, report(key_bits=128, inner_account=inner), keyed)
    assert (found is keyed) is is_heard
    if not is_heard:
        assert (found.verdict, found.reason) == (Verdict.SILENCE, "inner_account_differs")


def test_plain_data_may_name_another_account(admission):
    """Panels do (SATEL sends 0000); the header is what counts."""
    plain = account()
    assert _who(admission, report(inner_account="0000"), plain) is plain


@pytest.mark.parametrize(
    ("sources", "host", "is_heard"),
    [
        ((), "203.0.113.1", True),
        (("192.0.2.0/24",), "192.0.2.7", True),
        (("192.0.2.0/24",), "192.0.3.7", False),
        (("10.0.0.0/8", "192.0.2.7/32"), "192.0.2.7", True),
        (("192.0.2.7",), "192.0.2.7", True),
        (("2001:db8::/32",), "2001:db8::5", True),
        (("2001:db8::/32",), "192.0.2.7", False),
        (("192.0.2.0/24",), "", False),
        (("192.0.2.0/24",), "not an address", False),
    ],
)
def test_a_pinned_account_is_heard_from_its_networks_only(admission, sources, host, is_heard):
    origin = Origin(input="ip-1", protocol="dc09", transport="udp", peer="x", host=host)
    who = account(sources=sources)
    found = _who(admission, report(), who, origin=origin)
    if is_heard:
        assert found is who
    else:
        assert (found.verdict, found.reason) == (Verdict.SILENCE, "source_refused")
        assert found.security
        assert found.words == found.security


# -- unknown tokens ------------------------------------------------------------------------


def test_a_vendors_own_token_is_answered_as_the_input_says(admission):
    strange = report(envelope=SimpleNamespace(token_known=False))
    who = account()
    refused = _who(admission, strange, who)
    assert (refused.verdict, refused.words) == (Verdict.DUH, "token unknown")
    taken = _who(admission, strange, who, InputPolicy(is_receiver=False, unknown_token="ack"))
    assert taken is who
    assert _who(admission, strange, who, RECEIVER_INPUT, RECEIVER) is who
    # Who may not speak does not learn that we are here.
    assert _who(admission, strange, None).verdict is Verdict.SILENCE


# -- trust ---------------------------------------------------------------------------------


@pytest.mark.parametrize("key_bits", [0, 128, 192, 256])
@pytest.mark.parametrize("transport", ["serial", "udp", "tcp", "tls"])
@pytest.mark.parametrize("link", ["panel", "pinned", "receiver"])
def test_every_event_says_how_far_it_can_be_trusted(key_bits, transport, link):
    trust = trust_of(key_bits, transport, link, False)
    if key_bits:
        assert (trust.confidentiality, trust.authenticity) == (f"aes-{key_bits}", "key")
    else:
        assert trust.confidentiality == ("tls" if transport == "tls" else "none")
        expected = {"panel": "none", "pinned": "source", "receiver": "none"}[link]
        is_own_wire = link == "receiver" and transport == "serial"
        assert trust.authenticity == ("line" if is_own_wire else expected)
    assert trust.integrity == ("tls" if transport == "tls" else "none")
    assert trust_of(key_bits, transport, link, False) is trust  # made once


def test_replay_is_checked_only_where_a_timestamp_was(admission):
    now = {"now_ms": int(NOW.timestamp() * 1000), "now": 0.0}
    keyed, off = account(keys=(KEY,)), account(keys=(KEY,), timestamp_check="off")
    sealed = report(stamp_s=0, key_bits=128)
    for who, item, is_checked in (
        (keyed, sealed, True),
        (off, sealed, False),
        (account(), report(stamp_s=0), False),
        (account(timestamp_check="always"), report(stamp_s=0), False),
    ):
        admitted = admission.timely(item, PANEL, PANEL_INPUT, who, **now)
        assert isinstance(admitted, Admitted)
        assert admitted.trust.replay_checked is is_checked
    untrusted = Admission(learn=Accounts.of([]).learn, is_clock_untrusted=lambda: True)
    admitted = untrusted.timely(sealed, PANEL, PANEL_INPUT, keyed, **now)
    assert admitted.trust.replay_checked is False


def test_a_refusal_is_never_an_ack():
    for name, value in vars(admission_module).items():
        if isinstance(value, Refused):
            assert value.verdict is not Verdict.ACK, name


# -- certificates (SEC-10) -----------------------------------------------------------------

FINGERPRINT = "sha256:" + "9f" * 32
OVER_TLS = replace(PANEL, transport="tls", certificate=("cn:panel-1234", "dns:p1", FINGERPRINT))
OTHER_TLS = replace(PANEL, transport="tls", certificate=("cn:panel-5678", "sha256:" + "00" * 32))


@pytest.mark.parametrize("item", [report(), link_test()])
@pytest.mark.parametrize("name", ["cn:panel-1234", "dns:p1", FINGERPRINT])
def test_an_account_that_names_certificates_is_heard_with_one_of_them(admission, item, name):
    found = account(certificates=(name,))
    assert _who(admission, item, found, origin=OVER_TLS) is found


@pytest.mark.parametrize("item", [report(), link_test()])
@pytest.mark.parametrize("origin", [PANEL, replace(PANEL, transport="tls"), OTHER_TLS])
def test_and_not_without(admission, item, origin):
    refused = _who(admission, item, account(certificates=("cn:panel-1234",)), origin=origin)
    assert (refused.verdict, refused.reason) == (Verdict.SILENCE, "certificate_refused")
    assert refused.security


def test_a_frame_encrypted_with_its_key_needs_no_certificate(admission):
    """The other path of the same panel may be UDP."""
    found = account(certificates=("cn:panel-1234",), keys=(KEY,))
    assert _who(admission, report(key_bits=128), found, origin=PANEL) is found


def test_a_certificate_of_another_account_proves_nothing_for_one_that_names_none(admission):
    found = account()
    taken = admission.timely(
        report(), OTHER_TLS, PANEL_INPUT, found, now_ms=int(NOW.timestamp() * 1000), now=0.0
    )
    assert isinstance(taken, Admitted)
    assert (taken.trust.authenticity, taken.trust.integrity) == ("none", "tls")
    assert taken.trust.confidentiality == "tls"


def test_trust_says_that_a_certificate_proved_it(admission):
    found = account(certificates=("cn:panel-1234",), sources=("192.0.2.0/24",))
    taken = admission.timely(
        report(), OVER_TLS, PANEL_INPUT, found, now_ms=int(NOW.timestamp() * 1000), now=0.0
    )
    assert isinstance(taken, Admitted)
    assert taken.trust.authenticity == "certificate"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("CN:Panel-1234", "cn:Panel-1234"),
        ("dns:P1.Example", "dns:p1.example"),
        ("SHA256:" + ":".join(["9F"] * 32), FINGERPRINT),
        ("panel-1234", None),
        ("sha256:9f", None),
        ("cn:", None),
    ],
)
def test_how_certificates_are_written(written, read):
    if read is None:
        with pytest.raises(ValidationError, match="sha256"):
            AccountTable(id="1", certificates=(written,))
    else:
        assert AccountTable(id="1", certificates=(written,)).record().certificates == (read,)


def test_a_packed_account_keeps_its_certificates():
    assert account(certificates=("cn:a", "cn:b")).record.certificates == ("cn:a", "cn:b")
