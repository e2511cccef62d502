"""Every fault, one table: `make torture`, or `python -m tests.torture [WORD …]` for those whose name has the word."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.torture.cases import Case
from tests.torture.ledger import Outcome

AT_ONCE = 2 * (os.cpu_count() or 2)
"""Most cases wait for a device that speaks in real time."""
COLUMNS = ("tries", "sent", "recorded", "known", "silent", "wrong")


def _cases() -> list[Case]:
    here = Path(__file__).parent
    names = sorted(path.stem for path in here.glob("*_faults.py"))
    return [case for name in names for case in importlib.import_module(f"tests.torture.{name}").CASES]


def _run(case: Case, folder: Path) -> Outcome:
    try:
        outcome = case.run(folder)
    except Exception:
        outcome = Outcome(tries=1, failures=[traceback.format_exc(limit=-3).strip()])
    return outcome


def main(words: list[str]) -> int:
    """Run them, print the table, return the exit code."""
    cases = [case for case in _cases() if not words or any(word in case.name for word in words)]
    begun_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder) / str(i) for i in range(len(cases))]
        outcomes: dict[str, Outcome] = {}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            running = [
                (case, pool.submit(_run, case, place))
                for case, place in zip(cases, places, strict=True)
                if not case.alone
            ]
            for case, future in running:
                outcomes[case.name] = future.result()
                print(f"… {case.name}", file=sys.stderr, flush=True)
        for case, place in zip(cases, places, strict=True):
            if case.alone:
                outcomes[case.name] = _run(case, place)
                print(f"… {case.name}", file=sys.stderr, flush=True)
    width = max(len(case.name) for case in cases)
    print(f"{'fault':<{width}} {' '.join(f'{name:>9}' for name in COLUMNS)}")
    ill = 0
    for case in cases:
        outcome = outcomes[case.name]
        figures = " ".join(f"{getattr(outcome, name):>9}" for name in COLUMNS)
        print(f"{case.name:<{width}} {figures}{'' if outcome.well else '   NOT WELL'}")
        ill += not outcome.well
        for failure in dict.fromkeys(outcome.failures):
            print(f"    ! {failure}")
    print("\nwhat the user sees, and what the record holds")
    for case in cases:
        outcome = outcomes[case.name]
        print(
            f"  {case.name}\n      user:   {outcome.seen or '–'}\n      record: {case.kept or outcome.kept or '–'}"
        )
    silent = sum(outcome.silent for outcome in outcomes.values())
    wrong = sum(outcome.wrong for outcome in outcomes.values())
    print(
        f"\n{len(cases)} faults in {time.monotonic() - begun_s:.0f} s: {silent} samples lost silently, {wrong} wrong "
        f"samples taken in, {ill} faults not as they must be."
    )
    return 1 if ill else 0


sys.exit(main(sys.argv[1:]))
