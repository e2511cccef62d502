"""The record as EDF+: one file a session, pressure and force as signals, and what happened as annotations.

edfio is imported when something is written. EDF holds 16 bits a sample: the physical range of a file is that of its
own samples, and its error at most 1/131070 of the range. EDF has no value for "no sample": such places hold the
physical minimum, which lies below everything that was measured, and an annotation says from when to when.
"""

from __future__ import annotations

import importlib
import math
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from feedback.history.errors import ExportError
from feedback.history.export_grid import grid_rate, gridded
from feedback.history.export_timeline import Holes, Moment, in_order, timeline
from feedback.history.export_tree import clients_out, new_file, new_folder, note_export, visits_out
from feedback.history.work import SILENT
from feedback.units import pressure_kpa_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from feedback.history.export_grid import GridBlock
    from feedback.history.export_tree import VisitOut
    from feedback.history.store import History
    from feedback.history.work import Work

MOST = 1 << 20
"""Samples of a file at most (3.6 hours at 80 a second): the library holds a file in memory."""
_FIRST_YEAR, _LAST_YEAR = 1985, 2084
"""The years that the two digits of an EDF header can mean."""


def edfio() -> Any:
    """The library.

    Raises:
        ExportError: it is not installed.
    """
    try:
        return importlib.import_module("edfio")
    except ImportError:
        raise ExportError(
            "EDF+ needs the library edfio: install it with pip install 'goodpain[edf]'"
        ) from None


def export_edf(
    history: History, folder: str | Path, client_code: str | None = None, work: Work = SILENT
) -> list[Path]:
    """Write the record, or one client's part of it, as EDF+ files in a new folder; returns the files.

    A session without samples has no file; one with a silence of more than five minutes, or of many hours, has several.
    The folder appears when all of it is whole; its files are readable by their owner only. That it was exported is
    noted in the record's audit.

    Raises:
        ExportError: edfio is missing, the folder is not empty, or cannot be made or written; nothing of the export
            is left.
        UnknownClientError: nobody has this code.
        HistoryDamagedError: stored samples cannot be read back.
        CancelledError: it was given up; nothing of the export is left.
    """
    library = edfio()
    folder = Path(folder).expanduser()
    clients = clients_out(history, client_code)
    names: list[str] = []
    sessions = 0
    with new_folder(folder) as partial:
        for visit in visits_out(history, clients, work):
            sessions += 1
            stem = f"{visit.client.label}_{visit.session.started_at:%Y%m%dT%H%M%S}"
            if any(name.startswith((f"{stem}.", f"{stem}_")) for name in names[-1:]):
                stem += f"x{visit.session.id.hex[:8]}"
            for run, (blocks, from_s, to_s) in enumerate(_runs(history, visit), 1):
                name = f"{stem}.edf" if run == 1 else f"{stem}_run-{run:02}.edf"
                data = _edf(library, visit, blocks, from_s, to_s).to_bytes()
                with new_file(partial / name) as file:
                    file.write(data)
                names.append(name)
    note_export(history, clients, client_code, f"{sessions} sessions as EDF+")
    return [folder / name for name in names]


def _runs(history: History, visit: VisitOut) -> Iterator[tuple[list[GridBlock], float, float]]:
    """The samples of each file, and from when to when what happened goes into it: every moment into one."""
    session = visit.session
    rate = grid_rate(session.rate_hz, history.samples(session.id))
    run: list[GridBlock] = []
    from_s = -math.inf
    for block in gridded(history.samples(session.id), rate, MOST):
        if run and block.run != run[0].run:
            yield run, from_s, block.start_s
            run, from_s = [], block.start_s
        run.append(block)
        visit.step(block.end_s)
    if run:
        yield run, from_s, math.inf


def _edf(library: Any, visit: VisitOut, blocks: list[GridBlock], from_s: float, to_s: float) -> Any:
    session = visit.session
    rate, start_s, end_s = blocks[0].rate_hz, blocks[0].start_s, blocks[-1].end_s
    force_n = np.concatenate([block.force_n for block in blocks])
    # A data record is a second: the last one is filled up.
    force_n = np.concatenate((force_n, np.full(-len(force_n) % rate, np.nan)))
    holes = Holes()
    for block in blocks:
        holes.add(block)
    begun_at = session.started_at + timedelta(microseconds=round(start_s * 1e6))
    moments = [moment for moment in timeline(session) if from_s <= moment.onset_s < to_s]
    moments += [*holes.moments, Moment(end_s, 0.0, "end of the samples", "")]
    if visit.simulated:
        moments.append(Moment(start_s, 0.0, "simulated data", ""))
    kpa_per_n = pressure_kpa_of(1.0, session.tip_area_cm2)
    pressed_with = _field(f"force sensor, {session.applicator} {session.tip_area_cm2:g} cm2", 80, " ")
    signals = [
        library.EdfSignal(
            filled,
            rate,
            label=label,
            transducer_type=pressed_with,
            physical_dimension=unit,
            physical_range=limits,
        )
        for label, unit, (filled, limits) in (
            ("Pressure", "kPa", _filled(force_n * kpa_per_n)),
            ("Force", "N", _filled(force_n)),
        )
    ]
    known_year = _FIRST_YEAR <= begun_at.year <= _LAST_YEAR
    return library.Edf(
        signals,
        patient=library.Patient(code=_code(visit)),
        recording=library.Recording(
            startdate=begun_at.date() if known_year else None,
            investigator_technician_code=_field(session.therapist, 20) or "X",
            equipment_code=_field(session.sensor_device, 20) or "X",
            additional=("simulated",) if visit.simulated else (),
        ),
        starttime=begun_at.time(),
        data_record_duration=1,
        annotations=[_annotation(library, moment, start_s) for moment in in_order(moments)],
    )


def _filled(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """Values with the physical minimum where there are none, and the physical range, in whole units."""
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    limits = (math.floor(low - 0.01 * (high - low)) - 1, math.ceil(high) + 1)
    return np.where(np.isfinite(values), values, limits[0]), limits


def _annotation(library: Any, moment: Moment, start_s: float) -> Any:
    words = [moment.kind, moment.text, moment.point]
    text = ": ".join(part for part in map(_plain, words) if part)
    if moment.pressure_kpa is not None:
        text += f" ({moment.pressure_kpa:.1f} kPa)"
    duration_s = round(moment.duration_s, 6) if moment.duration_s > 0 else None
    return library.EdfAnnotation(round(moment.onset_s - start_s, 6), duration_s, text)


def _plain(text: str) -> str:
    """Without control characters, some of which end an annotation."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _code(visit: VisitOut) -> str:
    """The client's code as the header takes it; where it has other letters, its name for files."""
    code = visit.client.code
    return code.replace(" ", "_") if code.isascii() else visit.client.label


def _field(text: str, most: int, space: str = "_") -> str:
    """Text as a field of the header takes it: printable ASCII."""
    plain = "".join(c if " " < c <= "~" else space if c.isspace() else "?" for c in text.strip())
    return plain[:most]
