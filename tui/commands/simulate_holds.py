"""`goodpain simulate-holds`: is the course of a hold named rightly, on holds that nobody gave."""

from __future__ import annotations

import click


@click.command("simulate-holds")
@click.option("--holds", type=click.IntRange(20), default=500, show_default=True, help="How many.")
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same figures."
)
def simulate_holds(holds: int, seed: int) -> None:
    """Try on simulated holds whether easing, building and sag are told apart, every figure with its definition.

    These are engineering figures from simulated people: they prove nothing about real ones. The exit code is 1 when an
    aim is missed.
    """
    from sim.trials.holds import HEADING, run
    from tui.commands.simulate_figures import Counter, show

    with Counter("holds") as counter:
        missed = show(
            f"{HEADING}\n{holds} simulated holds, seed {seed}", run(holds, seed, counter.tell), counter
        )
    if missed:
        raise SystemExit(1)
