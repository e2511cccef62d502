"""One bench in a process of its own; not in `__main__`, which a new process cannot import."""

from __future__ import annotations

import contextlib
import importlib
import io
import sys
import time
import traceback
from pathlib import Path

from tests.bench.figures import Section


def measured(name: str, folder: str, quick: bool, quiet: bool) -> tuple[Section | None, str, float]:
    """One bench, in this process: its section, what it printed when `quiet`, and how many seconds it took.

    There is no section of a bench that only makes something for another.
    """
    said = io.StringIO()
    began_s = time.monotonic()
    try:
        with contextlib.redirect_stdout(said) if quiet else contextlib.nullcontext():
            bench = importlib.import_module(f"tests.bench.bench_{name}")
            found = bench.measure(Path(folder), quick=quick)
    except BaseException as error:
        traceback.print_exc()
        found = Section(name.replace("_", " "), "", absent=f"it failed with {type(error).__name__}: {error}")
    sys.stdout.flush()
    return found, said.getvalue(), time.monotonic() - began_s
