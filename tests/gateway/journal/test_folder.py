"""The journal's folder outlives a cut of power: its name is flushed where it stands (REL-1)."""

from __future__ import annotations

import os
from pathlib import Path

from gateway.journal import folder
from tests.support.journal import sqlite_store


def flushed(monkeypatch):
    """The folders that are flushed from now on."""
    seen, real = [], os.fsync

    def fsync(file):
        seen.append(str(Path(f"/proc/self/fd/{file}").readlink()))
        real(file)

    monkeypatch.setattr(os, "fsync", fsync)
    return seen


def test_every_folder_that_was_made_is_flushed_where_its_name_stands(tmp_path, monkeypatch):
    seen = flushed(monkeypatch)
    folder.make(tmp_path / "var" / "site" / "journal")
    assert seen == [str(tmp_path / "var" / "site"), str(tmp_path / "var"), str(tmp_path)]


def test_a_run_that_ended_before_its_flush_leaves_it_to_the_next(tmp_path, monkeypatch):
    (tmp_path / "journal").mkdir()
    seen = flushed(monkeypatch)
    store = sqlite_store(tmp_path / "journal")
    store.open()
    store.close()
    assert str(tmp_path) in seen


def test_a_folder_that_others_made_and_hide_is_left_to_them(tmp_path, monkeypatch):
    def refused(*_what):
        raise PermissionError

    monkeypatch.setattr(os, "open", refused)
    folder.make(tmp_path / "journal")
    assert (tmp_path / "journal").is_dir()
