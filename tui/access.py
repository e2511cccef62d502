"""Everything that is kept of one client, as one zip that they can take away and read."""

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
    from collections.abc import Sequence

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
        # Beside the zip: a folder for temporary files may be too small, and others may look into it.
        with tempfile.TemporaryDirectory(prefix=".goodpain-zip-", dir=path.parent) as temporary:
            tables = export_csv(
                history, Path(temporary) / "tables", client_code, Stage(work, 0.05, 0.65), app_version=VERSION
            )
            files = sorted({*tables, *(Path(temporary) / "tables").iterdir()})
            with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
                readme = _README.format(version=VERSION, code=client_code, day=f"{now:%Y-%m-%d}")
                archive.writestr("README.txt", readme)
                for name, html in reports.items():
                    archive.writestr(name, html)
                for done, file in enumerate(files):
                    work.step(0.7 + 0.3 * done / len(files), 1.0, file.name)
                    archive.write(file, f"tables/{file.name}")
    return path
