"""The drills there are with the text of their files, read again when a file changes."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from feedback.drills import DrillError, drill_from_toml
from feedback.drills.library import drill_from_file
from feedback.small_file import read_small

if TYPE_CHECKING:
    from pathlib import Path

    from feedback.drills import Drill


@dataclass(frozen=True, slots=True)
class DrillShelf:
    """Drills by name.

    Attributes:
        drills: own ones before shipped ones of the same name.
        texts: of their files.
        own: names of those from the own folder.
        faults: own files that cannot be read: file, line and reason in a sentence each.
    """

    drills: dict[str, Drill]
    texts: dict[str, str]
    own: frozenset[str]
    faults: tuple[DrillError, ...]


def load_shelf(folder: Path) -> DrillShelf:
    """All drills; one bad file spoils no other, and a folder that is not there holds none."""
    drills: dict[str, Drill] = {}
    texts: dict[str, str] = {}
    shipped = resources.files("feedback.drills") / "shipped"
    for file in sorted(shipped.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            text = file.read_text("utf-8")
            drill = drill_from_toml(text, file.name, file.name.removesuffix(".toml"))
            drills[drill.name], texts[drill.name] = drill, text
    own: set[str] = set()
    faults: list[DrillError] = []
    for path in sorted(folder.glob("*.toml")) if folder.is_dir() else []:
        try:
            drill = drill_from_file(path)
            text = read_small(path)
        except (DrillError, OSError, UnicodeDecodeError) as error:
            wrong = (
                error
                if isinstance(error, DrillError)
                else DrillError(path.name, None, f"cannot be read: {error}")
            )
            faults.append(wrong)
            continue
        if drill.name in own:
            reason = f"another file has a drill named “{drill.name}” already"
            faults.append(DrillError(path.name, None, reason))
            continue
        own.add(drill.name)
        drills[drill.name], texts[drill.name] = drill, text
    return DrillShelf(drills, texts, frozenset(own), tuple(faults))
