"""Event model 7: where the sources disagree, each resolution one test; vendor profiles."""

from __future__ import annotations

import pytest

from gateway.normalise import Meaning, tables
from tests.support.meaning import cid, sia

Says = tuple[str, str]


def says(found: Meaning) -> Says:
    return found.category, found.kind


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param("1113 01 001", ("fire", "alarm"), id="113 is a fire signal"),
        pytest.param("1146 01 001", ("burglary", "alarm"), id="146 is burglary"),
        pytest.param("1344 01 001", ("communication", "trouble"), id="344 is jamming"),
        pytest.param("3344 01 001", ("communication", "restoral"), id="jamming ends"),
        pytest.param("1381 01 001", ("supervision", "trouble"), id="381 is supervision"),
        pytest.param("1423 01 001", ("access", "alarm"), id="423 is a forced door"),
        pytest.param("1456 01 001", ("open_close", "close"), id="456 closes with 1"),
        pytest.param("3456 01 001", ("open_close", "close"), id="456 closes with 3"),
        pytest.param("1404 01 001", ("schedule", "trouble"), id="404 changes no state"),
        pytest.param("3454 01 001", ("schedule", "trouble"), id="R454 is the failure"),
        pytest.param("1406 01 001", ("cancel", "cancel"), id="406 cancels"),
        pytest.param("1458 01 001", ("open_close", "open"), id="458 opens after alarm"),
        pytest.param("1459 01 001", ("burglary", "alarm"), id="459 is an alarm"),
        pytest.param("3459 01 001", ("burglary", "info"), id="459 with 3 is info"),
        pytest.param("1374 01 001", ("burglary", "alarm"), id="374 is an alarm"),
        pytest.param("1156 01 001", ("burglary", "trouble"), id="156 is a trouble"),
        pytest.param("1158 01 001", ("environment", "alarm"), id="158 is temperature"),
        pytest.param("1140 01 001", ("untyped", "alarm"), id="140 is untyped"),
        pytest.param("1320 01 001", ("trouble", "trouble"), id="320 sounder"),
        pytest.param("1321 01 001", ("trouble", "trouble"), id="321 bell"),
        pytest.param("1408 01 001", ("open_close", "open"), id="408 by qualifier, 1"),
        pytest.param("3408 01 001", ("open_close", "close"), id="408 by qualifier, 3"),
        pytest.param("1608 01 001", ("test", "test"), id="608 is a test"),
        pytest.param("1461 01 001", ("tamper", "alarm"), id="461 is code tamper"),
        pytest.param("1401 01 001", ("open_close", "open"), id="401 opens with 1"),
        pytest.param("3401 01 001", ("open_close", "close"), id="401 closes with 3"),
        pytest.param("3354 01 001", ("communication", "restoral"), id="R354 restores"),
        pytest.param("3308 01 001", ("trouble", "restoral"), id="R308 restores"),
        pytest.param("3452 01 001", ("open_close", "close"), id="R452 closes"),
        pytest.param("1573 01 001", ("bypass", "bypass"), id="573 zone bypass"),
        pytest.param("1574 01 001", ("bypass", "bypass"), id="574 group bypass"),
    ],
)
def test_contact_id_as_the_tables_have_it(data: str, expected: Says) -> None:
    assert says(cid(data)) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("JP", ("information", "info")),
        ("CR", ("burglary", "alarm")),
        ("EA", ("burglary", "alarm")),
        ("BM", ("burglary", "alarm")),
        ("KA", ("fire", "alarm")),
        ("UA", ("untyped", "alarm")),
        ("TA", ("tamper", "alarm")),
        ("ET", ("trouble", "trouble")),
        ("YP", ("power", "trouble")),
        ("YA", ("trouble", "trouble")),
        ("XL", ("communication", "trouble")),
        ("NC", ("communication", "trouble")),
        ("CD", ("schedule", "trouble")),
        ("QB", ("bypass", "bypass")),
        ("QU", ("bypass", "unbypass")),
        ("AA", ("tamper", "alarm")),
        ("FM", ("fire", "alarm")),
        ("YS", ("communication", "trouble")),
        ("TS", ("test", "test_start")),
        ("TE", ("test", "test_end")),
        ("JA", ("tamper", "alarm")),
        ("CB", ("open_close", "close")),
    ],
)
def test_sia_as_the_tables_have_it(code: str, expected: Says) -> None:
    assert says(sia(f"N{code}")) == expected


def test_ah_is_in_no_list_but_that_of_the_fire_communicators() -> None:
    assert not sia("NAH").code.known


