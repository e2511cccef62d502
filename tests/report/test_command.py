"""`goodpain report` as it is typed."""

from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from feedback.history import open_history
from tests.report.courses import BEGIN
from tests.review.past import Pressed, learned, rating, visited
from tui.cli import goodpain


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from datetime import timedelta

    folder = tmp_path_factory.mktemp("data")
    with open_history(folder / "history.db") as history:
        for n in range(2):
            presses = [Pressed(said=(rating(0.2, 6), rating(0.8, 4)), band=learned(150, 300))]
            visited(history, "A 1/7", BEGIN + timedelta(days=7 * n), presses)
        history.client("B2")
    return folder


def run(folder: Path, *words: str):
    return CliRunner().invoke(goodpain, ["--data", str(folder), "report", *words])


def test_a_report_gets_a_free_name_beside_the_record_that_its_owner_alone_reads(folder):
    first, second = (run(folder, "--client", "A 1/7", "--for", "client") for _ in range(2))
    paths = [Path(result.stdout.strip()) for result in (first, second)]
    assert paths[0] != paths[1]
    for path in paths:
        assert path.parent == folder / "reports"
        assert path.name.startswith("goodpain-A-1-7-client-20")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert stat.S_IMODE((folder / "reports").stat().st_mode) == 0o700


def test_a_file_that_is_there_is_replaced_only_when_told_so(folder, tmp_path):
    path = tmp_path / "report.html"
    path.write_text("mine")
    result = run(folder, "--client", "A 1/7", "--out", str(path))
    assert result.exit_code == 1
    assert f"there is a file {path} already" in result.stderr
    assert path.read_text() == "mine"
    assert run(folder, "--client", "A 1/7", "--out", str(path), "--replace").exit_code == 0
    assert "A 1/7" in path.read_text("utf-8")


@pytest.mark.parametrize("visit", ["2", "last", "2026-03-09"])
def test_a_visit_is_found_by_number_by_date_or_as_the_last(folder, tmp_path, visit):
    result = run(folder, "--client", "A 1/7", "--visit", visit, "--out", str(tmp_path / "r.html"))
    assert result.exit_code == 0, result.output
    assert "A 1/7: visit 2" in (tmp_path / "r.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--client", "A 1/7", "--visit", "3"], "has no visit 3: there are 2"),
        (["--client", "A 1/7", "--visit", "0"], "has no visit 0"),
        (["--client", "A 1/7", "--visit", "2020-01-01"], "has no visit on 2020-01-01"),
        (["--client", "A 1/7", "--visit", "soon"], "“soon” is no visit"),
        (["--client", "B2", "--visit", "1"], "B2 has no visit yet"),
        (["--client", "A 1/7", "--unit", "stone"], "“stone” is not a pressure unit"),
        (["--client", "A 1/7", "--for", "friends"], "friends"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(folder, words, said):
    result = run(folder, *words)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_client_without_visits_gets_a_report_that_says_so(folder, tmp_path):
    assert run(folder, "--client", "B2", "--for", "client", "--out", str(tmp_path / "b.html")).exit_code == 0
    assert "Nothing was recorded yet" in (tmp_path / "b.html").read_text("utf-8")


def test_own_lines_tell_the_client_when_to_call(folder, tmp_path):
    own = folder / "when-to-call.txt"
    own.write_text("- Your tape has come off.\n\n- You feel <faint>.\n", "utf-8")
    assert (
        run(folder, "--client", "A 1/7", "--for", "client", "--out", str(tmp_path / "c.html")).exit_code == 0
    )
    own.unlink()
    page = (tmp_path / "c.html").read_text("utf-8")
    assert "<li>Your tape has come off.</li><li>You feel &lt;faint&gt;.</li>" in page
    assert "still sore after two days" not in page


def test_a_report_is_noted_in_the_audit_without_the_clients_code(folder, tmp_path):
    import sqlite3

    assert run(folder, "--client", "A 1/7", "--out", str(tmp_path / "d.html")).exit_code == 0
    with sqlite3.connect(folder / "history.db") as database:
        rows = database.execute(
            "select what, entity, entity_id, detail from audit where what = 'report'"
        ).fetchall()
    database.close()
    assert rows
    assert all(
        entity == "client" and "A 1/7" not in f"{entity_id}{detail}" for _, entity, entity_id, detail in rows
    )


def no_room() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, resource.RLIM_INFINITY))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a limit to the size of files is a matter of Unix")
def test_on_a_full_disk_nothing_half_is_left_and_one_sentence_is_said(folder, tmp_path):
    place = tmp_path / "full"
    place.mkdir()
    command = [
        sys.executable,
        "-m",
        "tui",
        "--data",
        str(folder),
        "report",
        "--client",
        "A 1/7",
        "--out",
        str(place / "r.html"),
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, preexec_fn=no_room, cwd=Path(__file__).parents[2]
    )
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert str(place / "r.html") in done.stderr
    assert list(place.iterdir()) == []
