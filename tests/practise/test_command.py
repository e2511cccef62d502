"""`goodpain practise` as a script uses it: the installed program, its output and its exit codes."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from feedback.drills import FeedbackMode, Purpose, Void
from feedback.history import open_history
from tests.practise.foam import Foam
from tests.practise.making import AT, kept_attempt, practise
from tests.terminal import GOODPAIN
from tui.cli import main

QUICK = """
title = "Quick"
kind = "find"
about = "Press it."
target = "100 kPa"
tolerance_pct = 15
get_set_s = 0.2
reach_s = 0.5
hold_s = 0.5
"""
SIM = "sim://upper-trapezius?hand=steered&speed=4"
FAST = "sim://upper-trapezius?hand=steered&speed=10"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    own = tmp_path / "drills"
    own.mkdir()
    (own / "quick.toml").write_text(QUICK)
    (own / "long.toml").write_text(QUICK.replace("hold_s = 0.5", "hold_s = 60").replace("Quick", "Long"))
    return tmp_path


@pytest.fixture
def inside(folder: Path, monkeypatch, capsys):
    """The same in this process, where that is enough: exit code, stdout, stderr."""

    def run(*arguments: str, command: str = "practise") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["goodpain", "--data", str(folder), command, *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return run


def filled(folder: Path) -> None:
    """A trainee with a baseline, and one with a void attempt."""
    with open_history(folder / "history.db") as history:
        for number in range(5):
            history.training.add(
                *kept_attempt(
                    at=AT + timedelta(minutes=number),
                    purpose=Purpose.BASELINE,
                    feedback=FeedbackMode.NONE,
                    off_share=-0.2,
                )
            )
        record, kept = kept_attempt("T-02", at=AT - timedelta(days=1))
        history.training.add(replace(record, void=Void.LET_GO, scores=None), kept)


# -- attempts ------------------------------------------------------------------------------------------------------


def test_json_of_whole_attempts_without_a_screen(folder: Path, inside) -> None:
    code, out, err = inside(
        "--trainee", "T-01", "--drill", "quick", "--sensor", SIM, "--hand", "follow:-10%", "--json",
        "--estimate", "1.0", "--estimate", "none", "--attempts", "2",
    )  # fmt: skip
    assert code == 0, err
    told = json.loads(out)
    assert told["simulated"] is True
    assert told["next"]["drill"] == "find-pressure"
    first, second = told["attempts"]
    assert first["purpose"] == second["purpose"] == "baseline"
    assert first["feedback"] == "none"
    assert first["counts"] is True
    assert first["scores"]["constant_error"]["pct"] == pytest.approx(-10, abs=3)
    assert first["scores"]["constant_error"]["unit"] == "kPa"
    assert first["estimate_kpa"] == pytest.approx(98.07, abs=0.01)
    assert second["estimate_kpa"] is None
    with open_history(folder / "history.db") as history:
        kept = history.training.training("T-01").attempts
        assert [str(one.attempt_id) for one in kept] == [first["attempt"], second["attempt"]]
    # A block that goes on is told after its last attempt, here as well: each truth would teach the next one.
    code, out, _ = inside("--progress", "--trainee", "T-01")
    assert code == 0
    assert "Of a blind block that goes on, 2 done" in out
    assert "light" not in out
    assert "%" not in out


def test_a_blind_attempt_as_lines_tells_no_pressure_and_asks_for_one(folder: Path) -> None:
    found = practise(
        folder, "--trainee", "T-01", "--drill", "quick", "--sensor", SIM, "--hand", "follow:40%", "--plain",
        typed="1.2\n",
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    lines = found.stdout.splitlines()
    assert any(line.startswith("What do you think your pressure was? (kg/cm²") for line in lines)
    running = [line for line in lines if " of 1 s" in line]
    assert running
    for line in running:
        assert line.split(", ")[2:] == ["target 1.02 kg/cm²"], line
    assert "Kept: 1 of 5. What it was is shown after the last one." in lines
    assert "1.43" not in found.stdout
    assert "heavy" not in found.stdout


def test_the_truths_of_a_block_are_told_after_the_last(inside) -> None:
    code, out, err = inside(
        "--trainee", "T-01", "--drill", "quick", "--sensor", SIM, "--hand", "follow", "--plain", "--attempts", "5",
        *["--estimate", "1.1"] * 5,
    )  # fmt: skip
    assert code == 0, err
    assert "The baseline is complete:" in out
    truths = [line for line in out.splitlines() if line.strip()[:2] in ("1.", "2.", "3.", "4.", "5.")]
    assert len(truths) == 5
    assert all("asked 1.02 kg/cm²" in line and "you said 1.10 kg/cm²" in line for line in truths)
    assert "asked" not in out.splitlines()[-1]  # the advice


def test_typed_pressures_move_the_simulated_hand(folder: Path) -> None:
    with subprocess.Popen(
        [str(GOODPAIN), "--data", str(folder), "practise", "--trainee", "T-01", "--drill", "quick", "--sensor", SIM,
         "--plain", "--free", "--skip-baseline", "--feedback", "always"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as program:  # fmt: skip
        assert program.stdin is not None
        assert program.stdout is not None
        for line in program.stdout:
            typed = {"touch": "0.35", "get set": "1.02"}.get(line.split(",")[0].split(" lightly")[0].strip())
            if typed:
                program.stdin.write(f"{typed}\n")
                program.stdin.flush()
            if "side" in line:
                break
        assert program.wait(20) == 0
    with open_history(folder / "history.db") as history:
        kept = history.training.training("T-01")
        assert len(kept.attempts) == 1
        assert kept.attempts[0].counts
        assert [skip.purpose for skip in kept.skips] == [Purpose.BASELINE]


def test_a_pulled_plug_is_said_and_kept_and_has_its_exit_code(folder: Path) -> None:
    with Foam(folder) as foam, subprocess.Popen(
        [str(GOODPAIN), "--data", str(folder), "practise", "--trainee", "T-01", "--drill", "long", "--sensor",
         foam.url, "--plain"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as program:  # fmt: skip
        assert program.stdout is not None
        lines = []
        for line in program.stdout:
            lines.append(line)
            if line.startswith("touch"):
                foam.press_kpa = 35.0
            if line.startswith("hold"):
                foam.unplug()
        assert program.wait(20) == 3
    assert any("VOID: The sensor fell silent" in line and "It is kept." in line for line in lines)
    with open_history(folder / "history.db") as history:
        (record,) = history.training.training("T-01").attempts
        assert record.void is Void.SIGNAL
        trace = history.training.trace(record.attempt_id)
        assert trace is not None
        assert sum(map(len, trace.blocks)) > 20


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs kill -9")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_killed_in_the_middle_or_stopped_the_attempt_is_kept_as_void(
    folder: Path, how: signal.Signals, inside
) -> None:
    with subprocess.Popen(
        [str(GOODPAIN), "--data", str(folder), "practise", "--trainee", "T-01", "--drill", "long", "--sensor", "sim://upper-trapezius?hand=steered&speed=6",
         "--plain", "--hand", "follow"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    ) as program:  # fmt: skip
        assert program.stdout is not None
        for line in program.stdout:
            if line.startswith("hold, 3 "):
                program.send_signal(how)
        code = program.wait(20)
    assert code == (130 if how is signal.SIGINT else -signal.SIGKILL)
    code, out, err = inside("--progress", "--trainee", "T-01")
    assert code == 0
    assert "long: new, 0 attempts, 1 void" in out
    assert ("was cut off after" in err) is (how is signal.SIGKILL)
    with open_history(folder / "history.db") as history:
        (record,) = history.training.training("T-01").attempts
        assert record.void is (Void.GIVEN_UP if how is signal.SIGINT else Void.CUT_OFF)
        trace = history.training.trace(record.attempt_id)
        assert trace is not None
        assert float(trace.blocks[-1].time_s[-1]) > 2.0


def test_a_recording_of_an_attempt_can_be_attempted_again_once(inside, folder: Path) -> None:
    raw = folder / "attempt.raw"
    drill = ("--trainee", "T-01", "--drill", "quick", "--json")
    code, out, err = inside(*drill, "--sensor", FAST, "--hand", "follow", "--raw", str(raw))
    assert code == 0, err
    (first,) = json.loads(out)["attempts"]
    code, out, err = inside(*drill, "--sensor", f"replay://{raw}?speed=5", "--attempts", "2")
    # It ends, and nothing more is pressed in it.
    assert code == 1
    assert "until the signal ended" in err
    told = json.loads(out)
    assert "until the signal ended" in told["problem"]
    assert told["simulated"] is False
    (again,) = told["attempts"]
    errors = [one["scores"]["constant_error"]["pct"] for one in (first, again)]
    assert errors[1] == pytest.approx(errors[0], abs=0.5)


# -- what cannot be ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("--drill", "quick", "--plain"), 2, "a code, never a name"),
        (("--trainee", "T", "--drill", "quik"), 1, "there is no drill “quik”"),
        (("--trainee", "T", "--drill", "quick", "--feedback", "always"), 1, "no baseline at quick yet"),
        (("--trainee", "T", "--drill", "quick", "--free"), 1, "no baseline at quick yet"),
        (("--trainee", "T", "--drill", "quick", "--ceiling", "0.5"), 1, "reaches above the ceiling"),
        (("--trainee", "T", "--drill", "quick", "--ceiling", "-1"), 1, "above 0 in kg/cm²"),
        (("--trainee", "T", "--drill", "quick", "--hand", "wave"), 1, "is no hand"),
        (("--trainee", "T", "--drill", "quick", "--estimate", "much"), 2, "is not a pressure"),
        (("--trainee", "T", "--drill", "quick", "--area", "0"), 1, "tip area"),
        (("--trainee", "T", "--drill", "quick", "--sensor", "sim://nowhere?hand=steered"), 1, "nowhere"),
        (
            ("--trainee", "T", "--drill", "quick", "--sensor", "sim://bench", "--hand", "follow"),
            2,
            "hand=steered",
        ),
        (("--trainee", "T", "--drill", "quick", "--sensor", "/dev/not-there"), 1, "/dev/not-there"),
        (("--trainee", " ", "--drill", "quick"), 1, "code"),
        (("--progress",), 2, "--trainee CODE"),
        (("--progress", "--trainee", "T"), 1, "there is no record"),
        (("--presses", "K-1", "--trainee", "T"), 1, "there is no record"),
    ],
)
def test_what_cannot_be_is_one_sentence(inside, arguments: tuple[str, ...], code: int, sentence: str) -> None:
    ended, out, err = inside(*arguments)
    assert ended == code
    assert sentence in err
    assert "Traceback" not in err
    assert out.count("touch lightly") == 0


def test_where_nothing_is_pressed_it_ends_and_keeps_nothing(inside, folder: Path) -> None:
    code, _, err = inside("--trainee", "T", "--drill", "quick", "--sensor", SIM, "--wait", "0.5", "--plain")
    assert code == 1
    assert "nothing was pressed for 0.5 s" in err
    with open_history(folder / "history.db") as history:
        assert history.training.training("T").attempts == ()


def test_giving_up_before_anything_is_pressed_is_said(folder: Path) -> None:
    found = practise(
        folder, "--trainee", "T-01", "--drill", "quick", "--sensor", SIM, "--plain", typed="give up\n"
    )
    assert found.returncode == 0, found.stderr
    assert "ended before anything was pressed: nothing was kept" in found.stdout


def test_going_on_without_a_baseline_is_kept_as_a_skip(inside, folder: Path) -> None:
    knowingly = (
        "--trainee",
        "T",
        "--drill",
        "quick",
        "--skip-baseline",
        "--feedback",
        "after",
        "--wait",
        "0.3",
    )
    code, _, err = inside(*knowingly, "--ceiling", "0.5")
    assert code == 1
    assert "above the ceiling" in err
    with open_history(folder / "history.db") as history:
        assert history.training.training("T").skips == ()
    code, out, _ = inside(*knowingly, "--sensor", SIM)
    assert "The blind baseline of quick is left out. That is kept too." in out
    with open_history(folder / "history.db") as history:
        (skip,) = history.training.training("T").skips
        assert (skip.drill, skip.purpose) == ("quick", Purpose.BASELINE)


def test_one_bad_drill_file_spoils_no_other(inside, folder: Path) -> None:
    (folder / "drills" / "bad.toml").write_text(QUICK.replace('"100 kPa"', '"100"'))
    (folder / "drills" / "worse.toml").write_bytes(b"\xff\xfe")
    code, out, err = inside("--list")
    assert code == 0
    assert "quick" in out
    assert "steady-hold" in out
    assert "bad.toml, line 5: target: “100” needs a number and a unit" in err
    assert "worse.toml: this is not a text file in UTF-8" in err
    _, out, _ = inside("--list", "--json")
    told = json.loads(out)
    assert {(fault["file"], fault["line"]) for fault in told["faults"]} == {
        ("bad.toml", 5),
        ("worse.toml", None),
    }
    assert [drill["name"] for drill in told["drills"] if drill["own"]] == ["long", "quick"]


# -- looking back ----------------------------------------------------------------------------------------------------


def test_progress_and_group_and_reminders(inside, folder: Path) -> None:
    filled(folder)
    code, out, _ = inside("--progress", "--trainee", "T-01")
    assert code == 0
    assert "short-hold: begun, 5 attempts, 0 void" in out
    assert "where you are light and heavy when blind:" in out
    assert "light" in out
    _, out, _ = inside("--progress", "--trainee", "T-01", "--json")
    told = json.loads(out)
    assert len(told["attempts"]) == 5
    assert told["drills"][0]["level"] == "begun"
    _, out, _ = inside("--group")
    head, *rows = out.splitlines()
    assert head.split()[:3] == ["trainee", "drill", "level"]
    assert rows[0].split()[:5] == ["T-01", "short-hold", "begun", "5", "0"]
    assert rows[1].split()[:5] == ["T-02", "short-hold", "new", "0", "1"]
    code, _, err = inside("--progress", "--trainee", "T-9")
    assert code == 1
    assert "there is no trainee “T-9” in the record: did you mean T-0" in err


def test_export_of_attempts_and_of_the_group(inside, folder: Path) -> None:
    filled(folder)
    out = folder / "attempts.csv"
    assert inside("--export", str(out))[0] == 0
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["trainee"] for row in rows] == ["T-02", *["T-01"] * 5]
    assert float(rows[-1]["constant_error_pct"]) == pytest.approx(-20, abs=0.5)
    assert [row["void"] for row in rows] == ["let go too early", "", "", "", "", ""]
    assert inside("--export", str(out), "--trainee", "T-02")[0] == 0
    with out.open(newline="", encoding="utf-8") as file:
        assert [row["trainee"] for row in csv.DictReader(file)] == ["T-02"]
    assert inside("--export", str(out), "--group")[0] == 0
    with out.open(newline="", encoding="utf-8") as file:
        assert [row["attempts"] for row in csv.DictReader(file)] == ["5", "0"]
    code, _, err = inside("--export", str(folder / "nowhere" / "x.csv"))
    assert code == 1
    assert "nowhere" in err


def test_drills_stand_beside_real_presses(inside, folder: Path) -> None:
    filled(folder)
    code, _, err = inside(
        "--sensor", "sim://bench?speed=20&noise=0", "--client", "K-1", "--point", "upper trapezius, left", "--band",
        "1.5-2.5", "--for", "16", "--json", command="record",
    )  # fmt: skip
    assert code == 0, err
    code, out, _ = inside("--presses", "K-1", "--trainee", "T-01")
    assert code == 0
    assert "In drills you are 20 % off the target, in treatment" in out
    assert "in % of the target" in out
    _, out, _ = inside("--presses", "K-1", "--trainee", "T-01", "--json")
    told = json.loads(out)
    assert told["attempts"] == 5
    assert told["presses"] >= 1
    assert told["press_off_pct"] is not None
    _, _, err = inside("--presses", "NOBODY", "--trainee", "T-01")
    assert "there are no presses of “NOBODY”" in err
