"""The record as FHIR R4: one NDJSON file a type of resource, as servers take them in (Bulk Data, `$import`).

One resource a line, those that are referred to first; ids are those of the record, so that a second import updates
instead of doubling. Names are in none of them: a client is an identifier. Simulated data carries the security label
HTEST. `manifest.json` lists the files and appears last.
"""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from uuid import UUID, uuid5

import numpy as np

from feedback.history.export_fhir_resources import (
    UCUM,
    Observations,
    body_structure,
    device,
    encounter,
    patient,
    utc,
)
from feedback.history.export_folder import publish, unwritable, whole_folder, write_file
from feedback.history.export_grid import grid_rate, gridded
from feedback.history.export_tree import clients_out, new_file, note_export, visits_out
from feedback.history.records import utc_now
from feedback.history.work import SILENT
from feedback.units import pressure_kpa_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from datetime import datetime

    from feedback.history.export_fhir_resources import Resource
    from feedback.history.export_grid import GridBlock
    from feedback.history.export_tree import VisitOut
    from feedback.history.records import StoredPress
    from feedback.history.store import History
    from feedback.history.work import Work

TYPES = ("Patient", "Device", "BodyStructure", "Encounter", "Observation")
MANIFEST = "manifest.json"
STEP_KPA = 0.01
"""Samples are whole numbers of this, so that the error of a value is at most half of it."""
MOST = 4000
"""Values in one SampledData; a longer trace is split."""


def export_fhir(
    history: History,
    folder: str | Path,
    client_code: str | None = None,
    work: Work = SILENT,
    *,
    app_version: str = "",
    now: Callable[[], datetime] = utc_now,
) -> list[Path]:
    """Write the record, or one client's part of it, as FHIR R4 resources in NDJSON; returns the files.

    They appear when all of them are whole; those of an earlier export are replaced. They are readable by their owner
    only. That it was exported is noted in the record's audit.

    Raises:
        ExportError: the folder cannot be made or written; nothing of the export is left in it.
        UnknownClientError: nobody has this code.
        HistoryDamagedError: stored samples cannot be read back.
        CancelledError: it was given up; nothing of the export is left.
    """
    folder = Path(folder).expanduser()
    clients = clients_out(history, client_code)
    with whole_folder(folder, ".ndjson") as partial:
        with _told(folder), contextlib.ExitStack() as stack:
            files = {kind: stack.enter_context(new_file(partial / f"{kind}.ndjson")) for kind in TYPES}
            lines = _Lines(files)
            real: set[UUID] = set()
            seen: set[UUID] = set()
            for visit in visits_out(history, clients, work):
                seen.add(visit.client.id)
                if not visit.simulated:
                    real.add(visit.client.id)
                _write_visit(history, visit, lines)
            for client in clients:
                lines.add(patient(client, simulated=client.id in seen - real))
        write_file(partial / MANIFEST, _manifest(lines.counts, app_version, now()))
        written = publish(partial, folder, [*(f"{kind}.ndjson" for kind in TYPES), MANIFEST])
    note_export(history, clients, client_code, f"{lines.counts['Encounter']} sessions as FHIR")
    return written


class _Lines:
    """The files, a resource a line; one that was written already is passed over."""

    def __init__(self, files: dict[str, IO[bytes]]) -> None:
        self._files = files
        self._once: set[str] = set()
        self.counts = dict.fromkeys(files, 0)

    def add(self, resource: Resource) -> None:
        kind = resource["resourceType"]
        if kind in ("Device", "BodyStructure"):
            # They come up in session after session.
            if resource["id"] in self._once:
                return
            self._once.add(resource["id"])
        text = json.dumps(resource, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        # A lone surrogate cannot be written; what was typed is text of some keyboard and has none.
        self._files[kind].write(text.encode(errors="replace") + b"\n")
        self.counts[kind] += 1


def _write_visit(history: History, visit: VisitOut, lines: _Lines) -> None:
    session, client = visit.session, visit.client
    lines.add(device(session))
    for point_id, point in session.points.items():
        lines.add(body_structure(point_id, point, client))
    lines.add(encounter(session, client))
    made = Observations(session, client)
    members: dict[UUID, list[UUID]] = defaultdict(list)
    for report in session.reports:
        lines.add(made.report(report))
        if report.press_id is not None and not report.undone:
            members[report.press_id].append(report.id)
    for stored in session.thresholds:
        lines.add(made.threshold(stored))
    rate = 0
    for stored in session.presses:
        visit.step(stored.press.start_s)
        rate = rate or grid_rate(session.rate_hz, history.samples(session.id))
        traces: list[str] = []
        for sampled, part, when in _traces(history, visit, stored, rate):
            trace_id = str(uuid5(stored.id, f"trace {len(traces)}"))
            lines.add(made.trace(trace_id, stored, sampled, part, when))
            traces.append(trace_id)
        lines.add(made.press(stored, members[stored.id], traces))


def _traces(
    history: History, visit: VisitOut, stored: StoredPress, rate: int
) -> Iterator[tuple[Resource, str, tuple[float, float]]]:
    """The parts of a press's trace: SampledData, which part, from when to when."""
    session, press = visit.session, stored.press
    kpa_per_n = pressure_kpa_of(1.0, session.tip_area_cm2)
    blocks = gridded(history.samples(session.id, press.start_s, press.end_s), rate, MOST)
    parts = list(_runs(blocks))
    for number, part in enumerate(parts, 1):
        first, last = part[0].start_s, part[-1].end_s - 1 / rate
        values = " ".join(word for block in part for word in _values(block, kpa_per_n))
        sampled: Resource = {
            "origin": {"value": 0, "unit": "kPa", "system": UCUM, "code": "kPa"},
            "period": 1000 / rate,
            "factor": STEP_KPA,
            "dimensions": 1,
            "data": values,
        }
        yield sampled, f"part {number} of {len(parts)}" if len(parts) > 1 else "", (first, last)


def _runs(blocks: Iterator[GridBlock]) -> Iterator[list[GridBlock]]:
    run: list[GridBlock] = []
    for block in blocks:
        if run and block.run != run[0].run:
            yield run
            run = []
        run.append(block)
    if run:
        yield run


def _values(block: GridBlock, kpa_per_n: float) -> list[str]:
    """Whole steps, E where nothing is known, U and L where the converter was at its upper and lower limit."""
    with np.errstate(invalid="ignore"):
        steps = np.rint(block.force_n * (kpa_per_n / STEP_KPA))
    found = [str(int(step)) if step == step else "E" for step in steps.tolist()]
    for i in np.flatnonzero(block.saturated).tolist():
        found[i] = "U" if block.force_n[i] > 0 else "L"
    return found


def _manifest(counts: dict[str, int], app_version: str, at: datetime) -> bytes:
    told: dict[str, Any] = {
        "transactionTime": utc(at),
        "request": "goodpain export --fhir",
        "software": f"Goodpain {app_version}".strip(),
        "fhirVersion": "4.0.1",
        "requiresAccessToken": False,
        "output": [{"type": kind, "url": f"{kind}.ndjson", "count": count} for kind, count in counts.items()],
        "error": [],
    }
    return json.dumps(told, indent=2).encode() + b"\n"


@contextlib.contextmanager
def _told(folder: Path) -> Generator[None]:
    """A disk that cannot be written is told in a sentence."""
    try:
        yield
    except OSError as error:
        raise unwritable(folder, error) from None
