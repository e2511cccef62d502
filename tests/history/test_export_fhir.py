"""FHIR: the R4B models take every line, references resolve, and what was corrected or void says so."""

import importlib
import json
import re
import stat
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import edfio
import numpy as np
import pytest

from feedback.history import BadEntryError, ExportError, History, SessionStart, UnknownClientError
from feedback.history.export_bids import export_bids
from feedback.history.export_edf import export_edf
from feedback.history.export_fhir import MOST, STEP_KPA, TYPES, export_fhir
from feedback.history.work import CancelledError
from feedback.points import Point
from feedback.press import Press

from .conftest import CALIBRATION, STARTED_AT, T0_S
from .exported import FREE_TEXT, Blocks, GivenUp, Kept, visit
from .filled import no_file_larger_than

FHIR_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


def read(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Every line of every file, after FHIR's own models have taken it."""
    found: dict[str, list[dict[str, Any]]] = {}
    for kind in TYPES:
        model = getattr(importlib.import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
        lines = (folder / f"{kind}.ndjson").read_text(encoding="utf-8").splitlines()
        for line in lines:
            model.model_validate_json(line)
        found[kind] = [json.loads(line) for line in lines]
        assert all(resource["resourceType"] == kind for resource in found[kind])
    return found


def by_id(resources: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    found = {resource["id"]: resource for resource in resources}
    assert len(found) == len(resources)
    return found


def components(observation: dict[str, Any]) -> dict[str, Any]:
    return {
        component["code"]["text"]: component.get("valueQuantity", component.get("valueString"))
        for component in observation["component"]
    }


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["reference"]] if isinstance(value.get("reference"), str) else []
        return own + [found for item in value.values() for found in references(item)]
    return [found for item in value for found in references(item)] if isinstance(value, list) else []


def unfit(value: Any) -> bool:
    """What FHIR forbids and its models let pass: empty lists and objects, blank text, control characters."""
    if isinstance(value, dict):
        return not value or any(map(unfit, value.values()))
    if isinstance(value, list):
        return not value or any(map(unfit, value))
    return value is None or (isinstance(value, str) and (not value.strip() or not value.isprintable()))


def measured(folder: Path) -> dict[str, dict[str, Any]]:
    return by_id(read(folder)["Observation"])


@pytest.fixture
def kept(history: History, force_blocks: Blocks) -> Kept:
    return visit(history, force_blocks)


def test_every_reference_leads_to_a_resource_that_came_before(
    history: History, kept: Kept, force_blocks: Blocks, tmp_path: Path
) -> None:
    visit(history, force_blocks, "Zoë 2", "serial:///dev/ttyUSB0")
    export_fhir(history, tmp_path)
    found = read(tmp_path)
    known: set[str] = set()
    for kind in TYPES:
        by_id(found[kind])
        for resource in found[kind]:
            assert set(references(resource)) <= known
            assert FHIR_ID.fullmatch(resource["id"])
            assert not unfit(resource)
            known.add(f"{kind}/{resource['id']}")
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert {(o["type"], o["url"], o["count"]) for o in manifest["output"]} == {
        (kind, f"{kind}.ndjson", len(found[kind])) for kind in TYPES
    }
    assert [len(found[kind]) for kind in TYPES[:4]] == [2, 2, 2, 2]


def test_a_client_is_a_code_and_nothing_else(history: History, kept: Kept, tmp_path: Path) -> None:
    export_fhir(history, tmp_path)
    [patient] = read(tmp_path)["Patient"]
    assert patient["identifier"][0]["value"] == "A17"
    assert set(patient) == {"resourceType", "id", "identifier", "meta"}
    assert FREE_TEXT not in (tmp_path / "Observation.ndjson").read_text()


def test_simulated_data_is_labelled_as_test_data(
    history: History, kept: Kept, force_blocks: Blocks, tmp_path: Path
) -> None:
    visit(history, force_blocks, "B2", "serial:///dev/ttyUSB0")
    export_fhir(history, tmp_path / "a", "A17")
    export_fhir(history, tmp_path / "b", "B2")
    for kind in TYPES:
        if kind == "BodyStructure":
            continue
        for label, resources in (("HTEST", read(tmp_path / "a")), (None, read(tmp_path / "b"))):
            for resource in resources[kind]:
                security = resource.get("meta", {}).get("security", [{}])
                assert security[0].get("code") == label


def test_a_press_has_its_measures_in_ucum_units(history: History, kept: Kept, tmp_path: Path) -> None:
    export_fhir(history, tmp_path)
    found = read(tmp_path)
    press = by_id(found["Observation"])[str(kept.press)]
    told = components(press)
    units = {name: (q["value"], q["code"]) for name, q in told.items() if isinstance(q, dict)}
    assert units == {
        "peak pressure": (100, "kPa"),
        "peak force": (20, "N"),
        "mean pressure of the hold": (100, "kPa"),
        "duration of the hold": (1.5, "s"),
        "ramp rate": (150, "kPa/s"),
        "time within the band": (1.5, "s"),
        "dose": (40, "N.s"),
        "fall of the pressure during the hold": (2.5, "%"),
        "lower edge of the band": (90, "kPa"),
        "upper edge of the band": (160, "kPa"),
        "ceiling": (400, "kPa"),
        "contact area": (2, "cm2"),
        "samples known to be lost": (0, "1"),
    }
    assert press["status"] == "final"
    assert press["effectivePeriod"] == {
        "start": "2026-03-01T09:30:00.000000Z",
        "end": "2026-03-01T09:30:02.000000Z",
    }
    assert press["bodySite"]["text"] == "soleus, left, 1"
    assert "thumb" in press["method"]["text"]
    [structure] = found["BodyStructure"]
    assert structure["locationQualifier"][0]["coding"][0]["code"] == "7771000"
    assert f"Observation/{kept.rating}" in {m["reference"] for m in press["hasMember"]}
    [encounter] = found["Encounter"]
    assert encounter["participant"][0]["individual"]["identifier"]["value"] == "T1"


def test_a_void_press_is_entered_in_error_with_its_trace_and_why(
    history: History, kept: Kept, tmp_path: Path
) -> None:
    export_fhir(history, tmp_path)
    found = measured(tmp_path)
    void = found[str(kept.void)]
    assert (void["status"], void["note"]) == ("entered-in-error", [{"text": "void: the tip slipped"}])
    # It was at the converter's limit: the true force may be larger.
    assert components(void)["peak pressure"]["comparator"] == ">="
    traces = [found[member["reference"].split("/")[1]] for member in void["derivedFrom"]]
    assert {trace["status"] for trace in traces} == {"entered-in-error"}


def test_ratings_carry_the_loinc_code_and_corrections_their_status(
    history: History, kept: Kept, tmp_path: Path
) -> None:
    export_fhir(history, tmp_path)
    found = measured(tmp_path)
    rating, corrected, undone = (found[str(i)] for i in (kept.rating, kept.corrected, kept.undone))
    assert rating["code"]["coding"] == [{"system": "http://loinc.org", "code": "72514-3"}]
    assert (rating["valueQuantity"]["value"], rating["valueQuantity"]["code"]) == (6, "{score}")
    assert components(rating)["pressure at that moment"]["value"] == 100.5
    assert (corrected["status"], corrected["valueQuantity"]["value"]) == ("corrected", 4)
    assert corrected["note"] == [{"text": "written down first as: 9/10"}]
    assert (undone["status"], undone["valueCodeableConcept"]["text"]) == ("entered-in-error", "too much")
    members = {m["reference"] for m in found[str(kept.void)]["hasMember"]}
    assert members == {f"Observation/{kept.corrected}"}


def test_a_threshold_tells_its_repeats_and_only_the_last_result_is_final(
    history: History, kept: Kept, tmp_path: Path
) -> None:
    export_fhir(history, tmp_path)
    thresholds = [
        o
        for o in measured(tmp_path).values()
        if o["code"] == {"text": "Pressure threshold of a trigger point"}
    ]
    assert [o["status"] for o in thresholds] == ["preliminary", "final"]
    last = thresholds[1]
    assert (last["valueQuantity"]["value"], last["valueQuantity"]["comparator"]) == (180, ">=")
    told = components(last)
    assert told["repeat 1, not in the mean"]["value"] == 150
    assert (told["repeat 3"]["value"], told["rate of repeat 3"]["value"]) == (190, 50)
    assert "rate of repeat 1" not in told


def test_a_trace_gives_back_the_samples_and_shows_what_is_missing(
    history: History, kept: Kept, tmp_path: Path
) -> None:
    export_fhir(history, tmp_path)
    found = measured(tmp_path)
    [reference] = found[str(kept.void)]["derivedFrom"]
    trace = found[reference["reference"].split("/")[1]]
    sampled = trace["valueSampledData"]
    assert (sampled["period"], sampled["factor"], sampled["origin"]["code"]) == (12.5, STEP_KPA, "kPa")
    data = sampled["data"].split(" ")
    assert len(data) == 241
    # One sample was lost at 4.5 s, another was at the converter's limit.
    assert [(i, word) for i, word in enumerate(data) if not word.lstrip("-").isdigit()] == [
        (160, "E"),
        (201, "U"),
    ]
    blocks = list(history.samples(kept.session, 2.5, 5.5))
    force = np.concatenate([block.force_n for block in blocks])
    values = np.array([int(word) for word in data if word.isdigit()]) * STEP_KPA
    expected = np.delete(force, 200) * 5.0
    assert np.abs(values - expected).max() <= STEP_KPA / 2 + 1e-6
    assert trace["effectivePeriod"]["start"] == "2026-03-01T09:30:02.500000Z"


def test_a_long_trace_is_split_without_a_seam(
    history: History, start: SessionStart, force_blocks: Blocks, tmp_path: Path
) -> None:
    journal = history.begin_session(start)
    journal.calibration(CALIBRATION, T0_S)
    n = MOST * 2 + 10
    for block in force_blocks(20 + np.sin(np.arange(n) / 30), size=500):
        journal.samples(block)
    end_s = T0_S + n / 80
    journal.press(
        uuid4(),
        Press(T0_S, end_s, 21, 105, None, None, None, None, None, None, 60, 0, 0, "release"),
    )
    journal.end(end_s, {"rate_hz": 80.0})
    export_fhir(history, tmp_path)
    traces = [o for o in measured(tmp_path).values() if "valueSampledData" in o]
    assert [len(o["valueSampledData"]["data"].split()) for o in traces] == [MOST, MOST, 10]
    assert traces[2]["note"] == [{"text": "part 3 of 3"}]
    ends = [
        tuple(datetime.fromisoformat(o["effectivePeriod"][edge]) for edge in ("start", "end")) for o in traces
    ]
    assert [(b[0] - a[1]).total_seconds() for a, b in pairwise(ends)] == [0.0125, 0.0125]


def test_a_client_without_sessions_is_still_a_patient(history: History, tmp_path: Path) -> None:
    history.client("C3")
    export_fhir(history, tmp_path)
    found = read(tmp_path)
    assert [patient["identifier"][0]["value"] for patient in found["Patient"]] == ["C3"]
    assert found["Observation"] == []


def test_only_the_client_asked_for_is_exported_and_that_is_noted(
    history: History, kept: Kept, force_blocks: Blocks, tmp_path: Path
) -> None:
    visit(history, force_blocks, "B2")
    files = export_fhir(history, tmp_path / "out", "B2")
    assert "A17" not in "".join(file.read_text() for file in files)
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert sorted((tmp_path / "out").iterdir()) == sorted(files)
    entry = history.audit_entries(what="exported")[-1]
    assert (entry.entity, entry.detail) == ("client", "1 sessions as FHIR")
    with pytest.raises(UnknownClientError):
        export_fhir(history, tmp_path / "none", "X9")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("at", [1, 2, 4])
def test_what_is_given_up_leaves_nothing(history: History, kept: Kept, tmp_path: Path, at: int) -> None:
    with pytest.raises(CancelledError):
        export_fhir(history, tmp_path / "out", work=GivenUp(at))
    assert not (tmp_path / "out").exists()
    assert history.audit_entries(what="exported") == []


def test_a_full_disk_is_one_sentence_and_the_export_before_stays(
    history: History, kept: Kept, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    before = {file: file.read_bytes() for file in export_fhir(history, out)}
    with no_file_larger_than(3000), pytest.raises(ExportError, match="cannot be written"):
        export_fhir(history, out)
    assert {file: file.read_bytes() for file in out.iterdir()} == before


@pytest.mark.parametrize("text", ["", " ", "a\tb\nc", "\x14\x00\x15", "=1+1", "𝄞 ü ﷽", "x" * 300])
def test_whatever_text_stands_in_the_record_every_format_holds_it(
    history: History, force_blocks: Blocks, tmp_path: Path, text: str
) -> None:
    if "\0" in text and history.database.path is None:
        with pytest.raises(BadEntryError):
            history.point("A17", Point(text, text[:10], text))
        return
    point = history.point("A17", Point(text or "soleus", text[:10], text))
    start = SessionStart(
        "A17", STARTED_AT, T0_S, "thumb", 2.0, "ble://x", text, text, "native", "device", "0"
    )
    journal = history.begin_session(start)
    journal.calibration(CALIBRATION, T0_S)
    journal.point(point.id, T0_S)
    for block in force_blocks(np.full(100, 20.0)):
        journal.samples(block)
    journal.press(
        press_id := uuid4(),
        Press(T0_S, T0_S + 1, 20, 100, None, None, None, None, None, None, 20, 0, 0, text[:20]),
    )
    journal.event(text[:40], T0_S + 0.5, text)
    journal.end(T0_S + 2, {})
    history.review.void_press(press_id, reason=f"why {text}")
    export_fhir(history, tmp_path / "fhir")
    for resources in read(tmp_path / "fhir").values():
        assert not any(map(unfit, resources))
    files = export_bids(history, tmp_path / "bids")
    for file in files:
        if file.suffix == ".tsv":
            assert len({line.count("\t") for line in file.read_text(encoding="utf-8").splitlines()}) == 1
    [edf] = export_edf(history, tmp_path / "edf")
    assert len(edfio.read_edf(edf).annotations) >= 4
