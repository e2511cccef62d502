"""`python -m sim.trials --clients 1000 --seed 1`: print every figure with its definition."""

from __future__ import annotations

import argparse
import sys

from sim.trials.figures import HEADING, run, text_of


def main(arguments: list[str] | None = None) -> int:
    """Run the trials; 0 if every aim was met, 1 if not, 2 for bad arguments."""
    parser = argparse.ArgumentParser(prog="python -m sim.trials", description=__doc__)
    parser.add_argument("--clients", type=int, default=1000, help="how many simulated clients (default 1000)")
    parser.add_argument(
        "--seed", type=int, default=1, help="the same seed gives the same figures (default 1)"
    )
    options = parser.parse_args(arguments)
    sys.stdout.write(f"{HEADING}\n{options.clients} simulated clients, seed {options.seed}\n\n")
    missed = 0
    try:
        for figure in run(options.clients, options.seed):
            missed += figure.met is False
            sys.stdout.write(text_of(figure))
            sys.stdout.flush()
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"\n{missed} aims not met\n" if missed else "\nevery aim met\n")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
