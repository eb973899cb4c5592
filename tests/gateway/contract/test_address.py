"""Where a broker is, and what is refused before anything is sent (SEC-19, SEC-20)."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.contract.address import BrokerAddress


@pytest.mark.parametrize(
    ("url", "host", "port", "is_tls", "shown"),
    [
        ("mqtt://broker", "broker", 1883, False, "mqtt://broker:1883"),
        ("mqtt://127.0.0.1:1", "127.0.0.1", 1, False, "mqtt://127.0.0.1:1"),
        ("mqtts://broker.example", "broker.example", 8883, True, "mqtts://broker.example:8883"),
        ("mqtts://[::1]:99/", "::1", 99, True, "mqtts://[::1]:99"),
    ],
)
def test_reads_and_shows(url: str, host: str, port: int, *, is_tls: bool, shown: str) -> None:
    address = BrokerAddress.parse(url)
    assert (address.host, address.port, address.is_tls) == (host, port, is_tls)
    assert address.url == shown


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "expected mqtt://"),
        ("broker:1883", "expected mqtt://"),
        ("http://broker", "expected mqtt://"),
        ("mqtt://", "expected mqtt://"),
        ("mqtt://broker:x", "expected mqtt://"),
        ("mqtt://broker:99999", "expected mqtt://"),
        ("mqtt://broker/topic", "nothing may follow"),
        ("mqtt://me:secret@broker", "may not stand in the URL"),
    ],
)
def test_tells_what_is_wrong(url: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as caught:
        BrokerAddress.parse(url)
    assert "secret" not in str(caught.value)


def test_certificates_need_tls() -> None:
    with pytest.raises(ValueError, match="certificates need mqtts"):
        BrokerAddress.parse("mqtt://broker", ca_file=Path("ca.crt"))


@pytest.mark.parametrize(
    ("url", "is_private"),
    [
        ("mqtt://127.0.0.1", True),
        ("mqtt://127.9.9.9", True),
        ("mqtt://[::1]", True),
        ("mqtt://localhost", True),
        ("mqtts://broker.example", True),
        ("mqtt://192.0.2.1", False),
        ("mqtt://broker.example", False),
        ("mqtt://localhost.example", False),
    ],
)
def test_plain_tcp_only_on_loopback(url: str, *, is_private: bool) -> None:
    address = BrokerAddress.parse(url)
    address.require_privacy(allow_plain=True)
    if is_private:
        address.require_privacy(allow_plain=False)
    else:
        with pytest.raises(ValueError, match="use mqtts://"):
            address.require_privacy(allow_plain=False)


def test_a_file_that_is_no_certificate_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "bad.crt"
    bad.write_text("nothing")
    with pytest.raises(ValueError, match=r"ca_file .*bad\.crt"):
        BrokerAddress.parse("mqtts://b", ca_file=bad).tls_context()
    with pytest.raises(ValueError, match=r"cert_file .*bad\.crt"):
        BrokerAddress.parse("mqtts://b", cert_file=bad, key_file=bad).tls_context()


def test_tls_verifies_the_name_always() -> None:
    context = BrokerAddress.parse("mqtts://b").tls_context()
    assert context is not None
    assert context.check_hostname
    assert BrokerAddress.parse("mqtt://b").tls_context() is None


def test_the_password_is_never_shown() -> None:
    assert "secret" not in repr(BrokerAddress.parse("mqtt://b", username="u", password="secret"))
