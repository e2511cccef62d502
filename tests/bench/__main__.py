"""All benchmarks, one after the other: `make bench`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def main() -> None:
    """Run every `bench_*.py` beside this file, or those named on the command line."""
    here = Path(__file__).parent
    names = sys.argv[1:] or sorted(path.stem.removeprefix("bench_") for path in here.glob("bench_*.py"))
    for name in names:
        print(f"\n=== {name} ===", flush=True)
        importlib.import_module(f"tests.bench.bench_{name}").main()


main()
