import pytest

from tests.support.console import Core


@pytest.fixture
def core(tmp_path):
    made = Core(tmp_path)
    yield made
    made.stop()