@pytest.mark.parametrize(
    ("code", "equivalent"),
    [
        ("EA", "E374"), ("BM", "E139"), ("KA", "E114"), ("UA", "E140"), ("TA", "E137"),
        ("ET", "E333"), ("YP", "E314"), ("SA", "E113"), ("CB", "R403"),
    ],
)  # fmt: skip
def test_the_usual_contact_id_code(code: str, equivalent: str) -> None:
    assert tables.sia()[code].contact_id == equivalent


class TestAjax:
    def test_423_is_a_disarm_under_duress(self) -> None:
        found = cid("1423 01 003", profile="ajax")
        assert says(found) == ("hold_up", "alarm")
        assert found.is_priority
        assert found.attributes.silent is True
        assert found.user is not None

    def test_nc_arms_the_night_mode(self) -> None:
        found = sia("Nri1/NC", profile="ajax")
        assert says(found) == ("open_close", "close")
        assert found.attributes.mode == "night"

    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("YA", ("power", "restoral")),
            ("XL", ("supervision", "trouble")),
            ("CD", ("schedule", "trouble")),
            ("QB", ("bypass", "bypass")),
            ("QU", ("bypass", "unbypass")),
            ("FS", ("fire", "trouble")),
            ("ND", ("hold_up", "alarm")),
            ("HA", ("hold_up", "alarm")),
        ],
    )
    def test_sia(self, code: str, expected: Says) -> None:
        assert says(sia(f"N{code}001", profile="ajax")) == expected

    def test_r354_is_a_loss(self) -> None:
        assert says(cid("3354 00 000", profile="ajax")) == ("communication", "trouble")

    def test_409_names_the_device(self) -> None:
        found = cid("3409 01 007", profile="ajax")
        assert found.kind == "close"
        assert found.address is not None
        assert (found.address.type, found.address.id) == ("device", "007")

    def test_383_switches_lid_notifications_off(self) -> None:
        assert says(cid("1383 01 007", profile="ajax")) == ("bypass", "bypass")


class TestFireCommunicators:
    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("AA", ("power", "trouble")),
            ("AH", ("power", "restoral")),
            ("FM", ("test", "test")),
            ("QS", ("fire", "supervisory")),
            ("QR", ("fire", "restoral")),
            ("QT", ("fire", "trouble")),
            ("QJ", ("fire", "restoral")),
        ],
    )
    def test_sia(self, code: str, expected: Says) -> None:
        assert says(sia(f"N{code}", profile="fire_dact")) == expected

    def test_the_walk_test_marker_names_the_user(self) -> None:
        found = sia("Nid4FM1", profile="fire_dact")
        assert found.user is not None
        assert found.user.id == "4"


def test_bosch_r308_restores_nothing() -> None:
    assert says(cid("1308 00 000", profile="bosch")) == ("trouble", "trouble")
    assert says(cid("3308 00 000", profile="bosch")) == ("trouble", "info")


def test_bosch_ub_is_automatic() -> None:
    assert sia("NUB005", profile="bosch").attributes.auto is True
    assert sia("NUB005").attributes.auto is None


def test_bosch_user_f01_stays_as_sent() -> None:
    user = cid("3401 01 F01", profile="bosch").user
    assert user is not None
    assert user.id == "F01"


def test_paradox_421_is_a_locked_keypad() -> None:
    assert says(cid("1421 01 001", profile="paradox")) == ("tamper", "alarm")
    assert says(cid("1421 01 001")) == ("access", "info")


def test_climax_408_is_a_contact() -> None:
    found = cid("3408 01 001", profile="climax")
    assert found.kind == "close"
    assert found.code.name == "Opened or closed by a set/unset contact"


@pytest.mark.parametrize("code", ["AC", "BF", "BL", "YL"])
def test_galaxy_has_codes_of_its_own(code: str) -> None:
    assert sia(f"N{code}", profile="galaxy").code.known


def test_galaxy_yf_is_a_cold_start() -> None:
    assert sia("NYF", profile="galaxy").code.name == "Cold start (parameters lost)"


def test_dsc_keeps_459_beside_the_zone_alarm() -> None:
    found = cid("1459 01 001", profile="dsc")
    assert says(found) == ("burglary", "alarm")
    assert found.attributes.recent_close is True


def test_texecom_and_pyronix_reuse_320_and_321() -> None:
    assert says(cid("1320 01 001", profile="texecom")) == ("power", "trouble")
    assert says(cid("1321 01 001", profile="pyronix")) == ("tamper", "trouble")


@pytest.mark.parametrize("name", ["pima", "no-such-profile"])
def test_a_profile_without_rows_is_the_standard(name: str) -> None:
    assert says(cid("1130 01 001", profile=name)) == ("burglary", "alarm")
