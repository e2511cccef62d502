"""An export taken back in is the same record, byte for byte in the next export, whatever stood in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, given, settings

from feedback.history import History, export_csv, import_csv, open_history
from feedback.history.forget import forget

from .histories import Values, clear, content, csv_files, fast_folder, fill, same, values


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with fast_folder() as folder:
        yield folder


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
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


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
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
