"""The record laid out as BIDS: physiological recordings as TSV without a header beside JSON, events, participants.

A session is `sub-LABEL/ses-TIME/beh/sub-LABEL_ses-TIME_task-pressure_physio.tsv.gz`. BIDS knows only regular
recordings: samples are put on a grid (see `export_grid`), the first column says when each was really measured, and
places without one read n/a. The same record gives the same bytes.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from feedback.history.digits import to_digits
from feedback.history.export_grid import grid_rate, gridded
from feedback.history.export_timeline import Holes, in_order, timeline
from feedback.history.export_tree import clients_out, new_file, new_folder, note_export, visits_out
from feedback.history.work import SILENT
from feedback.signal import Quality
from feedback.spreadsheet import GUARD, guarded
from feedback.units import pressure_kpa_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from feedback.history.export_grid import GridBlock
    from feedback.history.export_timeline import Moment
    from feedback.history.export_tree import ClientOut, VisitOut
    from feedback.history.store import History
    from feedback.history.work import Work

BIDS_VERSION = "1.9.0"
COLUMNS = ("sample_time", "force", "pressure", "quality")
_MISSING = "n/a"
_KINDS = {
    "press": "From touch to release; the pressure is its peak.",
    "void press": "A press that was marked void: it counts nowhere.",
    "report": "What the client said, as corrected; the pressure is that of the moment.",
    "phase": "A phase of a technique.",
    "threshold": "A measurement of a pressure threshold; the pressure is the mean of its repeats.",
    "point": "From here on, presses belong to this trigger point.",
    "band": "A band and ceiling that came into force.",
    "gap": "No samples.",
    "no force": "Samples without a calibration.",
    "saturated": "The converter was at its limit: the true force is at least what is written.",
}
_EVENTS: dict[str, dict[str, Any]] = {
    "onset": {"Description": "From the start of the session.", "Units": "s"},
    "duration": {"Description": "How long it lasted; 0 for a moment.", "Units": "s"},
    "trial_type": {
        "Description": "What it is; other words are what the program noted, such as tare.",
        "Levels": _KINDS,
    },
    "description": {"Description": "In a few words."},
    "point": {"Description": "The trigger point: muscle, side, label."},
    "rating": {"Description": "Of a report that is a rating: 0 (nothing) to 10 (as bad as can be)."},
    "pressure": {"Description": "See trial_type.", "Units": "kPa"},
}
_TASK = {
    "TaskName": "pressure",
    "TaskDescription": "A therapist presses on trigger points; the client says what it feels like.",
}
_PARTICIPANTS: dict[str, dict[str, Any]] = {
    "participant_id": {"Description": "Letters and digits of the client's code."},
    "client_code": {"Description": "The client's code in Goodpain; a code, never a name."},
    "sessions": {"Description": "Sessions in this data set."},
}
_SESSIONS: dict[str, dict[str, Any]] = {
    "session_id": {"Description": "Start of the session in UTC."},
    "acq_time": {"Description": "Start of the session in UTC."},
    "duration": {"Description": "Length of the session.", "Units": "s"},
    "applicator": {"Description": "What pressed."},
    "contact_area": {"Description": "Contact area of the applicator; pressure is force over it.", "Units": "cm^2"},
    "therapist": {"Description": "Code of whoever gave; a code, never a name."},
    "simulated": {"Description": "Whether the sensor was a simulated one: yes or no."},
    "record_id": {"Description": "The session's id in the record, as in its other exports."},
}  # fmt: skip


def export_bids(
    history: History,
    folder: str | Path,
    client_code: str | None = None,
    work: Work = SILENT,
    *,
    app_version: str = "",
) -> list[Path]:
    """Write the record, or one client's part of it, as a BIDS data set in a new folder; returns its files.

    The folder appears when all of it is whole; its files are readable by their owner only. That it was exported is
    noted in the record's audit.

    Raises:
        ExportError: the folder is not empty, or cannot be made or written; nothing of the export is left.
        UnknownClientError: nobody has this code.
        HistoryDamagedError: stored samples cannot be read back.
        CancelledError: it was given up; nothing of the export is left.
    """
    folder = Path(folder).expanduser()
    clients = clients_out(history, client_code)
    told: dict[ClientOut, list[list[str]]] = {}
    with new_folder(folder) as partial:
        for visit in visits_out(history, clients, work):
            rows = told.setdefault(visit.client, [])
            name = _session_label(visit, {row[0] for row in rows})
            _write_visit(history, visit, partial / f"sub-{visit.client.label}" / name, name)
            rows.append(_session_row(visit, name))
        for client, rows in told.items():
            label = f"sub-{client.label}"
            _write_table(partial / label / f"{label}_sessions.tsv", _SESSIONS, rows)
            _write_json(partial / label / f"{label}_sessions.json", _SESSIONS)
        people = [
            [f"sub-{client.label}", _text(client.code), str(len(rows))] for client, rows in told.items()
        ]
        _write_table(partial / "participants.tsv", _PARTICIPANTS, people)
        _write_json(partial / "participants.json", _PARTICIPANTS)
        _write_json(partial / "task-pressure_events.json", {**_TASK, **_EVENTS})
        _write_json(partial / "dataset_description.json", _about(app_version))
        with new_file(partial / "README") as file:
            file.write(_README.encode())
        written = sorted(path.relative_to(partial) for path in partial.rglob("*") if path.is_file())
    sessions = sum(map(len, told.values()))
    note_export(history, clients, client_code, f"{sessions} sessions as BIDS")
    return [folder / path for path in written]


def _session_label(visit: VisitOut, taken: set[str]) -> str:
    label = f"ses-{visit.session.started_at:%Y%m%dT%H%M%S}"
    return label if label not in taken else f"{label}x{visit.session.id.hex[:8]}"


def _session_row(visit: VisitOut, name: str) -> list[str]:
    session = visit.session
    return [
        name,
        session.started_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        f"{session.duration_s:.6f}",
        _text(session.applicator),
        repr(session.tip_area_cm2),
        _text(session.therapist) or _MISSING,
        "yes" if visit.simulated else "no",
        str(session.id),
    ]


def _write_visit(history: History, visit: VisitOut, folder: Path, name: str) -> None:
    session = visit.session
    stem = f"sub-{visit.client.label}_{name}_task-pressure"
    holes = Holes()
    rate = grid_rate(session.rate_hz, history.samples(session.id))
    kpa_per_n = pressure_kpa_of(1.0, session.tip_area_cm2)
    blocks = gridded(history.samples(session.id), rate)
    block = next(blocks, None)
    while block is not None:
        run, start_s = block.run, block.start_s
        # Without a number while there is one run only, as in nearly every session.
        path = folder / "beh" / (stem + ("" if run == 1 else f"_run-{run:02}"))
        if run == 2:
            for ending in ("_physio.tsv.gz", "_physio.json"):
                (folder / "beh" / f"{stem}{ending}").replace(folder / "beh" / f"{stem}_run-01{ending}")
        with (
            new_file(path.with_name(f"{path.name}_physio.tsv.gz")) as file,
            gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0) as packed,
        ):
            while block is not None and block.run == run:
                packed.write(_rows(block, kpa_per_n))
                holes.add(block)
                visit.step(block.end_s)
                block = next(blocks, None)
        _write_json(path.with_name(f"{path.name}_physio.json"), _sidecar(visit, rate, start_s))
    moments = in_order([*timeline(session), *holes.moments])
    _write_table(folder / "beh" / f"{stem}_events.tsv", _EVENTS, map(_event, moments))


def _rows(block: GridBlock, kpa_per_n: float) -> bytes:
    """The places as text: time to the microsecond, force to 0.1 mN, pressure to 1 Pa, flags as a number."""
    none = np.isnan(block.sample_s)
    columns = [
        _column(block.sample_s * 1e6, 6, none),
        _column(block.force_n * 1e4, 4, block.no_force),
        _column(block.force_n * (kpa_per_n * 1e3), 3, block.no_force),
        _column(block.quality.astype(np.float64), 0, none),
    ]
    parts: list[NDArray[np.uint8]] = []
    for i, column in enumerate(columns):
        end = np.full((len(block), 1), ord("\t" if i < len(columns) - 1 else "\n"), np.uint8)
        parts += [column, end]
    text = np.concatenate(parts, axis=1)
    return text[text != 0].tobytes()


def _column(values: NDArray[np.float64], decimals: int, hidden: NDArray[np.bool_]) -> NDArray[np.uint8]:
    digits = to_digits(np.rint(np.where(hidden, 0, values)).astype(np.int64), decimals, hidden)
    if not hidden.any():
        return digits
    wide = np.zeros((len(values), max(len(_MISSING), digits.shape[1])), np.uint8)
    wide[:, : digits.shape[1]] = digits
    wide[hidden, : len(_MISSING)] = np.frombuffer(_MISSING.encode(), np.uint8)
    return wide


def _sidecar(visit: VisitOut, rate: int, start_s: float) -> dict[str, Any]:
    session = visit.session
    flags = {str(flag.value): flag.name.lower().replace("_", " ") for flag in Quality if flag.name}
    return {
        "SamplingFrequency": rate,
        "StartTime": round(start_s, 6),
        "Columns": list(COLUMNS),
        "sample_time": {
            "Description": "When the sample was really measured, from the start of the session.",
            "Units": "s",
        },
        "force": {"Description": "Force on the tip; n/a where there is none.", "Units": "N"},
        "pressure": {"Description": "Force over contact area; n/a where there is none.", "Units": "kPa"},
        "quality": {
            "Description": "Sum of what is known against the sample; 0 for a good one.",
            "Levels": {"0": "good", **flags},
        },
        "Resampling": (
            "The sensor's times are not exactly regular. Every row is a place of a regular grid that begins at "
            "StartTime and holds the nearest sample unchanged, if one was measured within three quarters of a period; "
            "otherwise n/a. Nothing is interpolated. A silence of more than five minutes begins another run."
        ),
        "PhysioType": "generic",
        **_TASK,
        "Manufacturer": _MISSING,
        "ManufacturersModelName": session.sensor_device or _MISSING,
        "DeviceSerialNumber": session.sensor_serial or _MISSING,
        "SoftwareVersions": f"Goodpain {session.app_version}".strip(),
        "MeasuredSamplingFrequency": session.rate_hz,
        "Applicator": session.applicator,
        "ContactAreaCm2": session.tip_area_cm2,
        "Simulated": visit.simulated,
    }


def _event(moment: Moment) -> list[str]:
    return [
        f"{moment.onset_s:.6f}",
        f"{moment.duration_s:.6f}",
        _text(moment.kind) or _MISSING,
        _text(moment.text) or _MISSING,
        _text(moment.point) or _MISSING,
        _MISSING if moment.rating is None else str(moment.rating),
        _MISSING if moment.pressure_kpa is None else f"{moment.pressure_kpa:.3f}",
    ]


def _text(words: str) -> str:
    # Quotes mean nothing in these tables, but a spreadsheet takes them away and runs what is within.
    return f"{GUARD}{words}" if words.lstrip().startswith('"') else guarded(words.lstrip())


def _write_table(path: Path, columns: dict[str, dict[str, Any]], rows: Iterable[list[str]]) -> None:
    with new_file(path) as file:
        for row in ([*columns], *rows):
            # A cell cannot hold what ends one.
            cells = (" ".join(cell.split()) or _MISSING for cell in row)
            file.write(("\t".join(cells) + "\n").encode(errors="replace"))


def _write_json(path: Path, value: dict[str, Any]) -> None:
    with new_file(path) as file:
        file.write(json.dumps(value, indent=2, ensure_ascii=False).encode(errors="replace") + b"\n")


def _about(app_version: str) -> dict[str, Any]:
    return {
        "Name": "Pressure on trigger points, recorded with Goodpain",
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "raw",
        "GeneratedBy": [{"Name": "Goodpain", "Version": app_version or _MISSING}],
    }


_README = """Pressure on trigger points
==========================

Written by `goodpain export --bids`. Each session of a client is a physiological recording of the force and the
pressure under the applicator, with the events of the session beside it: presses, what the client said, phases of
techniques, gaps in the signal. Times count from the start of the session. In words an apostrophe in front keeps a
spreadsheet from running them as a formula.

Clients are codes. Notes and other free text are left out. This is health data all the same: pass it on only as the
client agreed. Goodpain is an aid for training and records, not a medical device.
"""
