"""All benches in one run, and the page of figures: `make bench`, or `python -m tests.bench [--quick] [NAME …]`.

What does not depend on how busy the machine is (trials, random bytes, killed programs, the making of large histories)
is done first, side by side on all cores; then everything with a clock in it, one after the other and with nothing
beside it. Each bench has a process of its own. A run of all at full size writes docs/figures.md, after each bench anew:
a run that was broken off says on the page what is missing.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from tests.bench import machine
from tests.bench.figures import Section
from tests.bench.page import page
from tests.bench.running import measured

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

UNHURRIED = (
    "firmware",
    "trial_therapists",
    "trial_learners",
    "made_history",
    "made_growing",
    "trial_questplus",
    "crash",
    "soak",
    "trial_clients",
    "trial_holds",
    "fuzz",
    "keys",
    "trial_calibrations",
)
"""What waits and the longest first, so that the cores end together."""
TIMED = ("screen", "alarm", "load", "chart", "decode", "clock", "band", "history", "export", "growth")
ORDER = (
    "screen", "alarm", "keys", "chart", "decode", "clock", "firmware", "fuzz", "trial_calibrations", "crash", "load",
    "soak", "band", "trial_questplus", "trial_clients", "trial_holds", "trial_therapists", "trial_learners", "history",
    "export", "growth",
)  # fmt: skip
"""On the page."""
HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "figures.md"


def run(
    names: list[str], folder: Path, *, quick: bool, done: Callable[[dict[str, Section]], None]
) -> dict[str, Section]:
    """The sections of these benches; `done` is told after each one."""
    found: dict[str, Section] = {}

    def keep(name: str, result: tuple[Section | None, str, float]) -> None:
        section, said, took_s = result
        print(f"{said}--- {name}: {took_s:.0f} s", flush=True)
        if section is not None:
            found[name] = section
        done(found)

    spawn = multiprocessing.get_context("spawn")
    # One more than there are cores: some of them wait most of the time.
    with ProcessPoolExecutor((os.cpu_count() or 1) + 1, mp_context=spawn, max_tasks_per_child=1) as pool:
        begun = {
            pool.submit(measured, name, str(folder), quick, True): name for name in UNHURRIED if name in names
        }
        for future in as_completed(begun):
            print(f"\n=== {begun[future]} ===", flush=True)
            keep(begun[future], future.result())
    with ProcessPoolExecutor(1, mp_context=spawn, max_tasks_per_child=1) as pool:
        for name in TIMED:
            if name in names:
                print(f"\n=== {name} ===", flush=True)
                keep(name, pool.submit(measured, name, str(folder), quick, False).result())
    return found


def main(arguments: list[str]) -> int:
    """Run them; 1 when a bench failed. A figure that misses its promise is on the page, and no failure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join((*UNHURRIED, *TIMED))}")
    parser.add_argument("--quick", action="store_true", help="small sizes, to try the benches themselves")
    parser.add_argument(
        "--out", type=Path, help="where the page goes (default: docs/figures.md for a full run)"
    )
    options = parser.parse_args(arguments)
    known = (*UNHURRIED, *TIMED)
    if unknown := [name for name in options.names if name not in known]:
        parser.error(f"no bench is called {unknown[0]}: {', '.join(known)}")
    names = options.names or list(known)
    out = options.out or (PAGE if not options.names and not options.quick else None)
    about = machine.about()
    about["load average at the start"] = machine.load()
    command = "make bench" if out == PAGE else " ".join(["python -m tests.bench", *arguments])
    began_s = time.monotonic()

    def text_of(found: dict[str, Section]) -> str:
        about["load average at the end"] = machine.load()
        about["the whole run"] = f"{(time.monotonic() - began_s) / 60:.1f} min"
        sections = [
            found.get(name, Section(name.replace("_", " "), "", absent="the run ended before it"))
            for name in ORDER
            if name in names
        ]
        return page(sections, about, command, quick=options.quick)

    def keep(found: dict[str, Section]) -> None:
        if out is not None:
            out.write_text(text_of(found), encoding="utf-8")

    with tempfile.TemporaryDirectory() as folder:
        found = run(names, Path(folder), quick=options.quick, done=keep)
    print(f"\n{text_of(found)}" if out is None else f"\nwritten: {out}")
    return 1 if any(section.absent.startswith("it failed") for section in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
