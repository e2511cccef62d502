"""Writes feedback/muscle_names.py from the shipped atlas: `python -m tests.atlas.names`."""

from __future__ import annotations

from pathlib import Path

from feedback.atlas import load_atlas

TARGET = Path(__file__).parents[2] / "feedback" / "muscle_names.py"


def names_module() -> str:
    """The module's text, as `ruff format` leaves it."""
    lines = [
        '"""Names of the muscles of the shipped atlas, and what else people call them.',
        "",
        "Written from feedback/atlas/data/ by `python -m tests.atlas.names`; a test holds the two together. A point",
        "is read by name at every start, and reading the whole atlas for it would take too long.",
        '"""',
        "",
        "MUSCLE_NAMES: dict[str, tuple[str, ...]] = {",
        *(f'    "{muscle.name}": {_tuple(muscle.other_names)},' for muscle in load_atlas().muscles),
        "}  # fmt: skip",
        '"""Other names of each muscle, by its own."""',
    ]
    return "\n".join(lines) + "\n"


def _tuple(texts: tuple[str, ...]) -> str:
    inner = ", ".join(f'"{text}"' for text in texts)
    return f"({inner},)" if len(texts) == 1 else f"({inner})"


if __name__ == "__main__":
    TARGET.write_text(names_module(), "utf-8")
