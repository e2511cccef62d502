"""Where techniques are read from: the package, and the therapist's own folder."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from feedback.coach.technique import Technique, TechniqueError, technique_from_toml
from feedback.small_file import read_small

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

OWN_FOLDER = "techniques"
"""Of a therapist's own techniques, within the data."""


def techniques(own: Path | None = None) -> dict[str, Technique]:
    """All techniques by name, the shipped ones first; an own one takes the place of a shipped one of its name.

    Args:
        own: the folder with the therapist's own `*.toml`; one that is not there holds none.

    Raises:
        TechniqueError: a file that cannot be read or makes no sense, or two own files with one name; the sentence
            names the file, the key and the reason.
    """
    found = {t.name: t for t in map(_read, _in(files("feedback.coach") / OWN_FOLDER))}
    if own is not None and own.is_dir():
        named: dict[str, str] = {}
        for path in _in(own):
            technique = _read(path)
            if technique.name in named:
                raise TechniqueError(
                    f"{path.name}: name: “{technique.name}” is that of {named[technique.name]}; give it another"
                )
            named[technique.name] = path.name
            found[technique.name] = technique
    return found


def _in(folder: Traversable) -> list[Traversable]:
    return sorted((p for p in folder.iterdir() if p.name.endswith(".toml")), key=lambda p: p.name)


def _read(path: Traversable) -> Technique:
    try:
        text = read_small(path) if isinstance(path, Path) else path.read_text("utf-8")
        return technique_from_toml(text, path.name)
    except OSError as error:
        raise TechniqueError(f"{path.name}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise TechniqueError(f"{path.name}: is not UTF-8 text") from None
