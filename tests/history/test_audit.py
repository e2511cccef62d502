"""What is done to the record is noted, with who did it, and never names a client by code."""

from datetime import timedelta
from pathlib import Path

import pytest

from feedback.history import History, SessionStart, export_csv, open_history
from feedback.history.audit import names, user
from feedback.history.renaming import rename_client

from .conftest import STARTED_AT, T0_S


def test_who_opened_exported_renamed_and_backed_up_is_noted_by_id_alone(
    history: History, path: Path, tmp_path: Path
) -> None:
    history.begin_session(SessionStart("Quentin-77", STARTED_AT, T0_S, "thumb", 2.0)).end(T0_S + 1, {})
    client_id = str(history.known_client("Quentin-77").id)
    history.opened("Quentin-77", "T1")
    history.opened("Quentin-77", "T1")
    history.opened("nobody")
    export_csv(history, tmp_path / "export", "Quentin-77")
    history.backup()
    rename_client(history, "Quentin-77", "Q77", "T2")
    found = [(entry.what, entry.who, entry.entity, entry.entity_id) for entry in history.audit_entries()]
    assert found == [
        ("opened", "T1", "client", client_id),
        ("exported", user(), "client", client_id),
        ("backed up", user(), "record", ""),
        ("renamed", "T2", "client", client_id),
    ]
    assert all("Quentin" not in entry.detail for entry in history.audit_entries())
    [opened] = history.audit_entries(what="opened", about=history.known_client("Q77").id)
    assert opened.to_json()["who"] == "T1"
    later = opened.at + timedelta(microseconds=1)
    assert [entry.what for entry in history.audit_entries(later)] == ["exported", "backed up", "renamed"]
    history.close()
    assert b"Quentin-77" not in path.read_bytes()


def test_a_look_is_noted_once_while_the_record_is_open_and_again_the_next_time(place: Path | str) -> None:
    for _ in range(2):
        with open_history(place) as history:
            history.client("A17")
            history.opened("A17")
            history.opened("A17")
    with open_history(place) as history:
        assert [entry.what for entry in history.audit_entries()] == ["opened", "opened"]


def test_a_record_that_may_only_be_read_is_not_written_to(history: History, path: Path) -> None:
    history.client("A17")
    with open_history(path, read_only=True) as reader:
        reader.opened("A17")
    assert history.audit_entries() == []


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("of A17.", "A17", True),
        ("of A171.", "A17", False),
        ("3 presses", "3", False),
        ("3", "3", True),
        ("x\n3", "3", True),
        ("a+b is here", "a+b", True),
    ],
)
def test_a_code_is_found_as_a_word(text: str, code: str, told: bool) -> None:
    assert names(text, code, ()) is told
