"""Paths that the file does not name lie in the folder of the file, as those that it names do."""

from gateway.config import load


def test_default_paths_are_counted_from_the_folder_of_the_file(tmp_path):
    (tmp_path / "gateway.toml").write_text(
        'site = "a"\n[inputs.ip-1]\nprotocol = "dc09"\ntcp = "127.0.0.1:0"\n'
    )
    config = load(tmp_path / "gateway.toml")
    assert config.journal.directory == tmp_path / "journal"
    assert config.control.socket == tmp_path / "control.sock"
