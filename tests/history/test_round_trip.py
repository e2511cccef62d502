"""An export taken back in is the same record, byte for byte in the next export, whatever stood in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from feedback.history import History, SessionStart, export_csv, import_csv, open_history
from feedback.history.forget import forget
from feedback.points import Point
from feedback.signal import Calibration, ForceBlock

from .conftest import STARTED_AT, T0_S
from .histories import Values, clear, content, csv_files, fast_folder, fill, same, values


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with fast_folder() as folder:
        yield folder


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(values())
def test_export_forget_import_gives_the_same_history(history: History, tmp_path: Path, made: Values) -> None:
    folder = Path(mkdtemp(dir=tmp_path))
    clear(history)
    fill(history, made)
    export_csv(history, folder / "before")
    for code in made.codes:
        forget(history, code)
    assert history.clients() == []
    import_csv(history, folder / "before")
    export_csv(history, folder / "after")
    same(csv_files(folder / "before"), csv_files(folder / "after"))


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(values())
def test_an_export_makes_the_same_record_elsewhere(tmp_path: Path, made: Values) -> None:
    folder = Path(mkdtemp(dir=tmp_path))
    with open_history(folder / "here.db") as here:
        fill(here, made)
        export_csv(here, folder / "before")
        before = content(here)
    with open_history(folder / "there.db") as there:
        import_csv(there, folder / "before")
        export_csv(there, folder / "after")
        after = content(there)
        assert there.check() == []
    same(csv_files(folder / "before"), csv_files(folder / "after"))
    assert before == after
    manifests = [json.loads((folder / name / "datapackage.json").read_text()) for name in ("before", "after")]
    assert manifests[0]["resources"] == manifests[1]["resources"]


@pytest.mark.parametrize("code", ["A17", 'A "17"'])
def test_long_runs_of_samples_come_back_whichever_way_they_are_read(tmp_path: Path, code: str) -> None:
    """At a thousand a second, with two points and a calibration on the way; a code with quotes is read slowly."""
    with open_history(tmp_path / "here.db") as here:
        journal = here.begin_session(SessionStart(code, STARTED_AT, T0_S, "thumb", 2.0))
        counts = np.random.default_rng(1).integers(-(2**31), 2**31, 45_000).astype(np.int32)
        time_s = T0_S + np.arange(45_000) / 1000
        device_us = np.arange(45_000) * 1000 + 7
        device_us[100:200] = -1
        quality = np.where(np.arange(45_000) % 1000 == 0, 33, 0).astype(np.uint8)
        for first in range(0, 45_000, 15_000):
            rows = slice(first, first + 15_000)
            if first in (15_000, 30_000):
                journal.point(here.point(code, Point("soleus", "left", str(first))).id, float(time_s[first]))
                journal.calibration(Calibration(first, 512.3, "test"), float(time_s[first]))
            block = ForceBlock.of(
                time_s[rows], counts[rows], counts[rows], quality[rows], device_us[rows], lost=first
            )
            journal.samples(block)
        journal.end(float(time_s[-1]), {"rate_hz": 1000.0})
        export_csv(here, tmp_path / "before")
        before = content(here)
        live = [block for session in here.sessions() for block in here.samples(session.id)]
    with open_history(tmp_path / "there.db") as there:
        import_csv(there, tmp_path / "before")
        export_csv(there, tmp_path / "after")
        assert before == content(there)
        again = [block for session in there.sessions() for block in there.samples(session.id)]
    same(csv_files(tmp_path / "before"), csv_files(tmp_path / "after"))
    for name in ("time_s", "force_n", "counts", "quality", "t_us"):
        joined = [np.concatenate([getattr(block, name) for block in blocks]) for blocks in (live, again)]
        np.testing.assert_array_equal(*joined)
