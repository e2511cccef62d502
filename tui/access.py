"""Everything that is kept of one client or trainee, as one zip that they can take away and read."""

from __future__ import annotations

import tempfile
import zipfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from feedback.history import export_csv
from feedback.history.files import half_made
from feedback.history.whole import Stage
from tui.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feedback.care import CareRules
    from feedback.history import History
    from feedback.history.work import Work
    from feedback.units import PressureUnit

_README = """\
Everything that Goodpain {version} keeps about the client {code}, written on {day}.

report.html            what was done and what it came to, in plain words; opens in any browser, without a network
report-therapist.html  the same in full, as the therapist sees it
tables/                every entry, as tables (CSV, UTF-8): any spreadsheet opens them. Force is in N, pressure in
                       kPa, times in seconds from the start of the session, times of day in UTC. An empty cell
                       means "not known". samples.csv is the sensor's raw signal.
tables/datapackage.json  what each column of each table means

{code} is a code. Whom it stands for is not in here, nor in the record.
These files are health data, and they are not encrypted: keep them as you would keep a letter from a doctor.
Goodpain is an aid for training and for keeping records. It is not a medical device.
"""

_TRAINEE_README = """\
Everything that Goodpain {version} keeps about the trainee {code}, written on {day}.

progress.txt           how far the training is, in plain words
tables/                every entry, as tables (CSV, UTF-8): any spreadsheet opens them. drills.csv has one attempt a
                       row, drill_samples.csv the sensor's raw signal. Force is in N, pressure in kPa, times in
                       seconds from the beginning of the attempt, times of day in UTC. An empty cell means "not
                       known". Tables of clients and visits are empty.
tables/datapackage.json  what each column of each table means

{code} is a code. Whom it stands for is not in here, nor in the record. Visits that were given under the same code as
a therapist's are about the clients: they are not in here.
Goodpain is an aid for training and for keeping records. It is not a medical device.
"""


def write_access_zip(
    history: History,
    client_code: str,
    path: Path,
    folder: Path,
    unit: PressureUnit,
    rules: CareRules,
    when_to_call: Sequence[str],
    work: Work,
) -> Path:
    """Write the zip, whole or not at all, readable by its owner only; returns its path.

    Args:
        history: open.
        client_code: of a client in the record.
        path: of the new file.
        folder: of the record, for its own atlas.
        unit: of pressures in the reports.
        rules: of care.
        when_to_call: the therapist's own lines about when to call; empty for the usual ones.
        work: told how far it is; given up, no file is left.

    Raises:
        HistoryError: the file is there already or cannot be written, the disk is full, samples cannot be read.
    """
    from feedback.atlas.shipped import OWN_NAME, load_atlas
    from tui.report.page import WHEN_TO_CALL, report_html

    path = path.expanduser().absolute()
    now = datetime.now().astimezone()
    with half_made(path, "the zip") as partial:
        reports: dict[str, str] = {}
        for name, audience in (("report.html", "client"), ("report-therapist.html", "therapist")):
            work.step(0.02 * (1 + len(reports)), 1.0, name)
            reports[name] = report_html(
                history,
                client_code,
                None,
                audience,  # type: ignore[arg-type]
                unit,
                now,
                rules=rules,
                atlas=load_atlas(folder / OWN_NAME),
                when_to_call=list(when_to_call) or WHEN_TO_CALL,
            )
        texts = {"README.txt": _told(_README, client_code, now), **reports}
        _pack(history, partial, path.parent, texts, work, client_code=client_code)
    return path


def write_trainee_zip(
    history: History, trainee_code: str, path: Path, progress: Sequence[str], work: Work
) -> Path:
    """Write the zip of a trainee, whole or not at all, readable by its owner only; returns its path.

    Args:
        history: open.
        trainee_code: of a trainee in the record.
        path: of the new file.
        progress: how far the training is, as lines.
        work: told how far it is; given up, no file is left.

    Raises:
        HistoryError: the file is there already or cannot be written, the disk is full, samples cannot be read.
    """
    path = path.expanduser().absolute()
    with half_made(path, "the zip") as partial:
        readme = _told(_TRAINEE_README, trainee_code, datetime.now().astimezone())
        texts = {"README.txt": readme, "progress.txt": "".join(f"{line}\n" for line in progress)}
        _pack(history, partial, path.parent, texts, work, trainee_code=trainee_code)
    return path


def _told(readme: str, code: str, now: datetime) -> str:
    return readme.format(version=VERSION, code=code, day=f"{now:%Y-%m-%d}")


def _pack(
    history: History,
    partial: Path,
    folder: Path,
    texts: Mapping[str, str],
    work: Work,
    *,
    client_code: str | None = None,
    trainee_code: str | None = None,
) -> None:
    """Write texts and the tables of one person into a zip."""
    # Beside the zip: a folder for temporary files may be too small, and others may look into it.
    with tempfile.TemporaryDirectory(prefix=".goodpain-zip-", dir=folder) as temporary:
        place = Path(temporary) / "tables"
        stage = Stage(work, 0.05, 0.65)
        tables = export_csv(
            history, place, client_code, stage, trainee_code=trainee_code, app_version=VERSION
        )
        files = sorted({*tables, *place.iterdir()})
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in texts.items():
                archive.writestr(name, text)
            for done, file in enumerate(files):
                work.step(0.7 + 0.3 * done / len(files), 1.0, file.name)
                archive.write(file, f"tables/{file.name}")
