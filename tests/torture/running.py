"""Running the faults side by side, and telling what came of them."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tests.bench import machine
from tests.torture.cases import Case
from tests.torture.ledger import Outcome
from tests.torture.report import Row, Run

AT_ONCE = 2 * (os.cpu_count() or 2)
"""Most cases wait for a device that speaks in real time."""
PAGE = Path(__file__).parents[2] / "docs" / "torture.md"
ORDER = ("wire", "device", "disk", "power", "process", "practise", "review", "keeping")
"""Of the modules `*_faults.py`, in the table."""


def main(arguments: Sequence[str]) -> int:
    """Run them, print the table, return the exit code: 0 when all that was tried is as it must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture")
    parser.add_argument("words", nargs="*", metavar="WORD", help="only faults whose name has one of them")
    parser.add_argument("--page", action="store_true", help="write docs/torture.md; needs all faults")
    wanted = parser.parse_args(arguments)
    if wanted.page and wanted.words:
        parser.error("the page is of all faults: leave the words out")
    found = [
        (title, case)
        for title, cases in _groups()
        for case in cases
        if not wanted.words or any(word in case.name for word in wanted.words)
    ]
    if not found:
        parser.error("no fault has such a name")
    begun_s, before = time.monotonic(), machine.load()
    outcomes = _outcomes([case for _, case in found])
    rows = [Row(title, case, outcomes.get(case.name)) for title, case in found]
    run = Run(rows, time.monotonic() - begun_s)
    print("\n".join(run.lines()))
    if wanted.page:
        about = {name: text for name, text in machine.about().items() if name != "libraries"}
        about["load average"] = f"{before}, {machine.load()}{_priority()}"
        PAGE.write_text(run.page(about), "utf-8")
    return 0 if run.well else 1


def _priority() -> str:
    """How this run stands among the others, where it is not as they are."""
    if hasattr(os, "sched_getscheduler") and os.sched_getscheduler(0) in (os.SCHED_FIFO, os.SCHED_RR):
        return "; this run went before others (real-time priority)"
    return "" if os.nice(0) == 0 else f"; nice {os.nice(0)}"


def _groups() -> list[tuple[str, list[Case]]]:
    modules = [importlib.import_module(f"tests.torture.{name}_faults") for name in ORDER]
    return [(module.TITLE, module.CASES) for module in modules]


def _outcomes(cases: Sequence[Case]) -> dict[str, Outcome]:
    """By name, of all that can be tried here."""
    outcomes: dict[str, Outcome] = {}

    def done(name: str, outcome: Outcome) -> None:
        outcomes[name] = outcome
        print(f"… {name}{'' if outcome.well else ': NOT WELL'}", file=sys.stderr, flush=True)

    tried = [case for case in cases if not case.missing]
    with tempfile.TemporaryDirectory() as folder:
        places = {case.name: Path(folder) / str(i) for i, case in enumerate(tried)}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            running = {pool.submit(_run, case, places[case.name]): case for case in tried if not case.alone}
            for one in as_completed(running):
                done(running[one].name, one.result())
        for case in tried:
            if case.alone:
                done(case.name, _run(case, places[case.name]))
    return outcomes


def _run(case: Case, folder: Path) -> Outcome:
    try:
        return case.run(folder)
    except Exception:
        return Outcome(tries=1, failures=[traceback.format_exc(limit=-3).strip()])
