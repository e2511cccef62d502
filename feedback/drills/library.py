"""The drills there are: those that come with Goodpain, and one's own."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from feedback.drills.drill import Drill
from feedback.drills.errors import DrillError
from feedback.drills.reading import drill_from_toml
from feedback.small_file import read_small


def shipped_drills() -> dict[str, Drill]:
    """The drills that come with Goodpain, by name."""
    folder = resources.files("feedback.drills") / "shipped"
    files = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda f: f.name
    )
    found = [
        drill_from_toml(file.read_text("utf-8"), file.name, file.name.removesuffix(".toml")) for file in files
    ]
    return {drill.name: drill for drill in found}


def own_drills(folder: Path) -> tuple[dict[str, Drill], tuple[DrillError, ...]]:
    """The drills in a folder, by name, and what is wrong with those that cannot be read.

    One bad file spoils no other. A folder that is not there holds no drills.
    """
    found: dict[str, Drill] = {}
    wrong: list[DrillError] = []
    for path in sorted(folder.glob("*.toml")) if folder.is_dir() else []:
        try:
            drill = drill_from_file(path)
        except DrillError as error:
            wrong.append(error)
            continue
        if drill.name in found:
            reason = f"another file has a drill named “{drill.name}” already"
            wrong.append(DrillError(path.name, None, reason))
        else:
            found[drill.name] = drill
    return found, tuple(wrong)


def drills(own: Path | None = None) -> tuple[dict[str, Drill], tuple[DrillError, ...]]:
    """All drills by name, one's own before those shipped, and what is wrong with own files."""
    mine, wrong = own_drills(own) if own else ({}, ())
    return shipped_drills() | mine, wrong


def drill_from_file(path: Path) -> Drill:
    """Read one file.

    Raises:
        DrillError: it cannot be read, or says something that cannot be.
    """
    try:
        text = read_small(path)
    except UnicodeDecodeError:
        raise DrillError(path.name, None, "this is not a text file in UTF-8") from None
    except OSError as error:
        raise DrillError(path.name, None, f"cannot be read: {error.strerror or error}") from error
    return drill_from_toml(text, path.name, path.stem.lower().replace("_", "-").replace(" ", "-"))
