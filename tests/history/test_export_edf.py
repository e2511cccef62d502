"""EDF+: files that two other programs read, whose error is as small as is said, and whose header names nobody."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import edfio
import numpy as np
import pytest

from feedback.history import ExportError, History, SessionStart
from feedback.history.export_edf import export_edf
from feedback.history.work import CancelledError

from .conftest import CALIBRATION, STARTED_AT, T0_S
from .exported import FREE_TEXT, Blocks, GivenUp, Kept, visit
from .filled import no_file_larger_than

NAME = "A17_20260301T093000.edf"
HOLES = {*range(160, 200), 360, *range(441, 480)}


@pytest.fixture
def kept(history: History, force_blocks: Blocks) -> Kept:
    return visit(history, force_blocks)


def expected(history: History, kept: Kept) -> tuple[np.ndarray, np.ndarray]:
    """Force on the grid, and which places have a sample."""
    blocks = list(history.samples(kept.session))
    places = np.rint(np.concatenate([b.time_s for b in blocks]) * 80).astype(int)
    return places, np.concatenate([b.force_n for b in blocks])


def test_signals_read_back_within_the_error_that_is_promised(
    history: History, kept: Kept, tmp_path: Path
) -> None:
    [path] = export_edf(history, tmp_path / "out")
    assert path == tmp_path / "out" / NAME
    edf = edfio.read_edf(path)
    pressure, force = edf.signals
    assert [(s.label, s.physical_dimension) for s in edf.signals] == [("Pressure", "kPa"), ("Force", "N")]
    places, newton = expected(history, kept)
    for signal, values in ((pressure, newton * 5.0), (force, newton)):
        span = signal.physical_max - signal.physical_min
        assert np.abs(signal.data[places] - values).max() <= span / 131070 + 1e-5
        # An honest range is not much wider than what was measured.
        assert span < 1.2 * (values.max() - min(values.min(), 0)) + 4
        # Where there is nothing stands a value that no sample has.
        empty = np.setdiff1d(np.arange(len(signal.data)), places)
        assert set(empty[:80]) == HOLES
        assert np.allclose(signal.data[empty], signal.physical_min)
        assert values.min() - signal.physical_min > 0.5
    assert (edf.startdate, edf.starttime) == (STARTED_AT.date(), STARTED_AT.time())


def test_a_second_reader_reads_the_same(history: History, kept: Kept, tmp_path: Path) -> None:
    pyedflib = pytest.importorskip("pyedflib")
    [path] = export_edf(history, tmp_path / "out")
    edf = edfio.read_edf(path)
    with pyedflib.EdfReader(str(path)) as reader:
        assert reader.getSignalLabels() == ["Pressure", "Force"]
        assert reader.getSampleFrequencies().tolist() == [80, 80]
        assert np.allclose(reader.readSignal(0), edf.signals[0].data, atol=1e-2)
        assert reader.getStartdatetime() == STARTED_AT.replace(tzinfo=None)
        onsets, _, texts = reader.readAnnotations()
        theirs = sorted(zip(onsets.tolist(), texts.tolist(), strict=True))
        assert theirs == sorted((a.onset, a.text) for a in edf.annotations)
        assert (reader.getPatientCode(), reader.getPatientName(), reader.getBirthdate()) == ("A17", "X", "")


def test_annotations_tell_what_happened_as_corrected(history: History, kept: Kept, tmp_path: Path) -> None:
    [path] = export_edf(history, tmp_path / "out")
    told = {a.text: (a.onset, a.duration) for a in edfio.read_edf(path).annotations}
    assert told["press: release: soleus, left, 1 (100.0 kPa)"] == (0, 2)
    assert told["void press: release: soleus, left, 1 (200.0 kPa)"] == (2.5, 3)
    assert told["report: 6/10: soleus, left, 1 (100.5 kPa)"] == (1, None)
    assert told["report: 4/10: soleus, left, 1 (180.0 kPa)"] == (3, None)
    assert told["phase: hold-90: hold 1: soleus, left, 1 (100.0 kPa)"] == (0.5, 1.5)
    assert told["simulated data"] == (0, None)
    assert "saturated: at least this much: the converter was at its limit" in told
    assert not any("too much" in text or FREE_TEXT in text or "slipped" in text for text in told)
    gaps = sorted(
        (a.onset, a.duration) for a in edfio.read_edf(path).annotations if a.text == "gap: no samples"
    )
    assert gaps == [pytest.approx(gap) for gap in ((2.0, 0.5), (4.5, 0.0125), (5.5125, 0.4875))]


def test_the_header_holds_a_code_and_no_name(history: History, force_blocks: Blocks, tmp_path: Path) -> None:
    visit(history, force_blocks, "Zoë 2", "serial:///dev/ttyUSB0", therapist="Dr Ö")
    [path] = export_edf(history, tmp_path / "out")
    edf = edfio.read_edf(path)
    patient = edf.patient
    assert (patient.code, patient.name, patient.sex) == ("Zo2", "X", "X")
    assert "simulated" not in edf.local_recording_identification
    assert "simulated data" not in {a.text for a in edf.annotations}


def test_moments_outside_of_the_samples_are_kept(
    history: History, start: SessionStart, force_blocks: Blocks, tmp_path: Path
) -> None:
    journal = history.begin_session(start)
    journal.calibration(CALIBRATION, T0_S)
    journal.event("tare", T0_S + 0.25, "before")
    for first_s in (1.0, 500.0):
        for block in force_blocks(np.full(40, 3.0), first_s=first_s):
            journal.samples(block)
    journal.event("tare", T0_S + 100, "between")
    journal.event("tare", T0_S + 600, "after")
    journal.end(T0_S + 700, {"rate_hz": 80.0})
    first, second = export_edf(history, tmp_path / "out")
    assert second.name == NAME.replace(".edf", "_run-02.edf")
    told = [
        {a.text: a.onset for a in edfio.read_edf(path).annotations if a.text.startswith("tare")}
        for path in (first, second)
    ]
    assert told == [{"tare: before": -0.75, "tare: between": 99}, {"tare: after": 100}]
    assert edfio.read_edf(second).starttime == datetime(2026, 3, 1, 9, 38, 20, tzinfo=UTC).time()


def test_a_start_between_two_seconds_is_kept(
    history: History, start: SessionStart, force_blocks: Blocks, tmp_path: Path
) -> None:
    journal = history.begin_session(start)
    journal.calibration(CALIBRATION, T0_S)
    for block in force_blocks(np.full(100, 3.0), first_s=0.125):
        journal.samples(block)
    journal.end(T0_S + 2, {})
    [path] = export_edf(history, tmp_path / "out")
    assert edfio.read_edf(path).starttime.microsecond == 125_000


def test_a_date_that_edf_cannot_tell_is_left_out(
    history: History, force_blocks: Blocks, tmp_path: Path
) -> None:
    early = SessionStart("A17", datetime(1970, 1, 1, tzinfo=UTC), T0_S, "thumb", 2.0)
    journal = history.begin_session(early)
    for block in force_blocks(np.full(100, 3.0), calibrated=False):
        journal.samples(block)
    journal.end(T0_S + 2, {})
    history.begin_session(SessionStart("A17", STARTED_AT, 0.0, "thumb", 2.0)).end(1.0, {})
    [path] = export_edf(history, tmp_path / "out")
    edf = edfio.read_edf(path)
    assert edf.local_recording_identification == "Startdate X X X X"
    assert np.allclose(edf.signals[1].data, edf.signals[1].physical_min)
    assert {a.text for a in edf.annotations} >= {"no force: no calibration"}


def test_without_the_library_one_sentence_says_what_to_install(
    kept: Kept, path: Path, tmp_path: Path
) -> None:
    code = (
        "import sys; sys.modules['edfio'] = None\n"
        "from feedback.history import open_history, ExportError\n"
        "from feedback.history.export_edf import export_edf\n"
        "with open_history(sys.argv[1]) as history:\n"
        "    try: export_edf(history, sys.argv[2])\n"
        "    except ExportError as error: print(error)\n"
    )
    out = tmp_path / "out"
    ran = subprocess.run([sys.executable, "-c", code, path, out], capture_output=True, text=True, check=True)
    assert ran.stdout == "EDF+ needs the library edfio: install it with pip install 'goodpain[edf]'\n"
    assert not out.exists()


@pytest.mark.parametrize("at", [1, 2, 3])
def test_what_is_given_up_leaves_nothing(history: History, kept: Kept, tmp_path: Path, at: int) -> None:
    before = sorted(tmp_path.iterdir())
    with pytest.raises(CancelledError):
        export_edf(history, tmp_path / "out", work=GivenUp(at))
    assert sorted(tmp_path.iterdir()) == before


def test_a_full_disk_is_one_sentence_and_leaves_nothing(history: History, kept: Kept, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    with no_file_larger_than(2000), pytest.raises(ExportError, match=r"cannot be written .*nothing of this"):
        export_edf(history, tmp_path / "out")
    assert sorted(tmp_path.iterdir()) == before


def test_one_client_and_two_visits_at_the_same_second_are_told_apart(
    history: History, kept: Kept, force_blocks: Blocks, tmp_path: Path
) -> None:
    visit(history, force_blocks, "B2")
    visit(history, force_blocks, "B2")
    files = export_edf(history, tmp_path / "out", "B2")
    assert len({file.name for file in files}) == 2
    assert all(file.name.startswith("B2_20260301T093000") for file in files)
    entry = history.audit_entries(what="exported")[-1]
    assert (entry.entity, entry.detail) == ("client", "2 sessions as EDF+")
