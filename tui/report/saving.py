"""A report on the disk: whole or not at all, readable by its owner alone, and never in the place of another file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feedback.private_file import private_folder, write_whole
from tui.report.page import Audience

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

FOLDER = "reports"
"""In the folder of the record."""


class ReportExistsError(FileExistsError):
    """There is a file of that name already."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"there is a file {path} already: give another name with --out, or replace it with --replace"
        )


def usual_path(folder: Path, code: str, audience: Audience, day: date, visit: int | None = None) -> Path:
    """A name that is free: `reports/goodpain-A17-client-2026-03-02.html` in the folder of the record.

    What a file name cannot hold becomes a dash; a report of the same day gets a number.
    """
    plain = re.sub(r"[^\w.-]+", "-", code).strip("-.") or "client"
    of_visit = "" if visit is None else f"-visit-{visit}"
    stem = f"goodpain-{plain}{of_visit}-{audience}-{day.isoformat()}"
    place = folder / FOLDER
    path, number = place / f"{stem}.html", 2
    while path.exists():
        path = place / f"{stem}-{number}.html"
        number += 1
    return path


def save(path: Path, html: str, *, replace: bool = False) -> None:
    """Write a report; a file that is there stays as it is unless it may be replaced.

    The folder is made, readable by its owner alone, when it is missing.

    Raises:
        ReportExistsError: the file exists.
        OSError: the disk is full, or refuses; nothing half is left.
    """
    private_folder(path.parent)
    if not replace and path.exists():
        raise ReportExistsError(path)
    write_whole(path, html.encode())
