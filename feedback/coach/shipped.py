"""Where techniques are read from: the package, and the therapist's own folder."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from feedback.coach.technique import Technique, TechniqueError, technique_from_toml

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from pathlib import Path

OWN_FOLDER = "techniques"
"""Of a therapist's own techniques, within the data."""
LARGEST_BYTES = 100_000
"""No technique is longer than this."""


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
        data = path.read_bytes()
    except OSError as error:
        raise TechniqueError(f"{path.name}: cannot be read: {error.strerror}") from None
    if len(data) > LARGEST_BYTES:
        raise TechniqueError(f"{path.name}: is far too long for a technique")
    try:
        return technique_from_toml(data.decode("utf-8-sig"), path.name)
    except UnicodeDecodeError:
        raise TechniqueError(f"{path.name}: is not UTF-8 text") from None
