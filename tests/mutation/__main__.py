"""`python -m tests.mutation [WHAT …]`: how many small errors in the product the tests notice (docs/mutation.md)."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

# Before numpy: one thread, so that a fork takes no half of a pool with it.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

from tests.mutation.running import Run
from tests.mutation.sites import Mutant, sites_of
from tests.mutation.targets import ROOT, chosen

FATES = ("killed", "timed out", "survived", "not reached")


def mutants_of(file: str) -> list[Mutant]:
    """Every mutant of a file, in the order of the source."""
    _, sites = sites_of((ROOT / file).read_text(encoding="utf-8"))
    return [Mutant(file, i, site.lines[0], site.kind, *site.words()) for i, site in enumerate(sites)]


def picked(mutants: list[Mutant], given: argparse.Namespace) -> list[Mutant]:
    """Those of one file that are asked for."""
    if given.again:
        earlier = [Mutant(**one) for one in json.loads(given.again.read_text())]
        unnoticed = {m.key for m in earlier if m.unnoticed}
        mutants = [m for m in mutants if m.key in unnoticed]
    if given.sample is not None and given.sample < len(mutants):
        lot = random.Random(given.seed).sample(mutants, given.sample)
        mutants = sorted(lot, key=lambda m: m.number)
    return mutants


def table(mutants: list[Mutant]) -> Iterable[str]:
    """File, mutants, how they ended, share killed; a mutant that runs out of time was noticed."""
    yield f"{'file':42} {'mutants':>7} {'killed':>7} {'timed out':>9} {'survived':>8} {'not reached':>11} {'share':>6}"
    files = list(dict.fromkeys(mutant.file for mutant in mutants))
    for name, mine in [*((f, [m for m in mutants if m.file == f]) for f in files), ("together", mutants)]:
        n = [sum(mutant.fate == fate for mutant in mine) for fate in FATES]
        share = (n[0] + n[1]) / max(len(mine), 1)
        yield f"{name:42} {len(mine):7} {n[0]:7} {n[1]:9} {n[2]:8} {n[3]:11} {share:6.1%}"


def survivors(mutants: list[Mutant]) -> Iterable[str]:
    """What went unnoticed, as changed lines."""
    for mutant in mutants:
        if mutant.unnoticed:
            yield f"{mutant.file}:{mutant.line}  {mutant.kind} ({mutant.fate})"
            yield from (f"  -{line}" for line in mutant.before.splitlines())
            yield from (f"  +{line}" for line in mutant.after.splitlines())


def main() -> int:
    """Run, print; 0 whatever survives, for a share below 100 % is no error."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=main.__doc__)
    parser.add_argument("what", nargs="*", help="words that a file's path must hold, as in: press band/guard")
    parser.add_argument("--jobs", type=int, default=2, help="mutants at a time")
    parser.add_argument("--sample", type=int, metavar="N", help="at most so many mutants of a file, by lot")
    parser.add_argument("--seed", type=int, default=1, help="of the lot")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write every mutant and its fate as JSON")
    parser.add_argument(
        "--again", type=Path, metavar="FILE", help="only those that went unnoticed in this file"
    )
    parser.add_argument("--tests", nargs="+", metavar="PATH", help="ask these tests")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    groups = chosen(given.what)
    mutants: list[Mutant] = []
    voice, began = os.dup(2), time.monotonic()
    for suite, files in groups:
        mine = [mutant for file in files for mutant in picked(mutants_of(file), given)]
        folder = Path(tempfile.mkdtemp(prefix="goodpain-mutation-"))

        def say(words: str, name: str = files[0]) -> None:
            os.write(voice, f"\r{name}: {words}, {(time.monotonic() - began) / 60:.1f} min ".encode())

        run = Run(mine, folder, given.jobs, given.tests or suite, say)
        try:
            run.all()
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        mutants += run.mutants
        tests = run.plan.tests
        print(
            f"\n{' '.join(suite)}: {len(tests)} tests, {sum(t.seconds for t in tests):.0f} s of processor time"
        )
        print("".join(f"not asked: {line}\n" for line in run.plan.left_out))
        print("\n".join(survivors(run.mutants)), flush=True)
        if given.save:
            given.save.write_text(json.dumps([asdict(m) for m in mutants], indent=0))
    if not mutants:
        print("no file of that name is mutated", file=sys.stderr)
        return 2
    print("\n".join(("", *table(mutants))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
